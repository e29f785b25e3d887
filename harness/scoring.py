"""From event logs to unit results: every measure of every case, or why it could not be taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.measures.catalogue import MeasureValue
from harness.measures.normalisation.packs import PACKS, Normaliser
from harness.measures.speakers.diarisation import Dialect, speaker_errors, turns_of_words
from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import ack_lag, final_latency, first_partial, pace, partial_latency
from harness.measures.words.alignment import character_errors, word_errors
from harness.results import Arm, UnitResult
from testsets.case import Case
from testsets.events import EventLog
from testsets.transcript import SpeakerTurn

_TIMED = ("final_latency", "partial_latency", "first_partial", "ack_lag", "pace")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a score depends on besides the logs."""

    normaliser: Normaliser = PACKS["basic"]
    dialect: Dialect = field(default_factory=Dialect)
    lateness_budget_ns: int = 50_000_000


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
    return tuple(
        score_case(case, by_case[case.id], arm, rules, champion.get(case.id) if arm != Arm.CHAMPION else None)
        for arm, by_case in first.items()
        for case in cases
        if case.id in by_case
    )


def score_case(case: Case, log: EventLog, arm: str, rules: Rules, champion: EventLog | None = None) -> UnitResult:
    """Take every measure of one log.

    Args:
        champion: what the champion answered, for the measure ``disagreement``; None for the champion itself.
    """
    measures: dict[str, MeasureValue] = {}
    skipped: dict[str, str] = {}
    words = rules.normaliser.split(log.transcript.text)
    reference = None if case.reference is None else rules.normaliser.split(case.reference.text)
    if reference is None:
        skipped |= {"wer": "no reference", "cer": "no reference"}
    else:
        measures |= {"wer": word_errors(reference, words), "cer": character_errors(reference, words)}
    if champion is not None:
        measures["disagreement"] = word_errors(rules.normaliser.split(champion.transcript.text), words)
    _take_speakers(case, log, rules.dialect, measures, skipped)
    _take_times(log, rules, len(reference) if reference else None, measures, skipped)
    return UnitResult(
        arm=arm,
        case_id=case.id,
        cluster=case.unit,
        tags=dict(case.tags),
        measures=measures,
        skipped=skipped,
        failure=log.failure,
        empty=bool(reference) and not words,
    )


def _take_speakers(
    case: Case, log: EventLog, dialect: Dialect, measures: dict[str, MeasureValue], skipped: dict[str, str]
) -> None:
    words = log.transcript.words
    if not case.turns:
        skipped["der"] = "no speaker reference"
    elif words and all(word.start is None for word in words):
        skipped["der"] = "words have no times"
    else:
        rate = case.audio.rate
        turns = [_at(rate, log.rate, turn) for turn in turns_of_words(words, log.rate, dialect)]
        scored = case.uem or ((0, case.audio.samples),)
        measures["der"] = speaker_errors(case.turns, turns, scored, rate, dialect)


def _at(rate: int, found: int, turn: SpeakerTurn) -> SpeakerTurn:
    return turn if rate == found else SpeakerTurn(turn.speaker, turn.start * rate // found, turn.end * rate // found)


def _take_times(
    log: EventLog,
    rules: Rules,
    expected_words: int | None,
    measures: dict[str, MeasureValue],
    skipped: dict[str, str],
) -> None:
    clock = AudioClock.of(log)
    if clock is None:
        skipped |= dict.fromkeys(_TIMED, "no audio was streamed")
        return
    measures["pace"] = pace(clock, rules.lateness_budget_ns)
    taken = {
        "final_latency": (final_latency(log, clock, expected_words), "words have no times"),
        "partial_latency": (partial_latency(log, clock), "words have no times"),
        "first_partial": (first_partial(log, clock), "no words arrived"),
        "ack_lag": (ack_lag(log, clock), "no acknowledgements"),
    }
    for name, (value, why) in taken.items():
        if value is None:
            skipped[name] = why
        else:
            measures[name] = value
