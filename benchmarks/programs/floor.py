"""The floor: what a plain epoll client in Python costs per round trip, with one constant frame and no JSON."""

from __future__ import annotations

import select
import socket
from time import monotonic

from benchmarks.programs.usage import Window, arguments, report, rss_kib
from benchmarks.programs.wire import TEXT, connect, frame

_HEARTBEAT = frame(TEXT, b'[2,"1","Heartbeat",{}]', masked=True)
_WARM_UP_S = 0.5


class Stations:
    """Connected sockets that answer each answer with the same frame."""

    def __init__(self, port: int, count: int) -> None:
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        for number in range(count):
            sock = connect(port, f"FLOOR-{number:06d}")
            sock.setblocking(False)
            self._sockets[sock.fileno()] = sock
            self._epoll.register(sock.fileno(), select.EPOLLIN)

    def begin(self) -> None:
        """The first frame of each."""
        for sock in self._sockets.values():
            sock.send(_HEARTBEAT)

    def exchange(self, seconds: float) -> int:
        """The number of round trips in `seconds`; raises ConnectionError when the server closes."""
        sockets, poll = self._sockets, self._epoll.poll
        calls, until = 0, monotonic() + seconds
        while monotonic() < until:
            for fd, _ in poll(1, 512):
                sock = sockets[fd]
                if not sock.recv(16384):
                    raise ConnectionError("the server closed a connection")
                sock.send(_HEARTBEAT)
                calls += 1
        return calls


def main() -> None:
    """Connect all stations, warm up, measure."""
    options = arguments(__doc__ or "").parse_args()
    rss0 = rss_kib()
    stations = Stations(options.port, options.stations)
    kib = (rss_kib() - rss0) / options.stations
    stations.begin()
    stations.exchange(min(_WARM_UP_S, options.seconds))
    window = Window(options.other_pid)
    report(window.figures(stations.exchange(options.seconds)) | {"kib_per_station": kib})


if __name__ == "__main__":
    main()
