"""The family of measures that compares who spoke when."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.speakers.diarisation import speaker_errors
from harness.scoring.pair import Pair, Rules, Taken

MEASURES = ("der",)


def take_speakers(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every speaker measure of every pair, in order."""
    return [_of_pair(pair, rules) for pair in pairs]


def _of_pair(pair: Pair, rules: Rules) -> Taken:
    taken = Taken()
    if pair.turns is None:
        taken.skip(MEASURES, "no speaker reference")
    elif pair.heard_turns is None:
        taken.skip(MEASURES, "words have no times")
    else:
        taken.measures["der"] = speaker_errors(pair.turns, pair.heard_turns, pair.scored, pair.rate, rules.dialect)
    return taken
