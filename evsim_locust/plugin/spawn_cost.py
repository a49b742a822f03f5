"""What a spawn message costs a worker."""

from __future__ import annotations

import functools

from locust import argument_parser


def cache_default_args() -> None:
    """Have Locust work out its default options once in a process.

    A worker that gets a spawn message asks `default_args_dict()` for each of the ~100 options in it, and each time
    Locust builds its whole command line parser: its event loop stands still for a quarter of a second, once a second
    in a ramp. The answer never changes, and Locust only reads it. To be removed when Locust asks once.
    """
    if not hasattr(argument_parser.default_args_dict, "cache_info"):
        argument_parser.default_args_dict = functools.cache(argument_parser.default_args_dict)
