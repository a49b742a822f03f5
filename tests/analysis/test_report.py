"""The drawn plots and the page, read back as a browser and an image program would."""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.programs.history_rows import text as time_text
from evsim_locust.analysis.axis import axis_over
from evsim_locust.analysis.gallery import PLOTS, Plot, draw_all
from evsim_locust.analysis.latency import latencies
from evsim_locust.analysis.plots.latency import draw_latency
from evsim_locust.analysis.plots.style import COLOURS, short, styled
from evsim_locust.analysis.report import render
from evsim_locust.analysis.source import opened
from evsim_locust.analysis.study import Study, study_run
from evsim_locust.history import schema
from evsim_locust.history.records import LatencyRecord

pytestmark = pytest.mark.timeout(120)  # to draw all plots takes 5 s on a machine that does nothing else
Fill = Callable[..., Path]
BAD = "<script>alert('$1 & $2')</script> \x07 日本語 of a rather long name"


def quiet(work: str, done: int, of: int) -> None:
    assert 0 <= done <= of, work


@pytest.fixture(scope="module")
def study(example: Path) -> Study:
    with opened(str(example)) as connection:
        return study_run(connection, "", quiet)


NAMES = [f"{BAD} {n}" for n in range(8)]
RUN = {"run_id": BAD[:36]}
CONFIG = {
    "profiles": {NAMES[0]: {"max_energy_kwh": 3.0, "charge_if_price_below": 21}},
    "currency": "$",
    "peak_hours": [3],
    "timezone": "UTC",
}


@pytest.fixture
def odd_study(make: Fill) -> Study:
    """Ten minutes, eight sessions of eight profiles with names that mean harm, many prices, no such peak hour."""
    times = {"started_at": time_text(100), "stopped_at": time_text(700)}
    rows: list[tuple[Any, Any]] = [(schema.runs, {"id": BAD[:36], "config_json": json.dumps(CONFIG), **times})]
    for n, name in enumerate(NAMES):
        rows += odd_rows(n, name)
    with opened(str(make(*rows))) as connection:
        return study_run(connection, "", quiet)


def odd_rows(n: int, name: str) -> Iterator[tuple[Any, Any]]:
    price = 20 + n / 3
    session = {"session_id": str(n), "station_id": "A", "profile": name, "price_at_start": price, "reason": BAD[:20]}
    times = {"start_time": time_text(150 + n), "stop_time": time_text(160 + 20 * n), "energy_kwh": n / 2}
    yield schema.session_history, RUN | session | times
    message = f"{BAD} {n} ($1 > $2) — waiting"
    yield schema.station_logs, RUN | {"timestamp": time_text(150 + n), "station_id": "A", "message": message}
    latency = {"timestamp": time_text(160 + n), "interval_s": 10.0, "action": name[:64], "direction": "sent"}
    figures = {"calls": 3, "failures": 1, "p50_ms": 0.0, "p95_ms": 10.0**n, "p99_ms": 10.0**n, "max_ms": 3e6}
    yield schema.call_latencies, RUN | latency | figures
    yield schema.price_changes, RUN | {"timestamp": time_text(100 + 30 * n), "price": price}


class Page(HTMLParser):
    """What a page has: its tags with attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def figures(study: Study) -> Iterator[tuple[str, Figure]]:
    for name, (_, draw) in PLOTS.items():
        with styled():
            made = draw(study)
        if made is not None:
            yield name, made


def size(image: bytes) -> tuple[int, int]:
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", image[16:24])
    return width, height


@pytest.fixture(scope="module")
def plots(study: Study) -> list[Plot]:
    return list(draw_all(study, quiet))


def test_every_plot_is_drawn(plots: list[Plot]) -> None:
    assert [plot.name for plot in plots] == list(PLOTS)
    for plot in plots:
        width, height = size(plot.image)
        assert width > 600
        assert height > 400


def test_every_plot_tells_its_numbers_and_units(study: Study) -> None:
    for name, made in figures(study):
        assert "n = " in made.get_suptitle(), name
        drawn = [axes for axes in made.axes if axes.get_visible()]
        assert drawn, name
        # Small multiples share the labels of the outer ones.
        assert any(axes.get_ylabel() for axes in drawn), name
        if name not in ("energy_distribution",):
            assert all(axes.get_ylabel() for axes in drawn), name


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("which", ["study", "odd_study"])
def test_nothing_is_drawn_over_the_edge(name: str, which: str, request: pytest.FixtureRequest) -> None:
    _, draw = PLOTS[name]
    with styled():
        made = draw(request.getfixturevalue(which))
        if made is None:
            assert (which, name) == ("odd_study", "connected_stations")  # nobody booted there
            return
        FigureCanvasAgg(made).draw()
        box = made.get_tightbbox()
    width, height = made.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_no_two_series_share_their_colour_and_all_show_on_white() -> None:
    assert len(set(COLOURS)) == len(COLOURS)
    assert all(luminance(colour) < 190 for colour in COLOURS)
    assert all(a != b for a, b in pairwise(COLOURS))


def test_names_are_cut_to_one_short_line() -> None:
    assert short("a\n b") == "a b"
    assert len(short("x" * 99)) == 22


def test_the_page_needs_no_other_and_runs_nothing(study: Study, plots: list[Plot]) -> None:
    page = Page(render(study, plots))
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    assert not any(key.startswith("on") or key == "href" for _, attributes in page.tags for key in attributes)
    images = [attributes["src"] or "" for tag, attributes in page.tags if tag == "img"]
    assert [b64decode(image.removeprefix("data:image/png;base64,")) for image in images] == [
        plot.image for plot in plots
    ]
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_page_has_the_figures(study: Study) -> None:
    texts = Page(render(study, [])).texts
    assert f"{study.energy_kwh:,.3f} kWh" in texts
    for row in study.profiles:
        at = texts.index(row.name)
        assert f"{row.sessions:,}" in texts[at : at + 4]
        assert f"{row.energy_kwh:,.3f}" in texts[at : at + 6]
    for name, count in study.decisions.totals.items():
        assert f"{count:,}" in texts[texts.index(name) :][:3]


def test_texts_of_the_database_are_only_texts(odd_study: Study) -> None:
    page = Page(render(odd_study, []))
    assert not any(tag == "script" for tag, _ in page.tags)
    assert page.open == []
    assert f"{BAD} 0" in page.texts
    assert any(text.startswith(BAD) and text.endswith("— waiting") for text in page.texts)


def test_an_empty_run_has_a_page_without_plots(make: Fill) -> None:
    row = {"id": "r", "started_at": time_text(100), "stopped_at": time_text(100), "config_json": "{}"}
    with opened(str(make((schema.runs, row)))) as connection:
        empty = study_run(connection, "", quiet)
    assert list(draw_all(empty, quiet)) == []
    page = Page(render(empty, []))
    assert any("No session" in text for text in page.texts)
    assert not any(tag == "img" for tag, _ in page.tags)


@pytest.mark.parametrize("times_ms", [(12.0, 12.5), (0.0, 0.0), (1.0, 3_600_000.0)])
def test_latencies_have_figures_on_their_axis_however_near_or_far_they_are(times_ms: tuple[float, float]) -> None:
    rows = [
        LatencyRecord(10.0 * n, 10.0, "Heartbeat", "sent", 5, 0, time, time, time, time)
        for n, time in enumerate(times_ms, 1)
    ]
    with styled():
        made = draw_latency(latencies(rows, axis_over(0.0, 60.0)))
        FigureCanvasAgg(made).draw()
    for axes in made.axes:
        low, high = axes.get_ylim()
        shown = [
            label.get_text()
            for at, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
            if low <= at <= high
        ]
        assert len([text for text in shown if text]) >= 2
        assert low <= max(times_ms[0], 0.001) <= max(times_ms[1], 0.001) <= high
