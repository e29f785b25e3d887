"""The weights that are read from a body are those that ONNX Runtime computes with."""

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.acoustic.body_weights import body_weights, suits
from engine.errors import ModelError
from kernels.conformer import reference

pytest.importorskip("onnxruntime", reason="ONNX Runtime is the oracle; install understudy[engine]")

from engine.acoustic.body import Body
from engine.acoustic.executor_choice import Choice

MODELS = Path(engine.__file__).parent / "models"


@pytest.mark.parametrize("name", ["reference-1", "reference-3"])
def test_the_float64_step_of_a_shipped_body_is_onnx_runtimes(name: str) -> None:
    body = Body.load(MODELS / name, Choice.ONNX_RUNTIME)
    weights = body_weights((MODELS / name / "body.onnx").read_bytes(), body.card.state["keys"][1])
    state, kept = body.begin(320), reference.begin(weights)
    rng = np.random.default_rng(1)
    for frames in (32, 64, 8):
        features = rng.normal(10, 3, (frames, 80)).astype(np.float32)
        expected = reference.step(weights, kept, features)
        # float32 through a dozen blocks: some tens of its last place at log-probabilities of about ten.
        assert np.abs(body.step([state], features[None])[0] - expected).max() <= 1e-4


def test_other_files_are_refused() -> None:
    onnx = pytest.importorskip("onnx", reason="the onnx package makes another model; install understudy[train]")
    weight = onnx.numpy_helper.from_array(np.zeros(3, np.float32), "other")
    content = onnx.helper.make_model(onnx.helper.make_graph([], "small", [], [], [weight])).SerializeToString()
    assert not suits(content)
    with pytest.raises(ModelError, match=r"body\.onnx"):
        body_weights(content, 48)
    with pytest.raises(ModelError, match=r"body\.onnx"):
        body_weights(b"other", 48)
