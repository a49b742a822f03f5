"""What careless users, slow workers and strangers do to the control plane; the books stay true."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .processes import Bench, Child, Csms, Locust, free_port, rest, until
from .test_control_plane import SLOW, ids, join, on_two_workers, scale

_DEAD_AFTER_S = 3.0  # Locust's: three heartbeats


def connected(csms: Csms) -> set[str]:
    return {row["station_id"] for row in csms.get("/api/v1/stations") if row["connected"]}


@contextmanager
def stalled(child: Child) -> Iterator[None]:
    """It stands still, as on a machine that swaps, and then goes on."""
    child.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        child.signal(signal.SIGCONT)


def ask_all(swarm: Locust, requests: list[tuple[str, str]]) -> dict[str, int]:
    """POST start or stop of each station at the same time; the statuses by id."""
    found: dict[str, int] = {}

    def ask(verb: str, station_id: str) -> None:
        url = f"http://127.0.0.1:{swarm.web_port}/stations/{verb}"
        found[station_id] = rest("POST", url, {"station_id": station_id})[0]

    threads = [threading.Thread(target=ask, args=request) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_what_a_stalled_worker_was_asked_meanwhile_leaves_the_books_true(bench: Bench) -> None:
    """It answers after the 504, before it is declared lost: a late start is undone, a late stop is counted."""
    csms = bench.csms()
    swarm = on_two_workers(bench, csms)
    scale(swarm, 40)
    rows = swarm.running()
    one_of_each = list({row["worker"]: station_id for station_id, row in rows.items()}.values())
    worker = bench.children[-1]
    began = time.monotonic()
    with stalled(worker):
        found = ask_all(swarm, [("stop", one) for one in one_of_each] + [("start", f"LATE-{n}") for n in range(4)])
    if time.monotonic() - began > _DEAD_AFTER_S - 0.3:
        pytest.skip("this machine is too slow: the worker was lost meanwhile")
    assert sorted(found[one] for one in one_of_each) == [200, 504]
    assert 504 in {status for station_id, status in found.items() if station_id.startswith("LATE")}
    started = {station_id for station_id, status in found.items() if station_id.startswith("LATE") and status == 200}
    expected = rows.keys() - set(one_of_each) | started
    until(lambda: set(swarm.running()) == expected, "the table is right")
    until(lambda: connected(csms) == expected, "nobody else is connected")
    until(lambda: swarm.stats()["user_count"] == len(expected) == swarm.user_count(), "Locust's UI")
    scale(swarm, 45)
    assert connected(csms) == set(swarm.running())


def test_a_start_that_is_asked_again_starts_one_station(bench: Bench) -> None:
    """The worker finds both questions when it goes on: two stations with one id would throw each other out for ever."""
    csms = bench.csms()
    swarm = on_two_workers(bench, csms)
    scale(swarm, 3)
    with stalled(bench.children[-2]), stalled(bench.children[-1]):
        assert ask_all(swarm, [("start", "AGAIN")]) == {"AGAIN": 504}
        again = threading.Thread(target=ask_all, args=(swarm, [("start", "AGAIN")]))
        again.start()
        time.sleep(0.1)  # the second question is on its way
    again.join()
    until(lambda: "AGAIN" in connected(csms), "it runs")
    scale(swarm, 4)
    assert swarm.stats()["user_count"] == len(swarm.running()) == 4
    assert {row["station_id"]: row["connections"] for row in csms.get("/api/v1/stations")}["AGAIN"] == 1


def test_a_worker_that_was_given_up_and_comes_back_ends_what_others_run_by_now(bench: Bench) -> None:
    csms = bench.csms()
    swarm = on_two_workers(bench, csms)
    scale(swarm, 40)
    with stalled(bench.children[-1]):
        until(lambda: len({row["worker"] for row in swarm.running().values()}) == 1, "it is given up", 15)
        until(lambda: set(swarm.running()) == ids(*range(1, 41)), "refilled", 15)
        assert swarm.user_count() == 40
    until(lambda: [worker["state"] for worker in swarm.get("/api/v1/summary")["workers"]] == ["running"] * 2, "back")
    until(lambda: swarm.stats()["user_count"] == 40 == swarm.user_count(), "its stations end", 20)
    until(lambda: connected(csms) == ids(*range(1, 41)), "each is there once")
    scale(swarm, 50)
    assert connected(csms) == ids(*range(1, 51))
    assert swarm.http("POST", "/stop")[0] == 200
    assert csms.assert_all_closed() > 0


def test_a_worker_without_the_secret_gets_no_station_by_any_way(bench: Bench) -> None:
    csms, port, web_port = bench.csms(), str(free_port()), free_port()
    where = ("--master-bind-port", port, "--web-port", str(web_port))
    swarm = bench.locust("--master", *where, *SLOW, "-H", csms.url, EVSIM_CLUSTER_SECRET="the right one")
    swarm.web_port = web_port
    swarm.wait_for_web_ui()
    bench.locust("--worker", "--master-port", port, EVSIM_CLUSTER_SECRET="a wrong one")
    swarm.wrote("does not know this master's EVSIM_CLUSTER_SECRET")
    swarm.post("/stations/scale", {"count": 3, "spawn_rate": 50})
    until(lambda: swarm.user_count() == 3, "users wait there for ids")
    swarm.post("/stations/start", {"station_id": "SECRET-1"}, 409)
    assert swarm.running() == {}
    assert connected(csms) == set()
    bench.locust("--worker", "--master-port", port, EVSIM_CLUSTER_SECRET="the right one")
    until(lambda: len(swarm.get("/api/v1/summary")["workers"]) == 2, "a friend has come")
    swarm.post("/stations/scale", {"count": 5, "spawn_rate": 50})
    until(lambda: connected(csms) == ids(1, 2), "the growth is the friend's")
    swarm.post("/stations/start", {"station_id": "SECRET-2"})
    until(lambda: connected(csms) == {*ids(1, 2), "SECRET-2"}, "so are single stations")


@pytest.mark.parametrize("distributed", [False, True])
def test_nothing_starts_while_a_run_ends(bench: Bench, distributed: bool) -> None:
    """The drain takes its time when the central system answers nothing; whoever asks for stations then is told."""
    csms = bench.csms()
    swarm = on_two_workers(bench, csms) if distributed else bench.web(*SLOW, "-H", csms.url, "--drain-timeout", "4")
    scale(swarm, 20)
    csms.wait_for_open_transactions(5)
    with stalled(csms):
        ending = threading.Thread(target=swarm.http, args=("POST", "/stop"))
        ending.start()
        until(lambda: "Station shutting down" in str(swarm.get("/stations/PY-SIM-0001/logs")), "it ends")
        answer = swarm.post("/stations/scale", {"count": 5}, 409)
        assert answer == swarm.post("/stations/start", {"station_id": "X"}, 409) == {"detail": "the run is ending"}
    ending.join()
    until(lambda: swarm.stats()["state"] == "stopped", "it is over", 20)
    assert swarm.running() == {}
    scale(swarm, 3)


def test_a_web_port_that_is_taken_is_said_in_one_line(bench: Bench) -> None:
    csms = bench.csms()
    run = bench.locust("--web-port", str(csms.port), "-H", csms.url)
    assert run.exit_code() == 2
    assert f"--web-port: cannot listen on 127.0.0.1:{csms.port} (Address already in use)" in run.err
    assert "Traceback" not in run.err


def test_a_late_worker_joins_while_a_ramp_is_on(bench: Bench) -> None:
    csms = bench.csms()
    swarm = on_two_workers(bench, csms)
    swarm.post("/stations/scale", {"count": 60, "spawn_rate": 15})
    until(lambda: len(swarm.running()) > 10, "the ramp is on")
    join(bench, swarm)
    until(lambda: set(swarm.running()) == ids(*range(1, 61)), "no hole, no id twice")
    until(lambda: swarm.stats()["user_count"] == 60, "Locust's UI")
    assert connected(csms) == ids(*range(1, 61))
