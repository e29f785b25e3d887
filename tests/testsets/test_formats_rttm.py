"""RTTM read the quick way says the same as line by line, right and wrong lines alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testsets.errors import FormatError
from testsets.formats import rttm
from testsets.formats.segment import Segment, turns

TIMES = ["0", "1.5", "007.250", "3.", ".5", "-1", "+2", "1e3", "nan", "inf", "1_000", "١", "1e99", "200000000", "", "x"]

time = st.one_of(st.sampled_from(TIMES), st.floats(0, 1e7).map(str))
name = st.sampled_from(["a", "b_1", "é", "SPEAKER", ";;x"])
turn = st.builds(
    lambda start, length, recording, speaker, tail: (
        f"SPEAKER {recording} 1 {start} {length} <NA> <NA> {speaker} {tail}"
    ),
    time,
    time,
    name,
    name,
    st.sampled_from(["<NA> <NA>", "<NA>", "", "1 2 3"]),
)
line = st.one_of(
    turn, st.sampled_from(["", "  ", ";; note", "LEXEME a 1 0 1 word lex s <NA>", "SPEAKERS a", "speaker"])
)


def outcome(text: str) -> tuple[Segment, ...] | str:
    try:
        return rttm.parse(text, "f", 16_000)
    except FormatError as error:
        return str(error)


@settings(deadline=None, max_examples=300)
@given(st.lists(line, max_size=4))
def test_the_quick_way_is_the_careful_one(lines: list[str]) -> None:
    assert outcome("\n".join(lines)) == outcome("\r\n".join([*lines, ""]))


@settings(deadline=None, max_examples=300)
@given(st.lists(line, max_size=4))
def test_turns_are_those_of_the_segments(lines: list[str]) -> None:
    text = "\n".join(lines)
    if isinstance(found := outcome(text), str):
        with pytest.raises(FormatError):
            rttm.parse_turns(text, "f", 16_000)
    else:
        assert rttm.parse_turns(text, "f", 16_000) == turns(found)


def test_a_time_may_be_written_oddly() -> None:
    found = rttm.parse("SPEAKER a 1 1e1 +.5 <NA> <NA> x <NA>\nSPEAKER a 1 10 0.5 <NA> <NA> x <NA> <NA>\n", "f", 1000)
    assert found == (Segment("a", 10_000, 10_500, "x"),) * 2


def test_the_line_of_an_error_is_named_after_many_right_ones() -> None:
    right = "SPEAKER a 1 1.0 0.5 <NA> <NA> x <NA>\n"
    with pytest.raises(FormatError, match=r"^f:1001: duration 'x' is not a number of seconds"):
        rttm.parse(1000 * right + right.replace("0.5", "x"), "f", 1000)
