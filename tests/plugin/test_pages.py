"""What is written into the pages by scripts is what the scripts write now."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsim_locust.plugin.__main__ import help_text
from evsim_locust.plugin.option_table import OPTIONS
from evsim_locust.station.connector_table import TABLE
from scripts import draw_states, write_options

ROOT = Path(__file__).parent.parent.parent


def test_the_readme_lists_the_options_there_are() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert write_options.with_table(page) == page
    assert all(f"`{option.flag}" in page for option in OPTIONS)


def test_the_state_diagram_is_drawn_from_the_table() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert draw_states.with_diagram(page) == page
    assert all(f"{state} --> {following}:" in page for (state, _), following in TABLE.items())


@pytest.mark.parametrize("write", [write_options.with_table, draw_states.with_diagram])
def test_writing_twice_changes_nothing_more(write) -> None:
    marks = "<!-- options: begin -->\nold<!-- options: end --><!-- states: begin -->\nold<!-- states: end -->after"
    once = write(marks)
    assert write(once) == once != marks
    assert once.endswith("after")


def test_the_help_shows_every_option() -> None:
    assert all(f"  {option.flag}" in help_text() for option in OPTIONS)
