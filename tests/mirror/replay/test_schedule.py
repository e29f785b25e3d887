"""When packets leave: never early, absolute, and all of the audio."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.replay.schedule import Packet, schedule
from testsets.case import AudioRef, Case, Pacing, SentFrame


def case(samples: int, rate: int, pacing: Pacing) -> Case:
    return Case("a", AudioRef("a.wav", rate, samples), pacing=pacing)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5_000), st.sampled_from([8_000, 16_000, 44_100]), st.integers(20, 6_000))
def test_steady_stream_covers_the_audio_and_is_never_early(samples: int, rate: int, size: int) -> None:
    packets = schedule(case(samples, rate, Pacing(size)))
    assert packets[0].start == 0
    assert packets[-1].end == samples
    assert all(before.end == after.start for before, after in itertools.pairwise(packets))
    assert all(0 <= packet.end * 10**9 - packet.offset_ns * rate < rate for packet in packets)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 4_000)), min_size=1, max_size=40))
def test_captured_frames_keep_their_order_and_sizes(frames: list[tuple[int, int]]) -> None:
    pacing = Pacing(frames=tuple(SentFrame(at_ns, samples) for at_ns, samples in frames))
    packets = schedule(case(sum(samples for _, samples in frames), 16_000, pacing))
    assert [packet.end - packet.start for packet in packets] == [samples for _, samples in frames if samples]
    offsets = [packet.offset_ns for packet in packets]
    assert offsets == sorted(offsets)


def test_clock_that_went_backwards() -> None:
    pacing = Pacing(frames=(SentFrame(50, 10), SentFrame(20, 10), SentFrame(60, 10)))
    assert schedule(case(30, 16_000, pacing)) == (Packet(50, 0, 10), Packet(50, 10, 20), Packet(60, 20, 30))


def test_frames_that_are_not_of_this_audio() -> None:
    with pytest.raises(ValueError, match="captured frames hold 10 samples, its audio 30"):
        schedule(case(30, 16_000, Pacing(frames=(SentFrame(0, 10),))))


def test_no_audio_is_no_packets() -> None:
    assert schedule(case(0, 16_000, Pacing())) == ()
