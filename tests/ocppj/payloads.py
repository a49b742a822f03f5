"""Payloads made from the official schemas: valid ones, and every single change that could matter."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

Path = tuple[str | int, ...]
_FOLDER = files("ocpp").joinpath("v16", "schemas")
_ASTRAL = "\U0001f50c"  # one character, two UTF-16 units, four bytes: lengths count characters
_ANYTHING: tuple[Any, ...] = (None, True, False, 0, -1, 2.0, 1.5, 10**20, "", "Accepted", [], [None], {}, {"a": 1})


def names() -> list[str]:
    """The file names of all schemas, without `.json`."""
    return sorted(entry.name.removesuffix(".json") for entry in _FOLDER.iterdir() if entry.name.endswith(".json"))


@cache
def schema(name: str) -> dict[str, Any]:
    """One schema; some of the files begin with a byte order mark."""
    found: dict[str, Any] = json.loads(_FOLDER.joinpath(f"{name}.json").read_text("utf-8-sig"))
    return found


def resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or what its `$ref` points to."""
    return root["definitions"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node


def smallest(node: dict[str, Any], root: dict[str, Any]) -> Any:
    """A valid value with required fields only."""
    return _build(node, root, random.Random(0), optional=0.0)


def fullest(node: dict[str, Any], root: dict[str, Any]) -> Any:
    """A valid value with every field."""
    return _build(node, root, random.Random(0), optional=1.0)


def any_valid(node: dict[str, Any], root: dict[str, Any], rng: random.Random) -> Any:
    """A valid value, half of the optional fields present."""
    return _build(node, root, rng, optional=0.5)


def _build(node: dict[str, Any], root: dict[str, Any], rng: random.Random, optional: float) -> Any:
    node = resolved(node, root)
    if "enum" in node:
        return rng.choice(node["enum"])
    if node["type"] == "object":
        required = node.get("required", ())
        fields = node.get("properties", {}).items()
        return {n: _build(f, root, rng, optional) for n, f in fields if n in required or rng.random() < optional}
    if node["type"] == "array":
        return [_build(node["items"], root, rng, optional) for _ in range(rng.randint(node.get("minItems", 0), 2) or 1)]
    return rng.choice(_good_scalars(node))


def _good_scalars(node: dict[str, Any]) -> tuple[Any, ...]:
    if node["type"] == "string":
        longest = node.get("maxLength", 40)
        return ("", "x", "é" * longest, _ASTRAL * longest, "2026-11-22T13:00:00Z"[:longest])
    return {
        "integer": (0, 1, -1, 2**31, 2**53 + 1, 10**20),
        "number": (0, 16, 11.0, 7.4, 0.3, 0.1, -0.1, 1e15),
        "boolean": (True, False),
    }[node["type"]]


def mutants(name: str) -> Iterator[tuple[str, Any]]:
    """(what was done, payload): each field of the fullest payload, changed in each way, one at a time."""
    root = schema(name)
    whole = fullest(root, root)
    yield from ((f"payload is {value!r}", value) for value in _ANYTHING)
    for path, node in _nodes(root, root, whole):
        if path:
            yield f"{path} missing", _without(whole, path)
        for value in _bad_values(node, root):
            yield f"{path} = {value!r:.40}", _with(whole, path, value)


def _nodes(node: dict[str, Any], root: dict[str, Any], value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    node = resolved(node, root)
    yield path, node
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from _nodes(node["properties"][field], root, inner, (*path, field))
    elif isinstance(value, list):
        yield from _nodes(node["items"], root, value[0], (*path, 0))


def _bad_values(node: dict[str, Any], root: dict[str, Any]) -> Iterator[Any]:
    yield from _ANYTHING
    if "enum" in node:
        yield from (word for given in node["enum"] for word in (given, given.upper(), given + " "))
    elif node["type"] == "object":
        whole = fullest(node, root)
        yield smallest(node, root)
        yield whole | {"bogus": 1}
        yield {field.lower(): value for field, value in whole.items()}
    elif node["type"] == "array":
        item = fullest(node["items"], root)
        yield from ([item] * 2, [item, None], [[item]], item)
    elif node["type"] == "string":
        longest = node.get("maxLength", 40)
        yield from (character * (longest + over) for character in ("y", _ASTRAL) for over in (0, 1))
    elif node["type"] == "number":
        yield from (0.15, 7.41, -0.3, -7.41, 1e-9, 1e30, 123456789.1, 123456789.12, "7.4")


def _with(whole: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(whole)
    _parent(changed, path)[path[-1]] = value
    return changed


def _without(whole: Any, path: Path) -> Any:
    changed = copy.deepcopy(whole)
    del _parent(changed, path)[path[-1]]
    return changed


def _parent(whole: Any, path: Path) -> Any:
    for step in path[:-1]:
        whole = whole[step]
    return whole
