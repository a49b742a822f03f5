"""`python -m csms`: the one place where the parts of the mock central system are put together."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from csms import listening, tables
from csms.central_system import CentralSystem
from csms.errors import CsmsError, StoreFailed
from csms.events import Event
from csms.guard import Guard
from csms.options import Options, parse
from csms.server import Server
from csms.settings import Settings
from csms.store import Store
from csms.writer import Writer

try:
    import uvloop
except ImportError:  # a third more CPU per message, but it works
    _run = asyncio.run
else:
    _run = uvloop.run

_OBJECTS_IN_FLIGHT = 20_000  # more than one turn of the event loop makes when a fleet speaks at once
_USAGE = 2
_FAILED = 1


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal; the exit status."""
    options = parse(arguments, os.environ)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)  # a missing subprotocol is the station's affair
    _collect_seldom()
    try:
        _run(_serve(options))
    except StoreFailed as failed:
        sys.stderr.write(f"csms: {failed}\n")
        return _FAILED
    except CsmsError as refused:
        sys.stderr.write(f"csms: {refused}\n")
        return _USAGE
    return 0


def _collect_seldom() -> None:
    """Let what is in flight die by its reference count: collecting at every 700 objects costs a tenth of the CPU."""
    gc.freeze()  # modules and types stay for ever
    gc.set_threshold(_OBJECTS_IN_FLIGHT)


async def _serve(options: Options) -> None:
    users = None if options.users is None else tables.load_users(options.users)
    tags = [] if options.tags is None else tables.load_tags(options.tags)
    tls = _tls(options)
    sock = listening.listen(options.host, options.port)
    store = None if options.store is None else Store(options.store)
    settings = Settings(
        boot_status=options.boot_status,
        heartbeat_interval_s=options.heartbeat_interval,
        strict_tags=options.strict_tags,
    )
    system = CentralSystem(settings, tags, *((store.transactions, store.first_id) if store is not None else ()))
    writer = None if store is None else Writer(store)
    guard = Guard(options.host, options.control_token, users)
    server = Server(system, guard, time.time, _to_nobody if writer is None else writer.put)
    listening.raise_file_limit()
    await _until_stopped(server, writer, sock, tls, options)


def _to_nobody(_events: Sequence[Event]) -> None:
    """Without a store the facts are for no one; the counters and the book have them."""


def _tls(options: Options) -> ssl.SSLContext | None:
    if options.tls_cert is None or options.tls_key is None:
        return None
    return listening.tls_context(options.tls_cert, options.tls_key, options.tls_ca)


async def _until_stopped(
    server: Server, writer: Writer | None, sock: socket.socket, tls: ssl.SSLContext | None, options: Options
) -> None:
    """Listen, wait, then close in this order: the door, the stations, the store."""
    stop = _stop_event(options.until_stdin_closes)
    runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    site = web.SockSite(runner, sock, ssl_context=tls)
    await site.start()
    writing = None if writer is None else asyncio.create_task(writer.run())
    url = listening.stations_url(options.host, sock.getsockname()[1], tls is not None)
    sys.stdout.write(f"CSMS listening on {url}\n")
    sys.stdout.flush()  # whoever started this program waits for the line
    await stop.wait()
    await site.stop()
    await server.close()
    await runner.cleanup()
    if writer is not None and writing is not None:
        writer.stop()
        await writing
        await writer.close()


def _stop_event(until_stdin_closes: bool) -> asyncio.Event:
    """Set by SIGTERM and SIGINT, or by the end of standard input."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    if until_stdin_closes:
        # A thread, as an event loop cannot watch files and terminals; os.read, as a lock on sys.stdin would be held
        # when the interpreter ends.
        def wait_for_end() -> None:
            while os.read(0, 4096):
                pass
            with suppress(RuntimeError):  # the loop is closed: a signal came first
                loop.call_soon_threadsafe(stop.set)

        threading.Thread(target=wait_for_end, name="stdin", daemon=True).start()
    return stop


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
