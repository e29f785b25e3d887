"""Final words out of a lattice: what is most probably said at each place, timed by the best path of the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from engine.decoder.lattice import WordLattice
from engine.decoder.options import DecodeOptions
from engine.decoder.risk import best_arcs, likely_places
from engine.decoder.vocabulary import SpokenWords
from engine.decoder.words import DecodedWord


@dataclass(frozen=True, slots=True)
class Judged:
    """Final words and their numbers."""

    words: tuple[DecodedWord, ...] = ()
    numbers: tuple[int, ...] = ()


def judge(
    lattice: WordLattice,
    heard: Sequence[int],
    timed: Sequence[DecodedWord],
    most: int,
    lexicon: SpokenWords,
    options: DecodeOptions,
) -> Judged:
    """Decide what stands at the places of the search's best path.

    Args:
        lattice: an ``ended`` one, rescored or not.
        heard: numbers of the words on the best path of the search.
        timed: the same words with their times.
        most: how many of them become final; above their number, everything after the last one does too.
    """
    arcs = best_arcs(lattice)
    partners = _partners(heard, lattice.word[arcs].tolist())
    limit = timed[most - 1].end_frame if most <= len(timed) else int(lattice.frames[-1])
    words: list[DecodedWord] = []
    numbers: list[int] = []
    until = timed[0].start_frame if timed else 0
    for place, said in enumerate(likely_places(lattice, arcs, options.posterior_scale, change=options.least_risk)):
        partner, paired = partners[place // 2]
        if partner >= most:
            break
        if not said.word:
            continue
        start, end = said.start_frame, said.end_frame
        if place % 2 and paired:
            start, end = timed[partner].start_frame, timed[partner].end_frame
        start = min(max(start, until), limit)
        until = min(max(end, start + 1), limit)
        words.append(DecodedWord(lexicon.words[said.word], start, until, options.confidence(said.posterior)))
        numbers.append(said.word)
    return Judged(tuple(words), tuple(numbers))


def _partners(heard: Sequence[int], best: Sequence[int]) -> list[tuple[int, bool]]:
    """For every word of the lattice's best path, and its end: the word of the search's that it stands at or before."""
    partners: list[tuple[int, bool]] = []
    for code in Levenshtein.opcodes(heard, best):
        if code.tag in ("equal", "replace"):
            partners += [(place, True) for place in range(code.src_start, code.src_end)]
        elif code.tag == "insert":
            partners += [(code.src_start, False)] * (code.dest_end - code.dest_start)
    return [*partners, (len(heard), False)]
