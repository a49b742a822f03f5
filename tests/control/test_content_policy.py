"""Scripts that may run: those of the templates and plain data, none that was slipped in."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.content_policy import admitted, content_policy, inline_scripts, script_source

BUNDLE = b"var e=Object.create;alert(e)"


def page(*scripts: bytes) -> bytes:
    return b"<html>" + b"".join(b"<script>" + script + b"</script>" for script in scripts) + b"</html>"


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def test_the_policy_lets_pages_use_nothing_from_elsewhere() -> None:
    found = directives(content_policy("localhost:8089", ["'sha256-x'"]))
    assert found["script-src"] == "'self' 'sha256-x'"
    assert found["style-src"] == "'self' 'unsafe-inline'"
    assert found["connect-src"] == "'self' ws://localhost:8089 wss://localhost:8089"
    assert found["img-src"] == "'self' data:"
    assert found["frame-ancestors"] == found["base-uri"] == found["object-src"] == "'none'"
    assert found["form-action"] == found["default-src"] == "'self'"


def test_an_unknown_host_is_not_repeated() -> None:
    assert directives(content_policy(""))["connect-src"] == "'self'"


def test_a_script_is_named_as_browsers_compute_it() -> None:
    digest = base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode()
    assert script_source(b"alert(1)") == f"'sha256-{digest}'"


def test_scripts_with_a_source_need_no_hash() -> None:
    html = b'<script type="module" src="./a.js"></script><SCRIPT type="module">b</SCRIPT ><script>\nc\n</script>'
    assert list(inline_scripts(html)) == [b"b", b"\nc\n"]


def test_a_known_script_may_run_and_a_slipped_in_one_may_not() -> None:
    assert admitted(page(BUNDLE, b"alert(1)"), {script_source(BUNDLE)}) == [script_source(BUNDLE)]


@pytest.mark.parametrize(
    "script",
    [
        b'\n      window.templateArgs = {"a": [1, null, "x;alert(1)"]}\n    ',
        b'window.authArgs = {"error": "\\u003c/script\\u003e"}',
        b'window.templateArgs = {"rps": NaN, "p": -Infinity};\nwindow.theme = "dark"\n',
        b"",
    ],
)
def test_data_for_locusts_scripts_may_be_set(script: bytes) -> None:
    assert admitted(page(script), ()) == [script_source(script)]


@pytest.mark.parametrize(
    "script",
    [
        b"alert(1)",
        b"window.templateArgs = alert(1)",
        b'window.templateArgs = {"a": alert(1)}',
        b"window.templateArgs = {};alert(1)",
        b"window.templateArgs = {}\nalert(1)",
        b'window.theme = "" + alert(1) + ""',
        b"window.theme = `${alert(1)}`",
        b'window.location = "javascript:alert(1)"',
        b'window.templateArgs.x = {"a": 1}',
        b"window.templateArgs = " + b"[" * 100_000,
        b"window.templateArgs = \xff",
    ],
)
def test_what_does_anything_else_may_not_run(script: bytes) -> None:
    assert admitted(page(script), ()) == []


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_any_data_may_be_set_and_the_call_behind_it_may_not_run(value: object) -> None:
    text = json.dumps(value).replace("<", "\\u003c").encode()
    assert len(admitted(page(b"window.templateArgs = " + text), ())) == 1
    assert admitted(page(b"window.templateArgs = " + text + b"(1)"), ()) == []
