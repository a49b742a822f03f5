"""TLS as a filter without I/O (`ssl.MemoryBIO`): ciphertext in, text out, and the other way round."""

from __future__ import annotations

import functools
import ssl
from contextlib import suppress
from typing import Protocol

from evsim_locust.transport.errors import OpenFailed

_MAX_RECORD = 16384  # RFC 8446 section 5.1


class BlockingSocket(Protocol):
    """The two calls that a handshake needs of a socket."""

    def recv(self, size: int, /) -> bytes:
        """Some bytes; none at the end of the stream."""

    def sendall(self, data: bytes, /) -> object:
        """Send all of it."""


class Tls:
    """One TLS session; after `decrypt`, `outgoing` may hold bytes to send and `ended` tells of a close_notify."""

    __slots__ = ("ended", "incoming", "outgoing", "session")

    def __init__(self, context: ssl.SSLContext, server_hostname: str) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self.incoming, self.outgoing, server_hostname=server_hostname)
        self.ended = False

    def handshake(self, sock: BlockingSocket) -> None:
        """Agree on keys over a blocking socket; raises `ssl.SSLError` or `OSError`."""
        while True:
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                sock.sendall(self.outgoing.read())
                data = sock.recv(_MAX_RECORD)
                if not data:
                    raise ConnectionResetError("connection lost in the TLS handshake") from None
                self.incoming.write(data)
            except ssl.SSLError:
                with suppress(OSError):
                    sock.sendall(self.outgoing.read())  # the alert tells the peer why
                raise
            else:
                sock.sendall(self.outgoing.read())
                return

    def encrypt(self, data: bytes) -> bytes:
        """The records that carry `data`."""
        self.session.write(data)
        return self.outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        """All text that `data` completes; raises `ssl.SSLError`."""
        self.incoming.write(data)
        session = self.session
        parts: list[bytes] = []
        try:
            while not self.ended and (self.incoming.pending or session.pending()):
                part = session.read(_MAX_RECORD)
                parts.append(part)
                self.ended = not part  # close_notify; bytes behind it would loop for ever
        except ssl.SSLWantReadError:  # half a record, or one without text
            pass
        return parts[0] if len(parts) == 1 else b"".join(parts)


def tls_failure(error: Exception) -> OpenFailed:
    """The one mapping of what `ssl` and the socket below it raise; alerts about certificates are told apart."""
    reason = str(getattr(error, "reason", None) or "")
    if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE" in reason or "UNKNOWN_CA" in reason:
        return OpenFailed("tls", str(error), kind="certificate")
    return OpenFailed("tls", str(error))


@functools.cache
def client_context(ca: str | None = None, cert: str | None = None, key: str | None = None) -> ssl.SSLContext:
    """The settings of all connections that share these PEM files; made once, since it takes 30-40 ms.

    `ca` None means the system's trust store; `key` None means that it is in the file of `cert`.
    Raises ValueError naming the file that is missing or is not what it should be.
    """
    if key is not None and cert is None:
        raise ValueError(f"key file {key!r} was given without its certificate")
    for path in filter(None, (ca, cert, key)):
        _check_readable(path)
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ValueError) as error:
        raise ValueError(f"{ca!r} holds no CA certificates in PEM form: {error}") from error
    if cert is not None:
        _load_pair(context, cert, key)
    return context


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise ValueError(f"cannot read {path!r}: {error.strerror}") from error


def _load_pair(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    files = repr(cert) if key is None else f"{cert!r} with key {key!r}"

    def no_passphrase() -> str:  # without it OpenSSL would ask on the terminal
        raise ValueError(f"the key of {files} has a passphrase: give one without")

    try:
        context.load_cert_chain(cert, key, no_passphrase)
    except OSError as error:
        raise ValueError(f"{files} is not a certificate in PEM form with its key: {error}") from error
