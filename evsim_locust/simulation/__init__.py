"""Stations, a network and the central system in one process, in virtual time, from one seed.

An hour of a small fleet takes a fraction of a second:

>>> from evsim_locust.behaviour.profiles_file import shipped_profiles
>>> from evsim_locust.simulation import CutLink, Simulation
>>> busy = shipped_profiles()["busy"]
>>> simulation = Simulation(seed=7)
>>> for number in range(1, 4):
...     station = simulation.add(f"S-{number}", busy)
>>> simulation.strike(CutLink(at_s=1800, station_id="S-2"))
>>> simulation.run_for(3600)
>>> simulation.shut_down()
>>> transactions = simulation.central_system.book.rows()
>>> {transaction.status for transaction in transactions}
{'stopped'}
>>> len(transactions) > 9
True
"""

from evsim_locust.simulation.errors import (
    SimulationError,
    StationKnown,
    StationNotConnected,
    StationUnknown,
    TimeStandsStill,
)
from evsim_locust.simulation.faults import CutLink, Fault, LoseAnswers, RefuseLinks
from evsim_locust.simulation.link import Latency
from evsim_locust.simulation.simulation import Simulation
from evsim_locust.simulation.transcript import Direction, Transcript

__all__ = [
    "CutLink",
    "Direction",
    "Fault",
    "Latency",
    "LoseAnswers",
    "RefuseLinks",
    "Simulation",
    "SimulationError",
    "StationKnown",
    "StationNotConnected",
    "StationUnknown",
    "TimeStandsStill",
    "Transcript",
]
