"""The tables of the report: headings and rows of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from evsim_locust.analysis.latency import ActionRow
from evsim_locust.analysis.shaping import Part, PriceLevel, ProfileRow
from evsim_locust.analysis.spread import Spread
from evsim_locust.analysis.study import Study
from evsim_locust.analysis.words import duration_text, hours_text, time_text


class Table(Struct, frozen=True):
    """The first column holds names, the others figures."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def tables(study: Study) -> Iterator[Table]:
    """All that have rows."""
    for make in _TABLES:
        table = make(study)
        if table.rows:
            yield table


def _run(study: Study) -> Table:
    run, span_s = study.run, study.axis.span_s
    rows = [
        ["Run", run.run_id],
        ["Started", time_text(run.started_s)],
        ["Stopped", time_text(run.stopped_s) if run.stopped_s is not None else "not recorded"],
        ["Length", duration_text(span_s)],
        ["Sessions", f"{study.sessions:,}"],
        ["Energy", f"{study.energy_kwh:,.3f} kWh"],
        ["Cost", f"{study.config.currency}{study.cost:,.2f}"],
        ["Peak hours", "not told" if study.peak_hours is None else f"{hours_text(study.peak_hours)} ({study.zone})"],
    ]
    return Table("The run", ["", ""], rows)


def _profiles(study: Study) -> Table:
    heads = ["Profile", "Sessions", "Energy kWh", "Energy p10 / p50 / p90 kWh", "Duration p10 / p50 / p90 min"]
    heads += ["Cost", "Cap kWh", "At cap", "Charges at price up to", "At peak hours"]
    return Table("Profiles", heads, [_profile(row) for row in study.profiles])


def _profile(row: ProfileRow) -> list[str]:
    return [
        row.name,
        f"{row.sessions:,}",
        f"{row.energy_kwh:,.3f}",
        _spread(row.energy_spread_kwh, 2),
        _spread(row.duration_spread_min, 1),
        f"{row.cost:,.2f}",
        _optional(row.cap_kwh),
        "" if row.at_cap is None else f"{row.at_cap:,}",
        _optional(row.threshold),
        {True: "yes", False: "no", None: ""}[row.allow_peak],
    ]


def _peak(study: Study) -> Table:
    heads = ["Profile", "Sessions at peak", "per hour", "mean kWh", "Sessions off-peak", "per hour", "mean kWh"]
    rows = [[row.name, *_part(row.peak), *_part(row.off_peak)] for row in study.peak_by_profile]
    return Table("Peak and off-peak", heads, rows)


def _part(part: Part) -> list[str]:
    per_hour = f"{part.sessions_per_hour:,.2f}" if part.spent_s else "no such hour"
    return [f"{part.sessions:,}", per_hour, f"{part.mean_kwh:,.2f}" if part.sessions else ""]


def _prices(study: Study) -> Table:
    heads = ["Price per kWh at the start", "Held", "Sessions", "Energy kWh", "Sessions per hour held"]
    return Table("Prices", heads, [_level(level) for level in study.price_impact.levels])


def _level(level: PriceLevel) -> list[str]:
    held = duration_text(level.held_s) if level.held_s else "not known"
    rate = f"{level.per_hour(level.sessions):,.2f}" if level.held_s else ""
    return [level.label, held, f"{level.sessions:,}", f"{level.energy_kwh:,.3f}", rate]


def _latencies(study: Study) -> Table:
    heads = ["Action", "Calls", "Failures", "p50 ms", "p95 ms", "p99 ms", "Slowest ms"]
    title = "Latency per action (percentiles: medians of the intervals, weighted by calls)"
    return Table(title, heads, [_action(row) for row in study.latencies.actions])


def _action(row: ActionRow) -> list[str]:
    times = [_latency(value) for value in (row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms)]
    return [row.name, f"{row.calls:,}", f"{row.failures:,}", *times]


def _latency(ms: float | None) -> str:
    """At least three digits of what was measured."""
    return "" if ms is None else f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def _reasons(study: Study) -> Table:
    rows = [[reason, f"{count:,}"] for reason, count in study.reasons.items()]
    return Table("Why sessions ended", ["Reason", "Sessions"], rows)


def _decisions(study: Study) -> Table:
    rows = [[name, f"{count:,}"] for name, count in study.decisions.totals.items()]
    return Table("What the policy decided", ["Decision", "Log lines"], rows)


def _spread(spread: Spread | None, digits: int) -> str:
    if spread is None:
        return ""
    return " / ".join(f"{value:,.{digits}f}" for value in (spread.p10, spread.p50, spread.p90))


def _optional(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


_TABLES: tuple[Callable[[Study], Table], ...] = (_run, _profiles, _prices, _peak, _latencies, _decisions, _reasons)
