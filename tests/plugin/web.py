"""Locust's real web application behind our door, asked by Flask's test client or over a real connection."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gevent
from gevent import pywsgi, socket
from locust.argument_parser import get_parser
from locust.env import Environment
from werkzeug.test import TestResponse

import evsim_locust.plugin  # noqa: F401  # registers the options
from evsim_locust.control.guard import guard_rules
from evsim_locust.control.hardening import harden
from evsim_locust.plugin import login

CREDENTIALS = {"EVSIM_WEB_USER": "operator", "EVSIM_WEB_PASSWORD": "pässword"}
HOST = "ws://csms.example/ocpp"


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Site:
    """`base_path` and `web_login` are Locust's options; `rules` those of the guard."""

    def __init__(self, base_path: str = "", web_login: bool = False, **rules: Any) -> None:
        self._argv, sys.argv = sys.argv, ["locust"]  # Locust parses it again for each page
        options = get_parser(default_config_files=[]).parse_args([])
        self.environment: Any = Environment(user_classes=[], host=HOST, parsed_options=options)
        self.environment.create_local_runner()
        self.web_ui = self.environment.create_web_ui(
            "127.0.0.1", 8089, web_base_path=base_path, web_login=web_login, delayed_start=True
        )
        self.app = self.web_ui.app
        self.clock = Clock()
        is_logged_in = login.install(self.web_ui, CREDENTIALS, self.clock) if web_login else lambda environ: False
        harden(self.app, guard_rules(login=web_login, base_path=base_path, **rules), self.clock, is_logged_in)
        self.client = self.app.test_client()

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, **more: Any
    ) -> TestResponse:
        return self.client.open(path, method=method, headers={"Host": "localhost:8089", **(headers or {})}, **more)

    def close(self) -> None:
        sys.argv = self._argv
        self.environment.runner.quit()

    @contextmanager
    def listening(self) -> Iterator[int]:
        """Serve it as Locust does; gives the port."""
        server = pywsgi.WSGIServer(("127.0.0.1", 0), self.app, log=None)
        server.start()
        try:
            yield server.server_port
        finally:
            server.stop(timeout=1)


def exchange(port: int, sent: bytes, timeout_s: float = 5.0) -> bytes:
    """Everything that comes back until the server closes, or nothing more comes for a moment."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        writer = gevent.spawn(_send, connection, sent)
        connection.settimeout(0.5)
        try:
            while data := connection.recv(65536):
                answer += data
        except TimeoutError:
            pass
        writer.kill()
    return answer


def _send(connection: Any, sent: bytes) -> None:
    try:
        connection.sendall(sent)
    except OSError:  # the server has had enough
        return
