"""Two ramps over one dispatcher at the same time, ramps that are killed, and a run that ends during one."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import gevent
import pytest
from gevent import GreenletExit
from gevent.event import Event

from evsim_locust.plugin.dispatcher import StationDispatcher
from tests.plugin.dispatching import made_of, ramp, totals, workers_named


class _Loop:
    """Locust's loop over a dispatch, in a greenlet of its own; at one place it waits until the test opens its gate."""

    def __init__(self, target: int, rate: float, waits_at: str = "") -> None:
        self.steps: list[int] = []
        self.complete = False
        self.gate = Event()
        self._target, self._rate, self._waits_at = target, rate, waits_at

    def begin(self, dispatcher: StationDispatcher) -> None:
        self.greenlet = gevent.spawn(self._run, dispatcher)
        _LOOPS[self.greenlet] = self
        _let_run()

    def reach(self, place: str) -> None:
        if place == self._waits_at:
            self.gate.wait()

    def go_on(self) -> None:
        self.gate.set()
        _let_run()

    def _run(self, dispatcher: StationDispatcher) -> None:
        dispatcher.new_dispatch(self._target, self._rate)
        self.reach("before the first step")
        for books in dispatcher:
            self.steps.append(sum(totals(books).values()))
            self.reach("in the loop's body")
        self.complete = True


_LOOPS: WeakKeyDictionary[gevent.Greenlet, _Loop] = WeakKeyDictionary()


def _pausing() -> StationDispatcher:
    """Its pauses are as long as the loop that pauses says."""
    return made_of(workers_named("a", "b"), sleep=lambda seconds: _LOOPS[gevent.getcurrent()].reach("in a pause"))


def _let_run() -> None:
    for _ in range(10):
        gevent.sleep(0)


_PLACES = {"before the first step": ([], [3, 6]), "in a pause": ([2], [5, 6]), "in the loop's body": ([2], [5, 6])}


@pytest.mark.parametrize("place", _PLACES)
def test_an_older_ramp_ends_when_it_finds_a_newer_one_under_way(place: str) -> None:
    dispatcher = _pausing()
    older, newer = _Loop(10, 2, place), _Loop(6, 3, "in a pause")
    older.begin(dispatcher)
    newer.begin(dispatcher)
    older.go_on()
    assert isinstance(older.greenlet.value, GreenletExit)
    assert (newer.complete, dispatcher.ramping) == (False, True)
    newer.go_on()
    assert newer.complete
    assert (older.steps, newer.steps) == _PLACES[place]
    assert (older.complete, dispatcher.missing, dispatcher.ramping) == (False, 0, False)
    assert totals(ramp(dispatcher, 6)) == {"a": 3, "b": 3}


@pytest.mark.parametrize("place", _PLACES)
def test_an_older_ramp_ends_when_a_newer_one_is_complete(place: str) -> None:
    dispatcher = _pausing()
    older, newer = _Loop(10, 2, place), _Loop(6, 3)
    older.begin(dispatcher)
    newer.begin(dispatcher)
    assert newer.complete
    older.go_on()
    assert isinstance(older.greenlet.value, GreenletExit)
    assert (older.steps, newer.steps) == _PLACES[place]
    assert totals(ramp(dispatcher, 6)) == {"a": 3, "b": 3}


def test_a_newer_ramp_down_undoes_what_an_older_ramp_up_has_begun() -> None:
    dispatcher = _pausing()
    older, newer = _Loop(10, 5, "in a pause"), _Loop(1, 2)
    older.begin(dispatcher)
    newer.begin(dispatcher)
    older.go_on()
    assert (older.steps, newer.steps) == ([5], [3, 1])
    assert totals(ramp(dispatcher, 1)) == {"a": 1, "b": 0}


@pytest.mark.parametrize("place", ["in a pause", "in the loop's body"])
def test_a_ramp_whose_greenlet_was_killed_is_none(place: str) -> None:
    dispatcher = _pausing()
    loop = _Loop(10, 1, place)
    loop.begin(dispatcher)
    assert dispatcher.ramping
    loop.greenlet.kill()
    assert (dispatcher.ramping, dispatcher.missing) == (False, 9)


def test_a_retired_dispatcher_starts_nobody() -> None:
    dispatcher = _pausing()
    loop = _Loop(10, 1, "in a pause")
    loop.begin(dispatcher)
    dispatcher.retire()
    assert not dispatcher.ramping
    loop.go_on()
    assert isinstance(loop.greenlet.value, GreenletExit)
    assert (loop.steps, loop.complete, dispatcher.missing) == ([1], False, 0)
    with pytest.raises(GreenletExit):
        dispatcher.new_dispatch(10, 1)
