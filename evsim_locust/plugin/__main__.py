"""`python -m evsim_locust.plugin` shows the simulator's options: Locust prints its own help before it reads them."""

from __future__ import annotations

import sys

from locust.argument_parser import get_empty_argument_parser

from evsim_locust.plugin.arguments import add_options


def help_text() -> str:
    """All options of the table, as `locust --help` would show them."""
    parser = get_empty_argument_parser(add_help=False, default_config_files=[])
    add_options(parser)
    text: str = parser.format_help()
    return text[text.index("EV simulator") :]


if __name__ == "__main__":
    sys.stdout.write(help_text())
