"""The family of measures that compares words, whoever spoke them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.words.alignment import character_errors, word_errors
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("wer", "cer")


def take_words(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every word measure of every pair, in order."""
    return [_of_pair(pair, rules) for pair in pairs]


def _of_pair(pair: Pair, rules: Rules) -> Taken:
    taken = Taken()
    if pair.reference is None or pair.hypothesis is None:
        taken.skip(MEASURES, "no reference" if pair.reference is None else "no words")
        return taken
    said, heard = (rules.normaliser.split(side.text) for side in (pair.reference, pair.hypothesis))
    taken.measures |= {"wer": word_errors(said, heard), "cer": character_errors(said, heard)}
    return taken
