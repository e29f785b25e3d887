"""A sherpa-onnx online server: the real package's recogniser behind the wire of its C++ server.

``python sherpa_server.py FOLDER`` builds a model that hears loudness, and prints its port. It stands in a process of
its own because the package brings its own ONNX Runtime.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import sherpa_onnx
from onnx import TensorProto, helper, numpy_helper
from websockets.asyncio.server import ServerConnection, serve

RATE = 16_000
CHUNK = 16  # frames that the model gives at once, each of 40 ms
METADATA = {
    "model_type": "wenet_ctc", "head": 1, "num_blocks": 1, "output_size": 1,
    "cnn_module_kernel": 2, "right_context": 6, "subsampling_factor": 4, "vocab_size": 2,
}  # fmt: skip


def build(folder: Path) -> sherpa_onnx.OnlineRecognizer:
    """A streaming CTC model that says "loud" whenever the mean of its log-mel features passes a threshold."""
    constants = {
        "starts": np.array([0]), "ends": np.array([CHUNK * 4]), "axes": np.array([1]), "steps": np.array([4]),
        "mel": np.array([2]), "slope": np.array([[[0, 1]]], np.float32), "bias": np.array([[[0, -8]]], np.float32),
    }  # fmt: skip
    nodes = [
        helper.make_node("Slice", ["x", "starts", "ends", "axes", "steps"], ["frames"]),
        helper.make_node("ReduceMean", ["frames", "mel"], ["loudness"], keepdims=1),
        helper.make_node("Mul", ["loudness", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=2),
        helper.make_node("Identity", ["attn_cache"], ["new_attn_cache"]),
        helper.make_node("Identity", ["conv_cache"], ["new_conv_cache"]),
    ]
    value = helper.make_tensor_value_info
    inputs = [
        value("x", TensorProto.FLOAT, [1, "T", 80]),
        value("offset", TensorProto.INT64, [1]),
        value("required_cache_size", TensorProto.INT64, [1]),
        value("attn_cache", TensorProto.FLOAT, [1, 1, "C", 2]),
        value("conv_cache", TensorProto.FLOAT, [1, 1, 1, "K"]),
        value("attn_mask", TensorProto.BOOL, [1, 1, "M"]),
    ]
    outputs = [
        value("log_probs", TensorProto.FLOAT, [1, "L", 2]),
        value("new_attn_cache", TensorProto.FLOAT, [1, 1, "C", 2]),
        value("new_conv_cache", TensorProto.FLOAT, [1, 1, 1, "K"]),
    ]
    weights = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "loudness", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {key: str(value) for key, value in METADATA.items()})
    onnx.save(model, folder / "model.onnx")
    (folder / "tokens.txt").write_text("<blk> 0\n\u2581loud 1\n")
    return sherpa_onnx.OnlineRecognizer.from_wenet_ctc(
        tokens=str(folder / "tokens.txt"), model=str(folder / "model.onnx"), chunk_size=CHUNK, num_threads=1,
        enable_endpoint_detection=True, rule1_min_trailing_silence=0.9, rule2_min_trailing_silence=0.5,
    )  # fmt: skip


async def answer(connection: ServerConnection, recogniser: sherpa_onnx.OnlineRecognizer) -> None:
    """One session as OnlineWebsocketServer and OnlineWebsocketDecoder hold it."""
    stream = recogniser.create_stream()
    async for frame in connection:
        ended = frame == "Done"
        stream.accept_waveform(RATE, np.zeros(RATE // 2, "<f4") if ended else np.frombuffer(frame, "<f4"))
        if ended:
            stream.input_finished()
        while recogniser.is_ready(stream):
            recogniser.decode_stream(stream)
            result: dict[str, Any] = json.loads(recogniser.get_result_as_json_string(stream))
            if recogniser.is_endpoint(stream):
                result["is_final"] = True
                recogniser.reset(stream)
            if ended and not recogniser.is_ready(stream):
                result["is_final"] = result["is_eof"] = True
            await connection.send(json.dumps(result))
        if ended:
            await connection.send("Done!")


async def main(folder: Path) -> None:
    recogniser = build(folder)
    async with serve(lambda connection: answer(connection, recogniser), "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
