"""The command line of `python -m csms`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from csms.settings import Registration

_MOST_SECONDS = 86_400 * 365


class Options(Struct, frozen=True, kw_only=True):
    """What was asked for; files are not opened yet."""

    host: str
    port: int
    heartbeat_interval: int
    users: Path | None
    tags: Path | None
    strict_tags: bool
    boot_status: Registration
    store: Path | None
    tls_cert: Path | None
    tls_key: Path | None
    tls_ca: Path | None
    control_token: str | None
    until_stdin_closes: bool


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options; a wrong one is told on stderr and ends the program with status 2."""
    parser = _parser(environ)
    found = parser.parse_args(arguments)
    if (found.tls_cert is None) != (found.tls_key is None):
        parser.error("--tls-cert and --tls-key belong together: give both or neither")
    if found.tls_ca is not None and found.tls_cert is None:
        parser.error("--tls-ca: without --tls-cert and --tls-key there is no TLS; give them too")
    if found.control_token is not None and not found.control_token.strip():
        parser.error("--control-token: is empty; give a secret, or leave it out for loopback only")
    return Options(**vars(found))


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m csms", description="A mock OCPP 1.6J central system.", allow_abbrev=False
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=9000, help="port to listen on, 0 for a free one (default: %(default)s)")
    add(
        "--heartbeat-interval",
        type=_seconds,
        default=60,
        metavar="SECONDS",
        help="interval in the answer to BootNotification (default: %(default)s)",
    )
    add("--users", type=Path, metavar="FILE", help="CSV station_id,password: ask every station for Basic auth")
    add("--tags", type=Path, metavar="FILE", help="CSV (or .json) id_tag,status,parent_id_tag,expiry_date")
    add("--strict-tags", action="store_true", help="unlisted tags are Invalid, listed ones have one transaction each")
    add(
        "--boot-status",
        choices=("Accepted", "Pending", "Rejected"),
        default="Accepted",
        help="answer to BootNotification (default: %(default)s)",
    )
    add("--store", type=Path, metavar="FILE", help="SQLite file that keeps transactions across restarts")
    add("--tls-cert", type=Path, metavar="FILE", help="PEM certificate chain: serve wss")
    add("--tls-key", type=Path, metavar="FILE", help="PEM private key of --tls-cert")
    add("--tls-ca", type=Path, metavar="FILE", help="PEM authorities: ask every client for a certificate of theirs")
    add(
        "--control-token",
        default=environ.get("EVSIM_CONTROL_TOKEN"),
        metavar="TOKEN",
        help="secret that the HTTP API asks for (also EVSIM_CONTROL_TOKEN); without it, loopback clients only",
    )
    add(
        "--until-stdin-closes", action="store_true", help="stop when standard input ends, as a child of another program"
    )
    return parser


def _port(text: str) -> int:
    return _between(text, 0, 65_535)


def _seconds(text: str) -> int:
    return _between(text, 0, _MOST_SECONDS)


def _between(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:20]) <= most:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from {least} to {most}")
    return int(text)
