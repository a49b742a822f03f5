"""The command line: every option, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from csms.options import parse


def test_the_defaults():
    options = parse([], {})
    assert (options.host, options.port, options.heartbeat_interval) == ("127.0.0.1", 9000, 60)
    assert (options.boot_status, options.strict_tags, options.until_stdin_closes) == ("Accepted", False, False)
    files = (options.users, options.tags, options.store, options.tls_cert, options.tls_key, options.tls_ca)
    assert files == (None,) * 6
    assert options.control_token is None


def test_every_option():
    line = (
        "--host ::1 --port 0 --heartbeat-interval 0 --users u --tags t --strict-tags --boot-status Pending --store s "
        "--tls-cert c --tls-key k --tls-ca a --control-token secret --until-stdin-closes"
    )
    options = parse(line.split(), {})
    assert (options.host, options.port, options.heartbeat_interval) == ("::1", 0, 0)
    assert (options.users, options.tags, options.store) == (Path("u"), Path("t"), Path("s"))
    assert (options.tls_cert, options.tls_key, options.tls_ca) == (Path("c"), Path("k"), Path("a"))
    assert (options.boot_status, options.strict_tags, options.until_stdin_closes) == ("Pending", True, True)
    assert options.control_token == "secret"


def test_the_token_may_come_from_the_environment():
    assert parse([], {"EVSIM_CONTROL_TOKEN": "hidden"}).control_token == "hidden"
    assert parse(["--control-token", "given"], {"EVSIM_CONTROL_TOKEN": "hidden"}).control_token == "given"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("--port 65536", "--port: '65536' is not a whole number from 0 to 65535"),
        ("--port -1", "--port: '-1' is not a whole number"),
        ("--port x", "--port: 'x' is not a whole number"),
        ("--heartbeat-interval nan", "--heartbeat-interval: 'nan' is not a whole number"),
        ("--heartbeat-interval 1.5", "--heartbeat-interval: '1.5' is not a whole number"),
        ("--port ٣", "is not a whole number"),
        ("--port " + "9" * 30, "is not a whole number"),
        ("--boot-status accepted", "--boot-status: invalid choice"),
        ("--tls-cert c", "--tls-cert and --tls-key belong together"),
        ("--tls-key c", "--tls-cert and --tls-key belong together"),
        ("--tls-ca c", "--tls-ca: without --tls-cert and --tls-key there is no TLS"),
        ("--heart 5", "unrecognized arguments"),
    ],
)
def test_a_wrong_option_ends_with_status_2(capsys, line, error):
    with pytest.raises(SystemExit) as ended:
        parse(line.split(), {})
    assert ended.value.code == 2
    assert error in capsys.readouterr().err


def test_an_empty_token_is_no_protection(capsys):
    with pytest.raises(SystemExit) as ended:
        parse(["--control-token", " "], {})
    assert ended.value.code == 2
    assert "--control-token: is empty" in capsys.readouterr().err
