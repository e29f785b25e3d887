"""How the weights of an exported body are stored: exactly, in half the space, or in a quarter."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

SMALL = 1024  # elements: below this a weight (a bias, a norm) is not worth rounding


class Storage(StrEnum):
    """How weights are kept.

    ``float16`` and ``int8`` round weights once (``int8`` by a scale for every output channel) and compute in float32,
    so a stream's numbers do not depend on its batch. ``int8-dynamic`` also quantises activations, by a scale taken over
    the whole batch: faster on some processors, but a stream's log-probabilities then move by some hundredths with the
    streams beside it.
    """

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"
    INT8_DYNAMIC = "int8-dynamic"


def store(exact: Path, out: Path, storage: Storage) -> None:
    """Write a float32 ONNX file again with its weights stored another way."""
    if storage is Storage.INT8_DYNAMIC:
        kinds = ["MatMul", "Gemm"]
        quantize_dynamic(
            exact, out, op_types_to_quantize=kinds, nodes_to_exclude=blends(onnx.load(str(exact))),
            weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
        )  # fmt: skip
        return
    model = onnx.load(str(exact))
    if storage is Storage.FLOAT16:
        halve(model)
    elif storage is Storage.INT8:
        quarter(model)
    onnx.save(model, str(out))


def blends(model: onnx.ModelProto) -> list[str]:
    """Name the products by a vector, which has no output channels to be quantised by."""
    vectors = {weight.name for weight in model.graph.initializer if len(weight.dims) == 1}
    return [node.name for node in model.graph.node if node.op_type == "MatMul" and vectors.intersection(node.input)]


def halve(model: onnx.ModelProto) -> None:
    """Store the large weights of a model in 16 bits and cast them back as it is loaded."""
    casts = []
    for weight, values in large(model):
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    prepend(model, casts)


def quarter(model: onnx.ModelProto) -> None:
    """Store the large weights of a model in 8 bits, symmetric by output channel, and multiply them out when loaded."""
    recipes = []
    for weight, values in large(model):
        name, axis = weight.name, output_axis(model, weight)
        others = tuple(other for other in range(values.ndim) if other != axis)
        scale = np.maximum(np.abs(values).max(axis=others, keepdims=True), 1e-12) / 127
        weight.CopyFrom(numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{name}.levels"))
        model.graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"))
        wide = f"{name}.wide"
        recipes.append(onnx.helper.make_node("Cast", [f"{name}.levels"], [wide], to=onnx.TensorProto.FLOAT))
        recipes.append(onnx.helper.make_node("Mul", [wide, f"{name}.scale"], [name]))
    prepend(model, recipes)


def large(model: onnx.ModelProto) -> list[tuple[onnx.TensorProto, npt.NDArray[np.float32]]]:
    """List the float weights that are worth rounding."""
    listed = [(weight, numpy_helper.to_array(weight)) for weight in model.graph.initializer]
    return [(weight, values) for weight, values in listed if values.dtype == np.float32 and values.size >= SMALL]


def output_axis(model: onnx.ModelProto, weight: onnx.TensorProto) -> int:
    """Say along which axis a weight's output channels lie: the last of a matrix product, the first of a convolution."""
    user = next(node for node in model.graph.node if weight.name in node.input)
    turned = user.op_type == "Gemm" and any(given.name == "transB" and given.i for given in user.attribute)
    return 0 if user.op_type == "Conv" or turned else len(weight.dims) - 1


def prepend(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    """Put nodes before all others of a graph; the runtime folds those of constants while loading."""
    for position, node in enumerate(nodes):
        model.graph.node.insert(position, node)
