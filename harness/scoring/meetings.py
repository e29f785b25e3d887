"""The family of measures that compares words and who said them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import normalised
from harness.scoring.pair import RATE, Pair, Rules, Taken

MEASURES = ("cpwer", "tcpwer", "orcwer", "dicpwer", "wrong_speaker")


def take_meetings(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every measure of words and their speakers of every pair, in order."""
    why = why_not(pairs, rules)
    return take_each(pairs, rules) if why is None else [_without(why)] * len(pairs)


def why_not(pairs: Iterable[Pair], rules: Rules) -> str | None:
    """Why there is nothing to compare in any pair; None where there is."""
    if rules.alternatives:
        return "the reference holds alternatives"
    return None if any(pair.said and pair.heard for pair in pairs) else "words name no speakers"


def take_each(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Likewise, with a reason for each pair that names no speakers."""
    return [_of_pair(pair, rules) for pair in pairs]


def _without(why: str) -> Taken:
    taken = Taken()
    taken.skip(MEASURES, why)
    return taken


def _of_pair(pair: Pair, rules: Rules) -> Taken:
    if pair.said is None or pair.heard is None:
        return _without(f"words of the {'reference' if pair.said is None else 'hypothesis'} name no speakers")
    taken = Taken()
    said, heard = (normalised(side, rules.normaliser.split) for side in (pair.said, pair.heard))
    found = MeetingErrors(said, heard, RATE, collar_ms=rules.word_collar_ms)
    taken.measures["cpwer"] = found.cp.errors
    taken.add("tcpwer", None if found.tcp is None else found.tcp.errors, "words have no times")
    taken.measures["orcwer"] = found.orc.errors
    taken.measures["dicpwer"] = found.dicp.errors
    taken.measures["wrong_speaker"] = found.attribution.errors
    return taken
