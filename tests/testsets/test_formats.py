"""What holds for every foreign format: what is written is read back, meeteval reads the same, nothing crashes."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testsets.errors import FormatError
from testsets.formats import ctm, rttm, seglst, stm, trn, uem
from testsets.formats.segment import Segment

few = settings(max_examples=30)

Parse = Callable[[str, str], tuple[Segment, ...]]
PARSERS: dict[str, Parse] = {
    "stm": partial(stm.parse, rate=16_000),
    "ctm": partial(ctm.parse, rate=16_000),
    "trn": trn.parse,
    "rttm": partial(rttm.parse, rate=16_000),
    "uem": partial(uem.parse, rate=16_000),
    "seglst": partial(seglst.parse, rate=16_000),
}
rates = st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000])
letters = st.characters(exclude_categories=("Cs",), exclude_characters="\ufeff")
visible = st.characters(exclude_categories=("Cs", "Cc"))
fields = st.text(letters, min_size=1, max_size=6).filter(lambda t: t.split() == [t] and not t.startswith(";;"))
ascii_fields = st.text("abcdeXYZ019._-", min_size=1, max_size=8).filter(lambda text: not text.isdigit())
spans = st.tuples(st.integers(0, 10**10), st.integers(0, 10**6)).map(lambda pair: (pair[0], sum(pair)))


def segments(names: st.SearchStrategy[str], **changes: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Segment]]:
    text = st.lists(names, max_size=4).map(" ".join)
    parts = {"recording": names, "speaker": names, "text": text, "channel": names} | changes
    one = st.builds(lambda span, **rest: Segment(start=span[0], end=span[1], **rest), span=spans, **parts)
    return st.lists(one, max_size=4)


nothing = st.just(None)
labels = st.none() | st.sampled_from(["o", "o,f0,male", "a,b"])
confidence = st.none() | st.floats(0, 1)


@few
@given(segments(fields, labels=labels), rates)
def test_stm_survives(rows: list[Segment], rate: int) -> None:
    assert list(stm.parse(stm.render(rows, rate), "f", rate)) == rows


@few
@given(segments(fields, text=fields, confidence=confidence, speaker=st.none() | fields), rates)
def test_ctm_survives(rows: list[Segment], rate: int) -> None:
    rows = [row for row in rows if row.text not in ("<ALT>", "<ALT_BEGIN>", "<ALT_END>")]
    rows = [replace(row, speaker=None) if row.speaker in ctm.UNKNOWN else row for row in rows]
    assert list(ctm.parse(ctm.render(rows, rate), "f", rate)) == rows


@few
@given(segments(fields, text=st.just("")), rates)
def test_rttm_survives(rows: list[Segment], rate: int) -> None:
    assert list(rttm.parse(rttm.render(rows, rate), "f", rate)) == rows


@few
@given(segments(fields, text=st.just(""), speaker=nothing), rates)
def test_uem_survives(rows: list[Segment], rate: int) -> None:
    rows = [replace(row, end=(row.end or 0) + 1) for row in rows]
    assert list(uem.parse(uem.render(rows, rate), "f", rate)) == rows


@few
@given(segments(st.text(visible, min_size=1, max_size=6).filter(str.strip), text=st.lists(fields).map(" ".join)), rates)
def test_seglst_survives(rows: list[Segment], rate: int) -> None:
    assert list(seglst.parse(seglst.render(rows, rate), "f", rate)) == rows


@few
@given(st.dictionaries(fields.filter(lambda t: not set(t) & set("()")), st.lists(fields).map(" ".join), max_size=4))
def test_trn_survives(texts: dict[str, str]) -> None:
    rows = [Segment(identity, text=text) for identity, text in texts.items() if not text.startswith(";;")]
    assert list(trn.parse(trn.render(rows), "f")) == rows


def as_meeteval(row: Segment, rate: int, *keys: str) -> dict[str, Any]:
    assert row.start is not None
    assert row.end is not None
    found = {"session_id": row.recording, "speaker": row.speaker, "words": row.text}
    found |= {"start_time": row.start, "end_time": row.end}
    return {key: found[key] for key in keys}


def samples_of(entries: Any, rate: int, *keys: str) -> list[dict[str, Any]]:
    times = ("start_time", "end_time")
    return [
        {key: round(Decimal(str(entry[key])) * rate) if key in times else entry[key] for key in keys}
        for entry in entries.to_seglst()
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "keys"),
    [
        (stm, "STM", ("session_id", "speaker", "words", "start_time", "end_time")),
        (rttm, "RTTM", ("session_id", "speaker", "start_time", "end_time")),
        (ctm, "CTM", ("session_id", "words", "start_time", "end_time")),
        (seglst, "SegLST", ("session_id", "speaker", "words", "start_time", "end_time")),
    ],
)
def test_meeteval_reads_the_same(ours: Any, theirs: str, keys: tuple[str, ...]) -> None:
    meeteval = pytest.importorskip("meeteval.io", reason="meeteval, the oracle, is not installed (extra [oracles])")

    @few
    @given(segments(ascii_fields, text=ascii_fields), rates)
    def holds(rows: list[Segment], rate: int) -> None:
        rows = [replace(row, speaker=None) for row in rows] if ours is ctm else rows
        text = ours.render(rows, rate)
        read = ours.parse(text, "f", rate)
        assert samples_of(getattr(meeteval, theirs).parse(text), rate, *keys) == [
            as_meeteval(row, rate, *keys) for row in read
        ]

    holds()


@pytest.mark.parametrize("name", list(PARSERS))
def test_any_text_is_segments_or_a_format_error(name: str) -> None:
    pieces = st.sampled_from(
        ["SPEAKER", "LEXEME", "rec", "1", "0.5", "1e9", "nan", "-1", "<NA>", "<o,f>", "(", ")", ";;"]
    )
    lines = st.lists(pieces | st.text(max_size=3), max_size=11).map(" ".join)
    texts = st.text() | st.lists(lines, max_size=3).map("\r\n".join)

    @few
    @given(texts)
    def holds(text: str) -> None:
        with suppress(FormatError):
            assert all(isinstance(row, Segment) for row in PARSERS[name](text, "f"))

    holds()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stm", "a.b.c 1 ann 0.5 1.25 <o,f0> hi you"),
        ("ctm", "a.b.c 1 0.5 0.75 hi"),
        ("trn", "hi you (a.b.c)"),
        ("rttm", "SPEAKER a.b.c 1 0.5 0.75 <NA> <NA> ann <NA>"),
        ("uem", "a.b.c 1 0.5 1.25"),
    ],
)
def test_marks_comments_line_ends_and_dots_are_understood(name: str, text: str) -> None:
    (row,) = PARSERS[name](f"\ufeff;; a comment\r\n\r\n  {text} \r\n;;{text}\r\n", "f")
    assert row.recording == "a.b.c"
    if name != "trn":
        assert (row.start, row.end) == (8_000, 20_000)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("stm", "rec 1 ann 0.5", "4 fields; expected 'recording channel speaker start end"),
        ("stm", "rec 1 ann x 1 hi", "start 'x' is not a number of seconds"),
        ("stm", "rec 1 ann 2 1 hi", "ends at 1 s, before it starts at 2 s"),
        ("stm", "rec 1 ann -1 1 hi", "start '-1' must lie between 0"),
        ("ctm", "rec 1 0 1", "4 fields"),
        ("ctm", "rec 1 0 -1 hi", "duration '-1' must lie between 0"),
        ("ctm", "rec 1 0 1 hi 1.5", "confidence '1.5' must be a number from 0 to 1"),
        ("ctm", "rec 1 * * <ALT_BEGIN>", "alternatives .* are not supported"),
        ("trn", "hello", "no id at the end"),
        ("trn", "hello ( )", "no id at the end"),
        ("trn", "a (x)\nb (x)", "id 'x' was already used"),
        ("rttm", "SPEAKER rec 1 0 1", "5 fields"),
        ("rttm", "SPOKEN rec 1 0 1 <NA> <NA> ann <NA> <NA>", "unknown type 'SPOKEN'"),
        ("rttm", "SPEAKER rec 1 inf 1 <NA> <NA> ann <NA> <NA>", "must lie between"),
        ("uem", "rec 1 5 5", "is empty"),
        ("uem", "rec 1 5", "3 fields"),
        ("seglst", "{}", "expected a JSON list"),
        ("seglst", "[1]", "entry 1: expected a JSON object"),
        ("seglst", '[{"words": "hi"}]', "entry 1: 'session_id' is missing"),
        ("seglst", '[{"session_id": "a", "start_time": 1}]', "both start and end"),
        ("seglst", '[{"session_id": "a", "start_time": "x", "end_time": 1}]', "must be a number of seconds"),
        ("seglst", "[", "not JSON"),
    ],
)
def test_a_malformed_line_says_where_and_what(name: str, text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what) as raised:
        PARSERS[name](text, "some.file")
    assert str(raised.value).startswith("some.file")
    if name != "seglst":
        assert raised.value.line == text.count("\n") + 1


def test_lines_of_other_types_are_no_turns() -> None:
    assert (
        rttm.parse("LEXEME rec 1 0 1 hi lex ann 0.5\nSPKR-INFO rec 1 <NA> <NA> <NA> adult ann <NA>", "f", 8_000) == ()
    )


def test_tags_that_are_words_stay_words() -> None:
    (row,) = stm.parse("rec 1 ann 0 1 <unk> hi", "f", 8_000)
    assert (row.labels, row.text) == (None, "<unk> hi")


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (lambda: stm.render([Segment("two words", 0, 1, "a")], 8_000), "recording 'two words' cannot be written"),
        (lambda: stm.render([Segment("a", 0, 1)], 8_000), "speaker '' cannot be written"),
        (lambda: stm.render([Segment("a", speaker="b")], 8_000), "needs the start and end"),
        (lambda: stm.render([Segment("a", 0, 1, "b", labels="x y")], 8_000), "labels 'x y' cannot be written"),
        (lambda: ctm.render([Segment("a", 0, 1, text="b c")], 8_000), "word 'b c' cannot be written"),
        (lambda: ctm.render([Segment("a", text="b")], 8_000), "times of every word"),
        (lambda: rttm.render([Segment("a", speaker="b")], 8_000), "start and end of every turn"),
        (lambda: uem.render([Segment("a")], 8_000), "start and end of every region"),
        (lambda: trn.render([Segment("a(b")]), "cannot be written"),
        (lambda: trn.render([Segment("a", text=";;hi")]), "read as a comment"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(write: Callable[[], str], what: str) -> None:
    with pytest.raises(FormatError, match=what):
        write()


@pytest.mark.parametrize("module", [stm, ctm, rttm, uem, seglst])
def test_files_are_written_and_read(tmp_path: Path, module: Any) -> None:
    plain = module in (rttm, uem)
    rows = [Segment("a", 160, 320, None if module is uem else "ann", "" if plain else "hi")]
    module.save(tmp_path / "file", rows, 16_000)
    assert module.load(tmp_path / "file", 16_000) == tuple(rows)
    with pytest.raises(FormatError, match="no such file"):
        module.load(tmp_path / "gone", 16_000)
    with pytest.raises(FormatError, match="cannot be written"):
        module.save(tmp_path / "no" / "file", rows, 16_000)
    trn.save(tmp_path / "trn", [Segment("x", text="hi")])
    assert trn.load(tmp_path / "trn") == (Segment("x", text="hi"),)
