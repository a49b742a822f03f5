"""Adds the rows of the option table to Locust's parser, and takes secrets out of what Locust passes around."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from evsim_locust.plugin.option_table import OPTIONS, Option, Shape

_ACTIONS = {Shape.VALUE: "store", Shape.FLAG: "store_true", Shape.LIST: "append"}


def add_options(parser: Any) -> None:
    """Called for every parser that Locust makes, also on every page view: no side effects."""
    for name in dict.fromkeys(option.group for option in OPTIONS):
        group = parser.add_argument_group(f"EV simulator: {name}")
        for option in OPTIONS:
            if option.group == name:
                _add(group, option)


def take_secrets(options: Namespace) -> dict[str, str]:
    """The values of secret options, removed from `options`: Locust sends all of those to the workers."""
    taken = {}
    for option in OPTIONS:
        if option.secret and (value := getattr(options, option.dest, None)):
            taken[option.dest] = value
            setattr(options, option.dest, "")
    return taken


def _add(group: Any, option: Option) -> None:
    keywords: dict[str, Any] = {
        "action": _ACTIONS[option.shape],
        "env_var": option.env_var,
        "help": option.help,
    }
    if option.shape is not Shape.FLAG:
        keywords["metavar"] = option.metavar
        keywords["default"] = option.default if option.shape is Shape.VALUE else []
    action = group.add_argument(option.flag, **keywords)
    # A group's add_argument takes none of Locust's own keywords, so they are set on what it returns.
    action.include_in_web_ui = option.in_form
    action.is_secret = action.is_required = action.is_multiple = False
