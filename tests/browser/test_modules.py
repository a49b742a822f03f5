"""The page's pure modules by themselves, in the browser that runs them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.processes import Locust


@pytest.fixture(scope="module")
def page(fleet: Locust, chromium: Browser) -> Iterator[Page]:
    """One for all: modules keep nothing between two calls."""
    context = chromium.new_context()
    found = context.new_page()
    found.goto(f"http://127.0.0.1:{fleet.web_port}/dashboard")
    yield found
    context.close()


def run(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """`body` is a function of the module and the argument."""
    script = f"async (argument) => ({body})(await import('/dashboard/static/js/{module}.js'), argument)"
    return page.evaluate(script, argument)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("number(1234.5, 2)", "1,234.50"),
        ("number(null, 2)", "–"),
        ("number(NaN)", "–"),
        ("upTo(20, 1)", "20"),
        ("upTo(12.55, 1)", "12.6"),
        ("money(18.5, '₹')", "₹18.50"),
        ("money(18.5, 'EUR')", "EUR\u00a018.50"),
        ("duration(3723)", "1\u00a0h 02\u00a0min 03\u00a0s"),
        ("duration(59.9)", "59\u00a0s"),
        ("ms(4.24)", "4.2\u00a0ms"),
        ("ms(12345)", "12.3\u00a0s"),
        ("bytes(100 * 1024 * 1024)", "100.0\u00a0MiB"),
        ("bytes(0)", "0\u00a0B"),
        ("shorten('abc', 3)", "abc"),
        ("shorten('abcd', 3)", "ab…"),
        ("shorten('😀😀😀😀', 3)", "😀😀…"),
    ],
)
def test_figures_as_people_read_them(page: Page, call: str, text: str) -> None:
    assert run(page, "format", f"(format) => format.{call}") == text


def test_points_are_put_together_and_a_new_run_begins_anew(page: Page) -> None:
    body = """({ merged }, parts) => {
        let kept = { period_s: 2, last: 0, points: [] };
        const seen = [];
        for (const part of parts) seen.push((kept = merged(kept, part)).points.map(([time]) => time));
        return seen;
    }"""
    parts = [
        {"period_s": 2, "last": 2, "points": [[0], [2]]},
        {"period_s": 2, "last": 2, "points": []},
        {"period_s": 2, "last": 3, "points": [[4]]},
        {"period_s": 2, "last": 5, "points": [[0], [2]]},  # another run
        {"period_s": 2, "last": 1, "points": [[8]]},  # another server
        {"period_s": 2, "last": 401, "points": [[10 + number] for number in range(400)]},
    ]
    seen = run(page, "series", body, parts)
    assert seen[:5] == [[0, 2], [0, 2], [0, 2, 4], [0, 2], [8]]
    assert seen[5] == list(range(110, 410))  # the newest 300


RUN = {
    "state": "running",
    "wanted": 3,
    "stations": {"running": 3, "connected": 3, "faulted": 0},
    "workers": [{"worker": "w1", "cpu_percent": 5, "schedule_lag_s": 0.001}],
}


@pytest.mark.parametrize(
    ("changes", "level", "text"),
    [
        ({}, "good", "All 3 stations connected"),
        (
            {"state": "ready", "wanted": 0, "stations": {"running": 0, "connected": 0, "faulted": 0}},
            "idle",
            "no run yet",
        ),
        ({"state": "spawning"}, "info", "Starting: 3 of 3"),
        ({"stations": {"running": 3, "connected": 1, "faulted": 0}}, "warn", "2 of 3 not connected"),
        ({"stations": {"running": 3, "connected": 0, "faulted": 0}}, "bad", "3 of 3 not connected"),
        ({"stations": {"running": 3, "connected": 3, "faulted": 2}}, "warn", "2 faulted"),
        ({"workers": [{"worker": "w1", "cpu_percent": 97, "schedule_lag_s": None}]}, "warn", "w1 at 97"),
        ({"workers": [{"worker": "w1", "cpu_percent": 5, "schedule_lag_s": 0.25}]}, "warn", "late: w1 by 250"),
        ({"state": "missing", "stations": {"running": 0, "connected": 0, "faulted": 0}}, "bad", "missing"),
    ],
)
def test_the_verdict(page: Page, changes: dict[str, Any], level: str, text: str) -> None:
    found = run(page, "judgement", "({ judgement }, run) => judgement(run)", {**RUN, **changes})
    assert found["level"] == level
    assert text in found["text"]


def test_a_log_has_every_line_once_in_order_whatever_came_first(page: Page) -> None:
    """The backlog is what was said before it was asked for; live lines may come before it, after it, or in it too."""
    draw, cases = random.Random(7), []
    for _ in range(300):
        said = [f"[{number}] line" for number in range(draw.randint(0, 12))]
        opened = draw.randint(0, len(said))  # from here on lines come live
        asked = draw.randint(opened, len(said))  # the backlog has all up to here
        told = draw.randint(asked, len(said))  # and comes after so many
        cases.append({"backlog": said[max(0, asked - 50) : asked], "before": said[opened:told], "after": said[told:]})
        cases[-1]["said"] = said
    body = """({ createLines }, cases) => cases.map(({ backlog, before, after }) => {
        const log = createLines();
        log.opened();
        before.forEach(log.line);
        log.backlog(backlog);
        after.forEach(log.line);
        return log.lines;
    })"""
    assert run(page, "log_lines", body, cases) == [case["said"] for case in cases]


def test_a_log_that_was_interrupted_has_what_was_missed(page: Page) -> None:
    body = """({ createLines }) => {
        const log = createLines();
        log.opened();
        log.backlog(["1", "2"]);
        log.line("3");
        log.opened();
        log.backlog(["2", "3", "4", "5"]);
        log.line("6");
        return log.lines;
    }"""
    assert run(page, "log_lines", body) == ["1", "2", "3", "4", "5", "6"]


def test_a_log_keeps_only_so_many_lines(page: Page) -> None:
    body = """({ createLines }) => {
        const log = createLines(3);
        log.opened();
        log.backlog([]);
        for (const text of ["1", "2", "3", "4"]) log.line(text);
        return [log.lines, log.added()];
    }"""
    assert run(page, "log_lines", body) == [["2", "3", "4"], 4]


def test_energy_of_the_open_transaction_only(page: Page) -> None:
    body = "({ pointsBefore }, { past, first }) => pointsBefore(past, first)"
    snapshots = [
        {"timestamp": f"2026-01-01T00:00:{second:02d}Z", "energy_delivered_kwh": energy}
        for second, energy in ((40, 2.0), (30, 1.0), (20, 9.0), (10, 8.0))
    ]
    found = run(page, "drawer/points", body, {"past": {"snapshots": snapshots, "sessions": []}, "first": [4e12, 3.0]})
    assert [energy for _, energy in found] == [1.0, 2.0]
    sessions = [{"start_time": "2026-01-01T00:00:05Z", "stop_time": "2026-01-01T00:00:35Z"}]
    found = run(
        page, "drawer/points", body, {"past": {"snapshots": snapshots, "sessions": sessions}, "first": [4e12, 3]}
    )
    assert [energy for _, energy in found] == [2.0]


def test_frames_are_named_by_their_action(page: Page) -> None:
    frames = [
        {"direction": "sent", "frame": '[2,"a1","Heartbeat",{}]'},
        {"direction": "received", "frame": '[3,"a1",{"currentTime":"2026-01-01T00:00:00Z"}]'},
        {"direction": "received", "frame": '[4,"zz","NotSupported","<b>",{}]'},
        {"direction": "received", "frame": "(withheld: it may hold a secret)"},
        {"direction": "received", "frame": "garbage"},
    ]
    found = run(page, "drawer/frame", "({ described }, frames) => described(frames).map(({ name }) => name)", frames)
    assert found == [
        "Heartbeat",
        "Heartbeat answered",
        "CALLERROR refused: NotSupported",
        "(withheld: it may hold a secret)",
        "no OCPP frame",
    ]


def test_the_feed_backs_off_tells_once_and_sleeps_with_its_tab(page: Page) -> None:
    body = """async ({ createFeed }) => {
        const told = [], delays = [];
        let answer = () => ({ series: { period_s: 2, last: 0, points: [] } });
        let timer = null, hidden = false, visibility = null, polls = 0;
        const world = {
            now: () => 42, random: () => 1,
            setTimeout: (fn, delay) => { delays.push(delay); timer = fn; return 1; },
            clearTimeout: () => { timer = null; },
            isHidden: () => hidden, onVisibilityChange: (fn) => { visibility = fn; },
            report: (error) => { throw error; },
        };
        const feed = createFeed({ overview: async () => { polls += 1; return answer(); } }, world);
        feed.subscribe((overview, status) => told.push([status.online, status.lostSince]));
        const settle = () => new Promise((done) => setTimeout(done, 0));
        const tick = async () => { const next = timer; timer = null; next(); await settle(); };
        feed.refresh(); await settle();
        answer = () => { throw { status: 0, detail: "no connection" }; };
        for (let n = 0; n < 6; n++) await tick();
        answer = () => ({ series: { period_s: 2, last: 0, points: [] } });
        await tick();
        hidden = true; visibility();
        const asleep = [timer, polls];
        feed.refresh(); await settle();
        hidden = false; visibility(); await settle();
        return { told, delays, asleep, polls };
    }"""
    found = run(page, "feed", body)
    assert found["told"] == [[True, None], *[[False, 42]] * 6, [True, None], [True, None]]
    assert found["delays"] == [1000, 1000, 2000, 4000, 8000, 15000, 15000, 1000, 1000]
    assert found["asleep"] == [None, 8]
    assert found["polls"] == 9
