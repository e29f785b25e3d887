"""The places where champion and candidate differ beyond the noise floor, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.gate.answer import Answer
from harness.gate.word_classes import names_in, word_class
from harness.measures.normalisation.packs import Normaliser
from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import final_latency
from harness.measures.words.alignment import word_errors
from harness.results import Arm, EdgeCase
from testsets.case import Case
from testsets.events import EventLog

LIMIT = 100  # most that a run keeps of regressions, and of improvements
_LATENCY_MS = 250  # a case's slowest final must differ by more than this, and by more than the champion from itself
_HALLUCINATION = 3  # words in a row that nobody said
_SHOWN = 6  # differing words in the one-line description


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both sides of one case."""

    case: Case
    champion: EventLog
    candidate: EventLog
    again: EventLog | None
    reference: str | None  # normalised
    first: Answer
    second: Answer


def find_edge_cases(
    cases: Sequence[Case], logs: Mapping[str, Sequence[EventLog]], normaliser: Normaliser, limit: int = LIMIT
) -> tuple[EdgeCase, ...]:
    """The candidate's regressions first, then its improvements, each by severity.

    Args:
        cases: what was to be recognised.
        logs: arm -> logs; the A/A arm, where there is one, sets each case's noise floor.
        normaliser: of all texts.
        limit: how many to keep of regressions and of improvements.
    """
    by_arm = {arm: {log.case_id: log for log in reversed(found)} for arm, found in logs.items()}
    champion, candidate = by_arm.get(Arm.CHAMPION, {}), by_arm.get(Arm.CANDIDATE, {})
    again = by_arm.get(Arm.CHAMPION_AGAIN, {})
    found: list[EdgeCase] = []
    for case in cases:
        if case.id in champion and case.id in candidate:
            pair = _pair(case, champion[case.id], candidate[case.id], again.get(case.id), normaliser)
            found += [edge for edge in (_in_words(pair, normaliser), _in_time(pair)) if edge is not None]
    found.sort(key=lambda e: (-_weight(e), e.case_id))
    by_worse = [[e for e in found if e.arm == arm][:limit] for arm in (Arm.CANDIDATE, Arm.CHAMPION)]
    return tuple(by_worse[0] + by_worse[1])


def _weight(edge: EdgeCase) -> float:
    return edge.severity / (4 * _LATENCY_MS) if edge.kind == "latency" else float(edge.severity)


def _pair(case: Case, champion: EventLog, candidate: EventLog, again: EventLog | None, normaliser: Normaliser) -> _Pair:
    own = normaliser.split(champion.transcript.text)
    truth = own if case.reference is None else normaliser.split(case.reference.text)
    reference = None if case.reference is None else " ".join(truth)
    answers = (Answer.of(truth, champion, normaliser), Answer.of(truth, candidate, normaliser))
    return _Pair(case, champion, candidate, again, reference, *answers)


def _in_words(pair: _Pair, normaliser: Normaliser) -> EdgeCase | None:
    surplus = pair.second.errors - pair.first.errors
    floor = 0
    if pair.again is not None:
        floor = word_errors(pair.first.words, normaliser.split(pair.again.transcript.text)).errors
    if abs(surplus) <= floor:
        return None
    arm, worse, better = (
        (Arm.CANDIDATE, pair.second, pair.first) if surplus > 0 else (Arm.CHAMPION, pair.first, pair.second)
    )
    steps = worse.differences(better)
    kind = _kind(pair, worse, [worse.truth[s.reference] for s in steps if s.reference is not None], arm)
    said = [worse.operation(step) for step in steps[:_SHOWN]]
    detail = ", ".join(f"{op.before or '(nothing)'} → {op.after or '(nothing)'}" for op in said)
    more = f" and {len(steps) - _SHOWN} more" if len(steps) > _SHOWN else ""
    span = worse.span(steps, pair.case.audio.samples, pair.case.audio.rate)
    return _edge(pair, kind, arm, abs(surplus), span, detail + more)


def _kind(pair: _Pair, worse: Answer, hurt: Sequence[str], arm: Arm) -> str:
    failed = pair.candidate.failure if arm is Arm.CANDIDATE else pair.champion.failure
    if failed is not None:
        return "failure"
    if not worse.words:
        return "empty"
    if not worse.truth or worse.longest_insertion >= _HALLUCINATION:
        return "hallucination"
    names = frozenset() if pair.case.reference is None else names_in(pair.case.reference.text)
    costly = word_class(hurt, names)
    if costly is not None:
        return costly
    counted = Counter(step.kind for step in worse.steps if step.kind != "equal")
    nouns = {"substitute": "substitution", "delete": "deletion", "insert": "insertion"}
    return nouns[counted.most_common(1)[0][0]]


def _in_time(pair: _Pair) -> EdgeCase | None:
    champion, candidate = _slowest_ms(pair.champion), _slowest_ms(pair.candidate)
    again = None if pair.again is None else _slowest_ms(pair.again)
    if champion is None or candidate is None:
        return None
    floor = _LATENCY_MS + (0 if again is None else abs(again - champion))
    surplus = candidate - champion
    if abs(surplus) <= floor:
        return None
    arm = Arm.CANDIDATE if surplus > 0 else Arm.CHAMPION
    detail = f"slowest final {champion} ms by the champion, {candidate} ms by the candidate"
    return _edge(pair, "latency", arm, abs(surplus), (0, pair.case.audio.samples), detail)


def _slowest_ms(log: EventLog) -> int | None:
    clock = AudioClock.of(log)
    delays = None if clock is None else final_latency(log, clock)
    return delays.observed_ns[-1] // 1_000_000 if delays and delays.observed_ns else None


def _edge(pair: _Pair, kind: str, arm: Arm, severity: int, span: tuple[int, int], detail: str) -> EdgeCase:
    return EdgeCase(
        case_id=pair.case.id,
        kind=kind,
        arm=arm,
        severity=severity,
        champion=" ".join(pair.first.words),
        candidate=" ".join(pair.second.words),
        reference=pair.reference,
        champion_diff=() if pair.reference is None else pair.first.diff(),
        candidate_diff=pair.second.diff(),
        start=span[0],
        end=span[1],
        rate=pair.case.audio.rate,
        audio=pair.case.audio.path,
        tags=dict(pair.case.tags),
        detail=detail,
    )
