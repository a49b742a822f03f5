"""Locust's web UI with the stations' options in its start form."""

from __future__ import annotations

import json
import re
import signal

from .processes import Bench, Locust, until

FORM = {"user_count": 3, "spawn_rate": 3, "station_profile": "busy", "time_scale": "60", "price": "21.5"}


def _page(run: Locust) -> dict:
    """What the page's script is given to show."""
    status, page = run.http("GET", "/")
    assert status == 200
    found = re.search(r"window\.templateArgs = (\{.*\})", page)
    assert found is not None
    return json.loads(found[1])


def test_the_form_is_prefilled_refuses_bad_options_and_starts_a_run(bench: Bench) -> None:
    csms = bench.csms()
    run = bench.web("-H", csms.url, "--peak-hours", "none")
    page = _page(run)
    defaults = {name: option["default_value"] for name, option in page["extra_options"].items()}
    assert defaults == {"station_profile": "default", "price": "20", "peak_hours": "none", "time_scale": "1"}
    assert page["host"] == csms.url
    assert page["state"] == "ready"

    status, body = run.http("POST", "/swarm", {**FORM, "price": "nan"})
    assert status == 400
    assert json.loads(body) == {
        "success": False,
        "message": "--price: 'nan' is wrong: give a number above 0, at most 1e+09",
        "host": csms.url,
    }
    status, body = run.http("POST", "/swarm", {**FORM, "host": "http://127.0.0.1/"})
    assert (status, json.loads(body)["message"][:7]) == (400, "--host:")
    page = _page(run)
    assert (page["state"], page["host"]) == ("ready", csms.url)
    assert csms.get("/api/v1/stations") == []

    status, body = run.http("POST", "/swarm", FORM)
    assert (status, json.loads(body)["success"]) == (200, True)
    until(lambda: run.samples("MeterValues") > 0, "samples of a charging station")
    assert run.samples("BootNotification") == 3
    stats = run.stats()
    assert (stats["state"], stats["user_count"], stats["errors"]) == ("running", 3, [])

    run.signal(signal.SIGINT)
    assert run.exit_code() == 0, run.err
    csms.assert_all_closed()
    assert "Traceback" not in run.err
