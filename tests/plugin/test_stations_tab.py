"""The tab on Locust's real page and the rows in its real statistics, asked by Flask's test client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, request, session
from locust.env import Environment

from evsim_locust.plugin import stations_tab

ROW = {
    "id": "PY-SIM-0001",
    "profile": "busy",
    "status": "Charging",
    "usage_kw": 7.36,
    "energy_kwh": 1.5,
    "worker": "local",
}


class Site:
    """Locust's page with our tab; `rows` is the fleet."""

    def __init__(self, base_path: str = "") -> None:
        self.base_path = base_path
        self.rows: list[dict[str, Any]] = [ROW]
        self.asked: list[int] = []
        environment = Environment(user_classes=[])
        self.runner = environment.create_local_runner()
        self.web_ui = environment.create_web_ui("127.0.0.1", 0, delayed_start=True, web_base_path=base_path)
        stations_tab.install(self.web_ui, self._most)

    def _most(self, most: int) -> list[dict[str, Any]]:
        self.asked.append(most)
        return self.rows[:most]

    def ask(self, path: str, method: str = "GET") -> Any:
        return self.web_ui.app.test_client().open(self.base_path + path, method=method)

    def page(self) -> dict[str, Any]:
        """What the page's script is given."""
        found = re.search(r"window\.templateArgs = (\{.*\})", self.ask("/").text)
        assert found is not None
        arguments: dict[str, Any] = json.loads(found[1])
        return arguments

    def tables(self) -> list[dict[str, Any]]:
        tables: list[dict[str, Any]] = self.ask("/stats/requests").json["extended_stats"]
        return tables

    def close(self) -> None:
        self.runner.quit()


@pytest.fixture(params=["", "/base"])
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("sys.argv", ["locust"])  # Locust reads its command line again for each page
    made = Site(request.param)
    yield made
    made.close()


def test_the_page_has_the_tab_once_however_often_it_is_loaded(site: Site) -> None:
    for _ in range(3):
        page = site.page()
        assert page["extended_tabs"] == [{"key": "evsim-stations", "title": "Stations"}]
        (table,) = page["extended_tables"]
        assert table["key"] == "evsim-stations"
        assert [column["key"] for column in table["structure"]] == list(ROW)
        site.web_ui.update_template_args()
    assert page["state"] == "ready"  # what Locust says is still there


def test_tabs_of_others_stay(site: Site) -> None:
    other = {"key": "other", "title": "Other"}
    site.web_ui.template_args |= {"extended_tabs": [other], "extended_csv_files": [{"title": "Mine", "href": "/mine"}]}
    for _ in range(2):
        page = site.page()
        assert [tab["key"] for tab in page["extended_tabs"]] == ["other", "evsim-stations"]
        assert [link["title"] for link in page["extended_csv_files"]] == ["Mine"]


def test_without_a_dashboard_there_is_no_link(site: Site) -> None:
    site.web_ui.app.add_url_rule("/elsewhere/dashboard", "elsewhere", lambda: "")
    assert site.page()["extended_csv_files"] == []


def test_a_dashboard_is_linked_also_when_it_comes_later_than_the_tab(site: Site) -> None:
    site.web_ui.app.add_url_rule(f"{site.base_path}/dashboard", "dashboard", lambda: "the dashboard")
    (link,) = site.page()["extended_csv_files"]
    assert link["href"] == "./dashboard"  # the page itself ends in a slash
    assert site.ask(link["href"].removeprefix(".")).text == "the dashboard"


def test_the_rows_ride_on_locusts_statistics(site: Site) -> None:
    site.rows = [{**ROW, "more": "not shown"}, {**ROW, "id": "PY-SIM-0002", "status": "</script><b>"}]
    answer = site.ask("/stats/requests")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json["state"] == "ready"
    expected = [ROW, {**ROW, "id": "PY-SIM-0002", "status": "</script><b>"}]
    assert answer.json["extended_stats"] == [{"key": "evsim-stations", "data": expected}]


def test_at_most_500_rows(site: Site) -> None:
    site.rows = [{**ROW, "id": f"PY-SIM-{number:04d}"} for number in range(600)]
    (table,) = site.tables()
    assert (len(table["data"]), table["data"][-1]["id"], site.asked) == (500, "PY-SIM-0499", [500])


def test_the_rows_are_new_in_each_answer_though_locust_keeps_its_own(site: Site) -> None:
    for energy_kwh in (1.0, 2.0, 3.0):
        site.rows = [{**ROW, "energy_kwh": energy_kwh}]
        (table,) = site.tables()
        assert table["data"] == [{**ROW, "energy_kwh": energy_kwh}]


def test_what_is_written_for_one_client_is_not_kept_for_the_next(site: Site) -> None:
    app = site.web_ui.app
    app.secret_key = "of this test"

    @app.before_request
    def remember() -> None:
        session["who"] = request.args["who"]

    for who in ("first", "second"):
        (cookie,) = site.ask(f"/stats/requests?who={who}").headers.getlist("Set-Cookie")
        assert cookie.startswith("session=")


def test_tables_and_headers_of_others_stay(site: Site) -> None:
    @site.web_ui.app.after_request
    def others(answer: Response) -> Response:
        report = {**answer.get_json(), "extended_stats": [{"key": "other", "data": []}]}
        return Response(json.dumps(report), headers={"X-Other": "1"}, mimetype="application/json")

    answer = site.ask("/stats/requests")
    assert answer.headers["X-Other"] == "1"
    assert [table["key"] for table in answer.json["extended_stats"]] == ["other", "evsim-stations"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_other_answers_are_not_touched(site: Site) -> None:
    assert site.ask("/stats/requests", "OPTIONS").status_code == 200
    assert site.ask("/stats/requests", "POST").status_code == 405
    assert site.ask("/exceptions").json == {"exceptions": []}
    assert site.asked == []


def test_who_is_refused_gets_no_rows(site: Site) -> None:
    site.web_ui.app.before_request(lambda: ({"detail": "who are you?"}, 401))
    answer = site.ask("/stats/requests")
    assert (answer.status_code, answer.json, site.asked) == (401, {"detail": "who are you?"}, [])
