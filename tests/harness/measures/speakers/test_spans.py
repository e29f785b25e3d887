"""Array work on stretches equals counting sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.speakers import spans as module
from harness.measures.speakers.spans import Spans, meetings
from testsets.transcript import SpeakerTurn

LENGTH = 30

turn = st.builds(
    lambda who, a, b: SpeakerTurn(who, min(a, b), max(a, b)),
    st.sampled_from("abc"),
    st.integers(0, LENGTH),
    st.integers(0, LENGTH),
)
turns = st.lists(turn, max_size=8)


def depth_at(found: list[SpeakerTurn], who: str, sample: int) -> int:
    return sum(t.speaker == who and t.start <= sample < t.end for t in found)


@settings(deadline=None)
@given(turns, st.integers(1, 4))
def test_depth(found: list[SpeakerTurn], depth: int) -> None:
    names = list(dict.fromkeys(t.speaker for t in found))
    got = Spans.of_turns(found).at_depth(depth)
    for owner, name in enumerate(names):
        own = got.owner == owner
        active = {s for a, b in zip(got.start[own], got.end[own], strict=True) for s in range(a, b)}
        assert active == {s for s in range(LENGTH) if depth_at(found, name, s) >= depth}
        assert (got.start[own][1:] > got.end[own][:-1]).all()


@settings(deadline=None)
@given(turns, turns)
def test_meetings(a: list[SpeakerTurn], b: list[SpeakerTurn]) -> None:
    left, right = Spans.of_turns(a), Spans.of_turns(b)
    got = sorted((int(i), int(j)) for block in meetings(left, right)[1] for i, j in zip(*block, strict=True))
    every = [(i, j) for i in range(len(left.start)) for j in range(len(right.start))]
    assert got == [p for p in every if left.start[p[0]] < right.end[p[1]] and right.start[p[1]] < left.end[p[0]]]
    assert meetings(left, right)[0] == len(got)


@settings(deadline=None)
@given(turns, turns)
def test_blocks_do_not_matter(a: list[SpeakerTurn], b: list[SpeakerTurn]) -> None:
    left, right = Spans.of_turns(a), Spans.of_turns(b)
    with pytest.MonkeyPatch.context() as patch:
        whole = sorted((int(i), int(j)) for block in meetings(left, right)[1] for i, j in zip(*block, strict=True))
        patch.setattr(module, "_BLOCK", 2)
        pieces = sorted((int(i), int(j)) for block in meetings(left, right)[1] for i, j in zip(*block, strict=True))
    assert pieces == whole


def test_stretches_that_touch_are_joined_or_kept_apart() -> None:
    found = Spans.of_turns([SpeakerTurn("a", 0, 10), SpeakerTurn("a", 10, 20), SpeakerTurn("a", 15, 25)])
    assert found.at_depth(1).end.tolist() == [25]
    assert found.at_depth(1, join=False).end.tolist() == [10, 25]


def test_turns_without_length_are_nobodys() -> None:
    found = Spans.of_turns([SpeakerTurn("a", 3, 3), SpeakerTurn("b", 1, 2)])
    assert (found.owner.tolist(), found.start.tolist(), found.end.tolist()) == ([1], [1], [2])


def test_totals_count_own_overlap() -> None:
    found = Spans.of_turns([SpeakerTurn("a", 0, 10), SpeakerTurn("b", 0, 3), SpeakerTurn("a", 5, 10)])
    assert found.totals().tolist() == [15, 3]
    assert Spans.of_turns([]).totals().tolist() == []
    assert np.array_equal(found.united().at_depth(3).length, [])
