"""Words and turns that somebody else wrote down, by case id, from whichever format they are in.

Our own ``hyps.jsonl`` has one object a line: ``{"id": ..., "text": ...}`` or ``{"id": ..., "words": [{"text": ...,
"start": seconds, "end": seconds, "confidence": 0..1, "speaker": ...}]}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from testsets import manifest
from testsets.errors import FormatError
from testsets.formats import ctm, nlp, rttm, seglst, stm, trn
from testsets.formats.fields import LARGEST_S
from testsets.formats.segment import Segment, transcripts, turns
from testsets.lines import Row, json_row, numbered, read_text, twins
from testsets.transcript import SpeakerTurn, Transcript, Word

Words = Callable[[str | Path, int], dict[str, Transcript]]
Segments = Callable[[str | Path, int], tuple[Segment, ...]]


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """What is wrong with a recording is told with the file that holds it."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{path}, recording {error.where!r}", error.what) from None


def _of(load: Segments) -> Words:
    def read(path: str | Path, rate: int) -> dict[str, Transcript]:
        segments = load(path, rate)
        with _naming(path):
            return transcripts(segments, rate)

    return read


WORD_FORMATS: dict[str, Words] = {
    ".stm": _of(stm.load),
    ".ctm": _of(ctm.load),
    ".trn": _of(lambda path, rate: trn.load(path)),
    ".json": _of(seglst.load),
    ".nlp": nlp.load_transcript,
}
TURN_FORMATS: dict[str, Segments] = {".rttm": rttm.load, ".stm": stm.load, ".json": seglst.load}


def read_hypotheses(path: str | Path, rate: int = 16_000) -> dict[str, Transcript]:
    """The words of every case in a file: .jsonl (hypotheses or a test set), .stm, .ctm, .trn, .nlp or .json (SegLST).

    Args:
        path: the file; its ending names the format.
        rate: samples per second of the word times returned.

    Raises:
        FormatError: the ending is unknown, the file breaks its format, or two ids differ only in case.
    """
    ending = Path(path).suffix.lower()
    if ending == ".jsonl":
        return _load_jsonl(path, rate)
    if ending not in WORD_FORMATS:
        known = ", ".join([".jsonl", *WORD_FORMATS])
        raise FormatError(str(path), f"words in a {ending or 'nameless'} file are not known; use one of {known}")
    found = WORD_FORMATS[ending](path, rate)
    _refuse_twins(found, str(path))
    return found


def read_turns(path: str | Path, rate: int = 16_000) -> dict[str, tuple[SpeakerTurn, ...]]:
    """The speaker turns of every recording in a file: .rttm, .stm or .json (SegLST).

    Args:
        path: the file; its ending names the format.
        rate: samples per second of the times returned.

    Raises:
        FormatError: the ending is unknown, the file breaks its format, a segment has no speaker or times, or two ids
            differ only in case.
    """
    ending = Path(path).suffix.lower()
    if ending not in TURN_FORMATS:
        known = ", ".join(TURN_FORMATS)
        raise FormatError(str(path), f"turns in a {ending or 'nameless'} file are not known; use one of {known}")
    if ending == ".rttm":  # there may be a million
        found = rttm.load_turns(path, rate)
    else:
        segments = TURN_FORMATS[ending](path, rate)
        with _naming(path):
            found = turns(segments)
    _refuse_twins(found, str(path))
    return found


def parse_hypotheses(text: str, where: str, rate: int = 16_000) -> dict[str, Transcript]:
    """Read ``hyps.jsonl``.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second of the word times returned.

    Raises:
        FormatError: a line is malformed, or two lines have one id, or ids that differ only in case.
    """
    found: dict[str, Transcript] = {}
    for number, line in numbered(text):
        row = json_row(line, where, number)
        identity = row.identity("id")
        if identity in found:
            row.fail(f"id {identity!r} was already used; make ids unique")
        found[identity] = _transcript(row, rate)
    _refuse_twins(found, where)
    return found


def _refuse_twins(ids: Iterable[str], where: str) -> None:
    """Two spellings of one id split its words in two; two files would then match in part."""
    twin = next(twins(ids), None)
    if twin is not None:
        raise FormatError(where, f"ids {twin[0]!r} and {twin[1]!r} differ only in case; use one spelling, or two names")


def _load_jsonl(path: str | Path, rate: int) -> dict[str, Transcript]:
    text = read_text(path)
    first = next((json_row(line, str(path), number) for number, line in numbered(text)), None)
    if first is None or first.values.get("format") != manifest.FORMAT:
        return parse_hypotheses(text, str(path), rate)
    cases = manifest.load(path, check_audio=False).cases
    return {case.id: case.reference for case in cases if case.reference is not None}


def _transcript(row: Row, rate: int) -> Transcript:
    row.allow("id", "text", "words")
    if ("text" in row.values) == ("words" in row.values):
        row.fail("give 'text' or 'words'; an empty hypothesis is \"text\": \"\"")
    if "text" in row.values:
        return Transcript.from_text(row.text("text"), rate)
    return Transcript(tuple(_word(word, rate) for word in row.rows("words")), rate)


def _word(row: Row, rate: int) -> Word:
    row.allow("text", "start", "end", "confidence", "speaker")
    text, speaker, confidence = row.text("text"), row.optional_text("speaker"), row.optional_number("confidence")
    if confidence is not None and not 0 <= confidence <= 1:
        row.fail(f"'confidence' must lie between 0 and 1, got {confidence}")
    start, end = _samples(row, "start", rate), _samples(row, "end", rate)
    try:
        return Word(text, start, end, confidence, speaker)
    except ValueError as error:
        row.fail(str(error))


def _samples(row: Row, key: str, rate: int) -> int | None:
    seconds = row.optional_number(key)
    if seconds is None:
        return None
    return round(seconds * rate) if 0 <= seconds <= LARGEST_S else row.fail(f"{key!r} is not a time in seconds")
