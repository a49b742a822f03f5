"""The limit is raised to what the system allows, and a fleet that does not fit is noticed."""

from __future__ import annotations

import resource

import pytest

from evsim_locust.transport.descriptors import raise_limit, stations_fit


@pytest.fixture
def lowered():
    """A soft limit below the hard one, put back afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    low = 256 if hard == resource.RLIM_INFINITY else min(256, hard - 1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (low, hard))
    yield low, hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_soft_limit_becomes_the_hard_one(lowered):
    low, hard = lowered
    limit = raise_limit()
    assert (limit.before, limit.now) == (low, hard if hard != resource.RLIM_INFINITY else limit.now)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    assert raise_limit() == (limit.now, limit.now)


@pytest.mark.parametrize(("stations", "fits"), [(0, True), (824, True), (825, False)])
def test_stations_fit_with_what_else_is_open(stations, fits):
    assert stations_fit(stations, 1024, reserved=200) is fits
