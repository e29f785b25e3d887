"""Channels of searches are used again: a stream never notices who had its channel before."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.kernels.allocations import count_allocations
from engine.decoder.channels import search_channels
from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from kernels.token_passing.memory import new_channel

TEXTS = ["the cat sat", "two red cats saw a reed", "a cat read too", "two cats read to the cat"]
seeds = st.integers(0, 10_000)


@pytest.fixture(scope="module", params=[0.0, 4.0], ids=["best path", "lattice"])
def decoder(small_graph, request) -> Decoder:
    options = DecodeOptions(1.0, 0.5, 0.0, 0.0, beam=12.0, max_active=500, lattice_beam=request.param)
    return Decoder(small_graph, options)


def test_a_channel_is_what_the_search_wants():
    made, wanted = search_channels(128, 1024, 300).join().kept, new_channel(128, 1024, 300)
    for one, other in zip(made, wanted, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.flags.carray  # contiguous, aligned and writable, as compiled code has it
        assert not one.view(np.uint8).any()
    assert len(search_channels(128, 1024, 0).join().kept.sides) == 0


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds, seeds, st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.integers(1, 30), st.booleans())
def test_words_on_a_used_channel_are_those_on_a_fresh_one(decoder, voice, one, other, before, text, cut, ended):
    decoder.channels = search_channels(decoder.tokens, decoder.records, decoder.sides)
    said, earlier = voice(one).say(text, noise=2.5), voice(other).say(before, noise=2.5)
    fresh = _heard(decoder, said, cut)
    stream = decoder.begin()
    stream.step(earlier)
    if ended:
        stream.end()
    for array in stream._channel:
        array.view(np.uint8)[...] = 0xFF
    del stream, array
    assert (decoder.channels.slots, decoder.channels.free) == (1, 1)
    assert _heard(decoder, said, cut) == fresh
    assert decoder.channels.slots == 1


def _heard(decoder: Decoder, log_probs: np.ndarray, cut: int) -> tuple[object, ...]:
    stream = decoder.begin()
    stream.step(log_probs[:cut])
    shown = stream.partial(), stream.stable(), stream.finalise(cut // 2)
    stream.step(log_probs[cut:])
    return *shown, stream.partial(), stream.end(), stream.n_best(3)


def test_a_stream_keeps_its_channel_while_it_can_be_asked_and_no_longer(decoder, voice):
    decoder.channels = search_channels(decoder.tokens, decoder.records, decoder.sides)
    stream, dropped = decoder.begin(), decoder.begin()
    dropped.step(voice(1).say("the cat"))
    del dropped  # without an end
    assert (decoder.channels.slots, decoder.channels.free) == (2, 1)
    stream.step(voice(2).say("the cat sat"))
    words, frames = stream.end(), stream.frames
    decoder.begin().step(voice(3).say("two cats"))
    assert [word.text for word in words] == ["the", "cat", "sat"]
    assert stream.frames == frames
    del stream
    assert (decoder.channels.slots, decoder.channels.free) == (2, 2)


SIZES = 6_000, 36_000, 36_000  # those of the shipped models, with a lattice


def join_and_leave():
    return search_channels(*SIZES).join


@pytest.mark.usefixtures("allocation_counter")
def test_ten_thousand_streams_ask_for_less_than_one_channel():
    """All together: Python renews its table of finalisers now and then, a few kilobytes each time."""
    counted = count_allocations(join_and_leave, calls=10_000)
    assert counted.mmap == 0
    assert counted.bytes < search_channels(*SIZES).record
