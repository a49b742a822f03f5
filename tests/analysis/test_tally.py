from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.axis import axis_over
from evsim_locust.analysis.hours import Hours
from evsim_locust.analysis.rows import SessionRow
from evsim_locust.analysis.tally import ProfileTally, SessionTally, leading

AXIS = axis_over(0, 600)
HOURS = Hours(ZoneInfo("UTC"), None)
SESSIONS = st.lists(
    st.builds(
        SessionRow,
        profile=st.sampled_from([f"p{n}" for n in range(9)]),
        start_s=st.integers(0, 500),
        stop_s=st.none() | st.integers(500, 600),
        energy_wh=st.integers(0, 40_000),
        price=st.none() | st.sampled_from([10.0, 20.0]),
        cost=st.sampled_from([0.0, 1.5]),
        reason=st.sampled_from(["Local", "Other"]),
    ),
    max_size=40,
)


def tallied(rows: list[SessionRow]) -> SessionTally:
    tally = SessionTally(AXIS, HOURS)
    for row in rows:
        tally.add(row)
    return tally


@given(SESSIONS)
def test_nothing_is_lost(rows: list[SessionRow]) -> None:
    tally = tallied(rows)
    assert tally.sessions == len(rows) == sum(tally.starts) == sum(tally.reasons.values())
    assert sum(tally.stops) == sum(row.stop_s is not None for row in rows)
    assert sum(profile.energy_wh for profile in tally.profiles.values()) == sum(row.energy_wh for row in rows)
    assert sum(profile.cost for profile in tally.profiles.values()) == sum(row.cost for row in rows)
    priced = [row.energy_wh for row in rows if row.price is not None]
    assert sum(n for n, _ in tally.prices.values()) == len(priced)
    assert sum(energy_wh for _, energy_wh in tally.prices.values()) == sum(priced)


@given(SESSIONS)
def test_power_over_time_is_the_energy_of_what_ended(rows: list[SessionRow]) -> None:
    tally = tallied(rows)
    wh = sum(
        power_w * length_s / 3600 for power_w, length_s in zip(tally.power_w.means(), AXIS.lengths_s(), strict=True)
    )
    ended = sum(row.energy_wh for row in rows if row.stop_s is not None and row.stop_s > row.start_s)
    assert wh == pytest.approx(ended, abs=1e-3)


@given(SESSIONS, st.integers(2, 10))
def test_the_others_hold_the_rest(rows: list[SessionRow], most: int) -> None:
    profiles = tallied(rows).profiles
    shown = leading(profiles, most)
    assert len(shown) == min(len(profiles), most)
    assert sum(tally.sessions for tally in shown.values()) == len(rows)
    assert sum(tally.energy_wh for tally in shown.values()) == sum(row.energy_wh for row in rows)
    assert sum(sum(tally.durations_ds.values()) for tally in shown.values()) == sum(
        row.stop_s is not None for row in rows
    )
    named = [tally.sessions for name, tally in shown.items() if not name.startswith("(")]
    assert named == sorted(named, reverse=True)


def test_leading_names_how_many_others() -> None:
    profiles = {name: ProfileTally() for name in "abcd"}
    assert list(leading(profiles, 3)) == ["a", "b", "(2 others)"]
