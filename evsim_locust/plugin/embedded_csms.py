"""The mock CSMS as a child process, for runs that name no CSMS of their own."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

import gevent

_HOST, _PORT = "127.0.0.1", 9000
EMBEDDED_URL = f"ws://{_HOST}:{_PORT}/ocpp"
_START_S, _STOP_S = 20.0, 10.0
_log = logging.getLogger("evsim_locust")


class CsmsNotStarted(Exception):
    """The child ended, or said nothing; the text is for the user."""


class EmbeddedCsms:
    """Started at once; it ends by `stop`, or by itself when this process is gone and the pipe to it closes.

    It has a process session of its own, so that a terminal's Ctrl-C does not end it before the stations have told
    it of their last transactions.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "csms", "--host", _HOST, "--port", str(_PORT), "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _with_csms_on_path()},
            start_new_session=True,
        )
        try:
            self._wait_until_it_listens()
        except CsmsNotStarted:
            self._process.kill()
            self._process.wait()
            raise
        gevent.spawn(self._pass_on_words)

    def stop(self) -> None:
        """Close the pipe, wait for it to end, kill it if it does not."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_it_listens(self) -> None:
        assert self._process.stdout is not None
        with gevent.Timeout(_START_S, CsmsNotStarted(f"it said nothing for {_START_S:g} s")):
            line = self._process.stdout.readline()
            if not line.startswith(b"CSMS listening"):
                raise CsmsNotStarted(self._last_words())

    def _pass_on_words(self) -> None:
        """What it writes goes to the log; a pipe that nobody reads would stop it when it is full."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            _log.warning("embedded CSMS: %s", line.decode(errors="replace").rstrip())

    def _last_words(self) -> str:
        _out, errors = self._process.communicate()
        lines = errors.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with code {self._process.returncode}"


def _with_csms_on_path() -> str:
    """The folder of the `csms` package goes first, so that it is found from any working directory."""
    spec = importlib.util.find_spec("csms")
    if spec is None or spec.origin is None:
        raise CsmsNotStarted("the csms package is not installed beside evsim_locust")
    folder = str(Path(spec.origin).parent.parent)
    return os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
