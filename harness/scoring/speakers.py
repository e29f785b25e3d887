"""The family of measures that compares who spoke when."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.speakers.diarisation import speaker_errors
from harness.measures.speakers.jaccard import jaccard_errors
from harness.measures.speakers.labels import label_switches, speaker_count_error
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
    both = (pair.turns, pair.heard_turns, pair.scored, pair.rate, rules.dialect)
    taken.measures["der"] = speaker_errors(*both)
    taken.measures["der_overlap"] = speaker_errors(*both, regions="overlap")
    taken.measures["der_nonoverlap"] = speaker_errors(*both, regions="nonoverlap")
    taken.measures["jer"] = jaccard_errors(*both)
    taken.measures["speaker_count"] = speaker_count_error(*both)
    taken.measures["label_switches"] = label_switches(*both)
    return taken
