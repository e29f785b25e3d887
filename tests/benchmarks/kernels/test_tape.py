"""Tapes made from graphs: every value is still there when an op reads it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from benchmarks.kernels.tape import IN_PLACE, Buffer, in_order, sizes_of, tape_of
from engine.acoustic.body import read_card
from engine.acoustic.body_tape import read_tape
from kernels.memory import Spec, plan

MODEL = Path(__file__).parents[3] / "engine/models/reference-3"


@pytest.fixture(scope="module")
def step():
    model, card = onnx.load(str(MODEL / "body.onnx")), read_card(MODEL)
    sizes = sizes_of(model, card, 2, 32)
    return model.graph, sizes, *tape_of(model.graph, sizes)


def test_the_shipped_tape_is_the_graphs(step):
    _, _, ops, buffers = step
    tape = read_tape(MODEL)
    assert list(tape.ops) == ops
    shipped = [(spec.bytes, spec.first, spec.last) for spec in tape.specs(320, 2)]
    assert shipped == [(one.bytes, one.first, one.last) for one in buffers]


def walk(graph: onnx.GraphProto, sizes: dict, buffers: list[Buffer]) -> int:
    """Run a graph by name only: stamp each value's bytes in a planned arena, and look at the stamps at each read.

    Returns:
        how many reads were looked at.
    """
    specs = [Spec(str(number), one.bytes, one.first, one.last) for number, one in enumerate(buffers)]
    planned = plan(specs)
    arena = np.zeros(planned.peak, np.int32)
    where = {value: str(number) for number, one in enumerate(buffers) for value in one.values} | {"features": "0"}
    stamps: dict[str, int] = {}
    reads = 0

    def place(value: str) -> slice:
        start = planned.offsets[where[value]]
        return slice(start, start + sizes[value][1])

    def write(value: str, stamp: int) -> None:
        arena[place(value)] = stamps[value] = stamp

    write("features", 1)
    for number, node in enumerate(in_order(graph), 2):
        inputs = [name for name in node.input if name in where and node.op_type != "Shape"]
        for name in inputs:
            assert (arena[place(name)] == stamps[name]).all(), (node.name, name)
            reads += 1
        for name in (one for one in node.output if one in where):
            shared = [one for one in inputs if where[one] == where[name]]
            viewed = shared and node.op_type not in IN_PLACE
            write(name, stamps[shared[0]] if viewed else number)
            for other in inputs:
                mine, its = place(name), place(other)
                assert other in shared or mine.stop <= its.start or its.stop <= mine.start, (node.name, other)
    assert (arena[place("log_probs")] == stamps["log_probs"]).all()
    return reads


def test_every_value_of_the_shipped_step_is_there_when_it_is_read(step):
    graph, sizes, _, buffers = step
    assert walk(graph, sizes, buffers) > 1000


def test_a_life_cut_short_would_be_noticed(step):
    graph, sizes, _, buffers = step
    longest = max(buffers, key=lambda one: one.last - one.first)
    short = [
        Buffer(one.name, one.bytes, one.first, one.first if one is longest else one.last, one.values) for one in buffers
    ]
    with pytest.raises(AssertionError):
        walk(graph, sizes, short)


def small_graph(*nodes: onnx.NodeProto) -> onnx.GraphProto:
    result = helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, None)
    after = helper.make_tensor_value_info("frames_after", TensorProto.FLOAT, None)
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, None)
    weight = helper.make_tensor("weight", TensorProto.FLOAT, [1], [1.0])
    return helper.make_graph(nodes, "small", [given], [result, after], [weight])


SIZES = {name: ((10,), 40) for name in ("features", "a", "b", "c", "d", "log_probs", "frames_after", "wide")}


def test_what_is_left_out_and_what_is_shared():
    graph = small_graph(
        helper.make_node("Mul", ["weight", "weight"], ["wide"]),  # known before start-up
        helper.make_node("MatMul", ["features", "wide"], ["a"]),
        helper.make_node("Sigmoid", ["a"], ["b"]),  # a is read again: not in place
        helper.make_node("Mul", ["a", "b"], ["c"]),  # in place
        helper.make_node("Reshape", ["c", "weight"], ["d"]),  # a view
        helper.make_node("MatMul", ["d", "wide"], ["log_probs"]),
        helper.make_node("Slice", ["d"], ["frames_after"]),  # goes to the stream's channel, at once
    )
    ops, buffers = tape_of(graph, SIZES)
    assert ops == ["MatMul", "Sigmoid", "Mul", "Reshape", "Slice", "MatMul"]
    lives = {one.name: (one.first, one.last, sorted(one.values)) for one in buffers}
    assert lives == {
        "features": (0, 0, []),
        "a": (0, 5, ["a", "c", "d"]),
        "b": (1, 2, ["b"]),
        "log_probs": (5, 5, ["log_probs"]),
    }


def test_an_input_that_is_read_later_is_not_written_over():
    graph = small_graph(
        helper.make_node("MatMul", ["features", "weight"], ["a"]),
        helper.make_node("Reshape", ["a", "weight"], ["b"]),
        helper.make_node("Sigmoid", ["a"], ["c"]),  # b is the same bytes, and is read below
        helper.make_node("Add", ["b", "c"], ["log_probs"]),
        helper.make_node("Identity", ["c"], ["frames_after"]),
    )
    buffers = {one.name: one for one in tape_of(graph, SIZES)[1]}
    assert buffers["a"].values == {"a", "b", "log_probs"}
    assert buffers["c"].values == {"c"}
