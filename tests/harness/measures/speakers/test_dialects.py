"""Each dialect equals its definition, written down sample by sample, and differs from the others where it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import permutations

import numpy as np
import pytest

from harness.measures.speakers.dialects import NAMES, Dialect, dialect
from harness.measures.speakers.diarisation import speaker_errors
from testsets.transcript import SpeakerTurn

LENGTH = 60
RATE = 1000  # so that a millisecond is a sample

Turns = tuple[SpeakerTurn, ...]
Pairs = list[tuple[int, int]]


def active(turns: Iterable[SpeakerTurn], sample: int) -> Counter[str]:
    return Counter(turn.speaker for turn in turns if turn.start <= sample < turn.end)


def near_a_boundary(turns: Iterable[SpeakerTurn], sample: int, half: int) -> bool:
    return any(edge - half <= sample < edge + half for turn in turns for edge in (turn.start, turn.end))


def cut(turns: Turns, uem: Pairs) -> Turns:
    """dscore: trimmed to the UEM, then those of one speaker that overlap (not those that touch) united."""
    kept = sorted(
        (turn.speaker, max(turn.start, low), min(turn.end, high))
        for turn in turns
        for low, high in uem
        if max(turn.start, low) < min(turn.end, high)
    )
    united: list[tuple[str, int, int]] = []
    for speaker, start, end in kept:
        if united and united[-1][0] == speaker and start < united[-1][2]:
            united[-1] = (speaker, united[-1][1], max(end, united[-1][2]))
        else:
            united.append((speaker, start, end))
    return tuple(SpeakerTurn(*turn) for turn in united)


def by_definition(reference: Turns, hypothesis: Turns, uem: Pairs | None, rules: Dialect) -> list[tuple[int, ...]]:
    """Missed, false alarm, confusion and speech, for every mapping that is as good as any."""
    name, half = rules.convention.name, rules.collar_ms
    if uem is None:
        turns = reference if name == "nist" else (*reference, *hypothesis)
        uem = [(min(t.start for t in turns), max(t.end for t in turns))] if turns else []
    if name == "dscore":
        reference, hypothesis = cut(reference, uem), cut(hypothesis, uem)
    evaluated = [sample for sample in range(LENGTH) if any(low <= sample < high for low, high in uem)]
    said, heard = ([active(side, sample) for sample in range(LENGTH)] for side in (reference, hypothesis))
    kept = [sample for sample in evaluated if not near_a_boundary(reference, sample, half)]
    if rules.skip_overlap:
        count = (lambda c: c.total()) if name == "nist" else len
        kept = [sample for sample in kept if count(said[sample]) < 2]
    people, labels = ({turn.speaker for turn in side} for side in (reference, hypothesis))
    padded = [*sorted(labels), *[None] * len(people)]
    over = evaluated if name in ("nist", "dscore") else kept
    maps = [dict(zip(sorted(people), order, strict=False)) for order in set(permutations(padded, len(people)))]

    def agreed(mapping: dict[str, str | None], where: list[int]) -> int:
        return sum(mapping[person] in heard[sample] for sample in where for person in said[sample])

    best = max(agreed(mapping, over) for mapping in maps)
    missed = sum(max(len(said[s]) - len(heard[s]), 0) for s in kept)
    false_alarm = sum(max(len(heard[s]) - len(said[s]), 0) for s in kept)
    both = sum(min(len(heard[s]), len(said[s])) for s in kept)
    speech = sum(len(said[s]) for s in kept)
    return [
        (missed, false_alarm, both - agreed(mapping, kept), speech) for mapping in maps if agreed(mapping, over) == best
    ]


@pytest.mark.parametrize("skip", [False, True], ids=["all", "single"])
@pytest.mark.parametrize("collar", [0, 3])
@pytest.mark.parametrize("name", ["understudy", "nist", "dscore"])
def test_equal_to_the_definition(name: str, collar: int, skip: bool, random_turns: Callable[..., Turns]) -> None:
    rng = np.random.default_rng(17)
    rules = dialect(name, collar, skip)
    for case in range(60):
        own = case % 2 == 1
        reference = random_turns(rng, "ABC"[: rng.integers(0, 4)], LENGTH, own_overlap=own)
        hypothesis = random_turns(rng, "xyz"[: rng.integers(0, 4)], LENGTH, own_overlap=own)
        low, high, third, last = np.sort(rng.choice(LENGTH, 4, replace=False)).tolist()
        uem = None if case % 3 == 0 else [(low, high), (third, last)]
        got = speaker_errors(reference, hypothesis, uem, RATE, rules)
        found = (got.missed, got.false_alarm, got.confusion, got.speech)
        assert found in by_definition(reference, hypothesis, uem, rules), (reference, hypothesis, uem)


A, X = SpeakerTurn("A", 0, 1000), SpeakerTurn("x", 0, 2000)


def test_without_a_uem_nist_hears_no_false_alarm_after_the_reference() -> None:
    """fgnt/meeteval issue 97: md-eval scores from the first to the last turn of the reference alone."""
    assert speaker_errors([A], [X], None, RATE, dialect("nist")).rate == 0
    for name in ("understudy", "dscore", "pyannote"):
        assert speaker_errors([A], [X], None, RATE, dialect(name)).rate == 1


def test_a_collar_of_pyannote_is_the_whole_width() -> None:
    same = speaker_errors([A], [X], None, RATE, dialect("pyannote", 500))
    assert same == speaker_errors([A], [X], None, RATE, dialect("understudy", 250))
    assert dialect("pyannote", 500).signature.startswith("pyannote,map-after-collar,collar250ms,")


def test_mapping_before_or_after_the_collar() -> None:
    """x shares more of A's turn, but only what lies in the collars; y shares all that is scored."""
    heard = [SpeakerTurn("x", 0, 290), SpeakerTurn("y", 290, 710), SpeakerTurn("x", 710, 1000)]
    got = {name: speaker_errors([A], heard, None, RATE, dialect(name, 300)) for name in ("nist", "understudy")}
    assert {name: (errors.confusion, errors.speech) for name, errors in got.items()} == {
        "nist": (400, 400),
        "understudy": (0, 400),
    }


def test_a_speaker_who_overlaps_himself() -> None:
    """md-eval, dscore and we merge him; pyannote counts him twice."""
    twice = [SpeakerTurn("A", 0, 1000), SpeakerTurn("A", 500, 1500)]
    once = [SpeakerTurn("x", 0, 1500)]
    for name in ("understudy", "nist", "dscore"):
        got = speaker_errors(twice, once, None, RATE, dialect(name))
        assert (got.missed, got.speech) == (0, 1500)
    got = speaker_errors(twice, once, None, RATE, dialect("pyannote"))
    assert (got.missed, got.speech) == (500, 2000)


def test_a_uem_edge_is_a_boundary_for_dscore_only() -> None:
    got = {name: speaker_errors([A], [X], [(200, 900)], RATE, dialect(name, 50)).speech for name in ("nist", "dscore")}
    assert got == {"nist": 700, "dscore": 600}


def test_names() -> None:
    assert dialect("md-eval", 250) == dialect("nist", 250)
    assert dialect("understudy") == Dialect()
    assert len({dialect(name).signature for name in NAMES}) == len(NAMES) - 1
    with pytest.raises(ValueError, match="no diarisation dialect is called 'NIST'; use one of understudy, nist,"):
        dialect("NIST")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_on_one_side_or_on_both(name: str) -> None:
    rules = dialect(name, 100, True)
    silent = speaker_errors([], [], None, RATE, rules)
    assert (silent.errors, silent.rate) == (0, None)
    missed = speaker_errors([A], [], None, RATE, rules)
    assert missed.rate == 1
    invented = speaker_errors([], [X], [(0, 2000)], RATE, rules)
    assert (invented.false_alarm, invented.rate) == (2000, None)
