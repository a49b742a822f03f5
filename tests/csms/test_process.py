"""`python -m csms` as a process: what it prints, how it ends, what it must not import."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
import trustme
from ocpp.v16 import ChargePoint
from ocpp.v16 import call as ocpp_call
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from tests.csms.wire import AT, BOOT, call, start, stop

pytestmark = pytest.mark.e2e
_LINE = re.compile(r"CSMS listening on (wss?)://127\.0\.0\.1:(\d+)/ocpp/<station_id>\n")
_COMMAND = [sys.executable, "-m", "csms", "--port", "0"]
_ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("EVSIM_")}


class Csms:
    """A running process; `url` is where a station connects."""

    def __init__(self, process: subprocess.Popen[str], scheme: str, port: int) -> None:
        self.process, self.scheme, self.port = process, scheme, port

    def url(self, station_id="CP1"):
        return f"{self.scheme}://127.0.0.1:{self.port}/ocpp/{station_id}"

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
            return json.load(response)

    def ended(self, send=None):
        """Status and stderr, after a signal when one is given."""
        if send is not None:
            self.process.send_signal(send)
        errors = self.process.communicate(timeout=10)[1]
        return self.process.returncode, errors


@contextlib.contextmanager
def running(*options: str) -> Iterator[Csms]:
    process = subprocess.Popen(
        [*_COMMAND, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_ENVIRON,
    )
    try:
        line = process.stdout.readline()
        found = _LINE.fullmatch(line)
        assert found, (line, process.stderr.read() if process.poll() is not None else "")
        yield Csms(process, found[1], int(found[2]))
    finally:
        process.kill()
        process.communicate()


def refused(*options):
    """The one line on stderr of a program that did not start."""
    done = subprocess.run([*_COMMAND, *options], capture_output=True, text=True, timeout=10, env=_ENVIRON)
    assert done.returncode == 2, done
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


async def _ask(station, action, payload):
    await station.send(call(action, payload))
    return json.loads(await asyncio.wait_for(station.recv(), 5))[2]


def _dial(url, **more):
    return connect(url, subprotocols=["ocpp1.6"], proxy=None, **more)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_stations_and_ends_with_status_0(number):
    async def run(csms):
        async with _dial(csms.url()) as station:
            await _ask(station, "BootNotification", BOOT)
            csms.process.send_signal(number)
            with pytest.raises(ConnectionClosed) as raised:
                await asyncio.wait_for(station.recv(), 5)
            assert raised.value.rcvd.code == 1001

    with running() as csms:
        asyncio.run(run(csms))
        assert csms.ended() == (0, "")


def test_it_ends_when_standard_input_does():
    with running("--until-stdin-closes") as csms:
        assert csms.get("/healthz")["status"] == "ok"
        csms.process.stdin.write("a line that means nothing\n")
        csms.process.stdin.flush()
        assert csms.get("/healthz")["status"] == "ok"
        assert csms.ended() == (0, "")  # communicate closes the pipe


def test_without_being_told_to_it_outlives_standard_input():
    with running() as csms:
        csms.process.stdin.close()
        csms.process.stdin = None
        assert csms.get("/healthz")["status"] == "ok"
        assert csms.ended(signal.SIGTERM) == (0, "")


def test_a_busy_port_is_named_with_the_cure():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--port", str(port)) == (
            f"csms: port {port} on 127.0.0.1 is taken: stop the program that holds it, or choose another with --port"
        )


def test_an_address_that_is_not_ours(tmp_path):
    assert refused("--host", "192.0.2.1").startswith("csms: cannot listen on 192.0.2.1 port 0: ")


def test_wrong_files_are_named(tmp_path):
    tags = tmp_path / "tags.csv"
    tags.write_text("id_tag,status\nA,blocked\n")
    assert refused("--tags", str(tags)).startswith(f"csms: {tags}:2: status: 'blocked' is not one of")
    users = tmp_path / "users.csv"
    assert refused("--users", str(users)).startswith(f"csms: {users}: No such file")
    assert refused("--store", str(tags)).startswith(f"csms: {tags}: not a readable store")
    assert refused("--tls-cert", str(tags), "--tls-key", str(tags)).startswith(f"csms: {tags}, {tags}: not a PEM")
    missing = str(tmp_path / "no.pem")
    assert refused("--tls-cert", missing, "--tls-key", str(tags)) == f"csms: {missing}: no such file; give a PEM file"


def test_neither_gevent_nor_locust_is_imported():
    code = (
        "import sys, csms.__main__\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'gevent', 'locust', 'flask', 'websocket'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=10, check=True)
    assert done.stdout == "[]\n"


def test_help_names_every_option():
    done = subprocess.run([*_COMMAND, "--help"], capture_output=True, text=True, timeout=10, check=True)
    for option in ("host", "port", "heartbeat-interval", "users", "tags", "strict-tags", "boot-status", "store"):
        assert f"--{option}" in done.stdout
    for option in ("tls-cert", "tls-key", "tls-ca", "control-token", "until-stdin-closes"):
        assert f"--{option}" in done.stdout


def test_options_reach_the_stations(tmp_path):
    tags = tmp_path / "tags.json"
    tags.write_text('[{"id_tag": "A", "status": "Blocked"}]')

    async def run(csms):
        async with _dial(csms.url()) as station:
            boot = await _ask(station, "BootNotification", BOOT)
            assert boot["interval"] == 7
            for tag, status in (("A", "Blocked"), ("B", "Invalid")):
                assert (await _ask(station, "Authorize", {"idTag": tag}))["idTagInfo"]["status"] == status

    with running("--heartbeat-interval", "7", "--tags", str(tags), "--strict-tags") as csms:
        asyncio.run(run(csms))

    async def pending(csms):
        async with _dial(csms.url()) as station:
            assert (await _ask(station, "BootNotification", BOOT))["status"] == "Pending"

    with running("--boot-status", "Pending") as csms:
        asyncio.run(pending(csms))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_transactions_survive_the_process(tmp_path, number):
    options = ("--store", str(tmp_path / "csms.db"))

    async def first(csms):
        async with _dial(csms.url()) as station:
            for connector in (1, 2):
                await _ask(station, "StartTransaction", start(connector))
            await _ask(station, "StopTransaction", stop(1))
            await asyncio.sleep(1.2 if number == signal.SIGKILL else 0)  # a kill loses what was not written yet

    async def second(csms):
        async with _dial(csms.url()) as station:
            await _ask(station, "StopTransaction", stop(2, meter=70))
            return (await _ask(station, "StartTransaction", start(3)))["transactionId"]

    with running(*options) as csms:
        asyncio.run(first(csms))
        csms.ended(number)
    with running(*options) as csms:
        number_after = asyncio.run(second(csms))
        rows = csms.get("/api/v1/transactions")
        assert [(row["meter_stop"], row["status"]) for row in rows] == [
            (100, "stopped"),
            (70, "stopped"),
            (None, "open"),
        ]
        assert number_after == 3 if number == signal.SIGTERM else number_after > 2
        assert csms.get("/api/v1/stations")[0]["findings"]["unknown_stops"] == 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit (Linux)")
def test_records_that_cannot_be_written_end_with_status_1(tmp_path):
    async def begin(csms):
        async with _dial(csms.url()) as station:
            await _ask(station, "StartTransaction", start())

    with running("--store", str(tmp_path / "csms.db")) as csms:
        resource.prlimit(csms.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        asyncio.run(begin(csms))
        status, errors = csms.ended(signal.SIGTERM)
        assert status == 1
        assert re.search(r"^csms: the store could not be written: .*\(1 changes not written\)$", errors, re.MULTILINE)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Paths of an authority, a server's certificate and key, and the authority itself."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server.private_key_pem.write_to_path(str(folder / "key.pem"))
    server.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    return authority, str(folder / "ca.pem"), str(folder / "cert.pem"), str(folder / "key.pem")


def test_wss_with_and_without_a_clients_certificate(certificates):
    authority, ca, cert, key = certificates
    stranger = ssl.create_default_context(cafile=ca)
    member = ssl.create_default_context(cafile=ca)
    authority.issue_cert("cp1.example").configure_cert(member)

    async def heartbeat(csms, context):
        async with _dial(csms.url(), ssl=context) as station:
            assert "currentTime" in await _ask(station, "Heartbeat", {})

    with running("--tls-cert", cert, "--tls-key", key) as csms:
        assert csms.scheme == "wss"
        asyncio.run(heartbeat(csms, stranger))
        assert csms.ended(signal.SIGTERM) == (0, "")
    with running("--tls-cert", cert, "--tls-key", key, "--tls-ca", ca) as csms:
        asyncio.run(heartbeat(csms, member))
        with pytest.raises((ssl.SSLError, ConnectionError, InvalidMessage)):
            asyncio.run(heartbeat(csms, stranger))
        assert csms.ended(signal.SIGTERM) == (0, "")


def test_a_third_partys_charge_point_charges():
    """The charge point of the `ocpp` package: it validates every answer against the official schemas."""

    async def run(csms):
        async with _dial(csms.url("ORACLE")) as socket_:
            charge_point = ChargePoint("ORACLE", socket_)
            listening = asyncio.create_task(charge_point.start())
            boot = await charge_point.call(ocpp_call.BootNotification("Oracle", "v16"), suppress=False)
            assert (boot.status, boot.interval) == ("Accepted", 60)
            await charge_point.call(ocpp_call.StatusNotification(1, "NoError", "Preparing"), suppress=False)
            authorized = await charge_point.call(ocpp_call.Authorize("ABC123"), suppress=False)
            assert authorized.id_tag_info["status"] == "Accepted"
            started = await charge_point.call(ocpp_call.StartTransaction(1, "ABC123", 100, AT), suppress=False)
            values = [{"timestamp": AT, "sampled_value": [{"value": "150", "unit": "Wh"}]}]
            await charge_point.call(ocpp_call.MeterValues(1, values, started.transaction_id), suppress=False)
            await charge_point.call(
                ocpp_call.StopTransaction(200, AT, started.transaction_id, reason="Local"), suppress=False
            )
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            return started.transaction_id

    with running() as csms:
        number = asyncio.run(run(csms))
        (row,) = csms.get("/api/v1/transactions?station_id=ORACLE")
        assert (row["transaction_id"], row["meter_start"], row["meter_stop"]) == (number, 100, 200)
        (station,) = csms.get("/api/v1/stations")
        assert (station["vendor"], station["refused"]) == ("v16", 0)
        assert sum(station["findings"].values()) == 0
