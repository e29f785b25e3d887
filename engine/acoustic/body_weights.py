"""From the nodes and weights of an exported body to the weights that a step of our own reads.

The exporter keeps the names of biases and norms, and loses those of matrices; a matrix is found by the bias that is
added to its product.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.acoustic.onnx_file import Graph, Node, read_graph, weight_names
from engine.errors import ModelError
from kernels.conformer.weights import F32, Block, Norm, Product, Weights


def body_weights(content: bytes, left: int, name: str = "body.onnx") -> Weights:
    """Read the weights of a body that ``engine.training.export`` wrote with its weights in 8 bits.

    Args:
        content: of the ONNX file.
        left: tokens that attention looks back, of model.toml.
        name: for errors.

    Raises:
        ModelError: it is damaged, or is no such body.
    """
    try:
        return _Reader(read_graph(content), name).weights(left)
    except ValueError as wrong:
        raise ModelError(name, str(wrong)) from None


def suits(content: bytes) -> bool:
    """Say whether a file is a body whose matrices are all stored in 8 bits, by the names of its weights."""
    try:
        names = weight_names(content)
    except ValueError:
        return False
    matrices = [name for name in names if name.startswith("onnx::MatMul")]
    return "network.first.weight.levels" in names and all(name.endswith((".levels", ".scale")) for name in matrices)


class _Reader:
    def __init__(self, graph: Graph, name: str) -> None:
        self._weights, self._name = dict(graph.weights), name
        for node in graph.nodes:
            if node.operator == "Identity" and node.inputs[0] in self._weights:  # equal weights are kept once
                self._weights[node.outputs[0]] = self._weights[node.inputs[0]]
        self._makers = {output: node for node in graph.nodes for output in node.outputs}
        self._adders = {given: node for node in graph.nodes if node.operator == "Add" for given in node.inputs}
        self._turns = [node for node in graph.nodes if node.operator == "Cos"]

    def weights(self, left: int) -> Weights:
        blocks = tuple(self._block(f"blocks.{index}") for index in range(self._blocks()))
        return Weights(
            mean=self._float("mean"), deviation=self._float("deviation"),
            first=self._convolution("first"), second=self._convolution("second"), entry=self._norm("entry"),
            blocks=blocks, pair=self._product("pair"), part=self._product("part"), mix=self._mix(len(blocks)),
            exit=self._norm("exits.0"), head=self._product("heads.0"), rates=self._rates(), left=left,
        )  # fmt: skip

    def _blocks(self) -> int:
        count = 0
        while f"network.blocks.{count}.norm.weight" in self._weights:
            count += 1
        return count if count >= 3 else self._refuse(f"has {count} blocks; a body has three or more")

    def _block(self, at: str) -> Block:
        taps = self._whole(f"network.{at}.convolution.depthwise.weight")
        return Block(
            self._norm(f"{at}.attention.norm"), self._product(f"{at}.attention.project"),
            self._product(f"{at}.attention.out"), self._norm(f"{at}.convolution.norm"),
            self._product(f"{at}.convolution.enter"), np.ascontiguousarray(taps[:, 0].T),
            self._float(f"{at}.convolution.depthwise.bias"), self._norm(f"{at}.convolution.settle"),
            self._product(f"{at}.convolution.leave"), self._norm(f"{at}.norm"),
            self._product(f"{at}.widen"), self._product(f"{at}.narrow"),
        )  # fmt: skip

    def _norm(self, at: str) -> Norm:
        return Norm(self._float(f"{at}.weight"), self._float(f"{at}.bias"))

    def _product(self, at: str) -> Product:
        bias = f"network.{at}.bias"
        node = self._adders.get(bias) or self._refuse(f"adds no {bias}")
        product = next(self._makers[given] for given in node.inputs if given != bias)
        levels, scale = self._levels(product.inputs[1])
        return Product(levels, scale.reshape(-1), self._float(f"{at}.bias"))

    def _convolution(self, at: str) -> Product:
        """A convolution over windows of rows that lie one after the other: (outputs, inputs, taps) to a product."""
        levels, scale = self._levels(f"network.{at}.weight")
        flat = np.ascontiguousarray(levels.transpose(2, 1, 0).reshape(-1, len(levels)))
        return Product(flat, scale.reshape(-1), self._float(f"{at}.bias"))

    def _levels(self, name: str) -> tuple[NDArray[np.int8], F32]:
        levels, scale = self._weights.get(f"{name}.levels"), self._weights.get(f"{name}.scale")
        if levels is None or scale is None or levels.dtype != np.int8:
            raise ModelError(self._name, f"{name} is not stored in 8 bits; export the model with --storage int8")
        return levels, scale

    def _whole(self, name: str) -> F32:
        if name in self._weights:
            return np.asarray(self._weights[name], np.float32)
        levels, scale = self._levels(name)
        return np.asarray(levels * scale, np.float32)

    def _float(self, at: str) -> F32:
        found = self._weights.get(f"network.{at}")
        return self._refuse(f"has no network.{at}") if found is None else np.asarray(found, np.float32)

    def _mix(self, blocks: int) -> F32:
        """Bodies before version 3 have no mix: the last block reads the last middle one."""
        if "network.mix" in self._weights:
            return self._float("mix")
        return np.asarray(np.eye(blocks - 2)[-1], np.float32)

    def _rates(self) -> F32:
        """The constant that positions are multiplied by before the cosine is taken."""
        if not self._turns:
            self._refuse("turns no positions")
        joined = self._made(self._turns[0].inputs[0])
        rates = self._constant(self._made(joined.inputs[0]).inputs[1])
        return np.asarray(rates, np.float32).reshape(-1)

    def _made(self, name: str) -> Node:
        return self._makers.get(name) or self._refuse(f"makes no {name}")

    def _constant(self, name: str) -> NDArray[Any]:
        found = self._made(name).constant
        return self._refuse(f"has no constant {name}") if found is None else found

    def _refuse(self, why: str) -> NoReturn:
        raise ModelError(self._name, f"{why}: no body that engine.training.export wrote")
