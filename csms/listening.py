"""The listening socket, its TLS and its name."""

from __future__ import annotations

import errno
import resource
import socket
import ssl
from pathlib import Path

from csms.errors import FileRefused, PortRefused

_BACKLOG = 4096  # a fleet connects at once; the kernel cuts this to its own limit


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises `PortRefused`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no host can have
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortRefused(
                f"port {port} on {host} is taken: stop the program that holds it, or choose another with --port"
            ) from None
        reason = getattr(error, "strerror", None) or str(error)
        raise PortRefused(f"cannot listen on {host} port {port}: {reason}; see --host and --port") from None


def stations_url(host: str, port: int, tls: bool) -> str:
    """Where stations connect, with a placeholder for the id."""
    name = f"[{host}]" if ":" in host else host
    return f"{'wss' if tls else 'ws'}://{name}:{port}/ocpp/<station_id>"


def tls_context(cert: Path, key: Path, ca: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer; with `ca` every client must show a certificate of it. Raises `FileRefused`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in (cert, key, ca):
        if path is not None and not path.is_file():
            raise FileRefused(f"{path}: no such file; give a PEM file")
    try:
        context.load_cert_chain(cert, key, password="")  # an encrypted key is an error, not a prompt
    except (ssl.SSLError, OSError) as error:
        raise FileRefused(f"{cert}, {key}: not a PEM certificate with its unencrypted key ({error})") from None
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (ssl.SSLError, OSError) as error:
            raise FileRefused(f"{ca}: not a PEM file of authorities ({error})") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def raise_file_limit() -> None:
    """Every station is an open file: take as many as the system allows this process."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):
        return  # macOS refuses its own "unlimited"; the soft limit stays
