"""NLP as fstalign's documentation and sources give it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testsets.errors import FormatError
from testsets.formats import nlp
from testsets.formats.nlp import Token
from testsets.hypotheses import read_hypotheses
from testsets.transcript import Transcript, Word

HEADER = "token|speaker|ts|endTs|punctuation|case|tags|wer_tags\n"
DOCUMENTED = (
    HEADER
    + """Good|0||||UC|[]|[]
morning|0||||LC|['5:TIME']|['5']
2020|0||||CA|['0:YEAR']|['0', '1', '6']
NexGEn|0||||MC|['7:ORG']|['7']
"""
)

letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="|\ufeff")
values = st.text(letters, max_size=6).map(lambda text: text.strip(" \t"))
items = st.lists(st.text(letters, max_size=4).filter(lambda text: "'" not in text), max_size=3).map(tuple)
spans = st.none() | st.tuples(st.integers(0, 10**10), st.integers(0, 10**6))
tokens = st.builds(
    lambda span, **rest: Token(start=span and span[0], end=span and sum(span), **rest),
    span=spans,
    token=values.filter(bool),
    speaker=st.none() | values.filter(bool),
    punctuation=values,
    prepunctuation=values,
    case=st.sampled_from(nlp.CASES),
    tags=items,
    wer_tags=items,
    confidence=st.none() | st.floats(0, 1),
)


@given(st.lists(tokens, max_size=4), st.sampled_from([8_000, 16_000, 44_100, 48_000]))
def test_nlp_survives(rows: list[Token], rate: int) -> None:
    assert list(nlp.parse(nlp.render(rows, rate), "f", rate)) == rows


def test_the_documented_example_is_read() -> None:
    good, morning, year, company = nlp.parse(DOCUMENTED, "f", 16_000)
    assert good == Token("Good", "0", case="UC")
    assert morning.tags == ("5:TIME",)
    assert (year.tags, year.wer_tags) == (("0:YEAR",), ("0", "1", "6"))
    assert company.text == "NexGEn"


def test_columns_go_by_name_and_foreign_ones_are_passed_over() -> None:
    (token,) = nlp.parse("\ufeffendTs|ts|token|prepunctuation|ali_comment\r\n1.5 |0.5|five|$|x\r\n", "f", 16_000)
    assert token == Token("five", start=8_000, end=24_000, prepunctuation="$")
    assert token.text == "$five"


@pytest.mark.parametrize(
    ("token", "case", "text"),
    [
        ("good", "UC", "Good."),
        ("usa", "CA", "USA."),
        ("mcdonald", "MC", "mcdonald."),
        ("COVID-19", "UC", "COVID-19."),
        ("good", "", "good."),
    ],
)
def test_case_and_punctuation_are_written_out(token: str, case: str, text: str) -> None:
    assert Token(token, punctuation=".", case=case).text == text


def test_a_file_is_a_recording_in_its_own_order(tmp_path: Path) -> None:
    (tmp_path / "call.7.NLP").write_text(HEADER + "b|2|1|1.5|,|||\na|1|0.5|0.75||||\nc||||.|||\n")
    words = (Word("b,", 16_000, 24_000, None, "2"), Word("a", 8_000, 12_000, None, "1"), Word("c."))
    assert read_hypotheses(tmp_path / "call.7.NLP") == {"call.7": Transcript(words)}


def test_an_empty_file_is_a_recording_without_words(tmp_path: Path) -> None:
    (tmp_path / "call.nlp").write_text("")
    assert read_hypotheses(tmp_path / "call.nlp") == {"call": Transcript(())}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("word|speaker\nhi|1\n", "f:1: no column 'token'"),
        ("token|ts|ts\nhi|1|1\n", "f:1: column 'ts' is given twice"),
        ("token|ts\nhi\n", "f:2: 1 values for 2 columns"),
        ("token|speaker\nhi|1\na|b|1\n", "f:3: more than 2 values for 2 columns"),
        ("token|speaker\n |1\n", "f:2: the token is empty"),
        ("token|case\nhi|XX\n", "f:2: case 'XX' is not one of UC, LC, CA, MC"),
        ("token|ts|endTs\nhi|1|\n", "f:2: token 'hi': give both ts and endTs"),
        ("token|ts|endTs\nhi|2|1\n", "f:2: token 'hi' ends before it starts"),
        ("token|ts|endTs\nhi|nan|1\n", "f:2: ts 'nan' must lie between 0"),
        ("token|ts|endTs\nhi|1_0|11\n", "f:2: ts '1_0' is not a number of seconds"),
        ("token|tags\nhi|['0:YEAR'\n", "f:2: tags .* is no list"),
        ("token|confidence\nhi|7\n", "f:2: confidence '7' must be a number from 0 to 1"),
        ("token\rhi\rthere\n", "f:1: a carriage return inside a line"),
        ("token\nhi\rthere\n", "f:2: a carriage return inside a line"),
    ],
)
def test_a_malformed_line_says_where_and_what(text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        nlp.parse(text, "f", 16_000)


@pytest.mark.parametrize("changes", [{"token": "a|b"}, {"speaker": "a\nb"}, {"token": ""}, {"tags": ("it's",)}])
def test_what_the_format_cannot_hold_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match="cannot be written"):
        nlp.render([Token(**({"token": "hi"} | changes))], 16_000)


def test_files_are_written_and_read(tmp_path: Path) -> None:
    nlp.save(tmp_path / "a.nlp", [Token("hi", "1", 160, 320)], 16_000)
    assert nlp.load(tmp_path / "a.nlp", 16_000) == (Token("hi", "1", 160, 320),)
