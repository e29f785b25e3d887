"""What the policy's normaliser itself contributes to the difference in word errors. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.measures.counts import WordErrors
from harness.measures.normalisation.contribution import Contribution, Sides, contribution
from harness.measures.normalisation.packs import Normaliser
from harness.results import Arm, NormaliserShare, RulesShare
from testsets.case import Case
from testsets.events import EventLog


def normaliser_share(
    cases: Sequence[Case], logs: Mapping[str, Sequence[EventLog]], pack: Normaliser
) -> NormaliserShare | None:
    """Score every case with a reference without a normaliser, with ``basic`` and with the pack.

    Returns:
        None where no case has a reference and both answers.
    """
    champion, candidate = (
        {log.case_id: log for log in reversed(logs.get(a, ()))} for a in (Arm.CHAMPION, Arm.CANDIDATE)
    )
    texts = [
        (case.reference.text, champion[case.id].transcript.text, candidate[case.id].transcript.text)
        for case in cases
        if case.reference is not None and case.id in champion and case.id in candidate
    ]
    return _told(contribution(texts, pack)) if texts else None


def _told(found: Contribution) -> NormaliserShare:
    levels = tuple(
        (level, errors.rate, found.candidate.get(level, WordErrors()).rate) for level, errors in found.champion.items()
    )
    moved = found.moved
    groups = []
    for group in sorted({*moved, *found.saved}):
        saved, words = found.saved.get(group, Sides()), moved.get(group, Sides())
        groups.append(RulesShare(group, saved.champion, saved.candidate, words.champion, words.candidate))
    return NormaliserShare(levels, found.own_share, tuple(groups))
