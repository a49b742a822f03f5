"""What the station dispatcher takes from Locust's own, private fields included: a Locust without it must fail here."""

from __future__ import annotations

import ast
import inspect
import re

from locust import User, dispatch, runners
from locust.dispatch import UsersDispatcher
from locust.runners import WorkerNode

from evsim_locust.plugin import dispatcher
from evsim_locust.plugin.dispatcher import StationDispatcher

_FIELDS = {
    "_worker_nodes": list,
    "_original_user_classes": list,
    "_users_on_workers": dict,
    "_active_users": list,
    "_current_user_count": int,
    "_target_user_count": int,
    "_user_count_per_dispatch_iteration": int,
    "_wait_between_dispatch": float,
    "_try_dispatch_fixed": bool,
    "_no_user_to_spawn": bool,
}
_REPLACED = {"_dispatcher", "_add_users_on_workers", "_remove_users_from_workers", "add_worker", "remove_worker"}


class Only(User):
    """A class to dispatch."""

    abstract = False


def _plain() -> UsersDispatcher:
    return UsersDispatcher([WorkerNode("a_1"), WorkerNode("a_2")], [Only])


def _used_of_self() -> set[str]:
    """Every field and method of `self` that our source names."""
    tree = ast.parse(inspect.getsource(dispatcher))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def test_locusts_dispatcher_has_every_field_that_ours_uses() -> None:
    plain = _plain()
    assert {name: type(getattr(plain, name, None)) for name in _FIELDS} == _FIELDS
    own = vars(StationDispatcher).keys() | {"_sleep", "_loop", "_retired", "_class_names"}
    unlisted = {name for name in _used_of_self() - own - _FIELDS.keys() if not callable(getattr(plain, name, None))}
    assert unlisted == {"_user_generator", "_dispatcher_generator"}


def test_locusts_dispatcher_has_every_method_that_ours_replaces() -> None:
    assert vars(UsersDispatcher).keys() >= _REPLACED | {"__next__", "new_dispatch", "dispatch_in_progress"}


def test_a_dispatch_is_a_generator_of_books_keyed_by_worker_and_class() -> None:
    plain = _plain()
    plain.new_dispatch(3, 10)
    assert inspect.isgenerator(plain._dispatcher_generator)
    assert list(plain) == [{"a_1": {"Only": 2}, "a_2": {"Only": 1}}]
    assert (plain._current_user_count, plain._target_user_count) == (3, 3)
    assert [(node.id, name) for node, name in plain._active_users] == [
        ("a_1", "Only"),
        ("a_2", "Only"),
        ("a_1", "Only"),
    ]


def test_nobody_else_drives_the_generator() -> None:
    source = inspect.getsource(dispatch)
    assert source.count("self._dispatcher_generator = ") == 1
    assert source.count("next(self._dispatcher_generator)") == 1


def test_locust_asks_whether_a_dispatch_is_on_only_to_start_one_in_its_message_loop() -> None:
    asked = re.findall(r".*\.dispatch_in_progress.*\n(?:\s*#.*\n)?.*", inspect.getsource(runners))
    assert len(asked) == 4
    assert all("if not self" in text and "self.start(self.target_user_count" in text for text in asked)
