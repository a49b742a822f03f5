"""Locust's start form: what it sends is checked before Locust writes it into its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, make_response, request

from evsim_locust.plugin import state
from evsim_locust.plugin.option_table import OPTIONS
from evsim_locust.plugin.reading import OptionRefused

_OPTIONS = {option.dest: option for option in OPTIONS}
_OURS = "evsim_"  # what the plugin itself puts into Locust's options begins with this


def guard(environment: Any, web_ui: Any) -> None:
    """Answer 400 with the reason to a start with bad options; nothing is changed then."""

    def check() -> Response | None:
        if request.endpoint != "locust.swarm":
            return None
        try:
            _check(environment, request.form)
        except OptionRefused as refused:
            body = {"success": False, "message": str(refused), "host": environment.host}
            return make_response(jsonify(body), 400)
        return None

    web_ui.app.before_request(check)


def _check(environment: Any, form: Mapping[str, str]) -> None:
    """Raises `OptionRefused`; what would not take effect before a new start of Locust is refused too."""
    mine = state.of(environment)
    for key in form:
        option = _OPTIONS.get(key)
        if key.startswith(_OURS) or (option is not None and (option.secret or option.name == "profiles-file")):
            name = key if option is None else option.flag
            raise OptionRefused(f"{name}: cannot be changed here: start Locust anew with it")
    host = form.get("host")
    if host is not None and not host.strip() and mine.csms is None:
        raise OptionRefused("--host: is empty, and the embedded CSMS was not started: give ws:// or wss://")
    mine.read({key: value for key, value in form.items() if key in _OPTIONS}, host)
