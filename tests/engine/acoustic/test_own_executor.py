"""A body hears the same by our own step and by ONNX Runtime; slots come and go; a step asks for no memory."""

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import engine
import testsets

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

import soundfile
from rapidfuzz.distance import Levenshtein

from benchmarks.kernels.allocations import count_allocations
from engine.acoustic import executors
from engine.acoustic.body import Body, Listener, read_card
from engine.acoustic.body_weights import body_weights
from engine.acoustic.executor_choice import Choice
from engine.acoustic.executors import body_digest, decide
from engine.acoustic.own_executor import OwnExecutor
from engine.errors import ModelError
from engine.recogniser import Recogniser
from kernels.conformer.cpu import ChunkStep
from kernels.memory import Slab, record_bytes

MODEL = Path(engine.__file__).parent / "models" / "reference-3"
REHEARSAL = Path(testsets.__file__).parent / "data" / "rehearsal"
NEAR = 0.01  # log-probabilities: the rounding of rows moves them by a tenth of it


@pytest.fixture(scope="module")
def own() -> Body:
    return Body.load(MODEL, Choice.OWN)


def some_features(seed: int, streams: int, frames: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(10, 3, (streams, frames, 80)).astype(np.float32)


def test_it_hears_what_onnx_runtime_hears(own: Body) -> None:
    other = Body.load(MODEL, Choice.ONNX_RUNTIME)
    streams = [[body.begin(320) for _ in range(3)] for body in (own, other)]
    for turn, frames in enumerate((32, 64, 8, 128, 32)):  # chunks of 80 to 1,280 ms, changing
        features = some_features(turn, 3, frames)
        heard = [body.step(states, features) for body, states in zip((own, other), streams, strict=True)]
        assert np.abs(heard[0] - heard[1]).max() <= NEAR
    rest = some_features(9, 1, 13)[0]
    ends = [body.end(states[0], rest) for body, states in zip((own, other), streams, strict=True)]
    assert ends[0].shape == ends[1].shape == (4, 40)
    assert np.abs(ends[0] - ends[1]).max() <= NEAR


def test_batches_larger_than_the_working_memory_are_stepped_in_parts(own: Body) -> None:
    features = some_features(2, 37, 64)
    together = own.step([own.begin(640) for _ in range(37)], features)
    for stream in (0, 17, 36):
        np.testing.assert_array_equal(own.step([own.begin(640)], features[stream : stream + 1])[0], together[stream])


def test_threads_may_step_the_same_body(own: Body) -> None:
    features = some_features(4, 4, 128)

    def hear(stream: int) -> np.ndarray:
        state = own.begin(320)
        return np.concatenate(
            [own.step([state], features[stream : stream + 1, at : at + 32]) for at in (0, 32, 64, 96)]
        )

    alone = [hear(stream) for stream in range(4)]
    with ThreadPoolExecutor(4) as threads:
        for one, other in zip(alone, threads.map(hear, range(4)), strict=True):
            np.testing.assert_array_equal(one, other)


def test_slots_are_given_back_when_streams_are_dropped() -> None:
    body = Body.load(MODEL, Choice.OWN)
    executor = body._executor
    assert isinstance(executor, OwnExecutor)
    for _ in range(3):
        kept = [body.begin(320) for _ in range(16)]
        body.step(kept, some_features(0, 16, 32))
        del kept
        gc.collect()
    assert executor._streams.slots == 16
    more = [body.begin(320) for _ in range(17)]
    assert (executor._streams.slots, executor._streams.free) == (32, 15)
    assert len(more) == 17


def test_reserved_streams_begin_without_a_further_slab() -> None:
    body = Body.load(MODEL, Choice.OWN)
    executor = body._executor
    assert isinstance(executor, OwnExecutor)
    kept = body.reserve(20)
    assert kept == record_bytes(executor._step.channels)
    states = [body.begin(320) for _ in range(20)]
    assert (executor._streams.slots, executor._streams.free) == (20, 0)
    body.step(states, some_features(0, 20, 32))
    assert Body.load(MODEL, Choice.ONNX_RUNTIME).reserve(20) < kept  # rings need some more room than their states


def test_a_chunk_longer_than_the_model_was_trained_for_is_refused(own: Body) -> None:
    with pytest.raises(ValueError, match="at most 128 frames"):
        own.step([own.begin(1280)], some_features(0, 1, 136))


def test_the_executor_is_chosen_by_processor_and_file(monkeypatch: pytest.MonkeyPatch) -> None:
    content = (MODEL / "body.onnx").read_bytes()
    monkeypatch.setattr(executors, "has_avx2", lambda: True)
    assert decide(content) is Choice.OWN
    assert decide(content, Choice.ONNX_RUNTIME) is Choice.ONNX_RUNTIME
    assert decide(b"a body in float32") is Choice.ONNX_RUNTIME
    monkeypatch.setattr(executors, "has_avx2", lambda: False)
    assert decide(content) is Choice.ONNX_RUNTIME
    assert decide(content, Choice.OWN) is Choice.OWN


def test_digests_tell_the_executors_apart(own: Body) -> None:
    card = read_card(MODEL)
    assert own.executor is Choice.OWN
    assert own.digest == body_digest(card.digest, Choice.OWN) != card.digest
    assert body_digest(card.digest, Choice.ONNX_RUNTIME) == card.digest
    with pytest.raises(ModelError, match="decide"):
        body_digest(card.digest, Choice.AUTO)


@pytest.mark.slow
def test_words_of_the_rehearsal_are_onnx_runtimes() -> None:
    recognisers = [Recogniser.load(MODEL, executor=one) for one in (Choice.OWN, Choice.ONNX_RUNTIME)]
    words = errors = frames = other = 0
    for path in sorted(REHEARSAL.glob("*.flac")):
        pcm, rate = soundfile.read(path, dtype="float32", always_2d=True)
        if rate != 16_000:
            continue
        listeners = [Listener(one.body, 320) for one in recognisers]
        heard = [np.concatenate([one.step(np.ascontiguousarray(pcm[:, 0])), one.end()]) for one in listeners]
        frames, other = frames + len(heard[0]), other + int((heard[0].argmax(1) != heard[1].argmax(1)).sum())
        said = []
        for recogniser, log_probs in zip(recognisers, heard, strict=True):
            stream = recogniser.begin_words()
            stream.step(log_probs)
            said.append([word.text for word in stream.end(len(pcm))])
        words, errors = words + len(said[1]), errors + Levenshtein.distance(*said)
    assert words > 1_000
    assert errors <= words / 500  # none when this was written: 0 of 1,190 words, 0 of 10,480 frames
    assert other <= frames / 1_000


def chunk_steps(folder: str, streams: int) -> Callable[[], object]:
    card = read_card(Path(folder))
    step = ChunkStep(body_weights((Path(folder) / card.body).read_bytes(), card.state["keys"][1]))
    slab = Slab(step.channels, streams)
    records = [step.record(slab, slab.acquire()) for _ in range(streams)]
    features, out = some_features(0, streams, 32), np.empty((streams, 8, 40), np.float32)
    return lambda: step(records, features, out)


def body_steps(folder: str, streams: int) -> Callable[[], object]:
    body = Body.load(Path(folder), Choice.OWN)
    states, features = [body.begin(320) for _ in range(streams)], some_features(0, streams, 32)
    return lambda: body.step(states, features)


@pytest.mark.usefixtures("allocation_counter")
@pytest.mark.parametrize("streams", [1, 8])
def test_a_step_allocates_nothing(streams: int) -> None:
    counted = count_allocations(chunk_steps, str(MODEL), streams)
    assert counted.total == 0
    assert counted.free == 0


@pytest.mark.usefixtures("allocation_counter")
def test_a_body_allocates_its_answer_alone() -> None:
    """One array a step, which the caller keeps; Python's small objects come from its own pools."""
    counted = count_allocations(body_steps, str(MODEL), 8)
    assert counted.total == counted.malloc == counted.calls
    assert counted.bytes == counted.calls * 8 * 8 * 40 * 4
