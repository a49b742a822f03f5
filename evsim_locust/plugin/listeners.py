"""The composition root: what the plugin does at each of Locust's events. Each listener is a few lines."""

from __future__ import annotations

import gc
import logging
import secrets
import sys
from typing import Any

from locust import events
from locust.runners import MasterRunner, WorkerRunner

from evsim_locust.control.messages import encode
from evsim_locust.plugin import distribution, ending, keeping, state, surface
from evsim_locust.plugin.arguments import add_options, take_secrets
from evsim_locust.plugin.embedded_csms import EMBEDDED_URL, CsmsNotStarted, EmbeddedCsms
from evsim_locust.plugin.reading import PROFILES_CONTENT, OptionRefused
from evsim_locust.transport.descriptors import raise_limit

_EMBEDDED = "evsim_embedded_csms"  # tells workers that the CSMS is the master's own
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REPORT = "evsim"  # the key of our part in Locust's reports
_log = logging.getLogger("evsim_locust")


def register() -> None:
    """Called once, when the plugin is imported; Locust imports it with the locustfile, before it reads options."""
    events.init_command_line_parser.add_listener(_add_options)
    events.init.add_listener(_init)
    events.test_start.add_listener(_test_start)
    events.spawning_complete.add_listener(_spawning_complete)
    events.test_stopping.add_listener(_test_stopping)
    events.test_stop.add_listener(_test_stop)


def _add_options(parser: Any, **_kwargs: Any) -> None:
    add_options(parser)
    # Locust would listen on all interfaces, without any authentication.
    parser.set_defaults(web_host="127.0.0.1", master_bind_host="127.0.0.1")


def _init(environment: Any, runner: Any, web_ui: Any = None, **_kwargs: Any) -> None:
    raise_limit()
    ending.interrupt_main_greenlet()
    mine = state.of(environment)
    mine.secrets = take_secrets(environment.parsed_options)
    if not isinstance(runner, WorkerRunner):
        _check_or_exit(environment)
    distribution.prepare(environment)  # before anything that takes time: workers say hello meanwhile
    if not isinstance(runner, WorkerRunner):
        _start_csms_or_exit(environment)
        ending.write_reports_at_quit(environment)
        _open_surface_or_exit(environment, web_ui)
    _listen_to_reports(environment)
    ending.listen_to_quitting(environment)


def _listen_to_reports(environment: Any) -> None:
    """Ours ride on Locust's, every three seconds."""
    mine, runner = state.of(environment), environment.runner
    if isinstance(runner, WorkerRunner):
        worker = mine.worker
        assert worker is not None

        def add_ours(data: dict[str, Any], **_kwargs: Any) -> None:
            data[_REPORT] = encode(worker.report())

        environment.events.report_to_master.add_listener(add_ours)
    elif isinstance(runner, MasterRunner):
        master = mine.master
        assert master is not None

        def take_ours(client_id: str, data: dict[str, Any], **_kwargs: Any) -> None:
            if _REPORT in data:
                master.report(client_id, data[_REPORT])

        environment.events.worker_report.add_listener(take_ours)


def _test_start(environment: Any, **_kwargs: Any) -> None:
    mine = state.of(environment)
    if isinstance(environment.runner, WorkerRunner) and not _fits_this_machine(environment):
        return
    if mine.master is not None:
        mine.master.begin()
    if mine.worker is not None:
        mine.worker.begin()


def _spawning_complete(**_kwargs: Any) -> None:
    """Stations live long: the collector need not walk through them again and again, for a second each at 10,000."""
    gc.freeze()


def _test_stopping(environment: Any, **_kwargs: Any) -> None:
    """Nothing is lost: stations stop their transactions and get the answers before Locust ends anything."""
    ending.drain(environment)


def _test_stop(environment: Any, **_kwargs: Any) -> None:
    gc.unfreeze()
    mine = state.of(environment)
    if mine.worker is not None:
        mine.worker.end()
    if mine.master is not None:
        mine.master.end()


def _check_or_exit(environment: Any) -> None:
    """Every option is checked before anything starts; what the workers need to know is put where Locust sends it."""
    options, mine = environment.parsed_options, state.of(environment)
    try:
        run_options = mine.read()
        mine.read_master()
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


def _open_surface_or_exit(environment: Any, web_ui: Any) -> None:
    """What the run leaves behind, then the REST API and what guards it."""
    try:
        keeping.open_for(environment)
        surface.open_for(environment, web_ui)
    except (OptionRefused, surface.PortTaken) as refused:
        csms = state.of(environment).csms
        if csms is not None:
            csms.stop()
        _usage(str(refused))


def _fits_this_machine(environment: Any) -> bool:
    """The master has checked the options; on a worker's machine they may still be impossible: then it leaves."""
    try:
        _refuse_foreign_embedded(environment)
        state.of(environment).read()
    except OptionRefused as refused:
        _log.error("%s", refused)
        environment.process_exit_code = 2
        environment.runner.quit()
        return False
    return True


def _refuse_foreign_embedded(environment: Any) -> None:
    """The embedded CSMS listens on the master's loopback: a worker elsewhere cannot reach it."""
    options = environment.parsed_options
    embedded = getattr(options, _EMBEDDED, False) and environment.host == EMBEDDED_URL
    if embedded and options.master_host not in _LOOPBACK:
        raise OptionRefused("--host: the master uses its embedded CSMS, which this worker cannot reach: give it -H")


def _usage(message: str) -> None:
    print(message, file=sys.stderr)  # noqa: T201  # before any run: this is the command line's answer
    raise SystemExit(2)
