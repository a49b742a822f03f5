"""A tab of stations on Locust's own page, and a link there to the dashboard.

The page's script escapes what it shows (React text nodes); here the texts of stations only pass through JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, before_render_template, request, url_for

KEY = "evsim-stations"
MOST_ROWS = 500  # more would make the page slow, as Locust says of its own tables
_TAB = {"key": KEY, "title": "Stations"}
_COLUMNS: tuple[dict[str, Any], ...] = (
    {"key": "id", "title": "Station"},
    {"key": "profile", "title": "Profile"},
    {"key": "status", "title": "Status"},
    {"key": "usage_kw", "title": "Power (kW)", "round": 2},
    {"key": "energy_kwh", "title": "Energy (kWh)", "round": 3},
    {"key": "worker", "title": "Worker"},
)
_TABLE: dict[str, Any] = {"key": KEY, "structure": _COLUMNS}
_LINK = {"title": "Open the dashboard of the stations", "href": "./dashboard"}  # relative, as all links of that page

Rows = Callable[[int], Sequence[Mapping[str, Any]]]


def install(web_ui: Any, fleet_rows: Rows) -> None:
    """Show the tab on every page and fill it; `fleet_rows(most)` gives rows with the columns' keys, in their order."""
    app: Flask = web_ui.app

    def show_tab(_app: Flask, context: dict[str, Any], **_kwargs: Any) -> None:
        if "template_args" in context:
            context["template_args"] = _with_tab(context["template_args"], _has_dashboard(app))

    def add_rows(answer: Response) -> Response:
        is_report = request.endpoint == "locust.request_stats" and answer.status_code == 200 and answer.is_json
        return _with_rows(answer, fleet_rows(MOST_ROWS)) if is_report else answer

    before_render_template.connect(show_tab, app, weak=False)
    app.after_request(add_rows)


def _with_tab(arguments: Mapping[str, Any], has_dashboard: bool) -> dict[str, Any]:
    """What the page's script is given, with our tab and table behind those that are there."""
    added = {"extended_tabs": [_TAB], "extended_tables": [_TABLE], "extended_csv_files": [_LINK] * has_dashboard}
    return {**arguments, **{name: [*arguments.get(name, ()), *ours] for name, ours in added.items()}}


def _has_dashboard(app: Flask) -> bool:
    return app.url_map.bind("").test(url_for("locust.index") + "dashboard")


def _with_rows(answer: Response, rows: Sequence[Mapping[str, Any]]) -> Response:
    """A new response: Locust keeps the one it gave for two seconds and gives it to every client again."""
    report = answer.get_json()
    table = {"key": KEY, "data": [{column["key"]: row[column["key"]] for column in _COLUMNS} for row in rows]}
    report["extended_stats"] = [*report.get("extended_stats", ()), table]
    return Response(json.dumps(report), answer.status, list(answer.headers))
