"""What the server answers when a request is wrong, or when we are."""

import asyncio

import pytest

from csms.central_system import CentralSystem
from tests.csms.running import serving

pytestmark = pytest.mark.loopback


def test_errors_are_json():
    async def run():
        async with serving() as running:
            assert (await running.get("/nothing", status=404))["detail"]
            assert "Upgrade" in (await running.get("/ocpp/CP1", status=400))["detail"]
            async with running.http.post(f"http://127.0.0.1:{running.port}/api/v1/stations") as response:
                assert (response.status, response.headers["Allow"]) == (405, "GET")
                assert list(await response.json()) == ["detail"]

    asyncio.run(run())


def test_an_error_of_ours_shows_no_traceback(caplog):
    class Broken(CentralSystem):
        def station_rows(self):
            raise RuntimeError("a secret detail")

    async def run():
        async with serving(system=Broken()) as running:
            assert await running.get("/api/v1/stations", status=500) == {"detail": "internal error"}

    asyncio.run(run())
    assert "a request to /api/v1/stations failed" in caplog.messages
