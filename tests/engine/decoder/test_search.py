"""Streams of log-probs to words."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.decoder.confidence import ConfidenceMap
from engine.decoder.options import DecodeOptions
from engine.decoder.search import BLOCK, LONGEST, Decoder
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


LATTICE = DecodeOptions(1.0, 0.5, 0.0, 0.0, beam=12.0, max_active=500, lattice_beam=6.0)


@pytest.fixture(scope="module")
def keeper(small_graph) -> Decoder:
    return Decoder(small_graph, LATTICE)


@relaxed
@given(seeds, st.sampled_from(TEXTS), st.lists(st.integers(0, 9), max_size=8))
def test_a_lattice_chunked_equals_whole_and_changes_no_partial(decoder, keeper, voice, seed, text, cuts):
    log_probs = voice(seed).say(f"{text} {text}", noise=2.5)
    stream, plain, at = keeper.begin(), decoder.begin(), 0
    for cut in cuts:
        stream.step(log_probs[at : at + cut])
        plain.step(log_probs[at : at + cut])
        assert [word.text for word in stream.partial()] == [word.text for word in plain.partial()]
        stream.stable()
        stream.lattice()
        at += cut
    stream.step(log_probs[at:])
    assert stream.end() == whole(keeper, log_probs)


@relaxed
@given(seeds, st.integers(0, 12), st.integers(1, 9), st.floats(0, 3))
@example(7, 1, 1, 3.0)  # a word is found that ends before the commit that it comes after
def test_commits_hold_their_frame_and_no_word_reaches_into_another(keeper, voice, seed, delay, step, noise):
    log_probs = voice(seed).say("two cats read to the cat", noise=noise)
    stream, finals = keeper.begin(), []
    for at in range(0, len(log_probs), step):
        before = stream.frames
        stream.step(log_probs[at : at + step])
        committed = stream.finalise(stream.frames - delay)
        assert all(word.end_frame <= stream.frames - delay for word in committed)
        assert delay or all(word.start_frame >= before for word in committed)
        finals += committed
    finals += stream.end()
    assert all(one.end_frame <= other.start_frame for one, other in pairwise(finals))
    if noise < 1 and delay > 6:
        assert " ".join(word.text for word in finals) == "two cats read to the cat"


@relaxed
@given(seeds, st.integers(1, 9), st.floats(0, 4))
def test_no_word_starts_before_everything_was_made_final(keeper, decoder, voice, seed, step, noise):
    log_probs = voice(seed).say("two cats read to the cat", noise=noise)
    for used in (keeper, decoder):
        stream = used.begin()
        for at in range(0, len(log_probs), step):
            floor = stream.frames
            stream.step(log_probs[at : at + step])
            assert all(word.start_frame >= floor for word in stream.finalise(stream.frames))
            assert all(word.start_frame >= stream.frames for word in stream.partial())


def test_confidence_is_the_share_of_the_lattice_and_is_calibrated(keeper, small_graph, voice):
    sure = whole(keeper, voice(2).say("two red cats saw a reed"))
    by_word = {word.text: word.confidence for word in sure}
    assert by_word["cats"] > 0.95 > by_word["reed"]  # which sounds like read
    halved = replace(LATTICE, confidence=ConfidenceMap((0.0, 1.0), (0.0, 0.5)))
    assert whole(Decoder(small_graph, halved), voice(2).say("two red cats saw a reed"))[0].confidence <= 0.5


def test_the_n_best_begin_with_the_best(keeper, voice):
    stream = keeper.begin()
    stream.step(voice(2).say("two red cats saw a reed", noise=1.5))
    best = stream.n_best(5)
    assert 1 < len(best) <= 5
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)
    said = tuple(word.text for word in stream.partial())
    assert best[0][0][: len(said)] == said


@pytest.mark.parametrize("context", [2, 9])
def test_a_second_pass_changes_the_finals_and_is_told_what_went_before(small_graph, voice, context):
    seen = []

    class NoReed:
        """Hears no reed."""

        digest = "no reed"

        def __init__(self):
            self.context = context

        def rescore(self, lattice, history, *, ended=False):
            seen.append(history)
            gain = np.where(lattice.word == small_graph.lexicon.words.index("reed"), -20.0, 0.0)
            return replace(lattice, grammar=(lattice.grammar + gain).astype(np.float32))

    stream = Decoder(small_graph, replace(LATTICE, lattice_beam=12.0), rescorer=NoReed()).begin()
    stream.step(voice(2).say("two red cats saw a reed"))
    early = stream.finalise(stream.frames - 12)
    late = stream.end()
    said = [word.text for word in early + late]
    assert said[:-1] == ["two", "red", "cats", "saw", "a"]
    assert said[-1] in ("read", "red")
    assert len(early) > 2
    assert seen == [(), tuple(small_graph.lexicon.words.index(word.text) for word in early)[-context:]]


def test_words_of_a_long_stream_become_final_by_themselves_and_nothing_is_lost(keeper, voice):
    text = " ".join(["two cats read to the cat"] * 200)
    stream = keeper.begin()
    stream.step(voice(9).say(text, noise=1.0))
    assert stream.frames - stream._committed < LONGEST + BLOCK
    words = stream.end()
    assert sum(a.text == b for a, b in zip(words, text.split(), strict=False)) > 0.95 * len(words)
    assert all(one.end_frame <= other.start_frame for one, other in pairwise(words))
