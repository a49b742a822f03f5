"""Which doors may be open, and whom the swarm may be set upon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evsim_locust.plugin.exposure import check_exposure, check_target, check_user_settings, is_loopback
from evsim_locust.plugin.reading import OptionRefused

CLOSED = {
    "web_host": "127.0.0.1",
    "master_bind_host": "127.0.0.1",
    "distributed": True,
    "web_login": False,
    "token": "",
    "cluster_secret": "",
    "leases_carry_passwords": True,
    "unsafe_remote": False,
}
STARTED = "wss://csms.example/ocpp"


def check(**changes: Any) -> list[str]:
    return check_exposure(**{**CLOSED, **changes})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_loopback_needs_nothing(host: str) -> None:
    assert is_loopback(host)
    assert check(web_host=host, master_bind_host=host) == []


@pytest.mark.parametrize("host", ["", "*", "0.0.0.0", "::", "192.168.1.5", "swarm.example", "localhost.evil.example"])
def test_an_open_web_ui_needs_a_login_or_a_token(host: str) -> None:
    with pytest.raises(OptionRefused, match=r"^--web-host: .* nothing guards it: .*--web-login or --control-token"):
        check(web_host=host)
    assert check(web_host=host, web_login=True) == check(web_host=host, token="x") == []


@pytest.mark.parametrize("host", ["", "*", "0.0.0.0", "192.168.1.5"])
def test_an_open_port_for_workers_needs_the_secret(host: str) -> None:
    with pytest.raises(OptionRefused, match=r"^--master-bind-host: .*EVSIM_CLUSTER_SECRET"):
        check(master_bind_host=host, web_login=True, token="x")
    assert check(master_bind_host=host, cluster_secret="x", leases_carry_passwords=False) == []
    assert check(master_bind_host=host, distributed=False) == []


def test_no_web_ui_is_no_open_one() -> None:
    assert check(web_host=None) == []


def test_passwords_that_travel_unencrypted_are_told_of() -> None:
    (warning,) = check(master_bind_host="*", cluster_secret="x")
    assert "passwords travel to the workers unencrypted" in warning


def test_unsafe_remote_opens_all_and_says_so_for_each() -> None:
    warnings = check(web_host="", master_bind_host="*", unsafe_remote=True)
    assert [warning.split(":")[0] for warning in warnings] == [
        "--web-host",
        "--master-bind-host",
        "--master-bind-host",
    ]
    assert "every interface is open to others" in warnings[0]
    assert "--unsafe-remote leaves it unguarded" in warnings[0]
    assert check(unsafe_remote=True) == []


def test_the_shipped_configuration_is_the_safe_one() -> None:
    text = (Path(__file__).parent.parent.parent / "locust.conf").read_text(encoding="utf-8")
    given = dict(line.split(" = ") for line in text.splitlines() if not line.startswith("#"))
    assert check(web_host=given["web-host"], master_bind_host=given["master-bind-host"]) == []


# ---- targets


@pytest.mark.parametrize(
    "host",
    [
        STARTED,
        "wss://CSMS.example:443/other/{station_id}",
        "ws://127.0.0.1:9000/ocpp",
        "ws://localhost/",
        "wss://[::1]:9000/ocpp",
        " ws://localhost/ ",
    ],
)
def test_loopback_and_the_target_of_the_start_may_be_set(host: str) -> None:
    check_target(host, STARTED, [])


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("wss://victim.example/ocpp", "victim.example:443"),
        ("wss://csms.example:8443/ocpp", "csms.example:8443"),
        ("ws://csms.example:443/ocpp", "csms.example:443"),
        ("wss://csms.example.evil.example/ocpp", "csms.example.evil.example:443"),
        ("ws://localhost.evil.example/", "localhost.evil.example:80"),
        ("ws://[2001:db8::1]/", "[2001:db8::1]:80"),
        ("ws://2130706433/", "2130706433:80"),
    ],
)
def test_another_target_is_refused_and_the_option_named(host: str, named: str) -> None:
    with pytest.raises(OptionRefused) as refused:
        check_target(host, STARTED, ["other.example"])
    assert str(refused.value).startswith("--host: ")
    assert str(refused.value).endswith(f"start Locust with --allow-target {named}")
    check_target(host, STARTED, ["other.example", named])


@pytest.mark.parametrize("allowed", ["*", "Victim.example", " victim.example:443 "])
def test_targets_can_be_allowed(allowed: str) -> None:
    check_target("wss://victim.example/ocpp", STARTED, [allowed])


def test_an_allowed_port_allows_no_other() -> None:
    with pytest.raises(OptionRefused, match="--allow-target"):
        check_target("wss://victim.example:444/ocpp", STARTED, ["victim.example:443"])


def test_nothing_was_started_with() -> None:
    check_target("ws://localhost:9000", "", [])
    with pytest.raises(OptionRefused, match="--allow-target"):
        check_target(STARTED, "", [])


@pytest.mark.parametrize("host", ["http://csms.example", "ws://a:b@csms.example", "", "ws://"])
def test_what_is_no_target_is_refused(host: str) -> None:
    with pytest.raises(OptionRefused, match=r"^--host: "):
        check_target(host, STARTED, ["*"])


def test_locusts_user_route_sets_what_its_page_sends_and_no_more() -> None:
    sent = {"user_class_name": "Station", "host": "", "weight": 1, "fixed_count": 0, "tasks": ["live"]}
    check_user_settings(sent, STARTED, [])
    check_user_settings({**sent, "host": STARTED}, STARTED, [])
    with pytest.raises(OptionRefused, match=r"--allow-target victim\.example:443"):
        check_user_settings({**sent, "host": "wss://victim.example"}, STARTED, [])
    for settings in ({**sent, "script": "x"}, {**sent, "__init__": "x"}):
        with pytest.raises(OptionRefused, match="cannot be set"):
            check_user_settings(settings, STARTED, [])
    with pytest.raises(OptionRefused, match="JSON object"):
        check_user_settings(["x"], STARTED, [])
