"""Transcripts and speaker turns that somebody else produced, read from files in whichever format."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.measures.meetings.utterances import Utterance, of_segments
from harness.measures.speakers.diarisation import Dialect, turns_of_words
from harness.scoring.pair import RATE, WordSpan, spoken_by_name
from testsets import manifest
from testsets.case import Case
from testsets.errors import FormatError
from testsets.formats import nlp, nlp_entities, uem
from testsets.formats.segment import by_channel, regions
from testsets.hypotheses import TURN_FORMATS, WORD_FORMATS, read_hypotheses, read_turns
from testsets.lines import json_row, numbered, read_text
from testsets.transcript import SpeakerTurn, Transcript


@dataclass(frozen=True, slots=True)
class Side:
    """What one file says: words, turns, or both, by id."""

    name: str
    digest: str  # SHA-256 of the file
    words: Mapping[str, Transcript] | None  # None where the format holds no words
    turns: Mapping[str, tuple[SpeakerTurn, ...]] | None  # None where nothing names a speaker; samples at RATE
    clusters: Mapping[str, str] = field(default_factory=dict)  # id -> cluster, where the file says so
    regions: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)  # scored, samples at RATE
    utterances: Mapping[str, tuple[Utterance, ...]] = field(default_factory=dict)  # where speakers are named
    spans: Mapping[str, tuple[WordSpan, ...]] = field(default_factory=dict)  # marked words, by class


def read_side(path: Path, dialect: Dialect) -> Side:
    """Read a reference or a hypothesis: .stm .ctm .trn .rttm .json (SegLST) .jsonl (hypotheses or a test set).

    Raises:
        FormatError: the ending is unknown or the file breaks its format; file and line are named.
    """
    ending = path.suffix.lower()
    if ending not in (".jsonl", *WORD_FORMATS, *TURN_FORMATS):
        known = ", ".join(sorted({".jsonl", *WORD_FORMATS, *TURN_FORMATS}))
        raise FormatError(str(path), f"a {ending or 'nameless'} file is not known; use one of {known}")
    if ending == ".jsonl" and _is_test_set(path):
        return _of_test_set(path)
    if ending in TURN_FORMATS and ending not in WORD_FORMATS:
        found = read_turns(path, RATE)  # before the digest, for it says what is wrong with a file
        return Side(path.name, _digest(path), None, found)
    words = read_hypotheses(path, RATE)
    if ending not in TURN_FORMATS:
        return Side(path.name, _digest(path), words, _word_turns(words, dialect), utterances=_utterances(words))
    segments = by_channel(TURN_FORMATS[ending](path, RATE))
    named = {name: of_segments(found) for name, found in segments.items() if any(s.speaker for s in found)}
    return Side(path.name, _digest(path), words, _segment_turns(path), utterances=named)


def read_tagged(path: Path, dialect: Dialect, classes: Path | None, wordings: Path | None) -> Side:
    """Read an NLP reference and what stands beside it.

    Args:
        path: the .nlp file.
        dialect: how words make turns.
        classes: a ``.wer_tag.json`` file: its entities are marked.
        wordings: a ``.norm.json`` file: the text then has every wording of an entity, as alternatives.

    Raises:
        FormatError: the reference is no NLP file, or a file breaks its format.
    """
    if path.suffix.lower() != ".nlp":
        raise FormatError(str(path), "only an .nlp reference names entities; see docs/measures/words.md")
    side, tokens = read_side(path, dialect), nlp.load(path, RATE)
    if wordings is not None:
        text = nlp_entities.with_wordings(tokens, nlp_entities.load_wordings(wordings))
        return replace(
            side, words={path.stem: Transcript.from_text(text, RATE)}, digest=side.digest + _digest(wordings)
        )
    found = () if classes is None else nlp_entities.entities(tokens, nlp_entities.load_classes(classes))
    return replace(side, spans={path.stem: tuple((entity.kind, entity.first, entity.end) for entity in found)})


def read_regions(path: Path) -> dict[str, tuple[tuple[int, int], ...]]:
    """Scored regions by recording from a UEM file, samples at RATE.

    Raises:
        FormatError: the file breaks its format.
    """
    return regions(uem.load(path, RATE))


def _is_test_set(path: Path) -> bool:
    first = next(iter(numbered(read_text(path))), None)
    return first is not None and json_row(first[1], str(path), first[0]).values.get("format") == manifest.FORMAT


def _of_test_set(path: Path) -> Side:
    cases = manifest.load(path, check_audio=False).cases
    turns = {case.id: tuple(_at_rate(turn, case.audio.rate) for turn in case.turns) for case in cases if case.turns}
    return Side(
        path.name,
        _digest(path),
        {case.id: case.reference for case in cases if case.reference is not None},
        turns or None,
        {case.id: case.unit for case in cases},
        {case.id: _regions(case) for case in cases},
        _utterances({case.id: case.reference for case in cases if case.reference is not None}),
    )


def _regions(case: Case) -> tuple[tuple[int, int], ...]:
    own = case.uem or ((0, case.audio.samples),)
    return tuple((start * RATE // case.audio.rate, end * RATE // case.audio.rate) for start, end in own)


def _at_rate(turn: SpeakerTurn, rate: int) -> SpeakerTurn:
    return SpeakerTurn(turn.speaker, turn.start * RATE // rate, turn.end * RATE // rate)


def _segment_turns(path: Path) -> Mapping[str, tuple[SpeakerTurn, ...]] | None:
    try:
        return read_turns(path, RATE)
    except FormatError:
        return None  # the words were read, so the file is sound: some segment names no speaker or time


def _word_turns(words: Mapping[str, Transcript], dialect: Dialect) -> Mapping[str, tuple[SpeakerTurn, ...]] | None:
    if not any(word.speaker and word.start is not None for t in words.values() for word in t.words):
        return None
    return {name: turns_of_words(t.words, t.rate, dialect) for name, t in words.items()}


def _utterances(words: Mapping[str, Transcript]) -> dict[str, tuple[Utterance, ...]]:
    return {name: found for name, t in words.items() if (found := spoken_by_name(t)) is not None}


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
