"""Locust's real web application, asked by Flask's test client: bad options are refused before anything changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from locust.argument_parser import get_parser
from locust.env import Environment

import evsim_locust.plugin  # noqa: F401  # registers the options
from evsim_locust.plugin import start_form, state
from evsim_locust.plugin.arguments import take_secrets

HOST = "ws://csms.example/ocpp"
FORM = {"user_count": "1", "spawn_rate": "1"}


class Site:
    """An environment without a runner: `/swarm` writes the options and then answers that there is none."""

    def __init__(self) -> None:
        options = get_parser(default_config_files=[]).parse_args(["--basic-auth-key", "planted-secret"])
        self.environment: Any = Environment(user_classes=[], host=HOST, parsed_options=options)
        state.of(self.environment).secrets = take_secrets(options)
        self.web_ui = self.environment.create_web_ui("127.0.0.1", 0, delayed_start=True)
        start_form.guard(self.environment, self.web_ui)
        start_form.prefill(self.web_ui, lambda: {**self.options(), **self.changed})
        self.changed: dict[str, Any] = {}
        self._client = self.web_ui.app.test_client()

    def options(self) -> dict[str, Any]:
        return dict(vars(self.environment.parsed_options))

    def swarm(self, **form: str) -> tuple[int, str]:
        return self.send({**FORM, **form}, {})

    def send(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        answer = self._client.post("/swarm", data=form, headers=headers)
        self.success = answer.json["success"]
        return answer.status_code, answer.json["message"]

    def shown(self) -> dict[str, Any]:
        """What the page's script puts into the form, by option."""
        page = self._client.get("/").text
        found = re.search(r"window\.templateArgs = (\{.*\})", page)
        assert found is not None, page
        return {name: option["default_value"] for name, option in json.loads(found[1])["extra_options"].items()}

    def get(self, path: str) -> int:
        status: int = self._client.get(path).status_code
        return status


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.web_ui.greenlet and made.web_ui.stop()


def test_good_options_reach_locust_as_they_were_written(site: Site) -> None:
    status, message = site.swarm(price="22.5", station_profile="busy:2,idle", host="wss://other.example/")
    assert (status, message) == (200, "No runner")
    options = site.options()
    assert (options["price"], options["station_profile"]) == ("22.5", "busy:2,idle")
    assert site.environment.host == "wss://other.example/"
    read = state.of(site.environment).read()
    assert (read.world.price, read.connection.url.host) == (22.5, "other.example")
    assert read.connection.password == "planted-secret"  # kept apart from the options, still in use


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"price": "nan"}, "--price: 'nan' is wrong: give a number above 0, at most 1e+09"),
        ({"price": ""}, "--price: '' is wrong"),
        ({"time_scale": "1", "station_profile": "bussy"}, "--station-profile: no profile 'bussy'; did you mean busy"),
        ({"peak_hours": "25"}, "--peak-hours: '25': the hours of a day are 0 to 23"),
        ({"host": "http://csms.example/"}, "--host: base URL does not begin with ws:// or wss://"),
        ({"host": " "}, "--host: is empty, and the embedded CSMS was not started"),
        ({"basic_auth_key": "other"}, "--basic-auth-key: cannot be changed here: start Locust anew with it"),
        ({"profiles_file": "mine.toml"}, "--profiles-file: cannot be changed here"),
        ({"evsim_profiles_content": "[mine]"}, "evsim_profiles_content: cannot be changed here"),
        ({"stations_file": "/etc/passwd"}, "--stations-file: cannot be changed here"),
        ({"allow_target": "ws://victim.example/"}, "--allow-target: cannot be changed here"),
        ({"control_token": "mine"}, "--control-token: cannot be changed here"),
        ({"unsafe_remote": "true"}, "--unsafe-remote: cannot be changed here"),
        ({"html_file": "/tmp/planted.html"}, "html_file: cannot be changed here"),
        ({"csv_prefix": "/tmp/planted"}, "csv_prefix: cannot be changed here"),
        ({"user_count": "100001"}, "user_count: '100001' is too many: give at most 100000"),
        ({"user_count": "1" + "0" * 80}, f"user_count: '1{'0' * 39}' is too many"),
    ],
)
def test_bad_options_are_refused_and_change_nothing(site: Site, form: dict[str, str], message: str) -> None:
    before = site.options()
    status, found = site.swarm(**form)
    assert status == 400
    assert found.startswith(message)
    assert site.options() == before
    assert site.environment.host == HOST


def test_locusts_own_page_gets_the_reason_with_a_status_that_it_shows(site: Site) -> None:
    before = site.options()
    status, found = site.send({**FORM, "price": "nan"}, {"Origin": "http://localhost"})
    assert (status, site.success) == (200, False)
    assert found.startswith("--price: 'nan' is wrong")
    assert site.options() == before


def test_what_is_not_ours_is_left_to_locust(site: Site) -> None:
    whole = {"user_count": "100000", "spawn_rate": "1", "run_time": "2m", "profile": "nightly", "mine": "1"}
    assert site.send(whole, {}) == (200, "No runner")
    assert (site.environment.profile, site.options()["num_users"]) == ("nightly", 100_000)
    assert site.swarm(user_count="many") == (200, "Invalid user_count value: 'many' (must be an integer)")


def test_the_form_shows_what_holds_now(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["locust"])  # Locust reads its command line again for each page
    runner = site.environment.create_local_runner()
    try:
        assert site.shown() == {"station_profile": "default", "price": "20", "peak_hours": "", "time_scale": "1"}
        site.environment.parsed_options.station_profile = "busy:2"
        site.changed = {"price": 22.5, "basic_auth_key": "planted-secret", "no_such_option": 1}
        assert site.shown() == {"station_profile": "busy:2", "price": 22.5, "peak_hours": "", "time_scale": "1"}
    finally:
        runner.quit()


def test_an_empty_host_means_the_embedded_csms_when_it_is_there(site: Site) -> None:
    state.of(site.environment).csms = SimpleNamespace()  # type: ignore[assignment]
    assert site.swarm(host="")[0] == 200
    url = state.of(site.environment).read().connection.url
    assert (url.host, url.port) == ("127.0.0.1", 9000)


def test_other_pages_are_not_touched(site: Site) -> None:
    assert site.get("/stats/requests?price=nan") == 200
