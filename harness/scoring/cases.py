"""From event logs to unit results. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.measures.counts import WordErrors
from harness.measures.speakers.diarisation import turns_of_words
from harness.measures.words.alignment import word_errors
from harness.results import Arm, UnitResult
from harness.scoring.meetings import take_meetings
from harness.scoring.pair import Pair, Rules, Taken, spoken_by_name
from harness.scoring.speakers import take_speakers
from harness.scoring.times import take_times
from harness.scoring.words import take_words
from harness.scoring.written import take_written
from testsets.case import Case
from testsets.events import EventLog
from testsets.transcript import SpeakerTurn


def score_logs(cases: Sequence[Case], logs: Mapping[str, Sequence[EventLog]], rules: Rules) -> tuple[UnitResult, ...]:
    """Score every arm's log of every case, cases in order within each arm.

    A case without a log in an arm has no unit there, of several logs the first counts, and logs of unknown cases are
    left out; harness.gate.integrity makes a finding of each.

    Args:
        cases: what was to be recognised.
        logs: arm -> logs in any order.
        rules: normaliser, DER dialect, lateness budget.
    """
    first = {arm: {log.case_id: log for log in reversed(found)} for arm, found in logs.items()}
    champion = first.get(Arm.CHAMPION, {})
    units: list[UnitResult] = []
    for arm, by_case in first.items():
        answered = [(case, by_case[case.id]) for case in cases if case.id in by_case]
        units += _score_arm(answered, arm, rules, {} if arm == Arm.CHAMPION else champion)
    return tuple(units)


def _score_arm(
    answered: Sequence[tuple[Case, EventLog]], arm: str, rules: Rules, champion: Mapping[str, EventLog]
) -> list[UnitResult]:
    pairs = [as_pair(case, log, rules) for case, log in answered]
    units = []
    for (case, log), taken in zip(answered, take_all(pairs, rules), strict=True):
        counts = taken.measures.get("wer")
        said, heard = (counts.reference, counts.heard) if isinstance(counts, WordErrors) else (0, 0)
        taken.merge(take_times(case, log, rules, said or None))
        if case.id in champion:
            before = rules.normaliser.split(champion[case.id].transcript.text)
            taken.measures["disagreement"] = word_errors(before, rules.normaliser.split(log.transcript.text))
        units.append(
            UnitResult(
                arm=arm,
                case_id=case.id,
                cluster=case.unit,
                tags=dict(case.tags),
                measures=taken.measures,
                skipped=taken.skipped,
                failure=log.failure,
                empty=bool(said) and not heard,
            )
        )
    return units


def take_all(pairs: Sequence[Pair], rules: Rules) -> list[Taken]:
    """Every measure of every pair that needs no times of arrival, in order."""
    taken = [Taken() for _ in pairs]
    for take in (take_words, take_written, take_meetings, take_speakers):
        for whole, part in zip(taken, take(pairs, rules), strict=True):
            whole.merge(part)
    return taken


def as_pair(case: Case, log: EventLog, rules: Rules) -> Pair:
    """A case's truth beside what a session answered, both at the rate of the case's audio where speakers are scored."""
    answer, rate = log.transcript, case.audio.rate
    timed = not answer.words or any(word.start is not None for word in answer.words)
    heard = turns_of_words(answer.words, log.rate, rules.dialect)
    return Pair(
        id=case.id,
        reference=case.reference,
        hypothesis=answer,
        turns=case.turns or None,
        heard_turns=tuple(_at(rate, log.rate, turn) for turn in heard) if timed else None,
        scored=case.uem or ((0, case.audio.samples),),
        rate=rate,
        said=None if case.reference is None else spoken_by_name(case.reference),
        heard=spoken_by_name(answer),
    )


def _at(rate: int, found: int, turn: SpeakerTurn) -> SpeakerTurn:
    return turn if rate == found else SpeakerTurn(turn.speaker, turn.start * rate // found, turn.end * rate // found)
