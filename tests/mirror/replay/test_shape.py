"""Reshaped streams lose nothing, keep their order, and are late exactly as asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.replay.schedule import SECOND_NS, schedule
from mirror.replay.shape import MS, Shape, reshape
from testsets.case import AudioRef, Case, Pacing, SentFrame

SHAPES = st.builds(
    Shape,
    packet_ms=st.integers(10, 500),
    burst_ms=st.sampled_from([0, 200, 1_000]),
    jitter_ms=st.sampled_from([0, 5, 80]),
    stall_ms=st.sampled_from([0, 300, 2_000]),
    stall_every_ms=st.sampled_from([2_500, 7_000]),
)


def case(samples: int, rate: int = 8_000) -> Case:
    frames = (SentFrame(5, samples),)  # as a burst that a capture saw
    return Case("a", AudioRef("a.wav", rate, samples), pacing=Pacing(frames=frames))


@settings(max_examples=100, deadline=None)
@given(SHAPES, st.integers(1, 100_000), st.integers(0, 9))
def test_all_of_the_audio_in_order_and_never_early(shape: Shape, samples: int, seed: int) -> None:
    shaped = reshape(case(samples), shape, np.random.default_rng(seed))
    packets = schedule(shaped)
    size = 8 * shape.packet_ms
    assert [packet.end for packet in packets] == [min(end, samples) for end in range(size, samples + size, size)]
    offsets = [packet.offset_ns for packet in packets]
    assert offsets == sorted(offsets)
    spoken = [packet.end * SECOND_NS // 8_000 for packet in packets]
    latest = (shape.burst_ms + shape.jitter_ms + shape.stall_ms) * MS
    assert all(0 <= offset - at <= latest for offset, at in zip(offsets, spoken, strict=True))
    assert shaped == reshape(case(samples), shape, np.random.default_rng(seed))


def test_a_burst_sends_its_packets_at_once() -> None:
    shaped = reshape(case(4_400), Shape(packet_ms=100, burst_ms=200), np.random.default_rng(0))
    assert [frame.at_ns // MS for frame in shaped.pacing.frames] == [200, 200, 400, 400, 550, 550]


def test_nothing_leaves_during_a_stall() -> None:
    shape = Shape(packet_ms=10, stall_ms=400, stall_every_ms=1_000)
    offsets = [frame.at_ns for frame in reshape(case(80_000), shape, np.random.default_rng(3)).pacing.frames]
    gaps = np.diff(offsets)
    assert (gaps >= 400 * MS - 10 * MS).sum() in (9, 10)
    assert (gaps == 0).sum() >= 9 * 39


@pytest.mark.parametrize(
    "wrong", [{"packet_ms": 9}, {"packet_ms": 501}, {"jitter_ms": -1}, {"stall_ms": 5, "stall_every_ms": 5}]
)
def test_shapes_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"packets of|not negative|no time to send"):
        Shape(**wrong)
