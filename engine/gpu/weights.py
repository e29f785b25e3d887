"""The weights of a shipped body, read from its ONNX file.

The file holds the large ones in 8 or 16 bits and widens them by nodes before all others; those are carried out here.
A matrix product's weight has no name of its own there, and is known by the bias that is added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.acoustic.body import ModelCard
from engine.acoustic.onnx_file import Graph, read_graph
from engine.errors import ModelError

Weights = Mapping[str, NDArray[np.float32]]


class BodyShape(NamedTuple):
    """The sizes of a body, as its weights and its card tell them; see ``engine.training.blocks.Shape``."""

    width: int
    blocks: int
    heads: int
    inner: int
    kernel: int
    left: int
    bins: int
    tokens: int


def read_body(path: Path, card: ModelCard) -> tuple[BodyShape, Weights]:
    """Read the weights, (outputs, inputs) for a matrix, and the sizes that they make.

    Raises:
        ModelError: they are not those of the body that the card describes.
    """
    try:
        graph = read_graph(path.read_bytes())
    except ValueError as wrong:
        raise ModelError(str(path), str(wrong)) from None
    known = _widened(graph)
    weights = {name.removeprefix("network."): value for name, value in known.items() if name.startswith("network.")}
    for product, bias in _biased_products(graph, known):
        weights[bias.removeprefix("network.").removesuffix("bias") + "weight"] = known[product].T
    shape = _shape(weights, _heads(graph), card, str(path))
    if "mix" not in weights:  # bodies before version 3: the last block reads the last middle one
        weights["mix"] = np.eye(shape.blocks - 2, dtype=np.float32)[-1]
    return shape, weights


def _widened(graph: Graph) -> dict[str, NDArray[np.float32]]:
    known = dict(graph.weights)
    for node in graph.nodes:
        if not all(name in known for name in node.inputs):
            continue
        if node.operator == "Identity":  # equal weights, kept once
            known[node.outputs[0]] = known[node.inputs[0]]
        elif node.operator in ("Cast", "Mul"):
            values = [known[name].astype(np.float32) for name in node.inputs]
            known[node.outputs[0]] = values[0] if node.operator == "Cast" else values[0] * values[1]
    return known


def _biased_products(graph: Graph, known: Mapping[str, object]) -> list[tuple[str, str]]:
    made = {
        node.outputs[0]: node.inputs[1] for node in graph.nodes if node.operator == "MatMul" and node.inputs[1] in known
    }
    return [
        (made[product], bias)
        for node in graph.nodes
        if node.operator == "Add"
        for bias, product in (node.inputs, node.inputs[::-1])
        if product in made and bias.endswith(".bias")
    ]


def _heads(graph: Graph) -> int:
    """The number of heads: the constant by which attention splits its vectors, (streams, tokens, heads, -1)."""
    constants = {node.outputs[0]: node.constant for node in graph.nodes if node.constant is not None}
    for node in graph.nodes:
        if node.operator == "Concat" and len(node.inputs) == 4 and node.inputs[2] in constants:
            return int(constants[node.inputs[2]].item())
    return 0


def _shape(weights: Weights, heads: int, card: ModelCard, where: str) -> BodyShape:
    try:
        width, bins = weights["first.weight"].shape[0], weights["first.weight"].shape[1]
        kept = card.state["keys"]
        shape = BodyShape(
            width=width,
            blocks=kept[0],
            heads=heads,
            inner=len(weights["blocks.0.widen.weight"]),
            kernel=weights["blocks.0.convolution.depthwise.weight"].shape[-1],
            left=kept[1],
            bins=bins,
            tokens=len(weights["heads.0.weight"]),
        )
        last = f"blocks.{shape.blocks - 1}.narrow.weight"
        fits = weights[last].shape == (width, shape.inner) and f"blocks.{shape.blocks}.narrow.weight" not in weights
    except KeyError as missing:
        raise ModelError(where, f"not the body that a device can run (no {missing}); serve with --device cpu") from None
    if shape.tokens != len(card.tokens):
        raise ModelError(where, f"{shape.tokens} tokens, model.toml names {len(card.tokens)}; install the model again")
    if not fits or heads < 1 or width % (2 * heads):
        raise ModelError(where, "its weights do not fit each other or model.toml; install the model again")
    return shape
