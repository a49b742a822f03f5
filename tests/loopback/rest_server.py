"""A program: the REST API on gevent's own server, as under Locust. It writes its port; /probe tells what it holds."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Mapping  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from flask import Flask, request  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

from evsim_locust.control.in_memory import InMemorySwarm  # noqa: E402
from evsim_locust.control.rest import register  # noqa: E402


class Brittle(InMemorySwarm):
    """A swarm whose summary breaks when it is told to."""

    broken = False

    def summary(self) -> Mapping[str, Any]:
        if self.broken:
            raise ZeroDivisionError("planted")
        return super().summary()


def main() -> None:
    swarm = Brittle()
    swarm.start("A|1", "")
    app = Flask("web")
    app.debug = True
    register(app, swarm)

    def probe() -> dict[str, Any]:
        gc.collect()
        greenlets = [thing for thing in gc.get_objects() if isinstance(thing, gevent.Greenlet) and not thing.dead]
        return {"greenlets": len(greenlets), "files": len(os.listdir("/dev/fd")), "followed": "A|1" in swarm.followers}

    def say() -> str:
        swarm.say("A|1", request.get_data(as_text=True))
        return ""

    def break_it() -> str:
        swarm.broken = True
        return ""

    app.add_url_rule("/probe", view_func=probe)
    app.add_url_rule("/say", view_func=say, methods=["POST"])
    app.add_url_rule("/break", view_func=break_it, methods=["POST"])
    server = WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
