"""Write the table of options into README.md, from the rows that the parser is built of.

`python scripts/write_options.py` after a change of the options; a test holds the page to it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from evsim_locust.plugin.option_table import OPTIONS, Option

PAGE = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- options: begin -->\n", "<!-- options: end -->"


def table() -> str:
    """All options in Markdown, one line each."""
    rows = ["| option | default | |", "|---|---|---|", *(_row(option) for option in OPTIONS)]
    return "\n".join(rows) + "\n"


def with_table(page: str) -> str:
    """The page with the table between its two marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + table() + END + tail


def _row(option: Option) -> str:
    name = f"{option.flag} {option.metavar}".strip().replace("|", "\\|")
    return f"| `{name}` | {f'`{option.default}`' if option.default else ''} | {option.help} |"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
