"""What is asked of the database. Counting is done there; sessions, lines and samples come in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, inspect, select

from evsim_locust.analysis.errors import NothingThere, Unreadable
from evsim_locust.analysis.rows import DecisionRow, PresenceRow, PriceRow, RunRow, SampledRow, SessionRow
from evsim_locust.history.records import LatencyRecord
from evsim_locust.history.schema import (
    call_latencies,
    energy_snapshots,
    price_changes,
    runs,
    session_history,
    station_logs,
)

Tell = Callable[[str, int, int], None]

_PIECE: Final = 200_000  # ids
_MOST_SLOTS, _MOST_SAMPLE_SLOTS = 3600, 150
_STREAMED: Final = {"yield_per": 10_000}  # rows held at once
_BOOTED, _SHUT_DOWN = "BootNotification accepted", "Station shutting down"
_WAITING, _STOPPING, _STARTED = " — waiting", " — stopping", "Charging started ("
_Slot = tuple[int, int, str]
# A slot's length in seconds, how many characters of a time it has in common, and what completes them to a time.
_SLOTS: Final[tuple[_Slot, ...]] = (
    (1, 19, ""),
    (10, 18, "0"),
    (60, 16, ":00"),
    (600, 15, "0:00"),
    (3600, 13, ":00:00"),
)


_RUN = runs.c
# Named: a history of an earlier version has fewer columns.
_RUNS: Final = select(_RUN.id, _RUN.started_at, _RUN.stopped_at, _RUN.config_json).order_by(
    _RUN.started_at.desc(), _RUN.id.desc()
)


def seconds(timestamp: str) -> float:
    """A time of the history in seconds since the epoch; raises Unreadable."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except (ValueError, TypeError):
        raise Unreadable(f"the history holds a time that is none: {str(timestamp)[:40]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_slot_s = lru_cache(4096)(seconds)  # the same few slots come again and again


def list_runs(connection: Connection) -> list[tuple[RunRow, int]]:
    """All runs with the number of their sessions, the newest first."""
    counts: dict[str | None, int] = {
        run_id: count
        for run_id, count in connection.execute(
            select(session_history.c.run_id, func.count()).group_by(session_history.c.run_id)
        )
    }
    rows = connection.execute(_RUNS)
    return [(_run(row), counts.get(row.id, 0)) for row in rows]


def find_run(connection: Connection, run_id: str) -> RunRow:
    """The run of that id, the last one for the empty text; raises NothingThere."""
    wanted = _RUNS.limit(1)
    row = connection.execute(wanted.where(runs.c.id == run_id) if run_id else wanted).first()
    if row is None:
        if run_id:
            raise NothingThere(f"there is no run {run_id[:60]!r} in this history; --list shows the runs")
        raise NothingThere("this history holds no run yet: run a swarm with it first")
    return _run(row)


def _run(row: Any) -> RunRow:
    stopped_s = seconds(row.stopped_at) if row.stopped_at else None
    return RunRow(row.id, seconds(row.started_at), stopped_s, row.config_json)


def last_seen_s(connection: Connection, run: RunRow) -> float:
    """When the run ended, or when it was heard of last."""
    if run.stopped_s is not None:
        return run.stopped_s
    times = [run.started_s]
    for column in (session_history.c.stop_time, station_logs.c.timestamp, energy_snapshots.c.timestamp):
        newest = select(column).where(column.table.c.run_id == run.run_id).order_by(column.table.c.id.desc()).limit(1)
        found = connection.scalar(newest)
        if found:
            times.append(seconds(found))
    return max(times)


def count_sessions(connection: Connection, run_id: str) -> int:
    """The number of sessions of a run."""
    wanted = select(func.count()).select_from(session_history).where(session_history.c.run_id == run_id)
    return int(connection.scalar(wanted) or 0)


def sessions(connection: Connection, run_id: str) -> Iterator[SessionRow | None]:
    """The sessions of a run in no order; None for one whose times or energy cannot be read."""
    of = session_history.c
    wanted = select(of.profile, of.start_time, of.stop_time, of.energy_kwh, of.price_at_start, of.cost, of.reason)
    for piece in connection.execute(wanted.where(of.run_id == run_id), execution_options=_STREAMED).partitions():
        yield from map(_session, piece)


def _session(row: Any) -> SessionRow | None:
    profile, start, stop, energy_kwh, price, cost, reason = row
    try:
        start_s = seconds(start)
        stop_s = max(seconds(stop), start_s) if stop else None
        energy_wh = round(energy_kwh * 1000)
        price = None if price is None else float(price)
        cost = float(cost or 0)
    except (Unreadable, ValueError, TypeError, OverflowError):
        return None
    if energy_wh < 0 or not isfinite(cost) or (price is not None and not isfinite(price)):
        return None
    return SessionRow(profile or "(none)", start_s, stop_s, energy_wh, price, cost, reason or "(none)")


def prices(connection: Connection, run_id: str) -> list[PriceRow]:
    """The prices of a run in order of time."""
    of = price_changes.c
    rows = connection.execute(select(of.timestamp, of.price).where(of.run_id == run_id).order_by(of.timestamp, of.id))
    return [PriceRow(seconds(timestamp), price) for timestamp, price in rows]


def latencies(connection: Connection, run_id: str) -> list[LatencyRecord]:
    """How long calls took; nothing in a history from before that was kept. Raises Unreadable."""
    if not inspect(connection).has_table(call_latencies.name):
        return []
    of = call_latencies.c
    times = of.p50_ms, of.p95_ms, of.p99_ms, of.max_ms
    wanted = select(of.timestamp, of.interval_s, of.action, of.direction, of.calls, of.failures, *times)
    rows = connection.execute(wanted.where(of.run_id == run_id), execution_options=_STREAMED)
    return [LatencyRecord(_slot_s(timestamp), *figures) for timestamp, *figures in rows]


def log_lines(connection: Connection, run_id: str, span_s: float, tell: Tell) -> Iterator[DecisionRow | PresenceRow]:
    """The policy's decisions, counted, and the stations that came and went, each station's in order."""
    slots = _fit(_SLOTS, span_s, _MOST_SLOTS)
    for mine in _pieces(connection, station_logs, run_id, "reading log lines", tell):
        yield from _decisions(connection, mine, slots)
        yield from _presence(connection, mine)


def _decisions(connection: Connection, mine: ColumnElement[bool], slots: _Slot) -> Iterator[DecisionRow]:
    message = station_logs.c.message
    started = message.startswith(_STARTED, autoescape=True)
    waiting, stopping = (message.endswith(end, autoescape=True) for end in (_WAITING, _STOPPING))
    slot, complete = _slot(station_logs.c.timestamp, slots)
    kind = case((started, "started"), (waiting, "waiting"), (stopping, "stopping"))
    # The price and the tag in "Charging started (...)" would make each line a group of its own.
    text = case((started, _STARTED), else_=message)
    lines = select(slot.label("slot"), kind.label("kind"), text.label("text")).where(mine).subquery()
    # Grouped outside: PostgreSQL does not see that two expressions with parameters are the same.
    groups = lines.c.slot, lines.c.kind, lines.c.text
    counted = select(*groups, func.count()).where(lines.c.kind.is_not(None)).group_by(*groups)
    for at, what, line, count in connection.execute(counted):
        yield DecisionRow(_slot_s(at + complete), what, _reason(line), count)


def _presence(connection: Connection, mine: ColumnElement[bool]) -> Iterator[PresenceRow]:
    of = station_logs.c
    wanted = select(of.timestamp, of.station_id, of.message).where(mine, of.message.in_((_BOOTED, _SHUT_DOWN)))
    for at, station_id, message in connection.execute(wanted.order_by(of.id)):
        yield PresenceRow(seconds(at), station_id, message == _BOOTED)


def _reason(message: str) -> str:
    """The constant beginning of a reason: the figures follow in parentheses."""
    return message.removesuffix(_WAITING).removesuffix(_STOPPING).partition(" (")[0]


def sample_slot_s(span_s: float) -> int:
    """How long the slots of `sampled` are: a minute at least, in which each station that charges gives a sample."""
    return _fit(_SLOTS[2:], span_s, _MOST_SAMPLE_SLOTS)[0]


def sampled(connection: Connection, run_id: str, span_s: float, tell: Tell) -> Iterator[SampledRow]:
    """The stations that gave a meter sample, each once or a few times in each slot."""
    of = energy_snapshots.c
    slot, complete = _slot(of.timestamp, _fit(_SLOTS[2:], span_s, _MOST_SAMPLE_SLOTS))
    for mine in _pieces(connection, energy_snapshots, run_id, "reading samples", tell):
        for at, station_id in connection.execute(select(slot, of.station_id).where(mine).distinct()):
            yield SampledRow(_slot_s(at + complete), station_id)


def _fit(slots: tuple[_Slot, ...], span_s: float, most: int) -> _Slot:
    """The finest slots of which a run has at most so many, or the coarsest."""
    return next((slot for slot in slots if span_s / slot[0] <= most), slots[-1])


def _slot(column: ColumnElement[str], slot: _Slot) -> tuple[ColumnElement[str], str]:
    """The beginning of a time, and what makes it a time again."""
    _, length, complete = slot
    return func.substr(column, 1, length), complete


def _pieces(connection: Connection, table: Table, run_id: str, work: str, tell: Tell) -> Iterator[ColumnElement[bool]]:
    """Conditions that cut the rows of a run into ranges of ids, so that each answer is soon there and small."""
    ids = select(table.c.id).where(table.c.run_id == run_id).limit(1)
    first = connection.scalar(ids.order_by(table.c.id))
    last = connection.scalar(ids.order_by(table.c.id.desc()))
    if first is None or last is None:
        return
    for low in range(first, last + 1, _PIECE):
        tell(work, low - first, last + 1 - first)
        yield and_(table.c.run_id == run_id, table.c.id >= low, table.c.id < low + _PIECE)
