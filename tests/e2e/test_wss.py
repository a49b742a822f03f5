"""Stations over TLS against a CSMS with a certificate of a test authority."""

from __future__ import annotations

import pytest
import trustme

from .processes import Bench, Csms, Csv

QUICK = ("-u", "5", "-r", "5", "--time-scale", "60", "--station-profile", "busy", "--csv", "out")


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(bench: Bench, authority: trustme.CA) -> Csms:
    folder = bench.folder
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "csms.key")
    certificate.cert_chain_pems[0].write_to_path(folder / "csms.pem")
    return bench.csms("--tls-cert", "csms.pem", "--tls-key", "csms.key", scheme="wss")


def _run(bench: Bench, csms: Csms, known: trustme.CA, duration: str) -> int:
    known.cert_pem.write_to_path(bench.folder / "ca.pem")
    run = bench.headless(*QUICK, "-t", duration, "-H", csms.url, "--station-tls-ca", "ca.pem")
    return run.exit_code(60)


def test_a_known_authority_works(bench: Bench, secure: Csms, authority: trustme.CA) -> None:
    assert _run(bench, secure, authority, "6s") == 0
    table = Csv(bench.folder / "out")
    assert table.failures() == {}
    assert table.count("BootNotification") == 5
    assert table.count("StopTransaction") == table.count("StartTransaction") > 0


def test_an_unknown_authority_is_a_failed_connect(bench: Bench, secure: Csms) -> None:
    assert _run(bench, secure, trustme.CA(), "2s") == 1
    table = Csv(bench.folder / "out")
    assert list(table.failures()) == [("WS", "connect", "tls certificate")]
    assert table.count("BootNotification") == 0
