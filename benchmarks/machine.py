"""Where figures were measured: what matters for them, nothing that names a host, a user or a path."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("locust", "gevent", "msgspec", "websocket-client", "websockets", "ocpp", "aiohttp", "uvloop")


def describe() -> dict[str, str]:
    """What to print above the table, in order."""
    return {
        "CPU": f"{_cpu_model()}, {_cores()} cores for this run",
        "load average at the start": f"{os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        "cores": "load side and other side each on their own" if _pins() else "not pinned",
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pins() -> bool:
    return hasattr(os, "sched_setaffinity") and _cores() > 1


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown CPU"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown CPU")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
