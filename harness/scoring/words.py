"""The family of measures that compares words, whoever spoke them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from harness.measures.catalogue import part_name
from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words.alignment import Step, character_errors
from harness.measures.words.alternatives import parse_alternatives
from harness.measures.words.batch import align_texts, character_errors_each
from harness.measures.words.chosen import Keywords, keyword_errors, span_errors, unknown_word_errors
from harness.measures.words.lattice import align_lattices
from harness.measures.words.timed import timed_word_errors
from harness.measures.words.values import Detections, SpanErrors, match_errors, word_information
from harness.scoring.pair import RATE, Pair, Rules, Taken, word_at

MEASURES = ("wer", "cer", "mer", "wil", "tcwer", "keywords", "unknown_words", "entities")
Words = tuple[str, ...]


_BLOCK = 16_384  # pairs whose words are held at once


@dataclass(frozen=True, slots=True)
class Aligned:
    """One pair, aligned."""

    said: Words
    heard: Words
    steps: tuple[Step, ...] | None  # None where they were not kept
    words: WordErrors
    characters: CharacterErrors


def take_words(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every word measure of every pair, in order.

    Raises:
        EvidenceError: the rules say that references hold alternatives, and one breaks their notation.
    """
    taken = [Taken() for _ in pairs]
    chosen: list[tuple[Taken, Pair]] = []
    for found, pair in zip(taken, pairs, strict=True):
        if pair.reference is None or pair.hypothesis is None:
            found.skip(MEASURES, "no reference" if pair.reference is None else "no words")
        else:
            chosen.append((found, pair))
    keywords = Keywords.of(rules.normaliser.split(phrase) for phrase in rules.keywords)
    align = _with_alternatives if rules.alternatives else _plainly
    for first in range(0, len(chosen), _BLOCK):
        block = chosen[first : first + _BLOCK]
        aligned = align([pair for _, pair in block], rules.normaliser.split)
        for (found, pair), one in zip(block, aligned, strict=True):
            _count(found, one)
            _look(found, one, keywords, rules)
            found.add("tcwer", None if rules.alternatives else _timed(pair, rules), "words have no times")
            if pair.spans and not rules.alternatives:
                _mark(found, one, pair, rules)
    return taken


def _plainly(pairs: Sequence[Pair], split: Callable[[str], Words]) -> list[Aligned]:
    said = [split(pair.reference.text if pair.reference else "") for pair in pairs]
    heard = [split(pair.hypothesis.text if pair.hypothesis else "") for pair in pairs]
    left, right = ([" ".join(words) for words in side] for side in (said, heard))
    words, characters = align_texts(left, right).each(), character_errors_each(left, right)
    return [Aligned(*found) for found in zip(said, heard, repeat(None), words, characters)]


def _with_alternatives(pairs: Sequence[Pair], split: Callable[[str], Words]) -> list[Aligned]:
    texts = [(pair.reference.text if pair.reference else "", pair.id) for pair in pairs]
    said = [parse_alternatives(text, name).normalised(split) for text, name in texts]
    heard = [split(pair.hypothesis.text if pair.hypothesis else "") for pair in pairs]
    return [
        Aligned(a.reference, a.hypothesis, a.steps, a.errors, character_errors(a.reference, a.hypothesis))
        for a in align_lattices(said, heard)
    ]


def _count(taken: Taken, aligned: Aligned) -> None:
    taken.measures["wer"] = aligned.words
    taken.measures["cer"] = aligned.characters
    taken.measures["mer"] = match_errors(aligned.words)
    taken.measures["wil"] = word_information(aligned.words)


def _look(taken: Taken, aligned: Aligned, keywords: Keywords, rules: Rules) -> None:
    both = (aligned.said, aligned.heard)
    if keywords.by_first:
        found = keyword_errors(*both, keywords, aligned.steps)
        taken.measures["keywords"] = sum(found.values(), Detections())
    if rules.vocabulary is not None:
        taken.measures["unknown_words"] = unknown_word_errors(*both, rules.vocabulary, aligned.steps)


def _mark(taken: Taken, aligned: Aligned, pair: Pair, rules: Rules) -> None:
    """Marked words, all together and by class; a class without a word left after normalisation is none."""
    words = pair.reference.words if pair.reference else ()
    places = [place for _, place in rules.normaliser.split_words([word.text for word in words])]
    spans = [(kind, bisect_left(places, first), bisect_left(places, end)) for kind, first, end in pair.spans]
    kept = [(kind, first, end) for kind, first, end in spans if first < end]
    found = span_errors(aligned.said, aligned.heard, kept, aligned.steps)
    taken.measures["entities"] = sum(found.values(), SpanErrors())
    taken.measures |= {part_name("entities", kind): value for kind, value in found.items()}


def _timed(pair: Pair, rules: Rules) -> WordErrors | None:
    """Time-constrained word errors; None unless every word of both sides has times."""
    if pair.reference is None or pair.hypothesis is None:
        return None
    sides = (pair.reference, pair.hypothesis)
    if not any(side.words for side in sides) or any(word.start is None for side in sides for word in side.words):
        return None
    words = [[word_at(word, side.rate) for word in side.words] for side in sides]
    said, heard = (
        [replace(side[place], text=text) for text, place in rules.normaliser.split_words([w.text for w in side])]
        for side in words
    )
    return timed_word_errors(said, heard, rules.word_collar_ms * RATE // 1000)
