"""Entities beside NLP files, as fstalign's documentation and sources give them."""

import json
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testsets.errors import FormatError
from testsets.formats.nlp import Token
from testsets.formats.nlp_entities import (
    Entity,
    entities,
    load_classes,
    load_wordings,
    parse_classes,
    parse_wordings,
    with_wordings,
)

CLASSES = {"0": {"entity_type": "YEAR"}, "1": {"entity_type": "DATE"}}
WORDINGS = {
    "0": {
        "candidates": [
            {"probability": 0.5, "verbalization": ["twenty", "twenty"]},
            {"probability": 0.5, "verbalization": ["two", "thousand", "twenty"]},
        ],
        "class": "YEAR",
    },
    "2": {"candidates": [{"verbalization": []}], "class": "FALLBACK"},
}
TOKENS = (
    Token("in"),
    Token("early", wer_tags=("1",)),
    Token("2020", tags=("0:YEAR",), wer_tags=("1", "0"), punctuation=","),
    Token("we", tags=("3:CONTRACTION",), wer_tags=("3",)),
    Token("will", tags=("3:CONTRACTION",), wer_tags=("3",)),
    Token("th-", tags=("2:FALLBACK",)),
)


def test_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.wer_tag.json").write_text("\ufeff" + json.dumps(CLASSES))
    (tmp_path / "a.norm.json").write_text(json.dumps(WORDINGS))
    assert load_classes(tmp_path / "a.wer_tag.json") == {"0": "YEAR", "1": "DATE"}
    assert load_wordings(tmp_path / "a.norm.json") == {
        "0": (("twenty", "twenty"), ("two", "thousand", "twenty")),
        "2": ((),),
    }


def test_entities_are_runs_of_one_id_and_may_overlap() -> None:
    assert entities(TOKENS, {"0": "YEAR", "1": "DATE"}) == (Entity("1", "DATE", 1, 3), Entity("0", "YEAR", 2, 3))
    apart = (Token("a", wer_tags=("0",)), Token("b"), Token("c", wer_tags=("0",)))
    assert entities(apart, {"0": "YEAR"}) == (Entity("0", "YEAR", 0, 1), Entity("0", "YEAR", 2, 3))
    assert entities((), {}) == ()


def test_wordings_are_alternatives_and_the_written_form_is_one() -> None:
    found = with_wordings(TOKENS, parse_wordings(json.dumps(WORDINGS), "f"))
    assert found == "in early { 2020 / twenty twenty / two thousand twenty } we will { th- / @ }"


@pytest.mark.parametrize("token", ["{", "a}", "/", "@", "(uh)"])
def test_notation_among_the_tokens_is_written_wide(token: str) -> None:
    found = with_wordings([Token(token)], {})
    assert not set(found) & set("/@{}()")
    assert unicodedata.normalize("NFKC", found) == token


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "f: expected a JSON object of entities by id"),
        ('{"0": 1}', "f, entity '0': expected a JSON object"),
        ('{"0": {}}', "f, entity '0': 'entity_type' is missing"),
        ('{"0": {"candidates": [1]}}', "entity_type|must hold objects"),
    ],
)
def test_what_does_not_fit_is_told(text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        parse_classes(text, "f")
    with suppress(FormatError):
        parse_wordings(text, "f")


def test_wordings_are_strings() -> None:
    with pytest.raises(FormatError, match="entity '0': 'verbalization' must hold strings"):
        parse_wordings('{"0": {"candidates": [{"verbalization": [1]}]}}', "f")


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["candidates", "verbalization", "entity_type"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=2), values).map(json.dumps) | st.text())
def test_any_text_is_entities_or_a_format_error(text: str) -> None:
    with suppress(FormatError):
        parse_classes(text, "f")
    with suppress(FormatError):
        parse_wordings(text, "f")
