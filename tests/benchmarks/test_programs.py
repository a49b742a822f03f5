"""The measuring programs as processes, small: they do the work they claim, and they leave nothing behind."""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import msgspec
import psutil
import pytest

from benchmarks.processes import (
    LOAD_SIDE,
    ProbeFailed,
    Unavailable,
    need_descriptors,
    running,
    wait_for_line,
    wait_for_report,
)
from benchmarks.programs.csms_load import Station, Texts
from benchmarks.programs.responder import Answers
from benchmarks.programs.session import STEPS, difference, heartbeats_before, mix_finding
from benchmarks.programs.wire import TEXT, frame, read_frame
from benchmarks.sides import client, need_epoll, need_module, responder
from evsim_locust.ocppj import frames
from evsim_locust.ocppj.v16 import V16


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535])
def test_a_frame_is_read_back_and_not_before_it_is_whole(size: int, masked: bool):
    payload = bytes(index % 251 for index in range(size))
    data = frame(TEXT, payload, masked)
    assert read_frame(b"xx" + data + b"rest", 2) == (TEXT, payload, 2 + len(data))
    for cut in {0, 1, len(data) // 2, len(data) - 1}:
        assert read_frame(data[:cut], 0) is None


@pytest.mark.parametrize("action", ["BootNotification", "Heartbeat", *dict.fromkeys(STEPS)])
def test_the_responder_answers_as_the_schemas_ask(action: str):
    answer = frames.decode(Answers(60).to(f'[2,"id-7","{action}",{{"any":"thing"}}]'.encode()))
    assert isinstance(answer, frames.CallResult)
    assert answer.unique_id == "id-7"
    V16.read_answer(action, answer.payload)


def test_the_responder_gives_each_transaction_an_id_of_its_own():
    answers = Answers(60)
    ids = [json.loads(answers.to(b'[2,"1","StartTransaction",{}]'))[2]["transactionId"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_the_responder_is_silent_to_answers_and_refuses_unknown_actions():
    assert Answers(60).to(b'[3,"1",{}]') == b""
    with pytest.raises(ValueError, match="NoSuchAction"):
        Answers(60).to(b'[2,"1","NoSuchAction",{}]')


def test_a_different_mix_of_calls_is_found():
    right = {
        "StatusNotification": 400,
        "Authorize": 100,
        "StartTransaction": 100,
        "MeterValues": 400,
        "StopTransaction": 100,
    }
    assert mix_finding(right) == ""
    assert "MeterValues are 0.000 of 5 calls" in mix_finding({"Heartbeat": 5})
    assert mix_finding({}) != ""
    assert difference({"a": 5, "b": 2, "c": 1}, {"a": 3, "b": 2}) == {"a": 2, "c": 1}


def test_stations_are_spread_over_all_steps():
    assert sorted(heartbeats_before(number) for number in range(len(STEPS))) == list(range(len(STEPS)))


def test_what_is_missing_is_named():
    with pytest.raises(Unavailable, match="no_such_package"):
        need_module("no_such_package.deep")
    need_module("benchmarks.load")
    with pytest.raises(Unavailable, match="RLIMIT_NOFILE"):
        need_descriptors(10**9)


def test_a_child_is_gone_with_its_children_after_an_interrupt():
    script = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print('child', child.pid); time.sleep(60)"
    )
    seen: list[int] = []

    def interrupted() -> None:
        with running([sys.executable, "-c", script], LOAD_SIDE) as child:
            seen.extend((child.process.pid, int(wait_for_line(child, "child ").split()[1])))
            assert all(map(psutil.pid_exists, seen))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(seen) == 2
    assert not any(map(alive, seen))


def alive(pid: int) -> bool:
    """Within five seconds: whoever reaps an orphan takes a moment."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and bool(psutil.wait_procs([process], timeout=5)[1])
    except psutil.NoSuchProcess:
        return False


def test_a_program_that_fails_is_told_with_its_last_words():
    with (
        running([sys.executable, "-c", "raise SystemExit('out of luck')"], LOAD_SIDE) as child,
        pytest.raises(ProbeFailed, match="exit status 1: out of luck"),
    ):
        wait_for_report(child, 10)
    with (
        running([sys.executable, "-c", "raise SystemExit('not today')"], LOAD_SIDE) as child,
        pytest.raises(ProbeFailed, match="not today"),
    ):
        wait_for_line(child, "ready")


@pytest.mark.loopback
@pytest.mark.parametrize("program", ["floor", "baseline"])
def test_a_contestant_measures_itself_against_the_responder(program: str):
    need_epoll()
    with responder() as other:
        figures = client(program, other, 5, "--seconds", 0.5)
    assert figures["calls"] >= 5
    assert figures["us_per_call"] > 0
    assert psutil.pid_exists(other.pid) is False


@pytest.mark.loopback
def test_the_baseline_does_the_whole_session():
    with responder() as other:
        mix = client("baseline", other, 5, "--seconds", 0.5)["mix"]
    assert set(STEPS) <= set(mix)


@pytest.mark.loopback
def test_the_csms_load_keeps_a_server_busy_with_valid_messages():
    with responder() as other:
        assert client("csms_load", other, 5, "--seconds", 0.3)["calls"] > 0


def play(answers: list[bytes]) -> list[list[Any]]:
    """What a station of the CSMS load sends when it is answered so; `%d` is the id of its call."""
    ours, theirs = socket.socketpair()
    sent = []
    with ours, theirs:
        station = Station(0, ours, Texts())
        station.begin()
        for answer in answers:
            found = read_frame(theirs.recv(65536), 0)
            assert found is not None
            sent.append(json.loads(found[1]))
            theirs.send(frame(TEXT, answer % int(sent[-1][1]), masked=False))
            assert station.readable() == 1
    return sent


def test_the_csms_load_sends_what_the_schemas_ask_with_the_ids_it_was_given():
    started = b'[3,"%d",{"transactionId":77,"idTagInfo":{"status":"Accepted"}}]'
    sent = play([started if step == 4 else b'[3,"%d",{}]' for step in range(1, 11)])
    assert [call[2] for call in sent] == [
        "BootNotification",
        "Heartbeat",
        "Authorize",
        "StartTransaction",
        *["MeterValues"] * 4,
        "StopTransaction",
        "Heartbeat",
    ]
    for call in sent:
        V16.read_request(call[2], msgspec.Raw(msgspec.json.encode(call[3])))
    assert {call[3]["transactionId"] for call in sent[4:9]} == {77}
    assert sent[8][3]["meterStop"] == 4000
    assert len(sent[4][3]["meterValue"][0]["sampledValue"]) == 5


def test_the_csms_load_ends_at_the_first_refusal():
    with pytest.raises(ValueError, match="InternalError"):
        play([b'[4,"%d","InternalError","",{}]'])
