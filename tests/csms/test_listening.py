"""The listening socket, its name, and TLS files that cannot be used."""

from __future__ import annotations

import resource
import socket
import ssl

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from csms.errors import FileRefused, PortRefused
from csms.listening import listen, raise_file_limit, stations_url, tls_context


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """A folder with ca.pem, cert.pem, key.pem, locked.pem (the key, encrypted) and text.pem (no PEM at all)."""
    folder = tmp_path_factory.mktemp("pem")
    authority = trustme.CA()
    server = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    server.private_key_pem.write_to_path(str(folder / "key.pem"))
    key = serialization.load_pem_private_key(server.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (folder / "locked.pem").write_bytes(locked)
    (folder / "text.pem").write_text("nothing\n")
    return folder


def test_the_url_names_what_was_asked_for():
    assert stations_url("127.0.0.1", 9000, tls=False) == "ws://127.0.0.1:9000/ocpp/<station_id>"
    assert stations_url("::1", 1, tls=True) == "wss://[::1]:1/ocpp/<station_id>"


def test_port_0_is_any_free_port():
    with listen("127.0.0.1", 0) as sock:
        host, port = sock.getsockname()
        assert host == "127.0.0.1"
        assert port > 0
        with pytest.raises(PortRefused, match=f"^port {port} on 127.0.0.1 is taken: .* --port$"):
            listen("127.0.0.1", port)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6():
    with listen("::1", 0) as sock:
        assert sock.family == socket.AF_INET6


@pytest.mark.parametrize("host", ["192.0.2.1", "host.invalid", "no..name"])
def test_an_address_that_cannot_be_listened_on(host):
    with pytest.raises(PortRefused, match=r"^cannot listen on"):
        listen(host, 0)


def test_tls_is_of_this_decade_and_asks_for_certificates_only_with_an_authority(pem):
    context = tls_context(pem / "cert.pem", pem / "key.pem", None)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_NONE
    context = tls_context(pem / "cert.pem", pem / "key.pem", pem / "ca.pem")
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1, "the system's authorities are not trusted with stations"


@pytest.mark.parametrize(
    ("cert", "key", "ca", "named"),
    [
        ("none.pem", "key.pem", None, "none.pem: no such file"),
        ("cert.pem", "none.pem", None, "none.pem: no such file"),
        ("cert.pem", "key.pem", "none.pem", "none.pem: no such file"),
        ("text.pem", "key.pem", None, "text.pem, .*key.pem: not a PEM certificate with its unencrypted key"),
        ("cert.pem", "ca.pem", None, "cert.pem, .*ca.pem: not a PEM certificate with its unencrypted key"),
        ("cert.pem", "locked.pem", None, "cert.pem, .*locked.pem: not a PEM certificate with its unencrypted key"),
        ("cert.pem", "key.pem", "text.pem", "text.pem: not a PEM file of authorities"),
    ],
)
def test_a_wrong_tls_file_is_named(pem, cert, key, ca, named):
    with pytest.raises(FileRefused, match=named):
        tls_context(pem / cert, pem / key, None if ca is None else pem / ca)


def test_the_limit_of_open_files_is_raised_to_what_the_system_allows():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
