"""Station ids, and the row of a station."""

from __future__ import annotations

import pytest

from csms.stations import is_station_id


@pytest.mark.parametrize("text", ["A", "PY-SIM-0001", "0", "a*+=:|@._-", "X" * 48])
def test_ids_that_may_be(text):
    assert is_station_id(text)


@pytest.mark.parametrize("text", ["", "-a", ".", "..", "a/b", "a b", "a\n", "ä", "X" * 49, "a%20", "a?b", "<a>"])
def test_ids_that_may_not_be(text):
    assert not is_station_id(text)
