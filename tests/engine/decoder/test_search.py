"""Streams of log-probs to words."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.decoder.options import DecodeOptions
from engine.decoder.search import BLOCK, Decoder
from engine.errors import ModelError, StreamError

TEXTS = ["the cat sat", "two red cats saw a reed", "a cat read too", "cats", "two cats read to the cat", "a"]
OPTIONS = DecodeOptions(1.0, 0.5, 0.0, 0.0, beam=12.0, max_active=500)
seeds = st.integers(0, 10_000)
relaxed = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def decoder(small_graph) -> Decoder:
    return Decoder(small_graph, OPTIONS)


def whole(decoder: Decoder, log_probs: np.ndarray):
    stream = decoder.begin()
    stream.step(log_probs)
    return stream.end()


@pytest.mark.parametrize("text", TEXTS)
def test_clean_speech_is_recognised_with_its_times(decoder, voice, text):
    words = whole(decoder, voice(1).say(text, pause=5))
    assert " ".join(word.text for word in words) == text
    assert words[0].start_frame == 5
    assert all(one.end_frame <= other.start_frame for one, other in pairwise(words))
    assert all(word.start_frame < word.end_frame and 0.9 < word.confidence <= 1.0 for word in words)


@relaxed
@given(seeds, st.sampled_from(TEXTS), st.lists(st.integers(0, 9), max_size=12))
def test_chunked_equals_whole(decoder, voice, seed, text, cuts):
    log_probs = voice(seed).say(f"{text} {text}", noise=2.5)
    stream, at = decoder.begin(), 0
    for cut in cuts:
        stream.step(log_probs[at : at + cut])
        stream.partial()
        stream.stable()
        at += cut
    stream.step(log_probs[at:])
    assert stream.end() == whole(decoder, log_probs)


@relaxed
@given(seeds, st.integers(0, 12), st.integers(1, 9), st.floats(0, 3))
def test_finals_never_overlap_and_nothing_is_lost(decoder, voice, seed, delay, step, noise):
    log_probs = voice(seed).say("two cats read to the cat", noise=noise)
    stream, finals = decoder.begin(), []
    for at in range(0, len(log_probs), step):
        stream.step(log_probs[at : at + step])
        committed = stream.finalise(stream.frames - delay)
        assert all(word.end_frame <= stream.frames - delay for word in committed)
        finals += committed
        assert all(word.start_frame >= finals[-1].end_frame for word in stream.partial() if finals)
    finals += stream.end()
    assert all(one.end_frame <= other.start_frame for one, other in pairwise(finals))
    if noise < 1 and delay > 6:
        assert " ".join(word.text for word in finals) == "two cats read to the cat"


def test_stable_words_stay(decoder, voice):
    log_probs = voice(4).say("the cats saw the cat the two cats read too", noise=2.0)
    stream, seen = decoder.begin(), ()
    for row in log_probs:
        stream.step(row[None])
        stable = stream.stable()
        assert stable[: len(seen)] == seen
        seen = stable
    assert stream.end()[: len(seen)] == seen
    assert len(seen) > 3


def test_a_stream_longer_than_the_pool_is_decoded_whole(decoder, voice):
    text = " ".join(["two cats read to the cat"] * 300)
    words = whole(decoder, voice(9).say(text, noise=1.0))
    assert len(words) > 20 * BLOCK
    assert sum(a.text == b for a, b in zip(words, text.split(), strict=False)) > 0.95 * len(words)


def test_silence_says_nothing(decoder):
    silence = np.log(np.full((200, 40), 0.001 / 39, np.float32))
    silence[:, 0] = np.log(0.999)
    assert whole(decoder, silence) == ()
    assert whole(decoder, np.zeros((0, 40), np.float32)) == ()


def test_homophones_are_told_apart_by_the_words_around_them(decoder, voice):
    assert [word.text for word in whole(decoder, voice(2).say("two red cats saw a reed"))] == [
        "two",
        "red",
        "cats",
        "saw",
        "a",
        "reed",
    ]
    assert [word.text for word in whole(decoder, voice(2).say("the cat read too"))][-1] == "too"


def test_a_stream_cannot_go_on_after_its_end(decoder):
    stream = decoder.begin()
    stream.end()
    with pytest.raises(StreamError, match="begin a new stream"):
        stream.step(np.zeros((1, 40), np.float32))
    with pytest.raises(StreamError, match="begin a new stream"):
        stream.end()


@pytest.mark.parametrize("bad", [np.full((2, 40), np.nan), np.full((2, 40), -np.inf), np.zeros((2, 39)), np.zeros(40)])
def test_log_probs_that_are_no_log_probs_are_refused(decoder, bad):
    stream = decoder.begin()
    with pytest.raises(StreamError, match="check the body"):
        stream.step(bad.astype(np.float32))
    assert stream.end() == ()


def test_the_digest_tells_settings_apart(small_graph):
    prior = np.log(np.full(40, 1 / 40, np.float32))
    digests = {
        Decoder(small_graph, OPTIONS).digest,
        Decoder(small_graph).digest,
        Decoder(small_graph, None, prior * 2).digest,
        Decoder(small_graph, OPTIONS, None, "other").digest,
    }
    assert len(digests) == 4
    assert Decoder(small_graph, OPTIONS).digest in digests


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"beem": 3}, "unknown decode setting 'beem'"),
        ({"beam": "wide"}, "must be a number"),
        ({"beam": True}, "must be"),
        ({"max_active": 2.5}, "whole number"),
        ({"beam": 0}, "above 0"),
    ],
)
def test_bad_settings_are_refused(table, message):
    with pytest.raises(ModelError, match=message):
        DecodeOptions.from_table(table, "model.toml")
