"""How the weights of an exported body are stored: exactly, in half the space, or as 8-bit integers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

SMALL = 1024  # elements: below this a weight (a bias, a norm) is not worth rounding


class Storage(StrEnum):
    """How weights are kept.

    ``float16`` rounds weights once and computes in float32, so a stream's numbers do not depend on its batch.
    ``int8`` also quantises activations, by a scale taken over the whole batch: smaller, faster on some processors,
    but a stream's log-probabilities then move by some hundredths with the streams beside it.
    """

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


def store(exact: Path, out: Path, storage: Storage) -> None:
    """Write a float32 ONNX file again with its weights stored another way."""
    if storage is Storage.INT8:
        kinds = ["MatMul", "Gemm"]
        quantize_dynamic(
            exact, out, op_types_to_quantize=kinds, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
        return
    model = onnx.load(str(exact))
    if storage is Storage.FLOAT16:
        halve(model)
    onnx.save(model, str(out))


def halve(model: onnx.ModelProto) -> None:
    """Store the large weights of a model in 16 bits and cast them back as it is loaded."""
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALL:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    for position, cast in enumerate(casts):
        model.graph.node.insert(position, cast)
