import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testsets import manifest
from testsets.case import AudioRef, Case
from testsets.errors import FormatError
from testsets.hypotheses import parse_hypotheses, read_hypotheses, read_turns
from testsets.transcript import SpeakerTurn, Transcript, Word

WORDS = '{"id": "a", "words": [{"text": "hi", "start": 0.5, "end": 1.25, "confidence": 0.9, "speaker": "S1"}]}'


def test_text_and_timed_words_are_read() -> None:
    found = parse_hypotheses(WORDS + '\n{"id": "b", "text": "so it  is"}\n{"id": "c", "text": ""}', "f", 8_000)
    assert found["a"] == Transcript((Word("hi", 4_000, 10_000, 0.9, "S1"),), 8_000)
    assert found["b"].text == "so it is"
    assert found["c"].words == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", WORDS),
        ("a.stm", "a 1 S1 0.5 1.25 hi"),
        ("a.ctm", "a 1 0.5 0.75 hi 0.9 lex S1"),
        ("a.trn", "hi (a)"),
        ("a.JSON", '[{"session_id": "a", "speaker": "S1", "start_time": 0.5, "end_time": 1.25, "words": "hi"}]'),
    ],
)
def test_the_ending_names_the_format(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = read_hypotheses(tmp_path / name)
    assert list(found) == ["a"]
    assert found["a"].text == "hi"
    if name != "a.trn":
        assert (found["a"].words[0].start, found["a"].words[0].end) == (8_000, 20_000)
        assert found["a"].words[0].speaker == "S1"


def test_a_test_set_gives_its_references(tmp_path: Path, clip: AudioRef) -> None:
    manifest.save(tmp_path / "set.jsonl", "mine", [Case("a", clip, Transcript.from_text("hi")), Case("b", clip)])
    assert read_hypotheses(tmp_path / "set.jsonl") == {"a": Transcript.from_text("hi")}


def test_turns_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.rttm").write_text("SPEAKER a 1 0.5 0.75 <NA> <NA> S1 <NA> <NA>")
    (tmp_path / "a.stm").write_text("a 1 S1 0.5 1.25 hi")
    assert (
        read_turns(tmp_path / "a.rttm") == read_turns(tmp_path / "a.stm") == {"a": (SpeakerTurn("S1", 8_000, 20_000),)}
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"id": "a"}', "f:1: give 'text' or 'words'"),
        ('{"id": "a", "text": "x", "words": []}', "give 'text' or 'words'"),
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "f:2: id 'a' was already used"),
        ('{"id": "a", "txt": "x"}', "unknown key 'txt'"),
        ('{"id": 1, "text": "x"}', "'id' must be a string"),
        ('{"id": "a", "words": [{"text": "x", "start": 1}]}', "f:1: word 'x': give both"),
        ('{"id": "a", "words": [{"text": "x", "start": -1, "end": 0}]}', "'start' is not a time"),
        ("nope", "not JSON"),
    ],
)
def test_bad_lines_say_where_and_what(text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        parse_hypotheses(text, "f")


def test_unknown_endings_list_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"a \.doc file are not known; use one of \.jsonl"):
        read_hypotheses(tmp_path / "a.doc")
    with pytest.raises(FormatError, match=r"a nameless file are not known; use one of \.rttm"):
        read_turns(tmp_path / "a")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "start", "end"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["id", "text", "words"]), values).map(json.dumps) | st.text())
def test_any_line_is_hypotheses_or_a_format_error(line: str) -> None:
    with suppress(FormatError):
        assert all(isinstance(found, Transcript) for found in parse_hypotheses(line, "f").values())
