"""Audio that is broken, empty, deafening or endless: a clear error, sensible words, and no growing memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
import testsets
from engine.errors import StreamError

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

import soundfile

from engine.acoustic.body import Body
from engine.acoustic.executor_choice import Choice
from engine.acoustic.frontend import Frontend, features_of
from engine.recogniser import SAMPLE_RATE, Recogniser

MODELS = Path(engine.__file__).parent / "models"
SPEECH = Path(testsets.__file__).parent / "data" / "rehearsal" / "flite-rms-1.flac"


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load(MODELS / "reference-1")


@pytest.fixture(scope="module")
def pcm() -> np.ndarray:
    samples, rate = soundfile.read(SPEECH, dtype="float32")
    assert rate == SAMPLE_RATE
    return np.asarray(samples)


def texts(recogniser: Recogniser, pcm: np.ndarray) -> list[str]:
    return [word.text for word in recogniser.recognise(pcm)]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e9])
def test_what_is_no_sample_is_named_with_its_place(recogniser, pcm, wrong):
    broken = pcm.copy()
    broken[20_000] = wrong
    stream = recogniser.begin()
    stream.step(broken[:10_000])
    with pytest.raises(StreamError, match=r"sample 20000 of the stream is .*\[-1, 1\]"):
        stream.step(broken[10_000:])


@pytest.mark.parametrize(
    "audio", [np.zeros(800, np.int16), np.zeros((800, 2), np.float32), np.zeros(800, np.complex64)]
)
def test_audio_of_another_kind_is_refused(recogniser, audio):
    with pytest.raises(StreamError, match="one channel of floats"):
        recogniser.recognise(audio)


def test_integers_taken_for_floats_are_found(recogniser, pcm):
    with pytest.raises(StreamError, match="divide 16-bit integers by 32768"):
        recogniser.recognise(pcm * np.float32(32_768))


@pytest.mark.parametrize("length", [0, 1, 159, 399, 400, 401, 1_679, 1_680])
def test_next_to_nothing_is_no_words(recogniser, length):
    assert recogniser.recognise(np.full(length, 0.01, np.float32)) == ()


@pytest.mark.parametrize("level", [0.0, 0.3, -1.0, 1.0])
def test_a_constant_is_no_words(recogniser, level):
    assert recogniser.recognise(np.full(5 * SAMPLE_RATE, level, np.float32)) == ()


def test_double_precision_says_the_same(recogniser, pcm):
    assert recogniser.recognise(pcm.astype(np.float64)) == recogniser.recognise(pcm)


def test_an_offset_changes_little(recogniser, pcm):
    features, shifted = features_of(pcm), features_of(pcm + np.float32(0.25))
    assert np.median(np.abs(features - shifted)) < 0.1
    assert len(texts(recogniser, pcm + np.float32(0.25))) == pytest.approx(len(texts(recogniser, pcm)), abs=3)


def test_clipped_and_quiet_speech_is_still_words(recogniser, pcm):
    plain = texts(recogniser, pcm)
    loud = np.clip(pcm / np.abs(pcm).max() * 10, -1, 1).astype(np.float32)
    for changed in (loud, pcm * np.float32(0.05), pcm * np.float32(8)):
        said = texts(recogniser, changed)
        assert said
        assert len(said) <= 2 * len(plain)


def test_a_bad_piece_leaves_other_streams_alone(recogniser, pcm):
    good, bad = recogniser.begin(), recogniser.begin()
    good.step(pcm[:20_000])
    with pytest.raises(StreamError):
        bad.step(np.full(100, np.nan, np.float32))
    good.step(pcm[20_000:])
    assert good.end() == recogniser.recognise(pcm)


def test_a_long_piece_is_worked_off_in_parts(pcm):
    long = np.tile(pcm, 8)  # more than the front end takes at once
    whole, frontend = features_of(long), Frontend()
    pieces = [frontend.step(piece) for piece in np.array_split(long, 50)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def kept(thing: Any, seen: set[int]) -> int:
    """Bytes of arrays and items of lists that a stream holds; what all streams share does not count."""
    if id(thing) in seen or isinstance(thing, str | bytes | int | float | type | None):
        return 0
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return thing.nbytes
    if isinstance(thing, list | tuple):
        return len(thing) + sum(kept(one, seen) for one in thing)
    if isinstance(thing, dict):
        return len(thing) + sum(kept(one, seen) for one in thing.values())
    names = [*getattr(thing, "__dict__", ()), *getattr(type(thing), "__slots__", ())]
    return sum(kept(getattr(thing, name, None), seen) for name in names)


def held(recogniser: Recogniser, stream: Any) -> int:
    return kept(stream, {id(recogniser.body), id(recogniser.decoder), id(recogniser)})


def feed(recogniser: Recogniser, pcm: np.ndarray, rounds: int, stream: Any) -> int:
    """Speech and a pause, again and again, in steps, finals taken a second after their end; the most memory held."""
    most = 0
    piece = np.concatenate([pcm, np.zeros(SAMPLE_RATE // 2, np.float32)])
    for _ in range(rounds):
        for at in range(0, len(piece), 8_000):
            stream.step(piece[at : at + 8_000])
            stream.partials()
            stream.finals(max(stream.decoded_samples - SAMPLE_RATE, 0))
        most = max(most, held(recogniser, stream))
    return most


def test_a_long_stream_holds_no_more_than_a_short_one(recogniser, pcm):
    stream = recogniser.begin()
    first = feed(recogniser, pcm, 4, stream)
    assert first > 0
    assert feed(recogniser, pcm, 12, stream) <= 1.05 * first


@pytest.mark.slow
def test_three_hours_hold_no_more_than_a_minute(recogniser, pcm):
    stream = recogniser.begin()
    first = feed(recogniser, pcm, 15, stream)
    assert feed(recogniser, pcm, 3 * 3600 * SAMPLE_RATE // len(pcm), stream) <= 1.05 * first


def test_three_hours_in_it_hears_as_in_the_first_minute(recogniser, pcm):
    # The same for our own step: tests/kernels/conformer/test_cpu.py
    body, heard = Body.load(MODELS / "reference-1", Choice.ONNX_RUNTIME), []
    chunk_ms = body.card.chunk_ms[0]
    step = chunk_ms // 10
    before, speech = features_of(np.zeros(12 * SAMPLE_RATE, np.float32)), features_of(pcm)
    for later in (0, 3 * 3600 * 25):  # tokens
        state = body.begin(chunk_ms)
        for at in range(0, len(before) - step, step):
            body.step([state], before[None, at : at + step])
        state.kept.heard += later
        rows = [body.step([state], speech[None, at : at + step])[0] for at in range(0, len(speech) - step, step)]
        heard.append(np.concatenate(rows))
    np.testing.assert_allclose(heard[1], heard[0], atol=0.02)
