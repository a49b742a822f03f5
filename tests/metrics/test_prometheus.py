"""A real Prometheus, with the configuration that is shipped, scrapes a real exporter."""

from __future__ import annotations

import json
import math
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import gevent
import pytest
import yaml

from evsim_locust.metrics.collector import registry_of
from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.exporter import Exporter
from tests.metrics.sample_run import Standing, happen

PROMETHEUS = shutil.which("prometheus")
pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.loopback,
    pytest.mark.timeout(90),
    pytest.mark.skipif(PROMETHEUS is None, reason="prometheus (Debian: prometheus) is not installed"),
]
DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/evsim.json").read_text())
VARIABLES = {"$instance": ".*", "$__rate_interval": "1m"}
WAIT_S = 30.0
T = TypeVar("T")
Result = list[dict[str, Any]]


class NoAnswer(Exception):
    """It has not begun to listen, or is not ready (503)."""


class Server:
    """Its HTTP API; questions are asked in threads, which leave the hub free to serve its scrapes."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self._url, self._process, self._log = f"http://127.0.0.1:{port}/api/v1/", process, log

    def query(self, expression: str) -> Result:
        result: Result = self.get("query", query=expression)["result"]
        return result

    def value(self, expression: str) -> float:
        (series,) = self.query(expression)
        return float(series["value"][1])

    def get(self, path: str, **parameters: str) -> Any:
        url = f"{self._url}{path}?{urllib.parse.urlencode(parameters)}"
        answer = gevent.get_hub().threadpool.apply(_read, (url,))
        if answer is None:
            raise NoAnswer(url)
        assert answer["status"] == "success", answer
        return answer["data"]

    def until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + WAIT_S
        while not self._holds(condition):
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < until, self._log.read_text()
            gevent.sleep(0.1)

    def _holds(self, condition: Callable[[], bool]) -> bool:
        try:
            return condition()
        except (NoAnswer, ValueError):  # ValueError: it has no such series yet
            return False


def _read(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return {"status": refused.code, "url": url, "body": refused.read()} if refused.code != 503 else None
    except OSError:
        return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def shipped_configuration(port: int) -> dict[str, Any]:
    """As it is, but for the port, and faster."""
    config: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    config["global"] = dict.fromkeys(config["global"], "200ms")
    config["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in config["rule_files"]]
    (job,) = config["scrape_configs"]
    (group,) = job["static_configs"]
    assert group["targets"] == ["127.0.0.1:9100"]
    group["targets"] = [f"127.0.0.1:{port}"]
    return config


@pytest.fixture
def counts() -> Counts:
    made = Counts()
    happen(made)
    return made


@pytest.fixture
def server(counts: Counts, tmp_path: Path) -> Iterator[Server]:
    exporter = Exporter(registry_of(counts, Standing()), 0)
    exporter.start()
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(shipped_configuration(exporter.port)))
    port = free_port()
    command = [str(PROMETHEUS), "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{port}"], cwd=tmp_path, stdout=log, stderr=log
        )
    try:
        yield Server(port, process, tmp_path / "log")
    finally:
        process.terminate()
        process.wait(10)
        exporter.stop()


def test_prometheus_has_what_was_counted_and_every_panel_shows_something(server: Server, counts: Counts) -> None:
    server.until(lambda: server.value('up{job="evsim"}') == 1)
    server.until(lambda: server.value("meter_values_total") == 1)
    for _ in range(2):
        happen(counts)
    server.until(lambda: server.value("meter_values_total") == 3)

    assert server.value("stations_total") == 12
    assert server.value("1000 * energy_dispensed_kwh_total") == sum(counts.energy_wh.values()) == 3 * 12_346
    assert server.value("sum(evsim_energy_watthours_total)") == 3 * 12_346
    assert server.value('sum(evsim_ocpp_calls_total{direction="sent"})') == 15
    assert server.value('evsim_ocpp_call_duration_seconds_sum{action="Heartbeat"}') == 0.204
    assert server.value('evsim_ocpp_call_duration_seconds_bucket{action="Heartbeat", le="0.025"}') == 6

    silent = [(title, expression) for title, expression in panels() if not shows(server.query(expression))]
    assert silent == []
    server.until(lambda: all(server.query(name) for name in recorded()))
    health = [rule["health"] for group in server.get("rules")["groups"] for rule in group["rules"]]
    server.until(
        lambda: {rule["health"] for group in server.get("rules")["groups"] for rule in group["rules"]} == {"ok"}
    )
    assert len(health) == len(recorded()) + 9


def panels() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            yield panel["title"], expression


def shows(result: Result) -> bool:
    return bool(result) and all(math.isfinite(float(series["value"][1])) for series in result)


def rules_in(server: Server) -> list[dict[str, Any]]:
    return [rule for group in server.get("rules")["groups"] for rule in group["rules"]]


def recorded() -> list[str]:
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    return [rule["record"] for group in groups for rule in group["rules"] if "record" in rule]
