"""What is counted and timed: by each process for itself, and by the master for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from evsim_locust.metrics import labels
from evsim_locust.metrics.delta import Delta, RowData
from evsim_locust.metrics.histogram import Histogram, HistogramData
from evsim_locust.metrics.labels import Kind

_ABORTED: Final = "aborted"


class Row:
    """The samples of one kind and name; `failures` are by outcome, `latency` holds those that were timed."""

    __slots__ = ("failures", "latency", "succeeded")

    def __init__(self) -> None:
        self.succeeded = 0
        self.failures: dict[str, int] = {}
        self.latency = Histogram()

    @property
    def failed(self) -> int:
        """How many did not go well."""
        return sum(self.failures.values())


class Counts:
    """Everything is told once, when it happens; a worker's deltas make the master's counts. All only grow."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """A new run begins with zeros."""
        self.rows: dict[tuple[Kind, str], Row] = {}
        self.phases: dict[str, Histogram] = {}
        self.closes: dict[str, int] = {}
        self.reconnects: dict[str, int] = {}
        self.ended: dict[str, int] = {}
        self.energy_wh: dict[str, int] = {}
        self.started = 0
        self.meter_values = 0
        self.lag = Histogram()

    # ---- facts

    def sample(self, kind: Kind, name: str, milliseconds: float, failure: str | None) -> None:
        """What Locust hears too; 0 ms is what was not timed, and a time-out counts with the time it took."""
        self.samples(kind, name, (milliseconds,), (failure,))

    def samples(self, kind: Kind, name: str, milliseconds: Sequence[float], failures: Sequence[str | None]) -> None:
        """Many of one name; each has its failure, or None, at its place in `failures`."""
        row = self.rows.get((kind, name)) or self._row(kind, name)
        succeeded = failures.count(None)
        row.succeeded += succeeded
        if succeeded < len(failures):
            for failure in failures:
                if failure is not None:
                    _add(row.failures, labels.failure(kind, failure), 1)
        timed = [one * 0.001 for one in milliseconds if one > 0.0]
        if timed:
            row.latency.record_all(timed)

    def opened(self, durations: Mapping[str, float], error: str | None) -> None:
        """The seconds that each phase of an attempt to connect took; those that we broke off ourselves say nothing."""
        if error != _ABORTED:
            for phase, seconds in durations.items():
                self._phase(phase).record(seconds)

    def closed(self, code: int) -> None:
        """A link is gone."""
        _add(self.closes, labels.close_code(str(code)), 1)

    def reconnected(self, reason: str) -> None:
        """A station tries again: `reason` is the close code of its last link, or the error of its last attempt."""
        _add(self.reconnects, labels.reconnecting(reason), 1)

    def transaction_started(self) -> None:
        """One that the central system has in its book, whether energy could flow in it or not."""
        self.started += 1

    def transaction_ended(self, outcome: str) -> None:
        """On the station, for a reason of OCPP's; what is none, such as a killed station, is `other`."""
        _add(self.ended, labels.ending(outcome), 1)

    def meter_value(self) -> None:
        """The meter was read during a transaction."""
        self.meter_values += 1

    def energy(self, profile: str, energy_wh: int) -> None:
        """So much more was delivered to a station of that profile."""
        if energy_wh:
            _add(self.energy_wh, labels.profile(profile), energy_wh)

    def schedule_lag(self, seconds: float) -> None:
        """Something that was due happened so much later."""
        self.lag.record(seconds)

    # ---- from process to process

    def take_delta(self) -> Delta | None:
        """All that was counted, and begin anew; None when that is nothing."""
        delta = Delta(
            rows=[_row_data(kind, name, row) for (kind, name), row in self.rows.items()],
            phases={phase: histogram.to_data() for phase, histogram in self.phases.items()},
            closes=self.closes,
            reconnects=self.reconnects,
            ended=self.ended,
            energy_wh=self.energy_wh,
            started=self.started,
            meter_values=self.meter_values,
            lag=_if_any(self.lag),
        )
        self.forget()
        return None if delta == Delta() else delta

    def merge(self, delta: Delta) -> None:
        """Add what another process has counted; names that it should not have are brought into bounds here too."""
        for data in delta.rows:
            self._merge_row(data)
        for phase, histogram in delta.phases.items():
            self._phase(phase).merge_data(histogram)
        _merge(self.closes, delta.closes, labels.close_code)
        _merge(self.reconnects, delta.reconnects, labels.reconnecting)
        _merge(self.ended, delta.ended, labels.ending)
        _merge(self.energy_wh, delta.energy_wh, labels.profile)
        self.started += delta.started
        self.meter_values += delta.meter_values
        if delta.lag is not None:
            self.lag.merge_data(delta.lag)

    # ---- inside

    def _row(self, kind: Kind, name: str) -> Row:
        """Names that are not known share a row, and are looked up anew each time: they could be many."""
        return self.rows.setdefault((kind, labels.name(kind, name)), Row())

    def _phase(self, phase: str) -> Histogram:
        return self.phases.setdefault(labels.phase(phase), Histogram())

    def _merge_row(self, data: RowData) -> None:
        row = self._row(data.kind, data.name)
        row.succeeded += data.succeeded
        for failure, count in data.failures.items():
            _add(row.failures, labels.failure(data.kind, failure), count)
        if data.latency is not None:
            row.latency.merge_data(data.latency)


def _add(amounts: dict[str, int], label: str, amount: int) -> None:
    amounts[label] = amounts.get(label, 0) + amount


def _merge(into: dict[str, int], amounts: Mapping[str, int], label_of: Callable[[str], str]) -> None:
    for label, amount in amounts.items():
        _add(into, label_of(label), amount)


def _if_any(histogram: Histogram) -> HistogramData | None:
    return histogram.to_data() if histogram.count else None


def _row_data(kind: Kind, name: str, row: Row) -> RowData:
    return RowData(kind, name, row.succeeded, row.failures, _if_any(row.latency))
