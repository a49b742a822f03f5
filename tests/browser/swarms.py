"""The swarms that the page shows."""

from __future__ import annotations

from tests.e2e.processes import Bench, Csms, Locust, until

QUIET = ("--history", "none", "--metrics-port", "0", "--seed", "7", "--peak-hours", "none")


def swarm_of(bench: Bench, csms: Csms, *options: str) -> Locust:
    """A Locust with web UI whose stations go to `csms`, none of them started."""
    return bench.web("-H", csms.url, *QUIET, *options)


def scale(swarm: Locust, count: int, profile: str = "") -> None:
    """Until all of them are booted."""
    swarm.post("/stations/scale", {"count": count, "profile": profile, "spawn_rate": 200})
    until(lambda: booted(swarm) == count, f"{count} stations are booted")
    until(lambda: swarm.get("/api/v1/summary")["state"] in ("running", "stopped"), "the ramp is over")


def booted(swarm: Locust) -> int:
    return sum(row["status"] not in ("connecting", "booting", "offline") for row in swarm.running().values())


def start(swarm: Locust, station_id: str, profile: str = "manual") -> str:
    """One station, until it is booted; gives its id."""
    swarm.post("/stations/start", {"station_id": station_id, "profile": profile})
    until(lambda: swarm.running().get(station_id, {}).get("status") == "Available", f"{station_id} is booted")
    return station_id


def swarm_on(bench: Bench, port: int, csms: Csms, *options: str, **environ: str) -> Locust:
    """The same on a port of one's choice, as after a restart, and with secrets in its environment."""
    listening = ("--web-host", "127.0.0.1", "--web-port", str(port))
    child = bench.locust(*listening, "-H", csms.url, *QUIET, *options, folder=None, **environ)
    child.web_port = port
    child.wait_for_web_ui()
    return child
