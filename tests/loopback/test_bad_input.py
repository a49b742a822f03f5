"""Every way a CSMS can be bad, each with one real Locust user: a failed sample of its own, back-off, and on it goes.

All rows run at the same time, since a station that got no good answer to its BootNotification waits 5 s or more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gevent
import pytest
from gevent.hub import get_hub

from .hostile import close_frame, frame
from .spoiled_csms import Mischief, Send, SpoiledCsms, upgraded

os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"  # else importing Locust would patch the test process
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.event import Events

from evsim_locust.plugin import StationUser, state

del os.environ["LOCUST_SKIP_MONKEY_PATCH"]

OPTIONS = [
    *("--station-profile=busy", "--time-scale=60", "--peak-hours=none", "--call-timeout=0.8"),
    *("--reconnect-min=0.05", "--reconnect-max=0.2", "--drain-timeout=2"),
]
CALL_TIMEOUT_S = 0.8
SPOILED_S = 6.0  # at most, until all the expected failures were seen
RECOVERY_S = 12.0  # at most: a BootNotification is tried again after 5 to 6 s, then comes a whole session

pytestmark = pytest.mark.timeout(60)  # of all rows together

Failure = tuple[str, str, str]  # request type, name, text


class Station(StationUser):
    """As in the locustfile."""


# ---- the mischief


class Http(Mischief):
    def __init__(self, answer: str) -> None:
        self._answer = answer

    def upgrade(self, peer: Any, request: str) -> bool:
        peer.sendall(self._answer.encode())
        return False


class Mute(Mischief):
    """Takes the HTTP request and says nothing."""

    def upgrade(self, peer: Any, request: str) -> bool:
        peer.recv(1)  # until the station has had enough
        return False


class Subprotocol(Mischief):
    def __init__(self, subprotocol: str | None) -> None:
        self._subprotocol = subprotocol

    def upgrade(self, peer: Any, request: str) -> bool:
        peer.sendall(upgraded(request, self._subprotocol))
        return True


class AtOnce(Mischief):
    """Sends that and closes as soon as the WebSocket is open."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def opened(self, peer: Any) -> None:
        peer.sendall(self._data)
        peer.close()


class Instead(Mischief):
    """Sends these bytes in place of each answer."""

    def __init__(self, *data: bytes) -> None:
        self._data = data

    def answer(self, send: Send, answer: bytes) -> None:
        for data in self._data:
            send(data)


class InFragments(Mischief):
    """Every answer in pieces of three bytes, in the middle of characters too, with a ping between any two."""

    def answer(self, send: Send, answer: bytes) -> None:
        pieces = [answer[at : at + 3] for at in range(0, len(answer), 3)]
        for number, piece in enumerate(pieces):
            send(frame(piece, opcode=1 if number == 0 else 0, fin=number == len(pieces) - 1))
            send(frame(b"", opcode=9))


class Late(Mischief):
    def answer(self, send: Send, answer: bytes) -> None:
        gevent.sleep(CALL_TIMEOUT_S + 0.2)
        send(frame(answer))


class Slow(Mischief):
    def answer(self, send: Send, answer: bytes) -> None:
        gevent.sleep(0.1)
        send(frame(answer))


class Twice(Mischief):
    def answer(self, send: Send, answer: bytes) -> None:
        send(frame(answer) + frame(answer))


class ToAnother(Mischief):
    def answer(self, send: Send, answer: bytes) -> None:
        kind, _unique_id, payload = json.loads(answer)
        send(frame(json.dumps([kind, "of-another-station", payload]).encode()))


class WithPayload(Mischief):
    def __init__(self, payload: object) -> None:
        self._payload = payload

    def answer(self, send: Send, answer: bytes) -> None:
        send(frame(json.dumps([3, json.loads(answer)[1], self._payload]).encode()))


class WithError(Mischief):
    def __init__(self, code: str) -> None:
        self._code = code

    def answer(self, send: Send, answer: bytes) -> None:
        send(frame(json.dumps([4, json.loads(answer)[1], self._code, "no", {}]).encode()))


# ---- the rows: what is wrong, and exactly the failures that follow


class Row(NamedTuple):
    mischief: Mischief
    failures: set[Failure]
    listening: bool = True


def _no_connection(text: str) -> set[Failure]:
    return {("WS", "connect", text)}


def _lost(code: str) -> set[Failure]:
    """The link ends, and with it the BootNotification that was on its way."""
    return {("WS", "close", code), ("OCPP", "BootNotification", code)}


def _boot(text: str, ignored: str = "") -> set[Failure]:
    boot = ("OCPP", "BootNotification", text)
    return {boot, ("OCPP", ignored, ignored)} if ignored else {boot}


ROWS = {
    "unreachable": Row(Mischief(), _no_connection("tcp refused"), listening=False),
    "401": Row(Http("HTTP/1.1 401 Unauthorized\r\n\r\n"), _no_connection("http 401")),
    "404": Row(Http("HTTP/1.1 404 Not Found\r\n\r\n"), _no_connection("http 404")),
    "503": Row(Http("HTTP/1.1 503 Service Unavailable\r\n\r\n"), _no_connection("http 503")),
    "no HTTP": Row(Http("nonsense\r\n\r\n"), _no_connection("http malformed")),
    "no answer to the upgrade": Row(Mute(), _no_connection("http timeout")),
    "closes before it answers": Row(Http(""), _no_connection("http closed")),
    "wrong subprotocol": Row(Subprotocol("ocpp2.0.1"), _no_connection("subprotocol")),
    "no subprotocol": Row(Subprotocol(None), _no_connection("subprotocol")),
    "closes at once": Row(AtOnce(b""), _lost("1006")),
    "says goodbye at once": Row(AtOnce(close_frame(1001)), _lost("1001")),
    "garbage": Row(Instead(frame(b"no JSON"), frame(b"{}"), frame(b"[3]")), _boot("Timeout", "MalformedFrame")),
    "a message of type 9": Row(Instead(frame(b'[9,"1"]')), _boot("Timeout", "UnknownMessageType")),
    "invalid UTF-8": Row(Instead(frame(b'[3,"\xff\xfe",{}]')), _lost("1007")),
    "binary": Row(Instead(frame(b"{}", opcode=2)), _lost("1003")),
    "10 MiB": Row(Instead(frame(bytes(10 << 20))), _lost("1009")),
    "never answers": Row(Instead(), _boot("Timeout")),
    "answers late": Row(Late(), _boot("Timeout", "LateAnswer")),
    "answers another": Row(ToAnother(), _boot("Timeout", "UnknownAnswer")),
    "payload without what is required": Row(WithPayload({}), _boot("OccurenceConstraintViolation")),
    "payload of another type": Row(
        WithPayload({"currentTime": "2030-01-01T00:00:00Z", "interval": "60", "status": "Accepted"}),
        _boot("TypeConstraintViolation"),
    ),
    "payload that is no object": Row(WithPayload([]), _boot("TypeConstraintViolation")),
    "CALLERROR": Row(WithError("InternalError"), _boot("InternalError")),
    "CALLERROR with a code of its own": Row(WithError("x" * 500), _boot("UnknownErrorCode")),
}


# ---- one Locust environment with one station


class Swarm:
    def __init__(self, url: str) -> None:
        options = get_parser(default_config_files=[]).parse_args(OPTIONS)
        self.environment = Environment(user_classes=[Station], events=Events(), host=url, parsed_options=options)
        self.runner = self.environment.create_local_runner()
        self.flush = state.of(self.environment).worker.samples.flush  # type: ignore[union-attr]  # wanted at once here
        self.runner.start(1, spawn_rate=1)

    def failures(self) -> dict[Failure, int]:
        self.flush()
        errors = self.environment.stats.errors.values()
        return {(error.method, error.name, error.error): error.occurrences for error in errors}

    def good(self, name: str) -> int:
        self.flush()
        entry = self.environment.stats.entries.get((name, "OCPP"))
        return 0 if entry is None else entry.num_requests - entry.num_failures

    def works(self) -> bool:
        """Booted, and a transaction is under way."""
        return self.good("BootNotification") > 0 and self.good("MeterValues") > 0


class Outcome(NamedTuple):
    failures: dict[Failure, int]
    connections: int
    recovered: bool
    later_failures: set[Failure]
    exceptions: object


def _wait(condition: Any, within_s: float) -> bool:
    with gevent.Timeout(within_s, False):
        while not condition():
            gevent.sleep(0.02)
        return True
    return False


def _outcome(row: Row) -> Outcome:
    csms = SpoiledCsms(row.mischief, row.listening)
    swarm = Swarm(csms.url)
    try:
        _wait(lambda: row.failures <= set(swarm.failures()), SPOILED_S)
        gevent.sleep(1.5)  # for another attempt, and for what should not come
        failures, connections = swarm.failures(), csms.connections
        csms.turn_good()
        recovered = _wait(swarm.works, RECOVERY_S)
        later = {key for key, times in swarm.failures().items() if times > failures.get(key, 0)}
        return Outcome(failures, connections, recovered, later, swarm.runner.exceptions)
    finally:
        swarm.runner.quit()
        csms.close()


class Neighbour(NamedTuple):
    failures: dict[Failure, int]
    meter_values: int
    open_transactions: int
    hub_errors: list[Any]
    seconds_to_end: float


@pytest.fixture(scope="module")
def all_outcomes() -> tuple[dict[str, Outcome], Neighbour]:
    """All rows at once, and beside them a station whose CSMS is good all the time."""
    hub = get_hub()
    before, errors = hub.handle_error, []
    hub.handle_error = lambda *error: errors.append(error[1:3])
    csms = SpoiledCsms()
    swarm = Swarm(csms.url)
    try:
        rows = {name: gevent.spawn(_outcome, row) for name, row in ROWS.items()}
        outcomes = {name: greenlet.get() for name, greenlet in rows.items()}
        began = get_hub().loop.now()
        swarm.runner.quit()
        took_s = get_hub().loop.now() - began
        meter_values, left_open = swarm.good("MeterValues"), csms.system.book.open_count
        return outcomes, Neighbour(swarm.failures(), meter_values, left_open, errors, took_s)
    finally:
        csms.close()
        hub.handle_error = before


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest, all_outcomes: tuple[dict[str, Outcome], Neighbour]) -> tuple[Row, Outcome]:
    return ROWS[request.param], all_outcomes[0][request.param]


def test_the_failures_have_their_own_names_and_no_others(row: tuple[Row, Outcome]) -> None:
    expected, outcome = row
    assert set(outcome.failures) == expected.failures
    assert outcome.exceptions == {}


def test_the_station_backs_off_and_tries_again(row: tuple[Row, Outcome]) -> None:
    _expected, outcome = row
    attempts = [times for (kind, _name, _text), times in outcome.failures.items() if kind == "WS"]
    if attempts:
        assert 1 < max(attempts) < 60
    else:
        assert outcome.connections == 1  # a bad answer is no reason to hang up


def test_the_station_works_when_the_csms_has_turned_good(row: tuple[Row, Outcome]) -> None:
    expected, outcome = row
    assert outcome.recovered
    assert outcome.later_failures <= expected.failures  # one may have been on its way


def test_a_neighbour_with_a_good_csms_does_not_notice(all_outcomes: tuple[dict[str, Outcome], Neighbour]) -> None:
    neighbour = all_outcomes[1]
    assert neighbour.failures == {}
    assert neighbour.meter_values > 5
    assert neighbour.open_transactions == 0
    assert neighbour.hub_errors == []
    assert neighbour.seconds_to_end < 2


# ---- one at a time

UNAVAILABLE = Http("HTTP/1.1 503 Service Unavailable\r\n\r\n")


@pytest.fixture
def start(nothing_left: None) -> Iterator[Callable[[Mischief], tuple[Swarm, SpoiledCsms]]]:
    made: list[tuple[Swarm, SpoiledCsms]] = []

    def start(mischief: Mischief) -> tuple[Swarm, SpoiledCsms]:
        csms = SpoiledCsms(mischief)
        made.append((Swarm(csms.url), csms))
        return made[-1]

    yield start
    for swarm, csms in made:
        swarm.runner.quit()
        csms.close()


def test_answers_in_fragments_are_answers(start: Any) -> None:
    swarm, _csms = start(InFragments())
    assert _wait(swarm.works, 5)
    assert swarm.failures() == {}


def test_a_second_answer_is_a_failure_and_nothing_else(start: Any) -> None:
    swarm, _csms = start(Twice())
    assert _wait(swarm.works, 5)
    assert set(swarm.failures()) == {("OCPP", "DuplicateAnswer", "DuplicateAnswer")}


@pytest.mark.parametrize(
    ("mischief", "there"),
    [
        (Mute(), lambda swarm, csms: csms.connections == 1),
        (Instead(), lambda swarm, csms: csms.system.connected_count == 1),
        (UNAVAILABLE, lambda swarm, csms: swarm.failures() != {}),
    ],
    ids=["opening", "booting", "backing off"],
)
def test_a_station_can_be_stopped_at_any_time(mischief: Mischief, there: Any, start: Any) -> None:
    swarm, csms = start(mischief)
    assert _wait(lambda: there(swarm, csms), 5)
    with gevent.Timeout(4):
        swarm.runner.stop()
    assert swarm.runner.user_count == 0


def test_two_stops_at_the_same_time_lose_nothing(start: Any) -> None:
    swarm, csms = start(Slow())
    assert _wait(swarm.works, 10)
    first = gevent.spawn(swarm.runner.stop)
    gevent.sleep(0.05)
    swarm.runner.stop()  # as a worker's own, after that of its master
    first.get(timeout=5)
    assert swarm.failures() == {}
    assert csms.system.book.open_count == 0
    assert swarm.good("StopTransaction") == swarm.good("StartTransaction") > 0


def test_a_transaction_outlives_a_broken_connection(start: Any) -> None:
    swarm, csms = start(Mischief())
    assert _wait(swarm.works, 5)
    (transaction,) = csms.system.book.rows()
    assert transaction.stop_time is None
    csms.turn_bad(UNAVAILABLE)
    assert _wait(lambda: ("WS", "connect", "http 503") in swarm.failures(), 5)
    assert ("WS", "close", "1006") in swarm.failures()
    csms.turn_good()
    sampled = swarm.good("MeterValues")
    assert _wait(lambda: swarm.good("MeterValues") > sampled, 5)
    swarm.runner.stop()
    continued = csms.system.book.rows()[0]
    assert continued.transaction_id == transaction.transaction_id
    assert continued.meter_stop > 0
    assert csms.system.book.open_count == 0
    assert swarm.good("StopTransaction") == swarm.good("StartTransaction") == len(csms.system.book.rows())
    assert swarm.good("BootNotification") == 1  # a connection that comes back is no reboot
