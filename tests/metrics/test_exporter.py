"""The exporter on real sockets; its clients are threads, which leave the hub free to serve them."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, NamedTuple, TypeVar

import gevent
import pytest
from prometheus_client import CollectorRegistry

from evsim_locust.metrics.collector import registry_of, text
from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.errors import MetricsError, PortTaken
from evsim_locust.metrics.exporter import Exporter
from tests.metrics.sample_run import Standing, happen

pytestmark = pytest.mark.loopback
T = TypeVar("T")


class Answer(NamedTuple):
    status: int
    kind: str
    allow: str | None
    sniffing: str
    body: str


def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    result: T = gevent.get_hub().threadpool.apply(function, arguments)
    return result


def ask(exporter: Exporter, path: str = "/metrics", method: str = "GET") -> Answer:
    def request() -> Answer:
        with closing(HTTPConnection("127.0.0.1", exporter.port, timeout=10)) as connection:
            connection.request(method, path, headers={"Connection": "close"})
            with closing(connection.getresponse()) as answer:
                names = ("Content-Type", "Allow", "X-Content-Type-Options")
                kind, allow, sniffing = (answer.headers[name] for name in names)
                return Answer(answer.status, kind, allow, sniffing, answer.read().decode())

    return in_thread(request)


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def registry(counts: Counts) -> CollectorRegistry:
    return registry_of(counts, Standing())


@pytest.fixture
def exporter(registry: CollectorRegistry) -> Iterator[Exporter]:
    made = Exporter(registry, 0)
    made.start()
    yield made
    made.stop()


def test_each_scrape_shows_the_counts_of_its_moment(
    exporter: Exporter, counts: Counts, registry: CollectorRegistry
) -> None:
    for _ in range(2):
        happen(counts)
        body, kind = text(registry)
        assert ask(exporter) == (200, kind, None, "nosniff", body.decode())
    assert "\nmeter_values_total 2.0\n" in ask(exporter, "/metrics?debug=1").body


def test_nothing_else_is_there(exporter: Exporter) -> None:
    for path in ("/", "/metrics/", "/metrics2", "/stations"):
        assert ask(exporter, path) == (404, "application/json", None, "nosniff", '{"detail":"Not Found"}\n')


def test_it_can_only_be_read(exporter: Exporter) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = ask(exporter, method=method)
        assert (answer.status, answer.allow, answer.body) == (405, "GET, HEAD", '{"detail":"Method Not Allowed"}\n')
    head = ask(exporter, method="HEAD")
    assert (head.status, head.kind, head.body) == (200, ask(exporter).kind, "")


def test_requests_are_not_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, exporter: Exporter
) -> None:
    caplog.set_level(0)
    assert ask(exporter).status == 200
    assert ask(exporter, "/nothing").status == 404
    assert [record for record in caplog.records if record.name != "asyncio"] == []
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_loopback_only_unless_it_is_told(exporter: Exporter) -> None:
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", exporter.port)) != 0


def test_a_taken_port_is_said(exporter: Exporter, registry: CollectorRegistry) -> None:
    with pytest.raises(PortTaken) as refused:
        Exporter(registry, exporter.port).start()
    assert isinstance(refused.value, MetricsError)
    assert str(refused.value) == (
        f"cannot listen on 127.0.0.1:{exporter.port} (Address already in use): give another port"
    )
    assert ask(exporter).status == 200


@pytest.mark.skipif(sys.platform == "darwin", reason="has only one loopback address")
def test_at_9100_node_exporter_is_named(registry: CollectorRegistry) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.9", 9100))
        other.listen()
        with pytest.raises(PortTaken, match=r"127\.0\.0\.9:9100 .*: Prometheus's node_exporter listens there"):
            Exporter(registry, 9100, "127.0.0.9").start()


def test_an_address_that_is_not_ours_is_not_blamed_on_node_exporter(registry: CollectorRegistry) -> None:
    with pytest.raises(PortTaken, match=r"cannot listen on 192\.0\.2\.1:9100 \(.*\): give another port$"):
        Exporter(registry, 9100, "192.0.2.1").start()


def test_a_stopped_exporter_is_gone_and_its_port_free(exporter: Exporter, registry: CollectorRegistry) -> None:
    exporter.stop()
    exporter.stop()  # once more does no harm
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", exporter.port)) != 0
    again = Exporter(registry, exporter.port)
    again.start()
    assert ask(again).status == 200
    again.stop()
