"""A raw epoll client that keeps a central system busy with realistic, valid messages.

Each station boots, then repeats Heartbeat, Authorize, StartTransaction, four MeterValues and StopTransaction with the
ids it was given, sending as soon as it is answered. The texts are templates and the answers are only looked at, so
that this side costs a fraction of the other one.
"""

from __future__ import annotations

import json
import select
import socket
from time import monotonic

from benchmarks.programs.session import sampled_values, timestamp
from benchmarks.programs.usage import Window, arguments, report
from benchmarks.programs.wire import TEXT, connect, frame, read_frame

_WH = 1000  # between two samples
_ROUND = 8  # messages of a station's loop
_WARM_UP_S = 1.0


def _camel_case(values: list[dict[str, str]]) -> str:
    return json.dumps(values, separators=(",", ":"))  # the keys of sampled_values have one word each


class Texts:
    """The templates of the loop; `%d` fields are named by the functions that fill them."""

    def __init__(self) -> None:
        now = timestamp()
        samples = _camel_case(sampled_values(0)).replace('"value":"0"', '"value":"%d"', 1)
        self.boot = b'[2,"%d","BootNotification",{"chargePointVendor":"EVSim","chargePointModel":"PY-SIM"}]'
        self.heartbeat = b'[2,"%d","Heartbeat",{}]'
        self.authorize = b'[2,"%d","Authorize",{"idTag":"TAG%06d"}]'
        self.start = (
            f'[2,"%d","StartTransaction",{{"connectorId":1,"idTag":"TAG%06d","meterStart":%d,"timestamp":"{now}"}}]'
        ).encode()
        self.meter = (
            '[2,"%d","MeterValues",{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"'
            f'{now}","sampledValue":{samples}}}]}}]'
        ).encode()
        self.stop = (
            f'[2,"%d","StopTransaction",{{"transactionId":%d,"meterStop":%d,"timestamp":"{now}","reason":"Local"}}]'
        ).encode()


class Station:
    """One socket, its place in the loop and the ids it was given."""

    __slots__ = ("_energy_wh", "_id", "_number", "_pauses", "_rest", "_step", "_texts", "_transaction_id", "sock")

    def __init__(self, number: int, sock: socket.socket, texts: Texts) -> None:
        self.sock, self._number, self._texts = sock, number, texts
        self._pauses = number % _ROUND  # Heartbeats before the loop: stations are spread over its steps
        self._step, self._id, self._transaction_id, self._energy_wh = 0, 0, 0, 0
        self._rest = b""

    def begin(self) -> None:
        """Send the BootNotification."""
        self._send(self._texts.boot % self._next_id())

    def readable(self) -> int:
        """Take the answers that came, send what follows; returns their number. Raises on any that is no result."""
        data = self._rest + self.sock.recv(65536)
        if len(data) == len(self._rest):
            raise ConnectionError("the server closed a connection")
        answers = at = 0
        while (found := read_frame(data, at)) is not None:
            opcode, payload, at = found
            if opcode == TEXT:
                self._take(payload)
                answers += 1
        self._rest = data[at:]
        return answers

    def _take(self, payload: bytes) -> None:
        if not payload.startswith(b'[3,"%d",' % self._id):
            raise ValueError(f"not the result of call {self._id}: {payload[:200]!r}")
        if self._step == 3:  # the answer to StartTransaction
            self._transaction_id = json.loads(payload)[2]["transactionId"]
        self._send(self._next_text())

    def _next_text(self) -> bytes:
        texts, unique_id = self._texts, self._next_id()
        if self._pauses:
            self._pauses -= 1
            return texts.heartbeat % unique_id
        step, self._step = self._step, (self._step + 1) % _ROUND
        if step == 0:
            return texts.heartbeat % unique_id
        if step == 1:
            return texts.authorize % (unique_id, self._number)
        if step == 2:
            return texts.start % (unique_id, self._number, self._energy_wh)
        if step == _ROUND - 1:
            return texts.stop % (unique_id, self._transaction_id, self._energy_wh)
        self._energy_wh += _WH
        return texts.meter % (unique_id, self._transaction_id, self._energy_wh)

    def _next_id(self) -> int:
        self._id += 1
        return self._id

    def _send(self, text: bytes) -> None:
        self.sock.send(frame(TEXT, text, masked=True))


def exchange(epoll: select.epoll, stations: dict[int, Station], seconds: float) -> int:
    """The number of answers in `seconds`."""
    answers, until = 0, monotonic() + seconds
    while monotonic() < until:
        for fd, _ in epoll.poll(0, 512):
            answers += stations[fd].readable()
    return answers


def main() -> None:
    """Connect and boot all, warm up, measure."""
    options = arguments(__doc__ or "").parse_args()
    texts, epoll = Texts(), select.epoll()
    stations: dict[int, Station] = {}
    for number in range(options.stations):
        sock = connect(options.port, f"LOAD-{number:06d}")
        sock.setblocking(False)
        stations[sock.fileno()] = Station(number, sock, texts)
        epoll.register(sock.fileno(), select.EPOLLIN)
    for station in stations.values():
        station.begin()
    exchange(epoll, stations, min(_WARM_UP_S, options.seconds))
    window = Window(options.other_pid)
    report(window.figures(exchange(epoll, stations, options.seconds)))


if __name__ == "__main__":
    main()
