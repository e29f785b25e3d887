"""Many recordings heard together are heard as one alone, and from the cache as the first time."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

import engine
from benchmarks.recogniser.listening import hear_all, log_probs_of
from benchmarks.recogniser.recordings import Recording
from engine.acoustic.body import Body, Listener
from engine.acoustic.executor_choice import Choice

MODEL = Path(engine.__file__).parent / "models" / "reference-1"


@pytest.fixture(scope="module")
def body() -> Body:
    return Body.load(MODEL, Choice.ONNX_RUNTIME)  # which alone hears a whole recording in one step


@pytest.fixture
def recordings(tmp_path: Path) -> list[Recording]:
    rng = np.random.default_rng(3)
    found = []
    for place, length in enumerate((9_000, 0, 30_000, 16_000, 30_001)):
        path = tmp_path / f"{place}.wav"
        soundfile.write(path, rng.normal(0, 0.1, length), 16_000)
        found.append(Recording("made", str(place), path, None, (), "a", "made"))
    return found


def alone(body: Body, samples: np.ndarray, chunk_ms: int) -> np.ndarray:
    listener = Listener(body, chunk_ms)
    return np.concatenate([listener.step(samples), listener.end()])


def test_together_is_as_alone(body, recordings):
    found = log_probs_of(body, recordings, 320, None)
    for recording, rows in zip(recordings, found, strict=True):
        np.testing.assert_allclose(rows, alone(body, recording.samples(), 320), atol=2e-3)


def test_the_cache_gives_what_was_heard(body, recordings, tmp_path):
    for chunk_ms in (320, None):
        first = log_probs_of(body, recordings, chunk_ms, tmp_path / "kept")
        again = log_probs_of(body, recordings, chunk_ms, tmp_path / "kept")
        assert len(list((tmp_path / "kept").glob(f"*-{chunk_ms or 'whole'}/*.npy"))) == len(recordings)
        for one, other in zip(first, again, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_whole_of_a_recording_is_one_chunk(body):
    features = np.random.default_rng(1).normal(10, 3, (64, 80)).astype(np.float32)
    (whole,) = hear_all(body, [features], None)
    (chunk,) = hear_all(body, [features], 640)
    np.testing.assert_allclose(whole, chunk, atol=1e-4)
