"""Utterances: words that one speaker said in one go, from words or from segments, and normalised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import Levenshtein

from testsets.formats.segment import Segment
from testsets.transcript import Word

PAUSE_MS = 500  # a longer silence of a speaker ends an utterance
UNNAMED = "UU"  # the speaker of words that name none: one anonymous speaker


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words of one speaker in spoken order; measures that correct speakers move it as a whole."""

    speaker: str
    words: tuple[Word, ...]


def of_words(words: Iterable[Word], rate: int, pause_ms: int = PAUSE_MS) -> tuple[Utterance, ...]:
    """Utterances in order of their first word.

    Where every word has times, words are taken in order of start and a pause ends an utterance; else words are taken
    as they come and another speaker's word ends it.

    Args:
        words: of all speakers; times in samples at ``rate``.
        rate: samples per second.
        pause_ms: the longest silence inside an utterance, milliseconds.
    """
    found = tuple(words)
    if any(word.start is None for word in found):
        return _by_speaker_change(found)
    return _by_pauses(sorted(found, key=lambda word: word.start or 0), pause_ms * rate // 1000)


def of_segments(segments: Iterable[Segment]) -> tuple[Utterance, ...]:
    """One utterance a segment, in the order given; words share the segment's time by their number of characters.

    Source: meeteval's pseudo word-level timing ``character_based``, rounded down to samples.
    """
    return tuple(
        Utterance(
            segment.speaker or UNNAMED,
            tuple(_spread(segment.text.split(), segment.start, segment.end, segment.speaker or UNNAMED)),
        )
        for segment in segments
    )


def normalised(utterances: Iterable[Utterance], split: Callable[[str], Sequence[str]]) -> tuple[Utterance, ...]:
    """The same utterances with their words normalised, an utterance at a time; times follow the words.

    What becomes several words shares its time by characters, and so do words that the whole utterance turns into other
    words than each alone ("twenty", "one" into "21").

    Args:
        split: text to normalised words, as a rule pack has it.
    """
    word_alone = cache(split)  # a meeting has few different words
    return tuple(_normalised(utterance, split, word_alone) for utterance in utterances)


def _by_speaker_change(words: Iterable[Word]) -> tuple[Utterance, ...]:
    found: list[tuple[str, list[Word]]] = []
    for word in words:
        speaker = word.speaker or UNNAMED
        if not found or found[-1][0] != speaker:
            found.append((speaker, []))
        found[-1][1].append(word)
    return tuple(Utterance(speaker, tuple(members)) for speaker, members in found)


def _by_pauses(words: Iterable[Word], pause: int) -> tuple[Utterance, ...]:
    found: list[tuple[str, list[Word]]] = []
    open_until: dict[str, tuple[int, list[Word]]] = {}
    for word in words:
        speaker = word.speaker or UNNAMED
        end, members = open_until.get(speaker, (-1, []))
        if not members or (word.start or 0) - end > pause:
            members, end = [], -1
            found.append((speaker, members))
        members.append(word)
        open_until[speaker] = max(end, word.end or 0), members
    return tuple(Utterance(speaker, tuple(members)) for speaker, members in found)


def _spread(texts: Sequence[str], start: int | None, end: int | None, speaker: str) -> Iterator[Word]:
    if start is None or end is None:
        yield from (Word(text, speaker=speaker) for text in texts)
        return
    characters, behind = sum(map(len, texts)), 0
    for text in texts:
        begin = start + (end - start) * behind // characters
        behind += len(text)
        yield Word(text, begin, start + (end - start) * behind // characters, None, speaker)


def _normalised(
    utterance: Utterance, split: Callable[[str], Sequence[str]], word_alone: Callable[[str], Sequence[str]]
) -> Utterance:
    whole = list(split(" ".join(word.text for word in utterance.words)))
    alone = [
        piece
        for word in utterance.words
        for piece in _spread(word_alone(word.text), word.start, word.end, utterance.speaker)
    ]
    texts = [word.text for word in alone]
    if texts == whole:
        return Utterance(utterance.speaker, tuple(alone))
    words: list[Word] = []
    old = new = 0
    for block in Levenshtein.editops(texts, whole).as_matching_blocks():
        around = alone[old : block.a] or words[-1:] or alone[:1] or list(utterance.words[:1])
        words += _spread(whole[new : block.b], around[0].start, around[-1].end, utterance.speaker)
        words += alone[block.a : block.a + block.size]
        old, new = block.a + block.size, block.b + block.size
    return Utterance(utterance.speaker, tuple(words))
