"""Credentials from files: what is wrong with them is said with the file's name, before anybody connects."""

from __future__ import annotations

import ssl

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from evsim_locust.transport.tls import client_context


def test_the_system_trust_store_is_the_default():
    context = client_context()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_one_context_per_credential_set(certificates):
    assert client_context(certificates.ca) is client_context(certificates.ca)
    assert client_context(certificates.ca) is not client_context()


def test_only_the_given_authority_is_trusted(certificates):
    assert len(client_context(certificates.ca).get_ca_certs()) == 1


@pytest.mark.parametrize("which", ["ca", "cert", "key"])
@pytest.mark.parametrize("wrong", ["missing", "foreign", "folder"])
def test_a_wrong_file_is_named(certificates, tmp_path, which, wrong):
    path = tmp_path / f"{which}.pem"
    if wrong == "foreign":
        path.write_text("this is no PEM file\n")
    elif wrong == "folder":
        path.mkdir()
    files = {"ca": certificates.ca, "cert": certificates.client_cert, "key": certificates.client_key, which: str(path)}
    with pytest.raises(ValueError, match="pem") as raised:
        client_context(**files)
    assert repr(str(path)) in str(raised.value)


def test_a_key_of_another_certificate_is_named(certificates, tmp_path):
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("other.example").private_key_pem.write_to_path(other)
    with pytest.raises(ValueError, match=r"other\.key"):
        client_context(certificates.ca, certificates.client_cert, str(other))


def test_a_key_without_its_certificate(certificates):
    with pytest.raises(ValueError, match="without its certificate"):
        client_context(certificates.ca, None, certificates.client_key)


def test_a_key_with_a_passphrase_does_not_ask_on_the_terminal(certificates, tmp_path):
    with open(certificates.client_key, "rb") as plain:
        key = serialization.load_pem_private_key(plain.read(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(ValueError, match="passphrase"):
        client_context(certificates.ca, certificates.client_cert, str(locked))


def test_certificate_and_key_may_share_a_file(certificates, tmp_path):
    both = tmp_path / "both.pem"
    with open(certificates.client_cert) as cert, open(certificates.client_key) as key:
        both.write_text(key.read() + cert.read())
    assert client_context(certificates.ca, str(both)).verify_mode == ssl.CERT_REQUIRED
