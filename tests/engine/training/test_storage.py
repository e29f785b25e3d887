"""Rounded weights: a quarter of the size, nearly the same numbers, and the same ones in any batch."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch", reason="export needs torch; install understudy[train]")

from engine.training.blocks import Shape  # noqa: E402
from engine.training.export import STATE, empty_state, write_onnx  # noqa: E402
from engine.training.network import Network  # noqa: E402
from engine.training.storage import Storage  # noqa: E402


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(4)
    return Network(Shape(width=64, blocks=3, heads=2, inner=128, kernel=5, left=8)).eval()


def run(path: Path, network: Network, features: np.ndarray) -> np.ndarray:
    heard, *state = (value.numpy() for value in empty_state(network, len(features)))
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = {"features": features, "heard": heard, **dict(zip(STATE, state, strict=True))}
    return np.asarray(session.run(["log_probs"], given)[0])


@pytest.mark.parametrize(("storage", "share"), [(Storage.FLOAT16, 0.62), (Storage.INT8, 0.4)])
def test_rounded_weights_are_smaller_and_close(
    tmp_path: Path, network: Network, storage: Storage, share: float
) -> None:
    for kind in (Storage.FLOAT32, storage):
        write_onnx(network, tmp_path / kind.value, kind)
    exact, rounded = tmp_path / "float32", tmp_path / storage.value
    # The graph itself, without weights, takes a tenth of so small a body.
    assert rounded.stat().st_size < share * exact.stat().st_size
    features = np.random.default_rng(1).normal(0, 1, (3, 32, 80)).astype(np.float32)
    said = run(rounded, network, features)
    # An 8-bit weight is off by up to 1/254 of its channel's largest: the log-probabilities by some hundredths.
    assert np.abs(said - run(exact, network, features)).max() < 0.1
    alone = np.concatenate([run(rounded, network, features[row : row + 1]) for row in range(3)])
    np.testing.assert_allclose(said, alone, atol=2e-6)
