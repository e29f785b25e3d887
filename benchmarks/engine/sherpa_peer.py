"""sherpa-onnx with an untrained streaming Conformer of the size of ours: what its machinery costs, not what it hears.

The model is as ``engine/models/reference-3``: 12 blocks of 192 channels, 16 tokens of 40 ms a chunk over 48 before
them, CTC over 40 tokens; its layout is WeNet's, which sherpa-onnx runs. Weights are random and float32 or, as
sherpa-onnx's own models are, dynamically quantised to 8 bits; the blank is made likely so that decoding is as quiet as
speech is. Search is greedy: it has neither words nor a language model.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

RATE = 16_000
CHUNK, LEFT = 16, 3
BLOCKS, WIDTH, HEADS, KERNEL, TOKENS, INNER = 12, 192, 4, 9, 40, 320


class Block(nn.Module):
    """A Conformer block with explicit caches."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(5))
        self.feeds = nn.ModuleList(
            nn.Sequential(nn.Linear(WIDTH, INNER), nn.SiLU(), nn.Linear(INNER, WIDTH)) for _ in range(2)
        )
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.into, self.leave = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.depth = nn.Conv1d(WIDTH, WIDTH, KERNEL, groups=WIDTH)

    def forward(self, x: Tensor, cache: Tensor, gates: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(1, T, W), (1, H, C, 2 W / H), (1, W, K - 1), (1, 1, C + T) -> the same without the mask."""
        x = x + 0.5 * self.feeds[0](self.norms[0](x))
        parts = self.qkv(self.norms[1](x)).unflatten(2, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
        cache = torch.cat([cache, torch.cat([parts[1], parts[2]], -1)], 2)
        keys, values = cache.chunk(2, -1)
        scores = parts[0] @ keys.transpose(2, 3) / (WIDTH // HEADS) ** 0.5
        weights = functional.softmax(scores.masked_fill(~mask[:, None], -1e9), -1)
        x = x + self.out((weights @ values).transpose(1, 2).flatten(2))
        gated = torch.cat([gates, functional.glu(self.into(self.norms[2](x)), -1).transpose(1, 2)], 2)
        x = x + self.leave(functional.silu(self.depth(gated).transpose(1, 2)))
        x = x + 0.5 * self.feeds[1](self.norms[3](x))
        return self.norms[4](x), cache[:, :, -CHUNK * LEFT :], gated[:, :, 1 - KERNEL :]


class Untrained(nn.Module):
    """The whole model, inputs and outputs as sherpa-onnx names and shapes them for WeNet."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(80, WIDTH, 3, 2), nn.Conv1d(WIDTH, WIDTH, 3, 2)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.head = nn.Linear(WIDTH, TOKENS)
        with torch.no_grad():
            self.head.bias[0] = 8.0

    def forward(
        self, x: Tensor, offset: Tensor, required: Tensor, attention: Tensor, convolution: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One chunk; ``offset`` and ``required`` only keep their places in the graph."""
        hidden = functional.relu(self.first(x.transpose(1, 2) + 0 * (offset + required).float()))
        hidden = functional.relu(self.second(hidden)).transpose(1, 2)
        caches, gates = [], []
        for place, block in enumerate(self.blocks):
            hidden, cache, gate = block(hidden, attention[place][None], convolution[place], mask)
            caches.append(cache)
            gates.append(gate)
        return functional.log_softmax(self.head(hidden), -1), torch.cat(caches), torch.stack(gates)


def build(folder: Path, eight_bits: bool) -> Path:
    """Write ``model.onnx`` and ``tokens.txt`` into a folder."""
    torch.manual_seed(5)
    frames, left = (CHUNK - 1) * 4 + 7, CHUNK * LEFT
    given = (
        torch.zeros(1, frames, 80), torch.zeros(1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64),
        torch.zeros(BLOCKS, HEADS, left, 2 * WIDTH // HEADS), torch.zeros(BLOCKS, 1, WIDTH, KERNEL - 1),
        torch.ones(1, 1, left + CHUNK, dtype=torch.bool),
    )  # fmt: skip
    path = folder / "model.onnx"
    names = ["x", "offset", "required_cache_size", "attn_cache", "conv_cache", "attn_mask"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own notes on its future
        torch.onnx.export(
            Untrained().eval(), given, str(path), input_names=names, dynamo=False, opset_version=18,
            output_names=["log_probs", "new_attn_cache", "new_conv_cache"],
        )  # fmt: skip
    if eight_bits:
        quantize_dynamic(str(path), str(path), weight_type=QuantType.QInt8)
    model = onnx.load(path)
    metadata = {
        "model_type": "wenet_ctc", "head": HEADS, "num_blocks": BLOCKS, "output_size": WIDTH,
        "cnn_module_kernel": KERNEL, "right_context": 6, "subsampling_factor": 4, "vocab_size": TOKENS,
    }  # fmt: skip
    onnx.helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.save(model, path)
    (folder / "tokens.txt").write_text("<blk> 0\n" + "".join(f"t{n} {n}\n" for n in range(1, TOKENS)))
    return path


def seconds_of_processor(pcm: np.ndarray, folder: Path, eight_bits: bool) -> float:
    """Processor seconds it takes for a second of audio, (n,) int16 at 16 kHz, heard as one live stream."""
    import sherpa_onnx  # brings its own ONNX Runtime

    path = build(folder, eight_bits)
    recogniser = sherpa_onnx.OnlineRecognizer.from_wenet_ctc(
        tokens=str(folder / "tokens.txt"), model=str(path), chunk_size=CHUNK, num_left_chunks=LEFT, num_threads=1
    )
    stream = recogniser.create_stream()
    samples = pcm.astype(np.float32) / 32_768
    begun = time.process_time()
    for first in range(0, len(samples), RATE // 10):
        stream.accept_waveform(RATE, samples[first : first + RATE // 10])
        while recogniser.is_ready(stream):
            recogniser.decode_stream(stream)
            recogniser.get_result(stream)
    return (time.process_time() - begun) / (len(samples) / RATE)
