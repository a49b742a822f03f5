"""Write the connector's state diagram into ARCHITECTURE.md, from the table that the station runs on.

`python scripts/draw_states.py` after a change of the table; a test holds the page to it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from evsim_locust.station.connector_table import TABLE

PAGE = Path(__file__).parent.parent / "ARCHITECTURE.md"
BEGIN, END = "<!-- states: begin -->\n", "<!-- states: end -->"


def diagram() -> str:
    """The table as a Mermaid state diagram, one arrow for each pair of states."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), following in TABLE.items():
        arrows.setdefault((state, following), []).append(event.value)
    lines = [f"    {one} --> {other}: {' / '.join(events)}" for (one, other), events in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> Available", *lines, "```", ""])


def with_diagram(page: str) -> str:
    """The page with the diagram between its two marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + diagram() + END + tail


if __name__ == "__main__":
    PAGE.write_text(with_diagram(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
