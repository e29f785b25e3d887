"""Every reader under attack: whatever a file holds, the answer is words and turns, or one error with its place."""

import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testsets import manifest
from testsets.errors import AudioError, FormatError
from testsets.formats import uem
from testsets.hypotheses import read_hypotheses, read_turns
from testsets.transcript import SpeakerTurn, Transcript

few = settings(max_examples=60)

VALID = {
    ".stm": "rec 1 ann 0.5 1.25 <o,f0> hi you\nrec 1 bob 1 2.5 so {it / that} is\n",
    ".ctm": "rec 1 0.5 0.75 hi 0.9 lex ann\nrec 1 1.5 0.25 you NA lex bob\n",
    ".trn": "hi you (rec)\nso it is (other)\n",
    ".rttm": "SPEAKER rec 1 0.5 0.75 <NA> <NA> ann <NA> <NA>\nLEXEME rec 1 0.5 0.1 hi lex ann 0.5\n",
    ".uem": "rec 1 0.5 1.25\nrec 1 2 3\n",
    ".json": '[{"session_id": "rec", "speaker": "ann", "start_time": 0.5, "end_time": "1.25", "words": "hi you"}]',
    ".jsonl": '{"id": "a", "words": [{"text": "hi", "start": 0.5, "end": 1.25, "confidence": 0.9}]}\n'
    '{"id": "b", "text": "so it is"}\n',
    ".nlp": "token|speaker|ts|endTs|punctuation|case|tags|wer_tags\n2020|0|0.5|0.75|,|CA|['0:YEAR']|['0', '1']\n",
    "set.jsonl": '{"format": "understudy-testset", "version": 1, "name": "mine"}\n'
    '{"id": "a", "audio": "a.wav", "rate": 8000, "samples": 80, "sha256": "f", "text": "hi", "uem": [[0, 5]],'
    ' "turns": [{"speaker": "ann", "start": 0, "end": 5}], "tags": {"age": "old"}, "config": {"language": "en"},'
    ' "pacing": {"frames": [[0, 5]]}}\n',
}
ENDINGS = list(VALID)

numbers = ["-1", "nan", "inf", "1e400", "1e-400", "1_0", "9" * 400, "٣", "0x10", "", "-0", "1,5", "true", "null", "[]"]
marks = [
    "\0",
    "\r",
    "\ufeff",
    "\u200f",
    "\u2028",
    "|",
    '"',
    "{",
    "}",
    "[" * 2_000,
    "(",
    ")",
    ";;",
    "<ALT_BEGIN>",
    "\\ud83d",
]
pieces = st.sampled_from([*numbers, *marks]) | st.text(max_size=4)


def read(path: Path) -> list[Transcript | SpeakerTurn]:
    """Everything that a file says, through the readers that the commands use."""
    if path.name.endswith("set.jsonl"):
        return [case.reference for case in manifest.load(path, check_audio=False).cases if case.reference is not None]
    if path.suffix == ".uem":
        return [SpeakerTurn("", row.start or 0, row.end or 0) for row in uem.load(path, 16_000)]
    found: list[Transcript | SpeakerTurn] = []
    if path.suffix != ".rttm":
        found += read_hypotheses(path).values()
    if path.suffix in (".rttm", ".stm", ".json"):
        found += [turn for turns in read_turns(path).values() for turn in turns]
    return found


def answers(path: Path) -> bool:
    """Whether a file gives words and turns, or a short error in one line that names it."""
    try:
        return all(isinstance(one, Transcript | SpeakerTurn) for one in read(path))
    except (FormatError, AudioError) as error:
        told = str(error)
    return "\n" not in told and len(told) < 700 and (path.name in told or "rec" in told)


def mutated(text: str) -> st.SearchStrategy[bytes]:
    """A valid file with one stretch replaced, cut off, said twice, or in another encoding."""
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    replaced = st.tuples(places, pieces).map(lambda found: text[: found[0][0]] + found[1] + text[found[0][1] :])
    cut = st.integers(0, len(text)).map(lambda end: text[:end])
    doubled = places.map(lambda span: text + text[span[0] : span[1]])
    encodings = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "utf-32"])
    return st.tuples(replaced | cut | doubled, encodings).map(lambda found: found[0].encode(found[1], "replace"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_damaged_file_is_words_or_one_clear_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rec{ending}"

    @few
    @given(mutated(VALID[ending]) | st.binary(max_size=60))
    def holds(data: bytes) -> None:
        path.write_bytes(data)
        assert answers(path)

    path.write_text(VALID[ending])
    assert read(path)
    holds()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["text", "start", "end"]), inner),
    max_leaves=4,
)


@pytest.mark.parametrize("ending", [".json", ".jsonl", "set.jsonl"])
def test_any_value_under_any_key_is_read_or_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rec{ending}"
    *before, last = VALID[ending].splitlines() if ending != ".json" else [VALID[ending]]
    row = json.loads(last)[0] if ending == ".json" else json.loads(last)

    @few
    @given(st.sampled_from(sorted(row)), json_values)
    def holds(key: str, value: object) -> None:
        changed = row | {key: value}
        path.write_text("\n".join([*before, json.dumps([changed] if ending == ".json" else changed)]))
        assert answers(path)

    holds()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n\n"),
        lambda text: text.rstrip("\n"),
    ],
    ids=["mark and CR LF", "blank lines", "no last line end"],
)
def test_line_ends_change_nothing(tmp_path: Path, ending: str, change: Callable[[str], str]) -> None:
    path = tmp_path / f"rec{ending}"
    path.write_text(VALID[ending])
    plain = read(path)
    path.write_bytes(change(VALID[ending]).encode())
    assert read(path) == plain


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending not in (".json", ".jsonl", "set.jsonl")])
def test_lines_that_end_in_cr_alone_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rec{ending}"
    path.write_bytes((VALID[ending] * 2).replace("\n", "\r").encode())
    with pytest.raises(FormatError, match="a carriage return inside a line"):
        read(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.trn", "hi (Call-7)\nyou (call-7)"),
        ("a.stm", "Call-7 1 ann 0 1 hi\ncall-7 1 ann 1 2 you"),
        ("a.ctm", "Call-7 1 0 1 hi\ncall-7 1 1 2 you"),
        ("a.rttm", "SPEAKER Call-7 1 0 1 <NA> <NA> a <NA> <NA>\nSPEAKER call-7 1 0 1 <NA> <NA> a <NA> <NA>"),
        ("a.json", '[{"session_id": "Call-7", "words": "hi"}, {"session_id": "call-7", "words": "you"}]'),
        ("a.jsonl", '{"id": "Call-7", "text": "hi"}\n{"id": "call-7", "text": "you"}'),
        (
            "set.jsonl",
            '{"format": "understudy-testset", "version": 1, "name": "mine"}\n'
            '{"id": "Call-7", "audio": "a.wav", "rate": 8000, "samples": 80, "sha256": "f"}\n'
            '{"id": "call-7", "audio": "a.wav", "rate": 8000, "samples": 80, "sha256": "f"}',
        ),
    ],
)
def test_ids_that_differ_only_in_case_are_refused_by_name(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=r"ids 'Call-7'.* and 'call-7' differ only in case"):
        read(tmp_path / name)


LONG = 10_000_000
LONG_LINES = {
    ".stm": "rec 1 ann 0 1 " + ("word" * 25 + " ") * (LONG // 101),
    ".ctm": "rec 1 0 1 " + "word " * (LONG // 5),
    ".trn": "w" * LONG + " (rec)",
    ".rttm": "SPEAKER rec 1 0 1 <NA> <NA> " + "ann " * (LONG // 4),
    ".uem": "rec 1 0 " + "1" * LONG,
    ".json": '[{"session_id": "rec", "words": "' + "w" * LONG + '"}]',
    ".jsonl": '{"id": "' + "a" * LONG + '", "txt": 1}',
    ".nlp": "token|speaker\n" + "hi|" * (LONG // 3),
    "set.jsonl": "[" * LONG,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_line_of_10_mb_is_read_or_refused_in_bounded_memory(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rec{ending}"
    path.write_text(LONG_LINES[ending])
    tracemalloc.start()
    try:
        with suppress(FormatError):
            read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * LONG


def test_channels_of_one_recording_are_apart(tmp_path: Path) -> None:
    (tmp_path / "a.ctm").write_text("call A 0 1 hi\ncall B 0.5 1 hello\ncall A 1 1 there\nother A 0 1 so\n")
    found = {name: words.text for name, words in read_hypotheses(tmp_path / "a.ctm").items()}
    assert found == {"call/A": "hi there", "call/B": "hello", "other": "so"}
    (tmp_path / "b.ctm").write_text("x A 0 1 hi\nx B 0.5 1 hello\nx/A A 1 1 there\n")
    with pytest.raises(FormatError, match="has the name of recording 'x/A'"):
        read_hypotheses(tmp_path / "b.ctm")


def test_segments_without_times_keep_their_place(tmp_path: Path) -> None:
    rows = [{"session_id": "a", "words": "one", "start_time": 1, "end_time": 2}, {"session_id": "a", "words": "two"}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    assert read_hypotheses(tmp_path / "a.json")["a"].text == "one two"


def test_what_nobody_says_is_no_word_and_no_turn(tmp_path: Path) -> None:
    (tmp_path / "a.stm").write_text("a 1 inter_segment_gap 0 1\na 1 ann 1 2 hi\na 1 inter_segment_gap 2 3 <o>\n")
    assert read_turns(tmp_path / "a.stm") == {"a": (SpeakerTurn("ann", 16_000, 32_000),)}
    (tmp_path / "b.stm").write_text("a 1 ann 1 2 hi\na 1 x 2 3 <o> ignore_time_segment_in_scoring\n")
    with pytest.raises(FormatError, match=r"b\.stm:2: IGNORE_TIME_SEGMENT_IN_SCORING is not supported; cut this time"):
        read_turns(tmp_path / "b.stm")


def test_right_to_left_text_keeps_its_words(tmp_path: Path) -> None:
    (tmp_path / "a.trn").write_text("\u200fשלום עולם (a)\nمرحبا بالعالم (b)\n", encoding="utf-8")
    found = read_hypotheses(tmp_path / "a.trn")
    assert found["a"].text == "\u200fשלום עולם"
    assert [len(words.words) for words in found.values()] == [2, 2]
