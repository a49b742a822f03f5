"""What is shipped for Prometheus and Grafana fits what the simulator exports."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from evsim_locust.metrics.collector import registry_of, text
from evsim_locust.metrics.counts import Counts
from tests.metrics.promql import metrics_of
from tests.metrics.sample_run import Standing, happen

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/evsim.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
PROMETHEUS_OWN = {"up"}
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")


def exported() -> set[str]:
    counts = Counts()
    happen(counts)
    shown = text(registry_of(counts, Standing()))[0].decode()
    return {sample.name for family in text_string_to_metric_families(shown) for sample in family.samples}


def expressions() -> Iterator[tuple[str, str]]:
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for rule in RULES:
        yield rule.get("record") or rule["alert"], rule["expr"]


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ("up == 0", {"up"}),
        ('sum by (a, b) (rate(x_total{c="y or z"}[1m]))', {"x_total"}),
        ("histogram_quantile(0.95, sum by (le) (rate(d_bucket[$__rate_interval]))) > 2e3", {"d_bucket"}),
        ("a:b:rate1m / (c > 0) or vector(0) unless on (i) d offset 5m", {"a:b:rate1m", "c", "d"}),
        ("sum(a) by (b) + max_over_time(c[5m:])", {"a", "c"}),
    ],
)
def test_names_are_found_in_expressions(expression: str, metrics: set[str]) -> None:
    assert metrics_of(expression) == metrics


def test_every_metric_that_is_used_is_exported() -> None:
    known = exported() | RECORDED | PROMETHEUS_OWN
    unknown = {place: names for place, expr in expressions() if (names := metrics_of(expr) - known)}
    assert unknown == {}
    assert all(metrics_of(expr) for _place, expr in expressions())


def test_every_metric_that_is_exported_is_shown() -> None:
    shown = {name for panel in PANELS for target in panel.get("targets", ()) for name in metrics_of(target["expr"])}
    families = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in exported()}
    assert families == {name.removesuffix("_bucket") for name in shown}


def test_panels_have_their_own_ids_and_places() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        columns = range(place["x"], place["x"] + place["w"])
        cells = {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
        assert columns.stop <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_dashboard_and_its_provisioning_name_the_same_data_source_and_folder() -> None:
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["current"]["value"] == source["uid"]
    assert {panel["datasource"]["uid"] for panel in PANELS if panel["type"] != "row"} == {"${datasource}"}
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/evsim.yml").read_text())["providers"][0]
    assert f":{provider['options']['path']}" in (DEPLOY / "README.md").read_text()


def test_alerts_say_what_is_wrong_and_what_to_do() -> None:
    alerts = [rule for rule in RULES if "alert" in rule]
    assert alerts
    for alert in alerts:
        assert alert["annotations"].keys() == {"summary", "description"}
        assert alert["labels"]["severity"] in ("warning", "critical")


def promtool(*arguments: str) -> str:
    run = subprocess.run([str(PROMTOOL), *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@needs_promtool
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")
    assert f"SUCCESS: {len(RULES)} rules found" in promtool("check", "rules", "--lint-fatal", "alerts.yml")


@needs_promtool
def test_each_alert_fires_when_it_should_and_only_then() -> None:
    cases = Path(__file__).with_name("alerts_test.yml")
    tested = {
        test["alertname"] for case in yaml.safe_load(cases.read_text())["tests"] for test in case["alert_rule_test"]
    }
    assert tested == {rule["alert"] for rule in RULES if "alert" in rule}
    promtool("test", "rules", str(cases))
