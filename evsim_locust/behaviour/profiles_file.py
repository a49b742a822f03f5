"""Files of profiles: TOML or YAML, one table per profile, under the name `--station-profile` knows it by.

    [night-bus]            # a name: letters, digits, - and _
    extends = "busy"       # optional: start from this profile, else from the values of `default`
    dwell_min = [120, 240] # and say what is different

A file adds to the profiles there are, and replaces those of its names. `extends` finds a profile of the same file
first, then one there was before; a profile that extends its own name builds on the one it replaces.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import structs

from evsim_locust.behaviour.errors import ProfileRefused, ProfilesFileRefused
from evsim_locust.behaviour.fields import PROFILE_NAME
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.suggestion import suggestion
from evsim_locust.behaviour.unique_yaml import load_yaml

_LONGEST_CHAIN: Final = 20  # of `extends`
_NAME: Final = re.compile(PROFILE_NAME)
Tables = dict[str, dict[str, Any]]


def parse_profiles(text: str, file_name: str, known: Mapping[str, Profile]) -> dict[str, Profile]:
    """`known` with the profiles of a file added; the suffix of `file_name` says how it is written.

    Raises ProfilesFileRefused: `fleet.toml: busy.idle_s[0]: ...`.
    """
    try:
        document = _document(text, file_name)
    except ProfileRefused as refused:
        raise ProfilesFileRefused(f"{file_name}: {refused}") from refused.__cause__
    return profiles_of(document, file_name, known)


def profiles_of(document: object, file_name: str, known: Mapping[str, Profile]) -> dict[str, Profile]:
    """As `parse_profiles`, from what TOML or YAML made of the text."""
    try:
        tables = _tables(document)
        reading = _Reading(tables, known)
        return {**known, **{name: reading.profile(name) for name in tables}}
    except ProfileRefused as refused:
        raise ProfilesFileRefused(f"{file_name}: {refused}") from None


def shipped_profiles() -> dict[str, Profile]:
    """The profiles that come with the package."""
    resource = files("evsim_locust.behaviour") / "profiles.toml"
    return parse_profiles(resource.read_text("utf-8"), resource.name, {})


def load_profiles(path: Path | None = None) -> dict[str, Profile]:
    """The shipped profiles, with those of the user's file if there is one."""
    shipped = shipped_profiles()
    if path is None:
        return shipped
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfilesFileRefused(f"{path}: cannot be read: {error}") from error
    return parse_profiles(text, str(path), shipped)


def _document(text: str, file_name: str) -> object:
    reader = _READERS.get(Path(file_name).suffix.lower())
    if reader is None:
        raise ProfileRefused("", f"the name of a file of profiles ends in {', '.join(_READERS)}")
    try:
        return reader(text)
    except (ValueError, yaml.YAMLError) as error:
        raise ProfileRefused("", " ".join(str(error).split())) from error
    except RecursionError:
        raise ProfileRefused("", "nested too deeply") from None


_READERS: Final[dict[str, Callable[[str], object]]] = {".toml": tomllib.loads, ".yaml": load_yaml, ".yml": load_yaml}


def _tables(document: object) -> Tables:
    if not isinstance(document, dict) or not document:
        raise ProfileRefused("", "no profiles; a file has one table per profile, such as [busy]")
    for name, table in document.items():
        if not isinstance(name, str) or not _NAME.search(name):
            raise ProfileRefused(_shown(name), "a profile's name is a text of 1 to 32 letters, digits, - and _")
        if not isinstance(table, dict):
            raise ProfileRefused(name, "a profile is a table of keys and values")
    return document


def _shown(name: object) -> str:
    return repr(name)[:40]


class _Reading:
    """The profiles of one file, each made once, those it extends first."""

    def __init__(self, tables: Tables, known: Mapping[str, Profile]) -> None:
        self._tables, self._known = tables, known
        self._made: dict[str, Profile] = {}

    def profile(self, name: str, below: tuple[str, ...] = ()) -> Profile:
        """The profile of that table; `below` are the profiles that extend it, directly or not."""
        if name not in self._made:
            own = dict(self._tables[name])
            inherited = self._inherited(own.pop("extends"), (*below, name)) if "extends" in own else {}
            try:
                self._made[name] = Profile.of(inherited | own)
            except ProfileRefused as refused:
                place = f"{name}.{refused.place}" if refused.place else name
                raise ProfileRefused(place, refused.detail) from None
        return self._made[name]

    def _inherited(self, base: object, below: tuple[str, ...]) -> dict[str, Any]:
        place = f"{below[-1]}.extends"
        if not isinstance(base, str):
            raise ProfileRefused(place, f"the name of a profile, not {_shown(base)}")
        if base in self._tables and base != below[-1]:
            if base in below or len(below) > _LONGEST_CHAIN:
                raise ProfileRefused(place, f"goes round in a circle, or too far: {' -> '.join(below[-5:])} -> {base}")
            return structs.asdict(self.profile(base, below))
        if base in self._known:
            return structs.asdict(self._known[base])
        names = {*self._tables, *self._known} - {below[-1]}
        raise ProfileRefused(place, f"no profile {_shown(base)}; {suggestion(base, names, 'profiles')}")
