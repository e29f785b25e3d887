"""The reader of ONNX files sees what the onnx package sees, and says what is wrong with other bytes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.acoustic.onnx_file import read_graph, weight_names

MODELS = sorted((Path(engine.__file__).parent / "models").glob("*/body.onnx"))


@pytest.mark.parametrize("path", MODELS, ids=[path.parent.name for path in MODELS])
def test_a_shipped_model_reads_as_by_the_onnx_package(path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="the onnx package is the oracle; install understudy[train]")
    model, graph = onnx.load(str(path)), read_graph(path.read_bytes())
    known = {weight.name: onnx.numpy_helper.to_array(weight) for weight in model.graph.initializer}
    assert graph.weights.keys() == known.keys()
    assert weight_names(path.read_bytes()) == list(known)
    for name, values in known.items():
        assert graph.weights[name].dtype == values.dtype
        np.testing.assert_array_equal(graph.weights[name], values)
    nodes = [(node.op_type, tuple(node.input), tuple(node.output)) for node in model.graph.node]
    assert [(node.operator, node.inputs, node.outputs) for node in graph.nodes] == nodes


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8, np.uint8, np.int32, np.int64, np.bool_])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 1, 300)])
def test_tensors_of_every_type_and_shape(dtype: type, shape: tuple[int, ...]) -> None:
    onnx = pytest.importorskip("onnx", reason="the onnx package is the oracle; install understudy[train]")
    values = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    constant = onnx.helper.make_node("Constant", [], ["made"], value=onnx.numpy_helper.from_array(values))
    weight = onnx.numpy_helper.from_array(values, "given")
    made = onnx.helper.make_model(onnx.helper.make_graph([constant], "small", [], [], [weight]))
    graph = read_graph(made.SerializeToString())
    assert graph.nodes[0].constant is not None
    np.testing.assert_array_equal(graph.nodes[0].constant, values)
    np.testing.assert_array_equal(graph.weights["given"], values)


def test_a_file_that_ends_early_is_refused() -> None:
    content = MODELS[0].read_bytes()
    for size in (10, 1_000, len(content) // 2, len(content) - 1):
        with pytest.raises(ValueError, match="ends early"):
            read_graph(content[:size])


@given(st.binary(max_size=300))
def test_other_bytes_are_refused_or_hold_no_weights(content: bytes) -> None:
    try:
        graph = read_graph(content)
    except ValueError:
        return
    assert all(values.size == int(np.prod(values.shape)) for values in graph.weights.values())
