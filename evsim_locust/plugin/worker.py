"""The side of the control plane that has stations: a worker's, or the whole of it in a single process."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import gevent

from evsim_locust.behaviour.identity import Lease
from evsim_locust.control import details
from evsim_locust.control.errors import Refused
from evsim_locust.control.frame_log import FrameLogs
from evsim_locust.control.messages import Answer, Ask, Drain, Drained, Grant, Keep, Report, Settings, Spoken, Written
from evsim_locust.control.tracking import Tracked, Tracker
from evsim_locust.metrics.counts import Counts
from evsim_locust.plugin.leasing import Desk, RemoteDesk
from evsim_locust.plugin.post import Post
from evsim_locust.plugin.recording import HISTORY_IS_ON, Recorder
from evsim_locust.plugin.run import Run, clock
from evsim_locust.plugin.samples import Samples

if TYPE_CHECKING:
    from evsim_locust.plugin.run_options import RunOptions
    from evsim_locust.plugin.users import StationUser

_PAST_KEPT = 1000  # stations that have ended whose last lines are kept
_CLOSE_S = 1.5  # beyond the drain's time, for close frames
_POLL_S = 0.05
_BEAT_S = 1.0
_SPOKEN_S = 0.1  # lines for listeners are collected for so long
_log = logging.getLogger("evsim_locust")


class Worker:
    """The stations of this process by id, what holds for them, and what the master hears of them."""

    def __init__(self, environment: Any, post: Post, desk: Desk, read: Callable[[], RunOptions]) -> None:
        self._environment, self._post, self.desk, self._read = environment, post, desk, read
        self.stations: dict[str, StationUser] = {}
        self.counts = Counts()
        self.samples = Samples(environment, self.counts)
        self._users: set[StationUser] = set()  # those that left Locust's books, but still end, too
        self._arriving: dict[str, StationUser] = {}  # started by name, and not entered yet
        self._leaving: set[StationUser] = set()
        self._revoked: set[StationUser] = set()  # their ids belong to others by now
        self._past: dict[str, deque[str]] = {}
        self._recorder: Recorder | None = None
        self._tracker = Tracker()
        self._run: Run | None = None
        self._settings: Settings | None = None
        self._followed: set[str] = set()
        self._frames = FrameLogs()
        self._spoken: list[tuple[str, str]] = []
        self.draining = False
        self._pulse: gevent.Greenlet | None = None
        post.receive(Settings, self._on_settings)
        post.receive(Keep, self._on_keep)
        post.receive(Ask, self._on_ask)
        post.receive(Drain, self._on_drain, may_wait=True)
        if isinstance(desk, RemoteDesk):
            post.receive(Grant, lambda grant, _master: desk.granted(grant.leases))

    # ---- the run

    def run(self) -> Run:
        """The current run, made from the options when the first station asks for it."""
        if self._run is None:
            self._run = Run(self._read(), None if self._settings is None else self._settings.conditions)
        return self._run

    def begin(self) -> None:
        """A new run: options may have changed."""
        self._run, self.draining = None, False
        kept = getattr(self._environment.parsed_options, HISTORY_IS_ON, False)
        self._recorder = Recorder(clock) if kept else None
        ended = None if self._recorder is None else self._recorder.ended
        self._tracker = Tracker(self._price(), ended, self._delivered)
        self.counts.forget()
        self._past.clear()
        self._arriving.clear()
        if self._pulse is None:
            self._pulse = gevent.spawn(self._beat)

    def end(self) -> None:
        """The run is over, also for stations that had to be forced out."""
        self._flushed()
        if self._pulse is not None:
            self._pulse.kill(block=False)
            self._pulse = None

    @property
    def drain_timeout_s(self) -> float:
        """How long a station may take to end."""
        return self.run().options.drain_timeout_s

    # ---- the stations

    def entered(self, user: StationUser) -> Tracked:
        """A station begins to live."""
        assert user.station is not None
        self._users.add(user)
        self._arriving.pop(user.station_id, None)
        self.stations[user.station_id] = user
        return self._tracker.watch(user.station_id, user.station, user.profile_name)

    def left(self, user: StationUser, lease: Lease) -> None:
        """A station has ended: its id is free, its last lines are kept for a while."""
        for group in (self._users, self._leaving):
            group.discard(user)
        if self.stations.get(lease.station_id) is user:
            del self.stations[lease.station_id]
            self._frames.close(lease.station_id)
            self._past[lease.station_id] = user.lines
            while len(self._past) > _PAST_KEPT:
                del self._past[next(iter(self._past))]
        if user.tracked is not None:
            self._tracker.forget(user.tracked)
        if user in self._revoked:
            self._revoked.discard(user)
        else:
            self.desk.give_back(lease.station_id)

    def note(self, user: StationUser, event: object) -> None:
        """Something that the master's table may show has changed."""
        if user.tracked is not None:
            self._tracker.note(user.tracked, event)

    def metered(self, station_id: str, energy_wh: int) -> None:
        """A meter sample of a running session."""
        self.counts.meter_value()
        if self._recorder is not None:
            self._recorder.snapshot(station_id, energy_wh)

    def spoke(self, station_id: str, text: str, line: str) -> None:
        """A text in a station's log, and as a line with its time; listeners get it within a tenth of a second."""
        if self._recorder is not None:
            self._recorder.line(station_id, text)
        if station_id in self._followed:
            if not self._spoken:
                gevent.spawn_later(_SPOKEN_S, self._send_spoken)
            self._spoken.append((station_id, line))

    def report(self) -> Report:
        """What happened since the last report."""
        price = self._price()
        found = self._tracker.report(clock(), price)
        version = 0 if self._settings is None else self._settings.version
        queued = sum(user.station.undelivered for user in self._users if user.station is not None)
        return Report(version, found.changes, found.energy_wh, found.earnings, queued, self.counts.take_delta())

    def drain(self, within_s: float | None = None) -> int:
        """Stop all stations, and wait for them at most that long; returns how many are left."""
        self.draining = True
        if not self._alive():
            return self._flushed()
        within_s = self.drain_timeout_s if within_s is None else within_s
        for user in list(self._users):
            user.stop_softly()
        until = clock() + within_s + _CLOSE_S
        while self._alive() and clock() < until:
            gevent.sleep(_POLL_S)
        return self._flushed()

    def _flushed(self) -> int:
        """Nothing waits here any more but the stations that are left, of which it returns the number."""
        self.samples.flush()
        self.desk.flush()
        self._send_written()
        return self._alive()

    def _alive(self) -> int:
        """But for the one that asks: a station's own greenlet may end the run."""
        mine = gevent.getcurrent()
        return sum(user.greenlet is not mine for user in self._users)

    def _delivered(self, tracked: Tracked, energy_wh: int) -> None:
        self.counts.energy(tracked.profile, energy_wh)

    def _beat(self) -> None:
        """Once a second: how late is this process, and what is there to be written?"""
        due = clock() + _BEAT_S
        while True:
            gevent.sleep(max(0.0, due - clock()))
            self.counts.schedule_lag(max(0.0, clock() - due))
            due = max(due + _BEAT_S, clock())
            self._send_written()

    def _send_written(self) -> None:
        batch = None if self._recorder is None else self._recorder.take()
        if batch is not None:
            self._post.send(Written(batch))

    def _price(self) -> float:
        return self.run().environment.price if self._settings is None else self._settings.conditions.price

    # ---- the master's messages

    def _on_settings(self, settings: Settings, _master: str) -> None:
        if self._settings is not None and settings.version <= self._settings.version:
            return
        if self._run is not None:
            self._tracker.settle(clock(), self._price())
        self._settings = settings
        self._tracker.price = settings.conditions.price
        if self._run is not None:
            self._run.environment.conditions = settings.conditions

    def _on_keep(self, keep: Keep, _master: str) -> None:
        kept = set(keep.station_ids)
        for station_id, user in [*self.stations.items(), *self._arriving.items()]:
            if station_id not in kept:
                self._revoked.add(user)
                self._take_out(user)

    def _on_drain(self, drain: Drain, _master: str) -> None:
        left = self.drain(drain.within_s)
        self.send_last_words(left)

    def send_last_words(self, left: int) -> None:
        """The last statistics and reports, and that there is nothing more to come."""
        self.samples.flush()
        self._environment.runner._send_stats()  # Locust's own would come within 3 s, or never
        self._post.send(Drained(left))

    def _on_ask(self, ask: Ask, _master: str) -> None:
        try:
            answer = Answer(ask.number, 200, _ANSWERS[ask.what](self, ask))
        except Refused as refused:
            answer = Answer(ask.number, refused.status, refused.detail)
        except Exception:
            _log.exception("question %r about %s", ask.what, ask.station_id)
            answer = Answer(ask.number, 500, "the worker failed; its log says why")
        self._post.send(answer)

    def _send_spoken(self) -> None:
        spoken, self._spoken = self._spoken, []
        self._post.send(Spoken(spoken[-_PAST_KEPT:]))

    # ---- answers

    def _station(self, ask: Ask) -> StationUser:
        user = self.stations.get(ask.station_id)
        if user is None:
            raise Refused(404, f"no station {ask.station_id} here")
        return user

    def _look(self, ask: Ask) -> Mapping[str, Any]:
        user = self._station(ask)
        assert user.station is not None
        return details.look(user.station, self._frames.of(user.station_id, user.record_frames), now=clock())

    def _lines(self, ask: Ask) -> list[str]:
        user = self.stations.get(ask.station_id)
        lines = self._past.get(ask.station_id, ()) if user is None else user.lines
        return list(lines)[-ask.limit :] if ask.limit > 0 else []

    def _act(self, ask: Ask) -> None:
        user = self._station(ask)
        user.act(ask.action, ask.parameters)
        if user.tracked is not None:  # power set by hand, say, is told by no event
            self._tracker.touch(user.tracked)

    def _start(self, ask: Ask) -> None:
        assert ask.lease is not None
        if self.draining:
            raise Refused(409, "the run is ending")
        if self._is_there(ask.lease.station_id):
            return  # an earlier answer came too late, and it was asked again
        user_class = self._environment.user_classes_by_name[ask.action]
        (user,) = self._environment.runner.spawn_users({user_class.__name__: 1})
        user.lease = ask.lease  # its greenlet has not begun to run yet
        self._arriving[ask.lease.station_id] = user

    def _is_there(self, station_id: str) -> bool:
        arriving, user = self._arriving.get(station_id), self.stations.get(station_id)
        if user is not None:
            return user not in self._leaving
        return arriving is not None and not arriving.greenlet.dead

    def _stop(self, ask: Ask) -> None:
        user = self._station(ask)
        if user in self._leaving:
            raise Refused(409, f"{ask.station_id} is about to stop")
        self._take_out(user)

    def _take_out(self, user: StationUser) -> None:
        """Stop it, and out of Locust's books at once: else the next spawn message would stop another one for it."""
        self._leaving.add(user)
        self._environment.runner.user_greenlets.discard(user.greenlet)
        user.stop_softly()

    def _follow(self, ask: Ask) -> None:
        self._followed.add(ask.station_id)

    def _unfollow(self, ask: Ask) -> None:
        self._followed.discard(ask.station_id)


_ANSWERS: dict[str, Callable[[Worker, Ask], Any]] = {
    "look": Worker._look,
    "lines": Worker._lines,
    "act": Worker._act,
    "start": Worker._start,
    "stop": Worker._stop,
    "follow": Worker._follow,
    "unfollow": Worker._unfollow,
}
