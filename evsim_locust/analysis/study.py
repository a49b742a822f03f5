"""One run, read and shaped: all that the plots and the report show."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection

from evsim_locust.analysis import queries
from evsim_locust.analysis.axis import Axis, axis_over
from evsim_locust.analysis.config import RunConfig, read_config, read_zone
from evsim_locust.analysis.hours import Hours
from evsim_locust.analysis.latency import Latencies, latencies
from evsim_locust.analysis.presence import Presence, Sampled
from evsim_locust.analysis.queries import Tell, sample_slot_s
from evsim_locust.analysis.rows import DecisionRow, PresenceRow, PriceRow, RunRow
from evsim_locust.analysis.shaping import (
    MOST_PROFILES,
    Arrivals,
    Connected,
    Decisions,
    EnergyBins,
    Frequency,
    PeakRow,
    PriceImpact,
    ProfileRow,
    arrivals,
    decisions,
    energy_bins,
    frequency,
    peak_rows,
    price_impact,
    profile_rows,
)
from evsim_locust.analysis.tally import SessionTally, leading
from evsim_locust.history.records import LatencyRecord


class Study(Struct, frozen=True, kw_only=True):
    """`profiles` and `peak_by_profile` are complete, what goes into plots is limited to the leading profiles.

    `notes` are whole sentences on what is missing, `reasons` how many sessions ended for which reason.
    """

    run: RunRow
    config: RunConfig
    zone: str
    peak_hours: frozenset[int] | None
    axis: Axis
    sessions: int
    energy_kwh: float
    cost: float
    reasons: dict[str, int]
    profiles: list[ProfileRow]
    peak_by_profile: list[PeakRow]
    price_impact: PriceImpact
    leading_profiles: list[ProfileRow]
    leading_peak: list[PeakRow]
    energy_bins: list[EnergyBins]
    decisions: Decisions
    frequency: Frequency
    arrivals: Arrivals
    connected: Connected
    latencies: Latencies
    notes: list[str]


class _Read(Struct):
    """What has come from the database."""

    tally: SessionTally
    decisions: list[DecisionRow]
    presence: Presence
    sampled: Sampled
    prices: list[PriceRow]
    latencies: list[LatencyRecord]
    unreadable: int = 0


def study_run(connection: Connection, run_id: str, tell: Tell) -> Study:
    """Read a run, the last one for the empty text; `tell` learns how far that is. Raises NothingThere, Unreadable."""
    run = queries.find_run(connection, run_id)
    config, config_notes = read_config(run.config_json)
    zone, zone_name, zone_notes = read_zone(config)
    axis = axis_over(run.started_s, queries.last_seen_s(connection, run))
    hours = Hours(zone, config.peak_hours)
    read = _read(connection, run.run_id, axis, hours, tell)
    notes = [*config_notes, *zone_notes, *_notes(run, config, read)]
    return _shape(run, config, zone_name, hours, read, notes)


def _read(connection: Connection, run_id: str, axis: Axis, hours: Hours, tell: Tell) -> _Read:
    read = _Read(
        SessionTally(axis, hours),
        [],
        Presence(axis),
        Sampled(sample_slot_s(axis.span_s)),
        queries.prices(connection, run_id),
        queries.latencies(connection, run_id),
    )
    expected = queries.count_sessions(connection, run_id)
    for number, session in enumerate(queries.sessions(connection, run_id)):
        if session is None:
            read.unreadable += 1
        else:
            read.tally.add(session)
        if not number % 10_000:
            tell("reading sessions", number, expected)
    for row in queries.log_lines(connection, run_id, axis.span_s, tell):
        if isinstance(row, PresenceRow):
            read.presence.add(row)
        else:
            read.decisions.append(row)
    for sampled in queries.sampled(connection, run_id, axis.span_s, tell):
        read.sampled.add(sampled)
    return read


def _notes(run: RunRow, config: RunConfig, read: _Read) -> list[str]:
    notes = {
        "The run was not ended: it goes on, or was killed. What is here reaches to the last row written.": (
            run.stopped_s is None
        ),
        "No session has ended in this run: there is nothing to compare.": not read.tally.sessions,
        f"{read.unreadable:,} sessions have times or figures that cannot be read; they are left out.": (
            read.unreadable > 0
        ),
        f"At time scale {config.time_scale:g} stations live that many times as fast: all times here are the clock's, "
        "and power, energy over such time, is as many times the stations' own.": config.time_scale != 1.0,
        "The run's configuration names no peak hours.": config.peak_hours is None,
        "The run has no price changes: how long each price held is not known.": not read.prices,
        "The run has no log lines of the policy.": not read.decisions,
        "The run has no latencies of calls: there were none, or it is from before they were kept.": not read.latencies,
    }
    return [text for text, holds in notes.items() if holds]


def _shape(run: RunRow, config: RunConfig, zone: str, hours: Hours, read: _Read, notes: list[str]) -> Study:
    tally, axis = read.tally, read.tally.axis
    ranked = leading(tally.profiles, len(tally.profiles))
    main = leading(tally.profiles, MOST_PROFILES)
    thresholds = {
        name: limits.charge_if_price_below
        for name, limits in config.profiles.items()
        if limits.charge_if_price_below is not None and name in main
    }
    return Study(
        run=run,
        config=config,
        zone=zone,
        peak_hours=hours.peak,
        axis=axis,
        sessions=tally.sessions,
        energy_kwh=sum(profile.energy_wh for profile in tally.profiles.values()) / 1000,
        cost=sum(profile.cost for profile in tally.profiles.values()),
        reasons=dict(tally.reasons.most_common()),
        profiles=profile_rows(ranked, config),
        peak_by_profile=peak_rows(ranked, hours, axis),
        price_impact=price_impact(tally, read.prices, config.currency),
        leading_profiles=profile_rows(main, config),
        leading_peak=peak_rows(main, hours, axis),
        energy_bins=energy_bins(main, config),
        decisions=decisions(read.decisions, axis, read.prices, thresholds),
        frequency=frequency(tally),
        arrivals=arrivals(main, hours, axis),
        connected=Connected(
            axis, read.presence.rows, read.sampled.samples, read.presence.counts(), read.sampled.counts()
        ),
        latencies=latencies(read.latencies, axis),
        notes=notes,
    )
