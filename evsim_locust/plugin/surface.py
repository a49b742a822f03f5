"""Opens the control surface: the REST API, the dashboard, Locust's own UI with our tab, and the door before all."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIEnvironment

import gevent
from flask import Flask, Response, jsonify, make_response, request
from locust.html import DEFAULT_BUILD_PATH
from locust.runners import MasterRunner

from evsim_locust.control import rest
from evsim_locust.control.guard import GuardRules, guard_rules
from evsim_locust.control.hardening import harden
from evsim_locust.dashboard import page
from evsim_locust.plugin import login as login_form
from evsim_locust.plugin import start_form, state, stations_tab
from evsim_locust.plugin.control_server import ControlServer, answer_at_once, check_free
from evsim_locust.plugin.control_server import PortTaken as PortTaken
from evsim_locust.plugin.exposure import SECRET, check_exposure, check_target, check_user_settings
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.master_options import MasterOptions
from evsim_locust.plugin.reading import OptionRefused

_POLL_S = 0.05
_log = logging.getLogger("evsim_locust")


def open_for(environment: Any, web_ui: Any) -> None:
    """On the web UI's port, or on --control-port when headless; raises `OptionRefused` and `PortTaken`."""
    mine = state.of(environment)
    options, master = mine.read_master(), mine.master
    assert master is not None
    _check_exposure(environment, web_ui, options)
    if web_ui is not None:
        _open_web_ui(environment, web_ui, master, options)
    elif options.control_port:
        server = ControlServer(options.control_port)
        _register(environment, server.app, master, beside_locust=False)
        harden(server.app, _rules(environment, options), time.monotonic, _nobody)
        server.start()
        mine.control_server = server
        _log.info("REST API at http://127.0.0.1:%d/stations", server.port)


def _open_web_ui(environment: Any, web_ui: Any, master: Master, options: MasterOptions) -> None:
    check_free("--web-port", web_ui.host, web_ui.port)
    base = environment.parsed_options.web_base_path or ""
    app: Flask = web_ui.app
    is_logged_in = login_form.install(web_ui, os.environ) if web_ui.web_login else _nobody
    _register(environment, app, master, base, web_ui.web_login)
    stations_tab.install(web_ui, partial(_tab_rows, master))
    start_form.guard(environment, web_ui)
    start_form.prefill(web_ui, lambda: {**vars(environment.parsed_options), "price": f"{master.conditions().price:g}"})
    _guard_targets(environment, app, options)
    gevent.spawn(_hurry, web_ui)
    _take_prices(app, master)
    rules = _rules(environment, options, base, login=web_ui.web_login)
    harden(app, rules, time.monotonic, is_logged_in, [Path(DEFAULT_BUILD_PATH)])


def _register(
    environment: Any, app: Flask, master: Master, base: str = "", login: bool = False, beside_locust: bool = True
) -> None:
    metrics = state.of(environment).metrics
    archive = None if master.chronicle is None else master.chronicle.archive
    rest.register(app, master, base, archive, None if metrics is None else metrics.exposition)
    page.register(app, base, login, beside_locust)


def _hurry(web_ui: Any) -> None:
    """Locust makes its server after this, in a greenlet of its own."""
    while getattr(web_ui.server, "socket", None) is None:
        gevent.sleep(_POLL_S)
    answer_at_once(web_ui.server.socket)


def _tab_rows(master: Master, most: int) -> list[dict[str, Any]]:
    """Locust's page wants an `id` of every row."""
    return [{"id": row.station_id, **row.as_json()} for row in master.fleet.page(0, most)[0]]


def _nobody(_environ: WSGIEnvironment) -> bool:
    return False


def _rules(environment: Any, options: MasterOptions, base: str = "", login: bool = False) -> GuardRules:
    try:
        return guard_rules(
            hosts=[environment.parsed_options.web_host or "", *options.allow_hosts],
            origins=options.allow_origins,
            token=options.control_token,
            login=login,
            base_path=base,
        )
    except ValueError as error:
        raise OptionRefused(f"--allow-host or --allow-origin: {error}") from None


def _check_exposure(environment: Any, web_ui: Any, options: MasterOptions) -> None:
    parsed = environment.parsed_options
    passwords = any(row.password for row in options.stations)
    warnings = check_exposure(
        None if web_ui is None else parsed.web_host or "",
        parsed.master_bind_host,
        isinstance(environment.runner, MasterRunner),
        bool(parsed.web_login),
        options.control_token,
        os.environ.get(SECRET, ""),
        passwords,
        options.unsafe_remote,
    )
    for warning in warnings:
        _log.warning("%s", warning)


def _guard_targets(environment: Any, app: Flask, options: MasterOptions) -> None:
    """Whoever reaches the web UI may not turn the swarm on somebody else's system."""
    started = environment.host or ""
    checks: dict[str, Callable[[], None]] = {
        "locust.swarm": lambda: (
            check_target(request.form["host"], started, options.allow_targets)
            if request.form.get("host", "").strip()
            else None
        ),
        "locust.update_user": lambda: check_user_settings(
            request.get_json(force=True, silent=True), started, options.allow_targets
        ),
    }

    def check() -> Response | None:
        try:
            checks.get(request.endpoint or "", lambda: None)()
        except OptionRefused as refused:
            return make_response(jsonify(success=False, message=str(refused), detail=str(refused)), 403)
        return None

    app.before_request(check)


def _take_prices(app: Flask, master: Master) -> None:
    """A price in the start form holds from then on, in a run that is on too."""

    def take(answer: Response) -> Response:
        good = request.endpoint == "locust.swarm" and answer.status_code == 200 and "price" in request.form
        if good and (answer.get_json(silent=True) or {}).get("success"):
            master.change(price=float(request.form["price"]))
        return answer

    app.after_request(take)
