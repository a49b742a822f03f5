"""The composition root: what the plugin does at each of Locust's events. Each listener is a few lines."""

from __future__ import annotations

import gc
import logging
import secrets
import sys
from typing import Any

from locust import events
from locust.runners import MasterRunner, WorkerRunner

from evsim_locust.plugin import ending, start_form, state
from evsim_locust.plugin.arguments import add_options, take_secrets
from evsim_locust.plugin.embedded_csms import EMBEDDED_URL, CsmsNotStarted, EmbeddedCsms
from evsim_locust.plugin.reading import PROFILES_CONTENT, OptionRefused
from evsim_locust.transport.descriptors import raise_limit

_EMBEDDED = "evsim_embedded_csms"  # tells workers that the CSMS is the master's own
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_log = logging.getLogger("evsim_locust")


def register() -> None:
    """Called once, when the plugin is imported; Locust imports it with the locustfile, before it reads options."""
    events.init_command_line_parser.add_listener(_add_options)
    events.init.add_listener(_init)
    events.test_start.add_listener(_test_start)
    events.spawning_complete.add_listener(_spawning_complete)
    events.test_stop.add_listener(_test_stop)
    events.quitting.add_listener(ending.on_quitting)


def _add_options(parser: Any, **_kwargs: Any) -> None:
    add_options(parser)


def _init(environment: Any, runner: Any, web_ui: Any = None, **_kwargs: Any) -> None:
    raise_limit()
    ending.interrupt_main_greenlet()
    mine = state.of(environment)
    mine.secrets = take_secrets(environment.parsed_options)
    if not isinstance(runner, WorkerRunner):
        _check_or_exit(environment)
        _start_csms_or_exit(environment)
        ending.write_reports_at_quit(environment)
    if web_ui is not None:
        start_form.guard(environment, web_ui)


def _test_start(environment: Any, **_kwargs: Any) -> None:
    state.of(environment).forget_run()
    if isinstance(environment.runner, WorkerRunner):
        _check_on_worker(environment)


def _spawning_complete(**_kwargs: Any) -> None:
    """Stations live long: the collector need not walk through them again and again, for a second each at 10,000."""
    gc.freeze()


def _test_stop(**_kwargs: Any) -> None:
    gc.unfreeze()


def _check_or_exit(environment: Any) -> None:
    """Every option is checked before anything starts; what the workers need to know is put where Locust sends it."""
    options = environment.parsed_options
    try:
        run_options = state.of(environment).read()
    except OptionRefused as refused:
        _usage(str(refused))
    if run_options.seed is None:
        options.seed = str(secrets.randbits(31))
        _log.info("--seed %s was drawn; give it again for the same draws", options.seed)
    profiles_file = options.profiles_file.strip()
    if profiles_file:
        with open(profiles_file, encoding="utf-8") as file:
            setattr(options, PROFILES_CONTENT, file.read())


def _start_csms_or_exit(environment: Any) -> None:
    """Without --host the mock CSMS is started, once, by the process that has the web UI."""
    if environment.host:
        return
    try:
        state.of(environment).csms = EmbeddedCsms()
    except CsmsNotStarted as error:
        _usage(f"--host: none was given, and the embedded CSMS did not start: {error}. Give --host, or free its port")
    environment.host = EMBEDDED_URL
    setattr(environment.parsed_options, _EMBEDDED, True)
    kind = "master" if isinstance(environment.runner, MasterRunner) else "runner"
    _log.info("No --host given: the %s started the embedded mock CSMS at %s", kind, EMBEDDED_URL)


def _check_on_worker(environment: Any) -> None:
    """The master has checked the options; on this machine they may still be impossible."""
    try:
        _refuse_foreign_embedded(environment)
        state.of(environment).read()
    except OptionRefused as refused:
        _log.error("%s", refused)
        environment.process_exit_code = 2
        environment.runner.quit()


def _refuse_foreign_embedded(environment: Any) -> None:
    """The embedded CSMS listens on the master's loopback: a worker elsewhere cannot reach it."""
    options = environment.parsed_options
    embedded = getattr(options, _EMBEDDED, False) and environment.host == EMBEDDED_URL
    if embedded and options.master_host not in _LOOPBACK:
        raise OptionRefused("--host: the master uses its embedded CSMS, which this worker cannot reach: give it -H")


def _usage(message: str) -> None:
    print(message, file=sys.stderr)  # noqa: T201  # before any run: this is the command line's answer
    raise SystemExit(2)
