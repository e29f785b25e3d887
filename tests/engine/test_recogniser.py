"""The shipped recogniser on shipped speech."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
import testsets

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

import soundfile

from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from engine.recogniser import GRAPH_FOLDER, SAMPLE_RATE, Recogniser, StreamOptions
from engine.word_times import FRAME_SAMPLES

MODELS = Path(engine.__file__).parent / "models"
SPEECH = sorted((Path(testsets.__file__).parent / "data" / "rehearsal").glob("*.flac"))


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load(MODELS / "reference-1")


@pytest.fixture(scope="module")
def pcm() -> np.ndarray:
    """About three seconds at 16 kHz."""
    for path in SPEECH:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        if rate == SAMPLE_RATE and 2 * rate < len(samples) < 4 * rate:
            return np.ascontiguousarray(samples[:, 0])
    raise AssertionError("no rehearsal recording of two to four seconds")


def test_words_lie_within_the_audio_and_do_not_overlap(recogniser, pcm):
    words = recogniser.recognise(pcm)
    assert words
    assert all(0 <= word.start <= word.end <= len(pcm) and 0 <= word.confidence <= 1 for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))


@settings(deadline=None, max_examples=6)
@given(st.lists(st.integers(1, 20_000), max_size=8))
def test_chunked_equals_whole(recogniser, pcm, cuts):
    stream, at = recogniser.begin(StreamOptions(chunk_ms=320)), 0
    for cut in cuts:
        stream.step(pcm[at : at + cut])
        stream.partials()
        at += cut
    stream.step(pcm[at:])
    assert stream.end() == recogniser.recognise(pcm, StreamOptions(chunk_ms=320))


def test_finals_grow_and_partials_follow_them(recogniser, pcm):
    stream, finals = recogniser.begin(StreamOptions(chunk_ms=320)), []
    for at in range(0, len(pcm), 1600):
        stream.step(pcm[at : at + 1600])
        until = stream.decoded_samples - 8000
        committed = stream.finals(until)
        assert all(word.end <= until for word in committed)
        finals += committed
        assert all(word.start >= finals[-1].end for word in stream.partials() if finals)
    finals += stream.end()
    assert all(one.end <= other.start for one, other in pairwise(finals))


def test_silence_gives_no_words(recogniser):
    assert recogniser.recognise(np.zeros(3 * SAMPLE_RATE, np.float32)) == ()
    assert recogniser.recognise(np.zeros(0, np.float32)) == ()


def test_log_probs_can_be_given_without_the_body(recogniser):
    words = recogniser.begin_words()
    log_probs = np.full((10, 40), np.log(1e-4), np.float32)
    log_probs[:, 0] = np.log(1 - 39e-4)
    words.step(log_probs)
    assert words.decoded_samples == 10 * FRAME_SAMPLES
    assert words.end() == ()


def test_the_digest_names_the_model(recogniser):
    assert recogniser.digest == Recogniser.load(MODELS / "reference-1").digest
    assert len(recogniser.digest) == 64


def test_words_without_evidence_of_speech_are_not_said(recogniser: Recogniser, pcm: np.ndarray) -> None:
    strict = DecodeOptions(evidence=1000.0)
    decoder = Decoder.load(GRAPH_FOLDER, strict, recogniser.body.card.log_prior)
    assert recogniser.recognise(pcm)
    assert Recogniser(recogniser.body, decoder).recognise(pcm) == ()
