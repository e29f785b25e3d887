"""Counts equal meeteval's on property-made and on thousands of random meetings, and a test for each of its traps."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
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
    greedy_orc_word_error_rate,
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


@settings(max_examples=60)
@given(side, side, st.integers(0, 5))
def test_every_measure_equals_meeteval(left: Found, right: Found, collar_s: int) -> None:
    _check(_segments(left), _segments(right), collar_s)


def _meeting(rng: np.random.Generator, utterances: int, speakers: int) -> tuple[Found, Found]:
    """Turns that may overlap, recognised with wrong words and wrong speakers."""
    said: Found = []
    heard: Found = []
    now = 0
    for _ in range(utterances):
        words = [str(w) * int(rng.integers(1, 3)) for w in rng.choice(list("abcdefgh"), rng.integers(1, 6))]
        speaker, length = f"s{rng.integers(speakers)}", int(rng.integers(1, 6))
        said.append((speaker, now, length, words))
        got = ["zz" if rng.random() < 0.15 else word for word in words if rng.random() > 0.1]
        if got:
            other = f"s{rng.integers(speakers)}" if rng.random() < 0.2 else speaker
            heard.append((f"h{other}", max(0, now + int(rng.integers(-1, 2))), length, got))
        now += int(rng.integers(0, length + 2))
    return said, heard


def _check_random(seed: int, meetings: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(meetings):
        said, heard = _meeting(rng, int(rng.integers(1, 9)), int(rng.integers(1, 4)))
        _check(_segments(said), _segments(heard), int(rng.integers(0, 6)))


def test_random_meetings_equal_meeteval() -> None:
    _check_random(1, 25)


@pytest.mark.slow
def test_thousands_of_random_meetings_equal_meeteval() -> None:
    _check_random(2, 3_000)


def test_longer_meetings_equal_meeteval_where_compiled_code_answers() -> None:
    rng = np.random.default_rng(3)
    said, heard = (_segments(side) for side in _meeting(rng, 120, 3))
    ours, truth, found = _ours(said, heard, 2), _seglst(said), _seglst(heard)
    collar = 2 * RATE
    assert ours.cp.errors.errors == cp_word_error_rate(truth, found).errors
    tcp = time_constrained_minimum_permutation_word_error_rate(truth, found, collar=collar)
    assert ours.tcp is not None
    assert _counts(ours.tcp.errors) == _counts(tcp)
    assert ours.tcorc is not None
    assert ours.tcorc.errors.errors == time_constrained_orc_wer(truth, found, collar=collar).errors
    assert ours.orc.errors.errors <= greedy_orc_word_error_rate(truth, found).errors


# Where meeteval 0.4.3 goes wrong, or has a convention that surprises. Ours is stated beside it.


def test_trap_an_empty_hypothesis_breaks_the_exact_orc() -> None:
    said = _segments([("a", 0, 1, ["x"])])
    with pytest.raises(AssertionError):
        orc_word_error_rate(_seglst(said), _seglst([]))
    assert _ours(said, []).orc.errors == WordErrors(deletions=1, reference=1)


def test_trap_many_speakers_are_refused() -> None:
    many = _segments([(f"s{i}", i, 1, ["x"]) for i in range(21)])
    one = _segments([("h", 0, 1, ["x"])])
    with pytest.raises(RuntimeError, match="Are you sure"):
        cp_word_error_rate(_seglst(many), _seglst(one))
    with pytest.raises(RuntimeError, match="Are you sure"):
        orc_word_error_rate(_seglst(one), _seglst(many))
    assert _ours(many, one).cp.errors == WordErrors(deletions=20, reference=21)
    assert _ours(one, many).orc.errors == WordErrors(insertions=20, reference=1)


def test_trap_a_speaker_without_words_is_counted() -> None:
    said, heard = _segments([("a", 0, 1, ["x"])]), _segments([("h", 0, 1, ["x"]), ("silent", 0, 1, [])])
    assert cp_word_error_rate(_seglst(said), _seglst(heard)).falarm_speaker == 1
    assert _ours(said, heard).cp.speakers.extra == 0  # who says no word is no speaker of words


def test_trap_the_greedy_orc_is_not_the_orc() -> None:
    said = _segments([("b", 0, 1, ["x"]), ("b", 1, 1, ["x", "x"]), ("b", 2, 1, ["z"])])
    heard = _segments([("g", 0, 1, ["y", "z"]), ("h", 1, 1, ["y", "x"]), ("g", 2, 1, ["y", "y"])])
    assert greedy_orc_word_error_rate(_seglst(said), _seglst(heard)).errors == 5
    found = _ours(said, heard).orc
    assert (found.errors.errors, found.exact) == (4, True)


def test_trap_words_without_length_are_never_right_without_a_collar() -> None:
    """Overlap is strict on both sides; ours is the same, and a collar of 0 is for words with real lengths only."""
    point = _segments([("a", 1, 0, ["x"])])
    found = time_constrained_minimum_permutation_word_error_rate(_seglst(point), _seglst(point), collar=0)
    ours = _ours(point, point, 0).tcp
    assert ours is not None
    assert found.errors == ours.errors.errors == 2
    with_collar = _ours(point, point, 1).tcp
    assert with_collar is not None
    assert with_collar.errors.errors == 0


def test_trap_who_speaks_twice_at_once_is_taken_in_order_of_segments_not_of_words() -> None:
    """Both tools: "r" is said between "p" and "q", but its segment begins later, so one of the two is an error."""
    said = _segments([("a", 0, 10, ["p", "q"]), ("a", 1, 1, ["r"])])
    heard = _segments([("h", 0, 3, ["p"]), ("h", 1, 1, ["r"]), ("h", 6, 2, ["q"])])
    found = time_constrained_minimum_permutation_word_error_rate(_seglst(said), _seglst(heard), collar=RATE)
    ours = _ours(said, heard, 1)
    assert ours.tcp is not None
    assert found.errors == ours.tcp.errors.errors == 2
    assert ours.ditcp is not None


def test_trap_word_times_in_samples_overflow_after_half_a_day() -> None:
    far = 2**31
    said, heard = ([Segment("m", far, far + 10, speaker, "x")] for speaker in ("a", "h"))
    with pytest.raises(OverflowError):
        time_constrained_minimum_permutation_word_error_rate(
            _seglst(said),
            _seglst(heard),
            collar=5,
            reference_pseudo_word_level_timing=None,
            hypothesis_pseudo_word_level_timing=None,
        )
    ours = _ours(said, heard).tcp
    assert ours is not None
    assert ours.errors.errors == 0


def test_trap_moving_words_between_speakers_of_one_stream_costs_nothing() -> None:
    """cpWER joins a speaker's utterances: words that wander from one to the next are right, only a collar sees them."""
    said = _segments([("a", 0, 2, ["one", "two"]), ("a", 60, 2, ["three", "four"])])
    heard = _segments([("h", 0, 2, ["one"]), ("h", 60, 4, ["two", "three", "four"])])
    ours = _ours(said, heard, 5)
    assert ours.cp.errors.errors == cp_word_error_rate(_seglst(said), _seglst(heard)).errors == 0
    assert ours.tcp is not None
    assert ours.tcp.errors.errors == 2
