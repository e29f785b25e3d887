"""The family of measures that compares words, whoever spoke them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words.alignment import Step, character_errors
from harness.measures.words.alternatives import parse_alternatives
from harness.measures.words.batch import align_pairs, character_errors_each
from harness.measures.words.chosen import Keywords, keyword_errors, unknown_word_errors
from harness.measures.words.lattice import align_lattices
from harness.measures.words.values import Detections, match_errors, word_information
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("wer", "cer", "mer", "wil", "keywords", "unknown_words")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aligned:
    """One pair, aligned."""

    said: Words
    heard: Words
    steps: tuple[Step, ...]  # empty unless something reads them
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
    look = bool(keywords.by_first) or rules.vocabulary is not None
    align = _with_alternatives if rules.alternatives else _plainly
    for (found, _), aligned in zip(chosen, align([pair for _, pair in chosen], rules, look), strict=True):
        found.measures["wer"] = aligned.words
        found.measures["cer"] = aligned.characters
        found.measures["mer"] = match_errors(aligned.words)
        found.measures["wil"] = word_information(aligned.words)
        _look(found, aligned, keywords, rules)
    return taken


def _plainly(pairs: Sequence[Pair], rules: Rules, look: bool) -> list[Aligned]:
    said = [rules.normaliser.split(pair.reference.text if pair.reference else "") for pair in pairs]
    heard = [rules.normaliser.split(pair.hypothesis.text if pair.hypothesis else "") for pair in pairs]
    alignments = align_pairs(said, heard)
    characters = character_errors_each(map(" ".join, said), map(" ".join, heard))
    counts = alignments.each()
    return [
        Aligned(said[i], heard[i], alignments.steps(i) if look else (), counts[i], characters[i])
        for i in range(len(pairs))
    ]


def _with_alternatives(pairs: Sequence[Pair], rules: Rules, look: bool) -> list[Aligned]:
    split = rules.normaliser.split
    said = [
        parse_alternatives(pair.reference.text if pair.reference else "", pair.id).normalised(split) for pair in pairs
    ]
    heard = [split(pair.hypothesis.text if pair.hypothesis else "") for pair in pairs]
    return [
        Aligned(a.reference, a.hypothesis, a.steps, a.errors, character_errors(a.reference, a.hypothesis))
        for a in align_lattices(said, heard)
    ]


def _look(taken: Taken, aligned: Aligned, keywords: Keywords, rules: Rules) -> None:
    if keywords.by_first:
        found = keyword_errors(aligned.said, aligned.heard, keywords, aligned.steps)
        taken.measures["keywords"] = sum(found.values(), Detections())
    if rules.vocabulary is not None:
        taken.measures["unknown_words"] = unknown_word_errors(
            aligned.said, aligned.heard, rules.vocabulary, aligned.steps
        )
