"""The other side of the station rows: a central system that answers validly and costs next to nothing.

Plain epoll, no JSON parser: the id and the action are cut out of the text, so the stations'
core is the one that is full. It keeps no state but the last transaction id and never sends a CALL. The mock CSMS costs
more than twice as much per message, which would leave a station side that meets its goal waiting for it.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import select
import socket
import time

from benchmarks.programs.session import timestamp
from benchmarks.programs.wire import CLOSE, HOST, PING, PONG, TEXT, frame, read_frame, upgrade_answer

READY = "responder listening on "
_ACCEPTED = b'{"idTagInfo":{"status":"Accepted"}}'


class Answers:
    """The payload for each action; the time in them is renewed once a second."""

    def __init__(self, heartbeat_interval_s: int) -> None:
        self._interval_s = heartbeat_interval_s
        self._transactions = itertools.count(1)
        self._renew_at = 0.0
        self._payloads: dict[bytes, bytes] = {}
        self.renew()

    def renew(self) -> None:
        """Put the present time into the payloads, at most once a second."""
        if time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + 1
        now, boot = timestamp(), b'{"status":"Accepted","currentTime":"%b","interval":%d}'
        self._payloads = {
            b"BootNotification": boot % (now.encode(), self._interval_s),
            b"Heartbeat": b'{"currentTime":"%b"}' % now.encode(),
            b"Authorize": _ACCEPTED,
            b"StopTransaction": _ACCEPTED,
            b"StatusNotification": b"{}",
            b"MeterValues": b"{}",
        }

    def to(self, text: bytes) -> bytes:
        """The answer to a CALL; an empty one to what is no CALL; raises ValueError for an unknown action."""
        if not text.startswith(b"[2,"):
            return b""
        unique_id, _, action = text.split(b'"', 4)[1:4]
        payload = self._payloads.get(action)
        if payload is None:
            payload = self._other(action)
        return b'[3,"%b",%b]' % (unique_id, payload)

    def _other(self, action: bytes) -> bytes:
        if action != b"StartTransaction":
            raise ValueError(f"no answer to {action!r}")
        return b'{"transactionId":%d,"idTagInfo":{"status":"Accepted"}}' % next(self._transactions)


class Peer:
    """One accepted connection: first the upgrade, then frames."""

    __slots__ = ("_answers", "_open", "_rest", "sock")

    def __init__(self, sock: socket.socket, answers: Answers) -> None:
        self.sock, self._answers = sock, answers
        self._open, self._rest = False, b""

    def readable(self) -> bool:
        """Answer what came; False when the connection is over."""
        data = self.sock.recv(65536)
        if not data:
            return False
        if self._rest:
            data = self._rest + data
        return self._take_frames(data) if self._open else self._take_upgrade(data)

    def _take_upgrade(self, data: bytes) -> bool:
        head, ended, self._rest = data.partition(b"\r\n\r\n")
        if not ended:
            self._rest = data
            return True
        self.sock.sendall(upgrade_answer(head))
        self._open = True
        return self._take_frames(self._rest)

    def _take_frames(self, data: bytes) -> bool:
        at = 0
        while (found := read_frame(data, at)) is not None:
            opcode, payload, at = found
            if opcode == TEXT:
                answer = self._answers.to(payload)
                if answer:
                    self.sock.sendall(frame(TEXT, answer, masked=False))
            elif opcode == PING:
                self.sock.sendall(frame(PONG, payload, masked=False))
            elif opcode == CLOSE:
                self.sock.sendall(frame(CLOSE, payload, masked=False))
                return False
        self._rest = data[at:]
        return True


class Server:
    """Accepts and answers for ever; a connection that breaks a rule is closed, which its station reports."""

    def __init__(self, listener: socket.socket, answers: Answers) -> None:
        self._listener, self._answers = listener, answers
        self._epoll = select.epoll()
        self._epoll.register(listener.fileno(), select.EPOLLIN)
        self._peers: dict[int, Peer] = {}

    def run(self) -> None:
        """One turn per readiness; it never sleeps, else the stations' core would pay for waking this one.

        That price (20-30 us a send on a virtual machine) is no cost of a station: it falls with the load of the other
        side and is nobody's when the other side is another machine.
        """
        peers = self._peers
        while True:
            for fd, _ in self._epoll.poll(0, 512):
                peer = peers.get(fd)
                if peer is None:
                    self._accept()
                elif not _survives(peer):
                    del peers[fd]  # the last reference: closes the socket, which leaves the epoll
            self._answers.renew()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                sock, _ = self._listener.accept()
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._peers[sock.fileno()] = Peer(sock, self._answers)
                self._epoll.register(sock.fileno(), select.EPOLLIN)


def _survives(peer: Peer) -> bool:
    try:
        return peer.readable()
    except BlockingIOError:
        return True  # a readiness without data
    except (OSError, ValueError, IndexError):
        return False


def main() -> None:
    """Listen on a free port of the loopback and say which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heartbeat-interval", type=int, default=86400, help="seconds, in the answer to Boot")
    options = parser.parse_args()
    listener = socket.create_server((HOST, 0), backlog=4096)
    listener.setblocking(False)
    print(f"{READY}{listener.getsockname()[1]}", flush=True)
    Server(listener, Answers(options.heartbeat_interval)).run()


if __name__ == "__main__":
    main()
