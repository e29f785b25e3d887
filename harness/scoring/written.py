"""The family of measures that compares what is written beyond the words: punctuation and capitals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.measures.catalogue import part_name
from harness.measures.words.written import punctuation_case_errors
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("punctuation", "case")


def take_written(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Punctuation and capitals of every pair, in order; none where no reference has either."""
    why = why_not(pairs, rules)
    return take_each(pairs, rules) if why is None else [_without(why)] * len(pairs)


def why_not(pairs: Iterable[Pair], rules: Rules) -> str | None:
    """Why there is nothing to compare in any pair; None where there is."""
    if rules.alternatives:
        return "the reference holds alternatives"
    written = any(pair.reference is not None and _is_written(pair.reference.text) for pair in pairs)
    return None if written else "references have neither punctuation nor capitals"


def take_each(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Likewise, whether or not a reference has either."""
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
