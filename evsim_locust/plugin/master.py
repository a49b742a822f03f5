"""The side of the control plane that knows everything: a master's, or the whole of it in a single process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gevent
from locust.runners import MasterRunner

from evsim_locust.behaviour.environment import Conditions
from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.identity import Lease, check_station_id
from evsim_locust.control.errors import Refused
from evsim_locust.control.fleet import Fleet
from evsim_locust.control.leases import Leases
from evsim_locust.control.lines import Followers, LineQueue
from evsim_locust.control.messages import (
    Ask,
    Drain,
    Drained,
    Grant,
    Hello,
    Keep,
    MessageRefused,
    Report,
    Settings,
    Spoken,
    Want,
    Written,
    decode,
)
from evsim_locust.control.series import Series
from evsim_locust.control.swarm import PriceTerms
from evsim_locust.control.vitals import Vitals
from evsim_locust.metrics.counts import Counts
from evsim_locust.plugin.asking import Questions
from evsim_locust.plugin.post import Post
from evsim_locust.plugin.ramp import LOCAL, Ramp
from evsim_locust.plugin.run import clock
from evsim_locust.plugin.run_options import RunOptions
from evsim_locust.plugin.summary import summary_of
from evsim_locust.plugin.trust import Trusted

if TYPE_CHECKING:
    from evsim_locust.plugin.chronicle import Chronicle

_DRAIN_SLACK_S = 3.0  # beyond what the workers take: for their messages
_POLL_S = 0.05
_log = logging.getLogger("evsim_locust")


class Master:
    """The `Swarm` of the REST API, on a master's runner or a local one.

    `read` gives the options of the run as they stand; `rows` are those of the stations file; `secret` is what a
    worker must know to get ids, since some come with passwords.
    """

    def __init__(
        self, environment: Any, post: Post, ramp: Ramp, read: Callable[[], RunOptions], secret: str = ""
    ) -> None:
        self._environment, self._post, self._ramp, self._read = environment, post, ramp, read
        self.rows: Sequence[Any] = ()
        self._options = read()
        self._fleet = Fleet()
        self.leases = Leases(self._options.naming)
        self._settings = Settings(1, Conditions(price=self._options.world.price))
        self._first: tuple[str, str] | None = None  # the station that begins the next run, and its profile
        self._next_profile = ""
        self._drained: set[str] = set()
        self._workers: set[str] = set()  # that were given ids in this run
        self._trusted = Trusted(secret)  # nobody else gets a lease
        self._warned = False
        self.began = False
        self.local_report: Callable[[], Report] | None = None
        self.counts = Counts()
        self.vitals = Vitals()
        self.chronicle: Chronicle | None = None
        self._queued: dict[str, int] = {}  # messages that the stations of a worker hold back
        self._questions = Questions(post)
        self._followers = Followers(self._begin_to_follow, self._cease_to_follow)
        post.receive(Hello, self.hello)
        post.receive(Want, self._on_want)
        post.receive(Spoken, self._on_spoken)
        post.receive(Written, self._on_written)
        post.receive(Drained, lambda _drained, worker: self._drained.add(worker))

    # ---- a run begins and ends

    def begin(self) -> None:
        """A new run: all ids are free, the table is empty."""
        self.began = True
        self._options = self._read()
        self._questions.forget_late()
        self._fleet.forget()
        self.leases = Leases(self._options.naming, self.rows)
        self.leases.profile_for_new, self._next_profile = self._next_profile, ""
        self._warned = False
        self.counts.forget()
        self.vitals.begin(clock())
        self._queued.clear()
        if self.chronicle is not None:
            self.chronicle.begin(self._options, self.conditions().price)
        if self._first is not None:
            self.leases.wish(*self._first)
            self._first = None

    def end(self) -> None:
        """The run is over: whatever a worker did not give back in time is no station any more."""
        for worker in self._workers:
            self.leases.release_all(worker)
            self._fleet.lost(worker)
        self._workers.clear()
        self._queued.clear()
        self._ramp.ended()
        if self.chronicle is not None:
            self.refresh()
            self.chronicle.end()
        self.vitals.end()

    def end_ramp(self) -> None:
        """The run ends: its last ramp may neither go on nor tell that the run is on again."""
        self._ramp.end()

    def drain(self) -> None:
        """Have all workers stop their stations and send their last statistics, and wait for it."""
        runner = self._environment.runner
        within_s = self._options.drain_timeout_s
        self._drained.clear()
        self._post.send(Drain(within_s))
        with gevent.Timeout(within_s + _DRAIN_SLACK_S, False):
            while self._alive() - self._drained:
                gevent.sleep(_POLL_S)
        late = self._alive() - self._drained
        if late:
            _log.error("%d of %d workers did not finish within %g s", len(late), len(runner.clients), within_s)

    def _alive(self) -> set[str]:
        clients = self._environment.runner.clients
        return {node.id for node in clients.ready + clients.spawning + clients.running}

    # ---- ids

    def take(self, worker: str) -> Lease | None:
        """An id for a station of that worker; None when the stations file has no more."""
        lease = self.leases.take(worker)
        if lease is not None:
            self._show(lease, worker)
        elif not self._warned:
            self._warned = True
            _log.warning("--stations-file has %d rows: stations beyond that wait for one", len(self.rows))
        return lease

    def release(self, worker: str, station_id: str) -> None:
        """A station has ended."""
        if self.leases.release(worker, station_id):
            self._fleet.gone(station_id)

    def lost(self, worker: str) -> None:
        """A worker is gone: its ids are free."""
        self._queued.pop(worker, None)
        self.vitals.lost(worker)
        free = self.leases.release_all(worker)
        self._fleet.lost(worker)
        if free:
            _log.warning("%d stations of worker %s are lost, their ids are free", len(free), worker)

    def returned(self, worker: str) -> None:
        """A worker that was given up is back: what it still runs belongs to others now."""
        self._keep_only_its_own(worker)
        self._post.send(self._settings, to=worker)

    def _keep_only_its_own(self, worker: str) -> None:
        """What it runs beyond that belongs to others, or was given up."""
        self._post.send(Keep(sorted(self.leases.held_by(worker))), to=worker)

    def _show(self, lease: Lease, worker: str) -> None:
        self._workers.add(worker)
        name = self._options.profile_name_of(lease)
        profile = self._options.profiles[name]
        self._fleet.leased(
            lease.station_id,
            name,
            profile.max_energy_kwh,
            profile.charge_if_price_below,
            profile.allow_peak,
            worker,
        )
        if lease.station_id in self._followers:
            gevent.spawn(self._begin_to_follow, lease.station_id)

    # ---- workers' messages

    def report(self, worker: str, data: Any) -> None:
        """The part of a worker's report that is ours."""
        try:
            report = decode(data, Report)
        except MessageRefused as refused:
            _log.error("a report of %s was ignored: %s", worker, refused)
            return
        if worker in self._trusted:
            self._take(worker, report)
        if report.version < self._settings.version:
            self._post.send(self._settings, to=worker)

    def _take(self, worker: str, report: Report) -> None:
        self._fleet.apply(worker, report.changes, report.energy_wh, report.earnings)
        self._queued[worker] = report.queued
        if report.counted is not None:
            self.counts.merge(report.counted)
            self.vitals.reported(worker, report.counted, clock())
            if self.chronicle is not None:
                self.chronicle.counted(report.counted)

    def _on_written(self, written: Written, worker: str) -> None:
        if self.chronicle is not None and worker in self._trusted:
            self.chronicle.put(written.batch)

    def hello(self, hello: Hello, worker: str) -> None:
        """A worker is there: it is told what holds, if it knows the secret."""
        if self._trusted.admits(hello.secret, worker):
            self._post.send(self._settings, to=worker)

    def _on_want(self, want: Want, worker: str) -> None:
        if not self._trusted.admits(want.secret, worker):
            return
        for station_id in want.released:
            self.release(worker, station_id)
        leases = [lease for _ in range(want.wanted) if (lease := self.take(worker)) is not None]
        if leases:
            self._post.send(Grant(leases), to=worker)

    def _on_spoken(self, spoken: Spoken, _worker: str) -> None:
        for station_id, line in spoken.lines:
            self._followers.put(station_id, line)

    # ---- Swarm

    @property
    def fleet(self) -> Fleet:
        """The rows and totals; in a single process they are brought up to date first."""
        self.refresh()
        return self._fleet

    def refresh(self) -> None:
        """In a single process nobody reports: ask."""
        if self.local_report is not None:
            self._take(LOCAL, self.local_report())

    def queued(self) -> int:
        """Transaction messages that stations hold back until they can be sent."""
        return sum(self._queued.values())

    @property
    def series(self) -> Series:
        """How the run went lately."""
        return self.vitals.series

    def price_terms(self) -> PriceTerms:
        """By the options of the run."""
        return PriceTerms(self._options.world.currency, self._options.world.price)

    def profiles(self) -> Collection[str]:
        """The names of the profiles there are."""
        return self._options.profiles.keys()

    def conditions(self) -> Conditions:
        """The price and the environment that hold now."""
        return self._settings.conditions

    def change(self, **values: object) -> Conditions:
        """Change some of them everywhere, all or none; raises `SettingRefused`."""
        changed = self._settings.conditions.changed(**values)
        if changed != self._settings.conditions:
            if changed.price != self._settings.conditions.price and self.chronicle is not None:
                self.chronicle.price(changed.price)
            self._settings = Settings(self._settings.version + 1, changed)
            self._post.send(self._settings)
        return changed

    def scale(self, count: int, profile: str, spawn_rate: float | None) -> None:
        """Begin to grow or shrink to `count` stations; `profile` is for those that are added."""
        self._check_profile(profile)
        if self.rows and count > len(self.rows):
            raise Refused(422, f"count: --stations-file has {len(self.rows)} rows")
        if not count and not self._ramp.running:
            return
        self._ramp.to(count, spawn_rate)
        if self._ramp.running:
            self.leases.profile_for_new = profile
        else:
            self._next_profile = profile

    def start(self, station_id: str, profile: str) -> None:
        """Start this one; begins a run when none is on."""
        try:
            check_station_id(station_id)
        except SettingRefused as refused:
            raise Refused(422, f"station_id: {refused}") from None
        self._check_profile(profile)
        self._ramp.check_idle()
        if not self._ramp.running:
            self._check_row(station_id)
            self._ramp.to(1, None)  # in a greenlet of its own: it has not begun yet
            self._first = (station_id, profile)
            return
        worker = self._ramp.least_loaded(self._trusted)
        lease = self.leases.claim(worker, station_id, profile)
        self._show(lease, worker)
        self._ramp.count_one(worker, 1)
        try:
            self._ask(
                worker,
                Ask(number=0, what="start", station_id=station_id, action=self._ramp.class_name, lease=lease),
                if_done_late=lambda: self._keep_only_its_own(worker),
            )
        except Refused:
            self._ramp.count_one(worker, -1)
            self.release(worker, station_id)
            raise

    def stop(self, station_id: str) -> None:
        """Stop this one."""
        owner = self.leases.owner_of(station_id)
        if owner is None:
            self._row(station_id)
            raise Refused(409, f"{station_id} does not run")
        self._ramp.check_idle()
        question = Ask(number=0, what="stop", station_id=station_id)
        self._ask(owner, question, if_done_late=lambda: self._ramp.count_one(owner, -1))
        self._ramp.count_one(owner, -1)

    def look(self, station_id: str) -> Mapping[str, Any]:
        """What only its worker knows."""
        found: Mapping[str, Any] = self._ask_owner(station_id, "look")
        return found

    def lines(self, station_id: str, limit: int) -> Sequence[str]:
        """The last lines of its log, newest last."""
        found: Sequence[str] = self._ask_owner(station_id, "lines", limit=limit)
        return found

    def act(self, station_id: str, action: str, parameters: Mapping[str, Any]) -> None:
        """Do something to it."""
        if not self._row(station_id).running:
            raise Refused(409, f"{station_id} does not run")
        self._ask_owner(station_id, "act", action=action, parameters=dict(parameters))

    def follow(self, station_id: str) -> LineQueue:
        """Every new line of its log from now on."""
        self._row(station_id)
        return self._followers.follow(station_id)

    def summary(self) -> Mapping[str, Any]:
        """Figures of the run and of the workers."""
        return summary_of(self._environment, self.fleet, self.vitals, clock())

    # ---- inside

    def _row(self, station_id: str) -> Any:
        row = self.fleet.get(station_id)
        if row is None:
            raise Refused(404, f"no station {station_id[:60]!r}")
        return row

    def _check_profile(self, profile: str) -> None:
        if profile and profile not in self._options.profiles:
            raise Refused(422, f"profile: no {profile[:60]!r}; there are {', '.join(self._options.profiles)}")

    def _check_row(self, station_id: str) -> None:
        if self.rows and all(row.station_id != station_id for row in self.rows):
            raise Refused(404, f"--stations-file has no {station_id}")

    def _ask_owner(self, station_id: str, what: str, **details: Any) -> Any:
        row = self._row(station_id)
        return self._ask(row.worker, Ask(number=0, what=what, station_id=station_id, **details))

    def _ask(self, worker: str, question: Ask, if_done_late: Callable[[], object] | None = None) -> Any:
        if isinstance(self._environment.runner, MasterRunner) and worker not in self._alive():
            raise Refused(409, f"the worker of {question.station_id} is lost")
        return self._questions.ask(worker, question, if_done_late)

    def _begin_to_follow(self, station_id: str) -> None:
        self._tell_about(station_id, "follow")

    def _cease_to_follow(self, station_id: str) -> None:
        self._tell_about(station_id, "unfollow")

    def _tell_about(self, station_id: str, what: str) -> None:
        """A worker that does not answer is found out by other means."""
        try:
            self._ask_owner(station_id, what)
        except Refused as refused:
            _log.debug("%s %s: %s", what, station_id, refused.detail)
