"""The family of measures that compares words, whoever spoke them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.counts import CharacterErrors
from harness.measures.words.batch import Alignments, align_pairs, character_errors_each
from harness.measures.words.chosen import Keywords, keyword_errors
from harness.measures.words.values import Detections, match_errors, word_information
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("wer", "cer", "mer", "wil", "keywords")
Words = tuple[str, ...]


def take_words(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every word measure of every pair, in order."""
    taken = [Taken() for _ in pairs]
    chosen: list[int] = []
    said: list[Words] = []
    heard: list[Words] = []
    for place, pair in enumerate(pairs):
        if pair.reference is None or pair.hypothesis is None:
            taken[place].skip(MEASURES, "no reference" if pair.reference is None else "no words")
            continue
        chosen.append(place)
        said.append(rules.normaliser.split(pair.reference.text))
        heard.append(rules.normaliser.split(pair.hypothesis.text))
    alignments = align_pairs(said, heard)
    characters = character_errors_each(map(" ".join, said), map(" ".join, heard))
    keywords = Keywords.of(rules.normaliser.split(phrase) for phrase in rules.keywords)
    for index, place in enumerate(chosen):
        _count(taken[place], alignments, index, characters[index])
        _find(taken[place], keywords, said[index], heard[index], alignments, index)
    return taken


def _count(taken: Taken, alignments: Alignments, index: int, characters: CharacterErrors) -> None:
    words = alignments.word_errors(index)
    taken.measures["wer"] = words
    taken.measures["cer"] = characters
    taken.measures["mer"] = match_errors(words)
    taken.measures["wil"] = word_information(words)


def _find(taken: Taken, keywords: Keywords, said: Words, heard: Words, alignments: Alignments, index: int) -> None:
    if keywords.by_first:
        found = keyword_errors(said, heard, keywords, alignments.steps(index))
        taken.measures["keywords"] = sum(found.values(), Detections())
