"""The family of measures that compares what is written beyond the words: punctuation and capitals."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.catalogue import part_name
from harness.measures.words.written import punctuation_case_errors
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("punctuation", "case")


def take_written(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Punctuation and capitals of every pair, in order; none where no reference has either."""
    if rules.alternatives:
        return [_without("the reference holds alternatives")] * len(pairs)
    if not any(pair.reference is not None and _is_written(pair.reference.text) for pair in pairs):
        return [_without("references have neither punctuation nor capitals")] * len(pairs)
    return [_of_pair(pair) for pair in pairs]


def _is_written(text: str) -> bool:
    """Whether a text tells capitals from small letters, or has marks; all capitals tell nothing."""
    return (text != text.upper() and text != text.lower()) or any(mark in text for mark in ".,?!")


def _of_pair(pair: Pair) -> Taken:
    if pair.reference is None or pair.hypothesis is None:
        return _without("no reference" if pair.reference is None else "no words")
    taken, found = Taken(), punctuation_case_errors(pair.reference.text, pair.hypothesis.text)
    taken.measures["punctuation"] = found.punctuation
    taken.measures |= {part_name("punctuation", mark): value for mark, value in found.marks.items()}
    taken.measures["case"] = found.case
    return taken


def _without(why: str) -> Taken:
    taken = Taken()
    taken.skip(MEASURES, why)
    return taken
