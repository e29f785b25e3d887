"""The family of measures that compares who spoke when."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.speakers.diarisation import errors_of
from harness.measures.speakers.jaccard import jaccard_of
from harness.measures.speakers.labels import count_error_of, switches_of
from harness.measures.speakers.sides import Sides
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("der", "der_overlap", "der_nonoverlap", "jer", "speaker_count", "label_switches")


def take_speakers(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every speaker measure of every pair, in order."""
    return [_of_pair(pair, rules) for pair in pairs]


def _of_pair(pair: Pair, rules: Rules) -> Taken:
    taken = Taken()
    if pair.turns is None:
        taken.skip(MEASURES, "no speaker reference")
        return taken
    if pair.heard_turns is None:
        taken.skip(MEASURES, "words have no times")
        return taken
    sides = Sides(pair.turns, pair.heard_turns, pair.scored, pair.rate, rules.dialect)
    taken.measures["der"] = errors_of(sides)
    taken.measures["der_overlap"] = errors_of(sides, "overlap")
    taken.measures["der_nonoverlap"] = errors_of(sides, "nonoverlap")
    taken.measures["jer"] = jaccard_of(sides)
    taken.measures["speaker_count"] = count_error_of(sides)
    taken.measures["label_switches"] = switches_of(sides)
    return taken
