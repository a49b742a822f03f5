"""Date-times: one form written, many read, and nothing but ValueError."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evsim_locust.ocppj import timestamps

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=offsets)


def test_the_form_written() -> None:
    assert timestamps.write(0.0) == "1970-01-01T00:00:00.000Z"
    assert timestamps.write(1795352400.25) == "2026-11-22T13:00:00.250Z"
    assert timestamps.write(1795352399.9999) == "2026-11-22T13:00:00.000Z"
    assert timestamps.write(1.001) == "1970-01-01T00:00:01.001Z"


@given(st.integers(0, 4102444800_000))
def test_what_is_written_reads_back_to_the_millisecond(milliseconds: int) -> None:
    moment = timestamps.read(timestamps.write(milliseconds / 1000))
    assert moment == EPOCH + milliseconds * MILLISECOND


@given(st.floats(0, 4102444800))
def test_writing_rounds_to_the_nearest_millisecond(wall_s: float) -> None:
    assert abs(wall_s - timestamps.read(timestamps.write(wall_s)).timestamp()) <= 0.000_501


@given(moments)
def test_rfc_3339_is_read_exactly(moment: datetime) -> None:
    read = timestamps.read(moment.isoformat())
    assert abs(read - moment) < timedelta(microseconds=2)
    assert read.utcoffset() == moment.utcoffset()


@given(moments, st.sampled_from("Tt "), st.sampled_from(".,"), st.sampled_from(["", " ", "\n"]))
def test_other_signs_name_the_same_moment(moment: datetime, letter: str, point: str, blank: str) -> None:
    text = moment.isoformat(sep=letter, timespec="microseconds").replace(".", point)
    assert timestamps.read(blank + text + blank) == timestamps.read(moment.isoformat(timespec="microseconds"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-22T13:00:00Z", "2026-11-22T13:00:00+00:00"),
        ("2026-11-22T13:00:00z", "2026-11-22T13:00:00+00:00"),
        ("2026-11-22T13:00Z", "2026-11-22T13:00:00+00:00"),
        ("2026-11-22T13:00:00", "2026-11-22T13:00:00+00:00"),
        ("2026-11-22T13:00:60Z", "2026-11-22T13:01:00+00:00"),
        ("2026-12-31T23:59:60.5Z", "2027-01-01T00:00:00.500000+00:00"),
        ("2026-11-22T13:00:00.1234567Z", "2026-11-22T13:00:00.123457+00:00"),
        ("2026-11-22T13:00:00+0530", "2026-11-22T13:00:00+05:30"),
        ("2026-11-22T13:00:00-03", "2026-11-22T13:00:00-03:00"),
        ("2026-11-22T13:00:00 +01:00", "2026-11-22T13:00:00+01:00"),
        (" 2026-11-22 13:00:00,5Z ", "2026-11-22T13:00:00.500000+00:00"),
    ],
)
def test_tolerated_forms(text: str, meant: str) -> None:
    assert timestamps.read(text).isoformat() == meant


REFUSED = [
    "",
    "yesterday",
    "2026-11-22",
    "13:00:00",
    "2026-11-22T13",
    "2026-13-22T13:00:00Z",
    "2026-02-29T13:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T13:60:00Z",
    "2026-11-22T13:00:61Z",
    "2026-11-22T13:00:00.Z",
    "2026-11-22T13:00:00+24:00",
    "2026-11-22T13:00:00+1",
    "2026-11-22T13:00:00ZZ",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "20261122T130000Z",
    "1795352400",
    "2026-11-22T13:00:٣٠Z",  # digits, but not those of ISO 8601
    "2026-11-22T13:00:00." + "9" * 400_000 + "Zx",
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_refused_forms_are_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a date-time: ") as refused:
        timestamps.read(text)
    assert repr(text[:40]) in str(refused.value)
    assert len(str(refused.value)) < 200


digits = st.from_regex(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,30})?)?"
    r"([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?",
    fullmatch=True,
)


def moment_or_refusal(text: str) -> datetime | ValueError:
    try:
        return timestamps.read(text)
    except ValueError as error:
        return error


common = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]([.,][0-9]{1,9})?Z", fullmatch=True
)


@given(common | st.from_regex(r".{7}-..T..:..:.{0,12}Z", fullmatch=True))
@example("2026-W47-7T13:00:00Z")
@example("2026-11-22T13:00:00.1234567Z")
@example("2026-12-31T23:59:60Z")
def test_the_common_form_is_read_as_the_tolerant_reading_does(text: str) -> None:
    direct, tolerant = moment_or_refusal(text), moment_or_refusal(" " + text)
    if isinstance(direct, ValueError):
        assert isinstance(tolerant, ValueError)
    else:
        assert not isinstance(tolerant, ValueError)
        assert abs(direct - tolerant) < timedelta(microseconds=2)


@given(st.text(max_size=40) | digits)
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_a_moment_with_an_offset_or_value_error(text: str) -> None:
    outcome = moment_or_refusal(text)
    if isinstance(outcome, ValueError):
        assert str(outcome).startswith("not a date-time: ")
    else:
        assert outcome.utcoffset() is not None
        assert isinstance(outcome.timestamp(), float)
