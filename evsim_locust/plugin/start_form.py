"""Locust's start form: what it sends is checked before Locust writes it into its options; it shows what holds now.

Its script draws a text box for every option of ours, for numbers too. An input of type `number` could be had, but with
no `step` beside it a browser accepts whole numbers only, and prices are none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, before_render_template, jsonify, make_response, request
from locust.argument_parser import default_args_dict

from evsim_locust.plugin import state
from evsim_locust.plugin.option_table import OPTIONS
from evsim_locust.plugin.reading import OptionRefused

_OPTIONS = {option.dest: option for option in OPTIONS}
_OURS = "evsim_"  # what the plugin itself puts into Locust's options begins with this
# What Locust's page sends of Locust's own options. `/swarm` would take all others too, such as the file of a report.
_LOCUSTS = {"user_count", "spawn_rate", "run_time", "host", "profile", "user_classes", "shape_class"}
_MOST_STATIONS = 100_000


def guard(environment: Any, web_ui: Any) -> None:
    """Refuse a start with bad options, and say why; nothing is changed then."""

    def check() -> Response | None:
        if request.endpoint != "locust.swarm":
            return None
        try:
            _check(environment, request.form)
        except OptionRefused as refused:
            body = {"success": False, "message": str(refused), "host": environment.host}
            return make_response(jsonify(body), _status_of_refusal())
        return None

    web_ui.app.before_request(check)


def prefill(web_ui: Any, values: Callable[[], Mapping[str, Any]]) -> None:
    """Fill the form with `values()`, what holds now by the options' dests.

    Locust would fill it with the command line: whoever loads the page anew and edits the run would set options back.
    """

    def fill(_app: Flask, context: dict[str, Any], **_kwargs: Any) -> None:
        shown = context.get("template_args", {}).get("extra_options", {})
        now = values()
        for dest in shown.keys() & now.keys():
            shown[dest]["default_value"] = now[dest]

    before_render_template.connect(fill, web_ui.app, weak=False)


def _status_of_refusal() -> int:
    """400; but Locust's page, and only pages send an Origin, shows a reason only when it comes with a 200."""
    return 200 if "Origin" in request.headers else 400


def _check(environment: Any, form: Mapping[str, str]) -> None:
    """Raises `OptionRefused`; what would not take effect before a new start of Locust is refused too."""
    mine = state.of(environment)
    _refuse_fixed(form)
    _refuse_too_many(form.get("user_count", ""))
    host = form.get("host")
    if host is not None and not host.strip() and mine.csms is None:
        raise OptionRefused("--host: is empty, and the embedded CSMS was not started: give ws:// or wss://")
    mine.read({key: value for key, value in form.items() if key in _OPTIONS}, host)


def _refuse_fixed(form: Mapping[str, str]) -> None:
    fixed = {option.dest: option.flag for option in OPTIONS if option.fixed}
    locusts = default_args_dict().keys() - _LOCUSTS
    for key in form:
        if key in fixed or key in locusts or key.startswith(_OURS):
            raise OptionRefused(f"{fixed.get(key, key)}: cannot be changed here: start Locust anew with it")


def _refuse_too_many(user_count: str) -> None:
    """Whatever is no number is left to Locust, which says so."""
    try:
        too_many = int(user_count) > _MOST_STATIONS
    except ValueError:
        return
    if too_many:
        raise OptionRefused(f"user_count: {user_count[:40]!r} is too many: give at most {_MOST_STATIONS}")
