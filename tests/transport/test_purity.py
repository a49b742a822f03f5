"""The pure modules of the room stay usable where there is no gevent."""

from __future__ import annotations

import subprocess
import sys

import pytest

PURE = ("backoff", "descriptors", "errors", "events", "frames", "roles", "scripted", "target", "tls", "upgrade")


@pytest.mark.parametrize("name", PURE)
def test_importing_it_imports_no_gevent(name):
    check = f"import sys, evsim_locust.transport.{name}; sys.exit('gevent' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_the_check_can_fail():
    check = "import sys, evsim_locust.transport.waiting; sys.exit('gevent' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 1
