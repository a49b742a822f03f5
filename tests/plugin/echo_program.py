"""A control server with a WebSocket, as a process of its own: importing Locust has gevent patch the whole process."""

from __future__ import annotations

import sys

import gevent
from flask_sock import Sock

from evsim_locust.plugin.control_server import ControlServer


def main() -> None:
    """Echo, until `end` is sent; end when stdin does."""
    server = ControlServer(0)

    def echo(socket):
        while (text := socket.receive()) != "end":
            socket.send(text)

    Sock(server.app).route("/echo")(echo)
    server.start()
    print(server.port, flush=True)  # noqa: T201
    gevent.get_hub().threadpool.apply(sys.stdin.read)
    server.stop()


if __name__ == "__main__":
    main()
