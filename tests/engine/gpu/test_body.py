"""The device's body behind the seam: slots come and go with streams, words are those of the CPU's body."""

import gc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acoustic.body import Body
from engine.acoustic.executors import Choice
from engine.errors import ModelError, StreamError
from engine.gpu.body import DeviceBody
from engine.gpu.weights import read_body
from kernels.memory import FullError


@pytest.fixture(scope="module")
def pair(folder: Path) -> tuple[DeviceBody, Body]:
    return DeviceBody.load(folder, "cpu", streams=3, batch=2), Body.load(folder, Choice.ONNX_RUNTIME)


def free(body: DeviceBody) -> int:
    gc.collect()
    return body._executor.slab.free


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 99), chunks=st.integers(0, 4), rest=st.integers(0, 31))
def test_begin_step_end_hears_what_the_body_of_the_cpu_hears(
    pair: tuple[DeviceBody, Body], device: SimpleNamespace, seed: int, chunks: int, rest: int
) -> None:
    rng = np.random.default_rng(seed)
    pieces = [rng.normal(10, 3, (1, 32, 80)).astype(np.float32) for _ in range(chunks)]
    last = rng.normal(10, 3, (rest, 80)).astype(np.float32)
    said = []
    for body in pair:
        state = body.begin(320)
        heard = [body.step([state], piece)[0] for piece in pieces]
        said.append(np.concatenate([*heard, body.end(state, last)]))
    assert said[0].shape == said[1].shape == (8 * chunks + -(-rest // 4), 40)
    assert np.abs(said[0] - said[1]).max(initial=0.0) <= device.tolerance


def test_a_slot_comes_back_when_a_stream_ends_or_is_let_go(pair: tuple[DeviceBody, Body]) -> None:
    body = pair[0]
    before = free(body)
    ended, dropped = body.begin(160), body.begin(160)
    body.end(ended, np.zeros((0, 80), np.float32))
    assert free(body) == before - 1
    del dropped
    assert free(body) == before
    ended.close()
    assert free(body) == before


def test_steps_out_of_order_and_streams_over_capacity_are_refused(pair: tuple[DeviceBody, Body]) -> None:
    body = pair[0]
    states = [body.begin(320) for _ in range(3)]
    with pytest.raises(FullError):
        body.begin(320)
    body.end(states[0], np.full((5, 80), 9.0, np.float32))
    for again in (
        lambda: body.end(states[0], np.zeros((0, 80), np.float32)),
        lambda: body.step(states[:1], np.zeros((1, 32, 80), np.float32)),
    ):
        with pytest.raises(StreamError, match="begin a new stream"):
            again()
    with pytest.raises(ModelError, match="320"):
        body.begin(330)


def test_weights_of_another_vocabulary_or_no_body_at_all_are_refused(folder: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    card = Body.load(folder, Choice.ONNX_RUNTIME).card
    with pytest.raises(ModelError, match="40 tokens"):
        read_body(folder / "body.onnx", replace(card, tokens=("<blk>", "A", "B")))
    (tmp_path / "body.onnx").write_bytes(b"\x08\x08\x12\x00")
    with pytest.raises(ModelError):
        read_body(tmp_path / "body.onnx", card)
    with pytest.raises(ModelError, match="do not fit"):
        read_body(folder / "body.onnx", replace(card, state=card.state | {"keys": (3, 6, 16)}))


@pytest.mark.slow
def test_the_shipped_body_says_the_same(device: SimpleNamespace) -> None:
    import engine

    folder = Path(engine.__file__).parent / "models" / "reference-3"
    bodies = DeviceBody.load(folder, "cpu", streams=2, batch=2, chunk_ms=[320]), Body.load(folder, Choice.ONNX_RUNTIME)
    rng, said = np.random.default_rng(8), []
    pieces = [rng.normal(10, 3, (2, 32, 80)).astype(np.float32) for _ in range(12)]
    for body in bodies:
        states = [body.begin(320), body.begin(320)]
        said.append(np.concatenate([body.step(states, piece) for piece in pieces], axis=1))
    assert np.abs(said[0] - said[1]).max() <= device.tolerance
