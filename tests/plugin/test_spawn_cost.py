"""A worker builds Locust's command line parser once, not once per option of every spawn message."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from locust import argument_parser
from locust.rpc import Message

from evsim_locust.plugin.spawn_cost import cache_default_args
from tests.plugin.cluster import Cluster, cluster

pytestmark = pytest.mark.loopback


class Worker:
    """Locust's worker, how many parsers have been built in it, and a master's spawn messages to it."""

    def __init__(self, one: Cluster) -> None:
        self.parsers = 0
        self._one = one
        self._messages = 0

    def count(self, build: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **kwargs: object) -> object:
            self.parsers += 1
            return build(*args, **kwargs)

        return counted

    def gets_spawn_message(self) -> None:
        self._messages += 1
        job = {
            "timestamp": float(self._messages),
            "user_classes_count": {"Sleeper": 0},
            "host": None,
            "stop_timeout": 0.0,
            "parsed_options": vars(self._one.environment.parsed_options),
        }
        runner = self._one.workers[0]
        runner.handle_message(Message("spawn", job, "master"))
        runner.spawning_greenlet.join(5)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Afterwards Locust is as it was."""
    plain = argument_parser.default_args_dict
    plain = getattr(plain, "__wrapped__", plain)  # the plugin may have cached it in this process
    monkeypatch.setattr(argument_parser, "default_args_dict", plain)
    with cluster(workers=1) as one:
        made = Worker(one)
        build = argument_parser.get_empty_argument_parser
        monkeypatch.setattr(argument_parser, "get_empty_argument_parser", made.count(build))
        yield made


def test_locust_builds_a_parser_for_each_option_of_each_message(worker: Worker) -> None:
    """Why there is a cache; when this fails, Locust has mended it."""
    worker.gets_spawn_message()
    assert worker.parsers > 50


def test_with_the_cache_it_is_built_once_for_all_messages(worker: Worker) -> None:
    cache_default_args()
    worker.gets_spawn_message()
    worker.gets_spawn_message()
    assert worker.parsers == 1


def test_caching_twice_is_caching_once(worker: Worker) -> None:
    cache_default_args()
    cached = argument_parser.default_args_dict
    cache_default_args()
    assert argument_parser.default_args_dict is cached


def test_the_answer_is_locusts_own(worker: Worker) -> None:
    plain = argument_parser.default_args_dict()
    cache_default_args()
    assert argument_parser.default_args_dict() == plain
    assert "stop_timeout" in plain
