"""One run on several processes: every id once, the same options everywhere."""

from __future__ import annotations

import trustme

from .processes import Bench, Csms, free_port

MINE = '[mine]\nidle_s = [2, 4]\ndwell_min = [1, 2]\nid_tags = ["ONLYMINE"]\n'
SWARM = ("-u", "10", "-r", "10", "-t", "8s", "--time-scale", "60")
IDS = {f"PY-SIM-{number:04d}" for number in range(1, 11)}


def _every_id_once_and_all_closed(csms: Csms) -> None:
    stations = csms.get("/api/v1/stations")
    assert {row["station_id"] for row in stations} == IDS
    assert {row["connections"] for row in stations} == {1}  # nobody had to share an id
    assert csms.assert_all_closed() >= 10


def test_processes_of_one_machine(bench: Bench) -> None:
    csms = bench.csms()
    port = str(free_port())
    together = ("--processes", "2", "--master-port", port, *_bound_to(port))
    run = bench.headless(*SWARM, "--station-profile", "busy", *together, "-H", csms.url)
    assert run.exit_code(60) == 0, run.err
    _every_id_once_and_all_closed(csms)
    assert "Traceback" not in run.err


def test_workers_get_the_profiles_file_from_the_master(bench: Bench) -> None:
    csms, port = bench.csms(), str(free_port())
    (bench.folder / "mine.toml").write_text(MINE)
    elsewhere = bench.folder / "elsewhere"
    elsewhere.mkdir()
    joining = ("--worker", "--master-host", "127.0.0.1", "--master-port", port)
    workers = [bench.locust(*joining, folder=elsewhere) for _ in range(2)]
    mine = ("--profiles-file", "mine.toml", "--station-profile", "mine")
    master = bench.headless(*SWARM, *mine, "--master", "--expect-workers", "2", "-H", csms.url, *_bound_to(port))
    assert master.exit_code(60) == 0, master.err
    for worker in workers:
        assert worker.exit_code() == 0, worker.err
        assert "Traceback" not in worker.err
    _every_id_once_and_all_closed(csms)
    assert {row["id_tag"] for row in csms.transactions()} == {"ONLYMINE"}


def test_a_worker_without_a_file_that_it_needs_says_so(bench: Bench) -> None:
    trustme.CA().cert_pem.write_to_path(bench.folder / "ca.pem")
    elsewhere, port = bench.folder / "elsewhere", str(free_port())
    elsewhere.mkdir()
    worker = bench.locust("--worker", "--master-host", "127.0.0.1", "--master-port", port, folder=elsewhere)
    tls = ("-H", "wss://127.0.0.1:1/", "--station-tls-ca", "ca.pem")
    master = bench.headless("-u", "1", "-t", "3s", "--master", "--expect-workers", "1", *tls, *_bound_to(port))
    assert worker.exit_code() == 2
    assert "--station-tls-ca: cannot read 'ca.pem' (No such file or directory)" in worker.err
    assert "Traceback" not in worker.err
    master.exit_code()


def _bound_to(port: str) -> tuple[str, ...]:
    return ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
