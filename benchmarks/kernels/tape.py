"""From a body's ONNX graph to the tape of its step: ``python -m benchmarks.kernels.tape engine/models/reference-3``.

Every buffer of every op, its size as ONNX Runtime makes it, and the ops that write and read it. Left out is what a
planned engine has no working memory for: what is known before start-up (weights, shapes, positions), and what a step
leaves for the next one, which goes to the stream's channel. Views (reshape and the like) are no buffers, and an op that
works element by element writes over an input that nothing reads any more.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

from engine.acoustic.body import ModelCard, read_card
from engine.acoustic.body_tape import FILE, FORMAT
from engine.acoustic.frontend import FRAME_SHIFT, SAMPLE_RATE

VIEWS = {"Reshape", "Unsqueeze", "Squeeze", "Flatten", "Identity"}
IN_PLACE = {
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Neg",
    "Sigmoid",
    "Relu",
    "Softmax",
    "LogSoftmax",
    "LayerNormalization",
    "Where",
}
KEEPING = VIEWS | {"Slice", "Concat", "Cast"}  # ops that may lie between a buffer and a stream's channel
RESULT = "log_probs"

Sizes = dict[str, tuple[tuple[int, ...], int]]  # by value: its shape, and its bytes


@dataclass(slots=True)
class Buffer:
    """A stretch of working memory: who uses it, and when."""

    name: str
    bytes: int
    first: int
    last: int
    values: set[str] = field(default_factory=set)


def sizes_of(model: onnx.ModelProto, card: ModelCard, streams: int, frames: int) -> Sizes:
    """Run a step on zeros and note every value that appears in it."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    declared = {one.name for one in watched.graph.output}
    names = [name for node in watched.graph.node for name in node.output if name and name not in declared]
    watched.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = ort.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {name: np.zeros((streams, *shape), np.float32) for name, shape in card.state.items()}
    given["features"] = np.zeros((streams, frames, 80), np.float32)
    wanted = [one.name for one in session.get_outputs()]
    found = session.run(wanted, {**given, "heard": np.zeros(streams, np.int64)})
    values = dict(zip(wanted, found, strict=True)) | given
    return {name: (value.shape, value.nbytes) for name, value in values.items()}


def tape_of(graph: onnx.GraphProto, sizes: Sizes) -> tuple[list[str], list[Buffer]]:
    """The op types of a step in order, and its buffers."""
    known = _known(graph)
    kept = _kept(graph)
    nodes = [node for node in in_order(graph) if not set(node.output) <= known and node.op_type != "Shape"]
    last_use = {name: at for at, node in enumerate(nodes) for name in node.input}
    where: dict[str, Buffer] = {"features": Buffer("features", sizes["features"][1], 0, last_use["features"])}
    buffers = list(where.values())
    for at, node in enumerate(nodes):
        used = [where[name] for name in node.input if name in where]
        for buffer in used:
            buffer.last = max(buffer.last, at)
        for name in node.output:
            if name != RESULT and (name in kept or name not in last_use):
                continue
            size = sizes[name][1]
            buffer = _reused(node, used, where, last_use, at, size)
            if buffer is None:
                buffer = Buffer(_short(name), size, at, at)
                buffers.append(buffer)
            where[name] = buffer
            buffer.values.add(name)
    where[RESULT].last = len(nodes) - 1
    return [node.op_type for node in nodes], buffers


def in_order(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The ops as a planned engine runs them: what goes to the streams' channels goes there as soon as it is known."""
    kept, known = _kept(graph), _known(graph)
    ranks: dict[str, tuple[int, int]] = {}
    ranked = []
    for number, node in enumerate(graph.node):
        rank = (number, 0)
        if set(node.output) <= kept:
            rank = max((ranks[name] for name in node.input if name in ranks), default=rank)[0], number
        ranks |= dict.fromkeys(set(node.output) - known, rank)
        ranked.append((rank, number, node))
    return [node for _, _, node in sorted(ranked, key=itemgetter(0, 1))]


def _reused(
    node: onnx.NodeProto, used: Sequence[Buffer], where: dict[str, Buffer], last_use: dict[str, int], at: int, size: int
) -> Buffer | None:
    """The input's buffer that an output takes over: that of a view, or one that nothing reads after this op."""
    if node.op_type in VIEWS or (node.op_type == "Cast" and used and used[0].bytes == size):
        return where.get(node.input[0])
    if node.op_type in IN_PLACE:
        for buffer in used:
            if buffer.bytes == size and all(last_use.get(value, at) <= at for value in buffer.values):
                return buffer
    return None


def _known(graph: onnx.GraphProto) -> set[str]:
    """Values that depend on shapes only."""
    known = {one.name for one in graph.initializer} | {""}
    for node in graph.node:
        if node.op_type in {"Constant", "Shape"} or set(node.input) <= known:
            known |= set(node.output)
    return known


def _kept(graph: onnx.GraphProto) -> set[str]:
    """Values that nothing but the streams' channels takes: what a step leaves for the next one."""
    kept = {one.name for one in graph.output} - {RESULT}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for node in reversed(graph.node):
        for name in node.output:
            read = readers.get(name, [])
            if read and all(one.op_type in KEEPING and set(one.output) <= kept for one in read):
                kept.add(name)
    return kept


def _short(name: str) -> str:
    return name.strip("/").removesuffix("_output_0").removesuffix("_output_1")


def describe(folder: Path) -> dict[str, object]:
    """The tape of a model's step: ops, lives of buffers, and for each chunk their bytes in all and for each stream.

    Raises:
        ValueError: the chunks differ in more than sizes, or a size does not grow in proportion to the streams.
    """
    card = read_card(folder)
    model = onnx.load(str(folder / card.body))
    tapes = {ms: [_tape(model, card, streams, ms) for streams in (1, 2, 3)] for ms in card.chunk_ms}
    ops, buffers = tapes[card.chunk_ms[0]][0]
    lives = [(buffer.name, buffer.first, buffer.last) for buffer in buffers]
    for ms, measured in tapes.items():
        if any(found != ops or [(b.name, b.first, b.last) for b in rows] != lives for found, rows in measured):
            raise ValueError(f"the ops or lives of a step by {ms} ms are not those of {card.chunk_ms[0]} ms")
    chunks = {str(ms): _sizes([rows for _, rows in measured]) for ms, measured in tapes.items()}
    return {"format": FORMAT, "digest": card.digest, "ops": ops, "buffers": _numbered(lives), "chunks": chunks}


def _tape(model: onnx.ModelProto, card: ModelCard, streams: int, ms: int) -> tuple[list[str], list[Buffer]]:
    frames = ms * SAMPLE_RATE // 1000 // FRAME_SHIFT
    return tape_of(model.graph, sizes_of(model, card, streams, frames))


def _sizes(tapes: Sequence[Sequence[Buffer]]) -> dict[str, list[int]]:
    fixed, growing = [], []
    for one, two, three in zip(*tapes, strict=True):
        each = two.bytes - one.bytes
        if three.bytes - two.bytes != each:
            raise ValueError(f"{one.name}: {one.bytes}, {two.bytes}, {three.bytes} bytes for 1, 2, 3 streams")
        fixed.append(one.bytes - each)
        growing.append(each)
    return {"fixed": fixed, "each": growing}


def _numbered(lives: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    seen: Counter[str] = Counter()
    named = []
    for name, first, last in lives:
        seen[name] += 1
        named.append((name if seen[name] == 1 else f"{name} {seen[name]}", first, last))
    return named


def main() -> None:
    """Write the tape beside the model."""
    parser = argparse.ArgumentParser(description="Write the tape of a body's step beside the body.")
    parser.add_argument("folder", type=Path, help="of the model, with model.toml")
    folder = parser.parse_args().folder
    lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in describe(folder).items())
    (folder / FILE).write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
