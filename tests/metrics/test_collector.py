"""What Prometheus reads: the contract's names, and the numbers of the counts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from evsim_locust.metrics.collector import BOUNDS_S, registry_of, text
from evsim_locust.metrics.counts import Counts
from tests.metrics.sample_run import Standing, happen

PROMTOOL = shutil.which("promtool")
TYPES = {
    "stations_total": "gauge",
    "stations_active": "gauge",
    "transactions_total": "counter",
    "energy_dispensed_kwh_total": "counter",
    "meter_values_total": "counter",
    "evsim_stations": "gauge",
    "evsim_ocpp_calls_total": "counter",
    "evsim_ocpp_call_duration_seconds": "histogram",
    "evsim_ocpp_anomalies_total": "counter",
    "evsim_connects_total": "counter",
    "evsim_connect_duration_seconds": "histogram",
    "evsim_closes_total": "counter",
    "evsim_reconnects_total": "counter",
    "evsim_offline_queue_messages": "gauge",
    "evsim_transactions_ended_total": "counter",
    "evsim_energy_watthours_total": "counter",
    "evsim_price": "gauge",
    "evsim_schedule_lag_seconds": "histogram",
    "evsim_workers": "gauge",
    "evsim_build_info": "gauge",
}
LABELS = {"status", "profile", "action", "direction", "outcome", "phase", "code", "reason", "kind", "version", "le"}
Sample = tuple[str, frozenset[tuple[str, str]]]


def exposition(counts: Counts) -> str:
    return text(registry_of(counts, Standing()))[0].decode()


def samples_of(shown: str) -> dict[Sample, float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(shown)
        for sample in family.samples
    }


@pytest.fixture
def shown() -> str:
    counts = Counts()
    happen(counts)
    return exposition(counts)


def at(shown: str, name: str, **labels: str) -> float | None:
    return samples_of(shown).get((name, frozenset(labels.items())))


def test_the_names_and_types_are_the_contracts(shown: str) -> None:
    typed = dict(line.split()[2:] for line in shown.splitlines() if line.startswith("# TYPE"))
    assert typed == TYPES
    with_samples = {name.removesuffix("_bucket") for name, _labels in samples_of(shown)}
    assert with_samples >= set(TYPES)


def test_no_label_can_name_a_station(shown: str) -> None:
    assert {label for _name, labels in samples_of(shown) for label, _value in labels} == LABELS


def test_the_moment(shown: str) -> None:
    assert at(shown, "stations_total") == 12
    assert at(shown, "stations_active") == 8
    assert at(shown, "evsim_stations", status="offline", profile="busy") == 1
    assert at(shown, "evsim_price") == 18.5
    assert at(shown, "evsim_workers") == 2
    assert at(shown, "evsim_offline_queue_messages") == 7
    assert at(shown, "evsim_build_info", version="0.1.0") == 1


def test_energy_and_transactions(shown: str) -> None:
    assert at(shown, "energy_dispensed_kwh_total") == 12.346
    assert at(shown, "evsim_energy_watthours_total", profile="busy") == 12345
    assert at(shown, "evsim_energy_watthours_total", profile="default") == 1
    assert at(shown, "transactions_total") == 2
    assert at(shown, "evsim_transactions_ended_total", outcome="Local") == 1
    assert at(shown, "meter_values_total") == 1


def test_calls(shown: str) -> None:
    calls = {dict(labels)["outcome"] for name, labels in samples_of(shown) if name == "evsim_ocpp_calls_total"}
    assert calls == {"ok", "Timeout", "InternalError"}
    sent = {"action": "StartTransaction", "direction": "sent"}
    assert at(shown, "evsim_ocpp_calls_total", outcome="Timeout", **sent) == 1
    assert at(shown, "evsim_ocpp_calls_total", outcome="ok", **sent) is None
    assert at(shown, "evsim_ocpp_calls_total", action="Reset", direction="received", outcome="ok") == 1
    assert at(shown, "evsim_ocpp_anomalies_total", kind="LateAnswer") == 1
    assert at(shown, "evsim_ocpp_anomalies_total", kind="MessageDropped") == 0


def test_times(shown: str) -> None:
    heartbeat = {"action": "Heartbeat", "direction": "sent"}
    within = [at(shown, "evsim_ocpp_call_duration_seconds_bucket", le=str(bound), **heartbeat) for bound in BOUNDS_S]
    assert within == [0, 0, 0, 0, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]  # 12, 25 (at its bound) and 31 ms
    assert at(shown, "evsim_ocpp_call_duration_seconds_bucket", le="+Inf", **heartbeat) == 3
    assert at(shown, "evsim_ocpp_call_duration_seconds_count", **heartbeat) == 3
    assert at(shown, "evsim_ocpp_call_duration_seconds_sum", **heartbeat) == 0.068
    assert at(shown, "evsim_ocpp_call_duration_seconds_count", action="Reset", direction="received") is None
    assert at(shown, "evsim_schedule_lag_seconds_sum") == 0.004


def test_connections(shown: str) -> None:
    assert at(shown, "evsim_connects_total", outcome="ok") == 1
    assert at(shown, "evsim_connects_total", outcome="tcp refused") == 1
    sums = {phase: at(shown, "evsim_connect_duration_seconds_sum", phase=phase) for phase in ("dns", "http", "total")}
    assert sums == {"dns": 0.001, "http": 0.005, "total": 0.011}
    assert at(shown, "evsim_closes_total", code="1006") == 1
    assert at(shown, "evsim_reconnects_total", reason="1006") == 1


def test_it_is_read_when_it_is_asked() -> None:
    counts = Counts()
    registry = registry_of(counts, Standing())
    assert at(text(registry)[0].decode(), "transactions_total") == 0
    counts.transaction_started()
    assert at(text(registry)[0].decode(), "transactions_total") == 1
    counts.forget()
    assert at(text(registry)[0].decode(), "transactions_total") == 0


def test_a_run_in_which_nothing_has_happened_is_shown() -> None:
    shown = exposition(Counts())
    typed = dict(line.split()[2:] for line in shown.splitlines() if line.startswith("# TYPE"))
    assert typed == TYPES
    assert at(shown, "evsim_schedule_lag_seconds_count") == 0


class Late(Standing):
    """Who hears of what workers have counted only when it is asked."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def stations(self) -> Mapping[tuple[str, str], int]:
        happen(self._counts)
        return super().stations()


def test_the_gauges_may_bring_the_counts_up_to_date() -> None:
    counts = Counts()
    shown = text(registry_of(counts, Late(counts)))[0].decode()
    now = Counts()
    happen(now)
    assert shown == exposition(now)


class Evil(Standing):
    """Whose names would break a text that does not escape."""

    def stations(self) -> Mapping[tuple[str, str], int]:
        return {("Charging", 'a"b\\c\nd\ud800'): 3}


def test_names_are_escaped() -> None:
    counts = Counts()
    counts.energy('x"} 1\n# TYPE \\', 5)
    shown = text(registry_of(counts, Evil()))[0].decode()
    assert at(shown, "evsim_stations", status="Charging", profile='a"b\\c?d?') == 3
    assert at(shown, "evsim_energy_watthours_total", profile='x"} 1?# TYPE \\') == 5


def test_the_content_type_is_prometheus_text() -> None:
    kind = text(registry_of(Counts(), Standing()))[1]
    assert kind == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_finds_only_the_suffix_of_the_gauge(shown: str) -> None:
    checked = subprocess.run([str(PROMTOOL), "check", "metrics"], input=shown, capture_output=True, text=True)
    assert checked.stderr.splitlines() == ['stations_total non-counter metrics should not have "_total" suffix']
