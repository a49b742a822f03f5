"""Files of profiles: those we ship, those users write, and what is said of wrong ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from evsim_locust.behaviour.errors import ProfilesFileRefused
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.profiles_file import load_profiles, parse_profiles, profiles_of, shipped_profiles
from evsim_locust.behaviour.profiles_schema import profiles_schema

SHIPPED = shipped_profiles()
COMMON = {
    "sample_interval_s": (10, 20),
    "heartbeat_s": 60,
    "id_tags": ("ABC123", "TAG001", "USER42"),
    "peak_hours": frozenset(range(8, 18)),
    "policy_retry_s": 60,
    "on_wait": "stop",
    "samples_per_session": None,
    "max_carbon_gco2_kwh": None,
    "max_grid_load": None,
}
# idle s, dwell min, Wh per sample, price below, cap kWh, peak, offline, transactions
TABLE: dict[str, tuple[Any, ...]] = {
    "default": ((30, 120), (10, 40), (50, 150), 25, 30, True, 0, True),
    "busy": ((5, 20), (4, 12), (80, 220), 30, 40, True, 0, True),
    "idle": ((180, 600), (20, 90), (50, 150), 18, 20, False, 0, True),
    "no-transactions": (None, None, None, 100, 30, True, 0, False),
    "flaky": ((20, 60), (10, 40), (50, 150), 20, 25, True, 0.1, True),
    "manual": (None, None, None, 100, 30, True, 0, "manual"),
}


def parse(text: str, name: str = "fleet.toml") -> dict[str, Profile]:
    return parse_profiles(text, name, SHIPPED)


def refusal(text: str, name: str = "fleet.toml") -> str:
    with pytest.raises(ProfilesFileRefused) as refused:
        parse(text, name)
    return str(refused.value)


@pytest.mark.parametrize("name", TABLE)
def test_the_shipped_profiles_have_the_documented_numbers(name: str) -> None:
    idle, dwell, energy, price, cap, peak, offline, transactions = TABLE[name]
    profile = SHIPPED[name]
    if idle is not None:
        assert (profile.idle_s, profile.dwell_min, profile.sample_energy_wh) == (idle, dwell, energy)
    assert (profile.charge_if_price_below, profile.max_energy_kwh, profile.allow_peak) == (price, cap, peak)
    assert (profile.offline_probability, profile.transactions) == (offline, transactions)
    for key, value in COMMON.items():
        assert getattr(profile, key) == value, key


def test_there_are_six_and_flaky_is_offline_for_half_a_minute() -> None:
    assert list(SHIPPED) == list(TABLE)
    assert SHIPPED["flaky"].offline_s == 30


def test_absent_keys_have_the_values_of_the_shipped_default() -> None:
    assert SHIPPED["default"] == Profile()
    assert parse("[mine]\n")["mine"] == SHIPPED["default"]


# ---- users' files


def test_toml_and_yaml_say_the_same() -> None:
    toml = '[mine]\nidle_s = [1, 2]\non_wait = "suspend"\ntransactions = "manual"\n'
    text = "mine:\n  idle_s: [1, 2]\n  on_wait: suspend\n  transactions: manual\n"
    assert parse(toml)["mine"] == parse(text, "fleet.yaml")["mine"] == parse(text, "FLEET.YML")["mine"]


def test_a_file_adds_and_replaces_by_name() -> None:
    profiles = parse("[busy]\nheartbeat_s = 5\n[mine]\nheartbeat_s = 6\n")
    assert set(profiles) == {*SHIPPED, "mine"}
    assert profiles["busy"] == Profile(heartbeat_s=5)
    assert profiles["flaky"] is SHIPPED["flaky"]


def test_extends_starts_from_a_profile_there_was_before() -> None:
    mine = parse('[mine]\nextends = "busy"\nheartbeat_s = 5\n')["mine"]
    assert (mine.idle_s, mine.heartbeat_s) == (SHIPPED["busy"].idle_s, 5)


def test_extends_starts_from_a_profile_of_the_same_file_wherever_it_stands() -> None:
    profiles = parse('[a]\nextends = "busy"\npriority = 4\n[busy]\nextends = "flaky"\nheartbeat_s = 5\n')
    assert (profiles["a"].offline_probability, profiles["a"].heartbeat_s, profiles["a"].priority) == (0.1, 5, 4)


def test_a_profile_that_extends_its_own_name_builds_on_the_one_it_replaces() -> None:
    busy = parse('[busy]\nextends = "busy"\nheartbeat_s = 5\n')["busy"]
    assert (busy.idle_s, busy.heartbeat_s) == (SHIPPED["busy"].idle_s, 5)


def test_null_in_yaml_takes_an_inherited_limit_away() -> None:
    profiles = parse("a: {max_grid_load: 0.5}\nb: {extends: a, max_grid_load: null}\n", "x.yaml")
    assert (profiles["a"].max_grid_load, profiles["b"].max_grid_load) == (0.5, None)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("[a]\nidle_s = [1, 'x']", "fleet.toml", "fleet.toml: a.idle_s[1]: Expected `float`, got `str` (idle_s: pause"),
        ("a: {idle_s: [1, x]}", "f.yaml", "f.yaml: a.idle_s[1]: Expected `float`, got `str`"),
        ("[a]\nidel_s = 1", "f.toml", "f.toml: a.idel_s: no such key; did you mean idle_s?"),
        ("[a]\nidle_s = [2, 1]", "f.toml", "f.toml: a.idle_s: [from, to] with from above to: [2, 1]"),
        ("[a]\nextends = 'bussy'", "f.toml", "f.toml: a.extends: no profile 'bussy'; did you mean busy?"),
        ("[a]\nextends = 'a'", "f.toml", "f.toml: a.extends: no profile 'a'; the profiles are busy, default"),
        ("[a]\nextends = ['busy']", "f.toml", "f.toml: a.extends: the name of a profile, not ['busy']"),
        ("[a]\nextends='b'\n[b]\nextends='a'", "f.toml", "goes round in a circle, or too far: a -> b -> a"),
        ("[a]\n[a]", "f.toml", "f.toml: Cannot declare ('a',) twice (at line 2"),
        ("a: {}\na: {}", "f.yaml", "f.yaml: 'a' is here twice"),
        ("a: {priority: 1, priority: 2}", "f.yaml", "f.yaml: 'priority' is here twice"),
        ("", "f.toml", "f.toml: no profiles; a file has one table per profile"),
        ("", "f.yaml", "f.yaml: no profiles"),
        ("- a", "f.yaml", "f.yaml: no profiles"),
        ("a: 1", "f.yaml", "f.yaml: a: a profile is a table"),
        ("no: {}", "f.yaml", "f.yaml: False: a profile's name is a text"),
        ("'a:b': {}", "f.yaml", "f.yaml: 'a:b': a profile's name is a text"),
        ('"a\\n": {}', "f.yaml", "f.yaml: 'a\\n': a profile's name is a text"),
        ("a: {", "f.yaml", "f.yaml: while parsing"),
        ("? [a]\n: b", "f.yaml", "f.yaml: while constructing"),
        ("a: {priority: 2026-13-45}", "f.yaml", "f.yaml: month must be in 1..12"),
        ("a = [", "f.toml", "f.toml: "),
        ("a: !!python/object/apply:os.system [x]", "f.yaml", "could not determine a constructor"),
        ("{}", "f.json", "f.json: the name of a file of profiles ends in .toml, .yaml, .yml"),
        ("a: " + "[" * 1200, "f.yaml", "f.yaml: nested too deeply"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_place(text: str, name: str, message: str) -> None:
    assert message in refusal(text, name)


def test_a_very_long_chain_of_extends_is_refused() -> None:
    chain = "".join(f'[p{n}]\nextends = "p{n + 1}"\n' for n in range(2000)) + "[p2000]\n"
    assert "too far" in refusal(chain)


def test_the_place_is_in_the_profile_that_has_the_fault_not_in_one_that_extends_it() -> None:
    assert refusal('[a]\nextends = "b"\n[b]\nheartbeat_s = 0\n').startswith("fleet.toml: b.heartbeat_s: ")


def test_load_reads_the_users_file_on_top_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text("\ufeff[mine]\nheartbeat_s = 7\n", "utf-8")
    assert load_profiles() == SHIPPED
    assert load_profiles(path) == {**SHIPPED, "mine": Profile(heartbeat_s=7)}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfilesFileRefused, match=r"absent\.toml: cannot be read: "):
        load_profiles(tmp_path / "absent.toml")
    (tmp_path / "latin.yaml").write_bytes(b"a: {id_tags: [\xe4]}")
    with pytest.raises(ProfilesFileRefused, match=r"latin\.yaml: cannot be read: "):
        load_profiles(tmp_path / "latin.yaml")


# ---- the published schema

RESOURCES = files("evsim_locust.behaviour")
SCHEMA = json.loads((RESOURCES / "profiles.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_committed_schema_is_the_one_the_types_make() -> None:
    assert json.loads(json.dumps(profiles_schema())) == SCHEMA
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_tells_what_each_key_is_for() -> None:
    for key, node in SCHEMA["$defs"]["ProfileTable"]["properties"].items():
        assert node.get("description") or node["anyOf"], key


def refusal_or_none(read: Callable[[], object]) -> str | None:
    try:
        read()
    except ProfilesFileRefused as refused:
        return str(refused)
    return None


good_keys: dict[str, st.SearchStrategy[Any]] = {
    "idle_s": st.tuples(st.integers(0, 50), st.floats(50, 1e9)).map(list),
    "sample_interval_s": st.tuples(st.integers(1, 5), st.integers(5, 9)).map(list),
    "samples_per_session": st.none() | st.just([3, 8]),
    "heartbeat_s": st.integers(1, 10**9),
    "id_tags": st.lists(st.text("AZaz09 -", min_size=1, max_size=20).filter(lambda t: t == t.strip()), min_size=1),
    "peak_hours": st.lists(st.integers(0, 23)),
    "offline_probability": st.floats(0, 1),
    "transactions": st.sampled_from([True, False, "manual"]),
    "on_wait": st.sampled_from(["stop", "suspend"]),
    "max_grid_load": st.none() | st.floats(0, 1),
    "priority": st.integers(0, 9),
    "allow_peak": st.booleans(),
    "extends": st.sampled_from(["busy", "flaky"]),
}
# A whole number written as 8.0 is left out: JSON Schema takes it for an integer, TOML and YAML call it a float.
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 30)
    | st.floats(-2, 30).filter(lambda value: not value.is_integer())
    | st.text("aZ5 ä\n", max_size=22)
    | st.sampled_from(["manual", "suspend", "busy"])
)
any_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner)
)
good_tables = st.fixed_dictionaries({}, optional=good_keys)
names = st.sampled_from(["a", "night-bus", "busy"])
schema_keys = st.sampled_from([*SCHEMA["$defs"]["ProfileTable"]["properties"], "unknown"])


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good document with one value put somewhere."""
    document: Any = draw(st.dictionaries(names, good_tables, min_size=1))
    where = draw(st.integers(0, 9))
    if where == 0:
        return draw(any_values)
    name = draw(names | st.text("aZ_ :\n", max_size=4))
    if where == 1:
        document[name] = draw(any_values)
    else:
        document.setdefault(name, {})[draw(schema_keys)] = draw(any_values)
    return document


@given(st.dictionaries(names, good_tables, min_size=1))
def test_a_good_file_is_good_for_the_reader_and_the_schema(document: Any) -> None:
    assert VALIDATOR.is_valid(document)
    profiles = profiles_of(document, "x.yaml", SHIPPED)
    assert set(profiles) == {*SHIPPED, *document}


@given(mutated())
@example({"a": {"id_tags": ["A\n"]}})
@example({"a\n": {}})
@example({"a": {"peak_hours": [1, 1]}})
@example({"a": {"max_energy_kwh": 0}})
@example({})
def test_the_reader_refuses_what_the_schema_refuses_and_else_only_what_it_cannot_say(document: Any) -> None:
    refused = refusal_or_none(lambda: profiles_of(document, "x.yaml", SHIPPED))
    if VALIDATOR.is_valid(document):
        assert refused is None or "from above to" in refused or ".extends: " in refused
    else:
        assert refused is not None


@given(st.text(max_size=60), st.sampled_from(["x.toml", "x.yaml"]))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    refused = refusal_or_none(lambda: parse(text, name))
    assert refused is None or refused.startswith(f"{name}: ")
