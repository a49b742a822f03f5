"""Locust is imported here first, and kept from patching the modules that the other tests of this process use."""

from __future__ import annotations

import os

os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"
import locust  # noqa: F401  # the variable must be there before it

del os.environ["LOCUST_SKIP_MONKEY_PATCH"]  # for the processes that other tests start
