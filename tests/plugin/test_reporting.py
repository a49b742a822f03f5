"""Each fact that a station or its link tells, as a sample in Locust's statistics."""

from __future__ import annotations

import json
import random
from collections import deque
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust.event import Events

from evsim_locust.metrics.counts import Counts
from evsim_locust.ocppj.errors import ErrorCode
from evsim_locust.ocppj.events import CallEnded, FrameIgnored
from evsim_locust.ocppj.v16 import V16
from evsim_locust.plugin.reporting import report
from evsim_locust.plugin.samples import Samples
from evsim_locust.station import events as station_events
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.settings import Identity, Settings
from evsim_locust.station.station import Station
from evsim_locust.transport import events as link_events


class Worker:
    """What reporting sees of the worker's side."""

    def __init__(self, environment: Any) -> None:
        self.counts = Counts()
        self.samples = Samples(environment, self.counts)
        self.metered_wh: list[int] = []
        self.noted: list[object] = []
        self.spoken: list[tuple[str, str]] = []

    def note(self, _user: object, event: object) -> None:
        self.noted.append(event)

    def metered(self, _station_id: str, energy_wh: int) -> None:
        self.metered_wh.append(energy_wh)

    def spoke(self, station_id: str, text: str, line: str) -> None:
        assert line.endswith(text)
        self.spoken.append((station_id, line))


class User:
    """What reporting sees of a `StationUser`."""

    def __init__(self) -> None:
        self.environment: Any = type("Environment", (), {"events": Events()})()
        self.worker = Worker(self.environment)
        self.station_id = "PY-SIM-0001"
        self.last_end = ""
        self.environment.events.request.add_listener(self._keep)
        self.sample_context = {"station_id": "PY-SIM-0001"}
        self.lines: deque[str] = deque(maxlen=50)
        self.pings: list[int] = []
        self._samples: list[dict[str, Any]] = []

    def ping_every(self, interval_s: int) -> None:
        self.pings.append(interval_s)

    @property
    def samples(self) -> list[dict[str, Any]]:
        """What Locust has been told by now."""
        self.worker.samples.flush()
        return self._samples

    def _keep(self, **sample: Any) -> None:
        self._samples.append(sample)


@pytest.fixture
def user() -> User:
    return User()


def ended(action: str, error: str | None, latency_s: float | None = 0.25, size: int = 9) -> CallEnded:
    return CallEnded(action, None, None, error, "the peer's own words", latency_s, size, None)


REPORTED = [
    (ended("Heartbeat", None), ("OCPP", "Heartbeat", 250.0, 9, None)),
    (ended("Authorize", "InternalError"), ("OCPP", "Authorize", 250.0, 9, "InternalError")),
    (ended("Authorize", "Timeout", 30.0, 0), ("OCPP", "Authorize", 30000.0, 0, "Timeout")),
    (ended("Authorize", "1006", 0.5, 0), ("OCPP", "Authorize", 500.0, 0, "1006")),
    (station_events.CallHandled("Reset", None, ""), ("CSMS", "Reset", 0.0, 0, None)),
    (station_events.CallHandled("Reset", "NotSupported", "why"), ("CSMS", "Reset", 0.0, 0, "NotSupported")),
    (FrameIgnored("LateAnswer", "id"), ("OCPP", "LateAnswer", 0.0, 0, "LateAnswer")),
    (
        station_events.MessageDropped("StopTransaction", "refused too often"),
        ("OCPP", "MessageDropped", 0.0, 0, "StopTransaction: refused too often"),
    ),
    (link_events.OpenEnded(None, 0.125), ("WS", "connect", 125.0, 0, None)),
    (link_events.OpenEnded("http 401", 0.125, {}, "secret words"), ("WS", "connect", 125.0, 0, "http 401")),
    (link_events.LinkClosed(1000, "", True, 5.0), ("WS", "close", 0.0, 0, None)),
    (link_events.LinkClosed(1000, "bye", False, 5.0), ("WS", "close", 0.0, 0, "1000")),
    (link_events.LinkClosed(1009, "too big", True, 5.0), ("WS", "close", 0.0, 0, "1009")),
    (link_events.LinkClosed(1006, "lost", False, 5.0), ("WS", "close", 0.0, 0, "1006")),
]
UNREPORTED = [
    ended("Authorize", "1006", None),  # it waited and was never sent
    station_events.RegistrationChanged("Accepted"),
    station_events.StatusChanged(1, "Available", "NoError"),
    station_events.AuthorizationEnded(1, "ABC123", "Accepted"),
    station_events.TransactionStarted(1, "ABC123", 7, 0),
    station_events.MeterSampled(1, 100, 11000.0),
    station_events.TransactionStopped(1, "ABC123", 7, "Local", 100),
    station_events.ConfigurationChanged("HeartbeatInterval", "60"),
    station_events.LogLine("Heartbeat sent"),
]


@pytest.mark.parametrize(("event", "expected"), REPORTED, ids=lambda value: type(value).__name__)
def test_what_locust_is_told(event: object, expected: tuple[Any, ...], user: User) -> None:
    report(user, event)  # type: ignore[arg-type]
    sample = user.samples.pop()
    assert user.samples == []
    names = ("request_type", "name", "response_time", "response_length", "exception")
    assert tuple(sample[name] for name in names) == expected
    assert sample["context"] == {"station_id": "PY-SIM-0001"}


@pytest.mark.parametrize("event", UNREPORTED, ids=lambda event: type(event).__name__)
def test_what_locust_is_not_told(event: object, user: User) -> None:
    report(user, event)  # type: ignore[arg-type]
    assert user.samples == []


def test_every_event_there_is_stands_in_one_of_the_lists() -> None:
    listed = {type(event) for event, _sample in REPORTED} | {type(event) for event in UNREPORTED}
    assert listed == {*get_args(station_events.Event), *get_args(link_events.Event)}


def test_a_new_ping_interval_reaches_the_link(user: User) -> None:
    report(user, station_events.ConfigurationChanged("WebSocketPingInterval", "30"))  # type: ignore[arg-type]
    assert user.pings == [30]


def test_log_lines_are_kept_with_their_time_and_bounded(user: User) -> None:
    for number in range(60):
        report(user, station_events.LogLine(f"line {number}"))  # type: ignore[arg-type]
    assert len(user.lines) == 50
    time_of_day, _, text = user.lines[-1].partition("] ")
    assert text == "line 59"
    assert len(time_of_day) == len("[23:59:59")


# ---- whatever the central system says, it adds no new rows and no new texts

IGNORED = {"LateAnswer", "DuplicateAnswer", "UnknownAnswer", "MalformedFrame", "UnknownMessageType"}
CODES = {str(code) for code in ErrorCode} | {
    "Timeout",
    "UnknownErrorCode",
    "OccurrenceConstraintViolation",
    "FormatViolation",
    "MessageTypeNotSupported",
    "RpcFrameworkError",
}
WORDS = st.one_of(st.text(max_size=60), st.sampled_from(["p-1", "Reset", "GenericError", "BootNotification"]))
LOOSE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 5), WORDS), lambda inner: st.lists(inner, max_size=3)
)
FRAMES = st.one_of(
    WORDS,
    st.lists(LOOSE, max_size=6).map(json.dumps),
    st.tuples(st.just(2), WORDS, WORDS, st.dictionaries(WORDS, LOOSE, max_size=2)).map(json.dumps),
    st.tuples(st.just(3), st.just("p-1"), st.dictionaries(WORDS, LOOSE, max_size=2)).map(json.dumps),
    st.tuples(st.just(4), st.just("p-1"), WORDS, WORDS, st.just({})).map(json.dumps),
)


@given(st.lists(FRAMES, max_size=5))
def test_a_peer_can_invent_neither_rows_nor_failure_texts(texts: list[str]) -> None:
    user = User()
    station = Station(Identity("S", "p-"), Settings(), shared_values({}, 1), random.Random(1), 0.0)
    station.connected(0.0)
    for number, text in enumerate(texts):
        station.take_outbox()
        station.receive(text, float(number))
    station.wake(100.0)
    for event in station.take_events():
        report(user, event)  # type: ignore[arg-type]
    for sample in user.samples:
        name = sample["name"]
        assert name in IGNORED or name == "UnknownAction" or V16.knows(name)
        assert sample["exception"] is None or sample["exception"] in CODES | IGNORED


def test_the_master_s_table_hears_of_what_it_shows_and_listeners_of_lines(user: User) -> None:
    told = [
        station_events.RegistrationChanged("Accepted"),
        station_events.StatusChanged(1, "Charging", "NoError"),
        station_events.TransactionStarted(1, "TAG", 1, 0),
        station_events.MeterSampled(1, 5, 1.0),
        station_events.TransactionStopped(1, "TAG", 1, "Local", 5),
        link_events.OpenEnded(None, 0.125),
        link_events.LinkClosed(1000, "", True, 5.0),
    ]
    for event in told:
        report(user, event)  # type: ignore[arg-type]
    report(user, ended("Heartbeat", None))  # type: ignore[arg-type]
    assert user.worker.noted == told
    assert user.worker.metered_wh == [5]
    assert (user.worker.counts.started, user.worker.counts.ended) == (1, {"Local": 1})
    report(user, station_events.LogLine("hello"))  # type: ignore[arg-type]
    assert user.worker.spoken == [("PY-SIM-0001", user.lines[-1])]


def test_a_transaction_that_ends_before_energy_might_flow_counts_as_started_too(user: User) -> None:
    report(user, station_events.TransactionStopped(1, "TAG", None, "Local", 0, served=False))  # type: ignore[arg-type]
    assert (user.worker.counts.started, user.worker.counts.ended) == (1, {"Local": 1})


def test_who_connects_again_is_counted_by_what_ended_the_last_link(user: User) -> None:
    for event in (
        link_events.OpenEnded(None, 0.1),
        link_events.LinkClosed(1006, "", False, 5.0),
        link_events.OpenEnded("tcp refused", 0.1),
        link_events.OpenEnded(None, 0.1),
    ):
        report(user, event)  # type: ignore[arg-type]
    assert user.worker.counts.reconnects == {"1006": 1, "tcp refused": 1}
    assert user.worker.counts.closes == {"1006": 1}
