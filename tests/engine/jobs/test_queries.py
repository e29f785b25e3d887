from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs import queries
from engine.jobs.errors import Refusal


def us(*when: int) -> int:
    return round(datetime(*when, tzinfo=UTC).timestamp() * 1_000_000)


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "2026-01-31T13:00:00 01:00"])
def test_a_moment_in_any_zone(text: str) -> None:
    assert queries.moment({"at": text}, "at", 0) == us(2026, 1, 31, 12)


def test_what_is_not_given_is_usual() -> None:
    assert queries.moment({}, "at", 7) == 7
    assert queries.whole({}, "limit", 7, 1, 9) == 7
    assert not queries.flag({}, "force")
    assert queries.output_format({}) == "json-v2"
    assert queries.days({}, 5) == (0, 5)


def test_days_are_counted_whole() -> None:
    assert queries.days({"since": "2026-01-30", "until": "2026-01-31"}, 0) == (us(2026, 1, 30), us(2026, 2, 1))
    assert queries.days({"until": "9999-12-31"}, 0)[1] > 0


@pytest.mark.parametrize("text", ["true", "True", "1", ""])
def test_flags(text: str) -> None:
    assert queries.flag({"force": text}, "force")
    assert not queries.flag({"force": "false"}, "force")


@given(st.text(max_size=30))
def test_any_text_is_understood_or_unprocessable(text: str) -> None:
    for read in (
        lambda: queries.moment({"x": text}, "x", 0),
        lambda: queries.whole({"x": text}, "x", 1, 1, 100),
        lambda: queries.flag({"x": text}, "x"),
        lambda: queries.days({"since": text}, 0),
        lambda: queries.output_format({"format": text}),
    ):
        code = 422
        try:
            read()
        except Refusal as refused:
            code = refused.code
        assert code == 422
