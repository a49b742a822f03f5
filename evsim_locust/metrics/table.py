"""The table at the end of a run: how many calls of each action, how many failed, how long they took."""

from __future__ import annotations

from typing import Final

from evsim_locust.metrics.counts import Counts, Row
from evsim_locust.metrics.histogram import Histogram

_HEAD: Final = ("type", "name", "count", "failures", "p50", "p90", "p95", "p99", "max ms")
_QUANTILES: Final = (0.5, 0.9, 0.95, 0.99, 1.0)
_NONE: Final = "-"


def table(counts: Counts) -> str:
    """One line per kind and name, in their order; times in milliseconds, none where nothing was timed."""
    rows = [_cells(kind, name, row) for (kind, name), row in sorted(counts.rows.items())]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    return "\n".join(_line(cells, widths) for cells in (_HEAD, tuple("-" * width for width in widths), *rows))


def milliseconds(seconds: float) -> str:
    """At least three digits of what was measured: 0.123, 1.23, 12.3, 1049."""
    ms = seconds * 1000.0
    digits = 0 if ms >= 100.0 else 1 if ms >= 10.0 else 2 if ms >= 1.0 else 3
    return f"{ms:.{digits}f}"


def _cells(kind: str, name: str, row: Row) -> tuple[str, ...]:
    return (kind, name, str(row.succeeded + row.failed), str(row.failed), *_times(row.latency))


def _times(latency: Histogram) -> tuple[str, ...]:
    if not latency.count:
        return (_NONE,) * len(_QUANTILES)
    return tuple(milliseconds(latency.quantile(q)) for q in _QUANTILES)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    texts = [cell.ljust(width) for cell, width in zip(cells[:2], widths[:2], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return "  ".join(texts + numbers)
