"""A trained network becomes a model folder: an ONNX step with explicit state, and ``model.toml``."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from torch import Tensor, nn

from engine.acoustic.frontend import BINS, FLOOR, SAMPLE_RATE
from engine.phones import FRAME_SHIFT_MS, TOKENS
from engine.training.batches import pad
from engine.training.checkpoint import restore
from engine.training.network import HISTORY, Network
from engine.training.preparation import Pack, read_pack
from engine.training.settings import Settings, add_places, read_settings
from engine.training.sources import sized
from engine.training.storage import Storage, store

STATE = ("frames", "hidden", "keys", "values", "gates")


class Step(nn.Module):
    """The network's step with a flat list of inputs, as ONNX wants it."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor, heard: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        """Make one step."""
        return self.network.step(features, heard, state)


def empty_state(network: Network, streams: int) -> tuple[Tensor, ...]:
    """Give the state of streams that have heard nothing: heard, then the five arrays."""
    shape = network.shape
    past = (streams, shape.blocks, shape.left, shape.width)
    return (
        torch.zeros(streams, dtype=torch.int64),
        torch.zeros(streams, HISTORY, shape.bins),
        torch.zeros(streams, HISTORY, shape.width),
        torch.zeros(past),
        torch.zeros(past),
        torch.zeros(streams, shape.blocks, shape.kernel - 1, shape.width),
    )


def write_onnx(network: Network, path: Path, storage: Storage) -> None:
    """Write the step of a network as ONNX, any number of streams and any chunk length.

    Args:
        network: the body; put into evaluation mode.
        path: the file to write.
        storage: how its weights are kept.
    """
    network.eval()
    names = ("heard", *STATE)
    axes = {name: {0: "streams"} for name in (*names, *(f"{name}_after" for name in names))}
    axes["features"] = {0: "streams", 1: "frames_in"}
    axes["log_probs"] = {0: "streams", 1: "tokens"}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The tracing exporter is the one that keeps both axes dynamic through the caches; torch calls it legacy.
        warnings.simplefilter("ignore")
        exact = Path(folder) / "exact.onnx"
        torch.onnx.export(
            Step(network),
            (torch.zeros(2, 32, BINS), *empty_state(network, 2)),
            str(exact),
            input_names=["features", *names],
            output_names=["log_probs", *(f"{name}_after" for name in names)],
            dynamic_axes=axes,
            opset_version=18,
            dynamo=False,
        )
        onnx.checker.check_model(str(exact))
        store(exact, path, storage)


def log_prior(network: Network, pack: Pack, *, count: int = 200, chunk: int = 16) -> npt.NDArray[np.float64]:
    """Give the natural log of the mean posterior of every token over up to ``count`` training utterances."""
    total, frames = np.zeros(network.shape.tokens), 0
    chosen = np.linspace(0, len(pack) - 1, min(count, len(pack))).astype(int)
    network.eval()
    for index in chosen:
        batch = pad([pack[int(index)]], [()], [()])
        with torch.inference_mode():
            seen = network(torch.from_numpy(batch.features), torch.from_numpy(batch.lengths), chunk)[0]
        posteriors = seen[0, : int(batch.lengths[0])].double().exp().numpy()
        total += posteriors.sum(axis=0)
        frames += len(posteriors)
    return np.asarray(np.log(total / frames + 1e-8))


def describe(
    network: Network,
    path: Path,
    name: str,
    version: str,
    prior: npt.NDArray[np.float64],
    tokens: Sequence[str] = TOKENS,
    chunk_ms: Sequence[int] = (320, 640, 1280),
) -> str:
    """Write the text of ``model.toml``."""
    shape = network.shape
    past = [shape.blocks, shape.left, shape.width]
    return "\n".join(
        [
            "format = 1",
            f'name = "{name}"',
            f'version = "{version}"',
            f'digest = "{hashlib.sha256(path.read_bytes()).hexdigest()}"',
            f"parameters = {sum(weight.numel() for weight in network.parameters())}",
            f"sample_rate = {SAMPLE_RATE}",
            f"bins = {BINS}",
            f"floor = {FLOOR}",
            f"frame_shift_ms = {FRAME_SHIFT_MS}",
            f"chunk_ms = {list(chunk_ms)}",
            f"tokens = {json.dumps(list(tokens), ensure_ascii=False)}",
            f"log_prior = [{', '.join(f'{value:.4f}' for value in prior)}]",
            "",
            "[state]",
            f"frames = {[HISTORY, shape.bins]}",
            f"hidden = {[HISTORY, shape.width]}",
            f"keys = {past}",
            f"values = {past}",
            f"gates = {[shape.blocks, shape.kernel - 1, shape.width]}",
            "",
        ]
    )


def tuned_tables(path: Path) -> str:
    """Give the text of the tables of a model.toml that were tuned before and are kept; empty if there are none."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.findall(r"^\[(?:decode|confidence|rescoring)\].*?(?=^\[|\Z)", before, re.MULTILINE | re.DOTALL)
    return "".join("\n" + table.rstrip() + "\n" for table in found)


def export(settings: Settings, checkpoint: Path, out: Path, *, name: str, version: str, storage: Storage) -> None:
    """Make a model folder from a checkpoint.

    Raises:
        TrainingError: the checkpoint cannot be read, or is of another body than the settings'.
    """
    settings, alphabet = sized(settings)
    network = Network(settings.shape, 0.0)
    restore(checkpoint, network)
    out.mkdir(parents=True, exist_ok=True)
    body = out / "body.onnx"
    write_onnx(network, body, storage)
    corpus = settings.corpora[0]
    prior = log_prior(network, read_pack(corpus.packs()[0]))
    chunk_ms = [chunk * FRAME_SHIFT_MS for chunk in sorted({*settings.chunks} - {0})]
    text = describe(network, body, name, version, prior, alphabet.tokens, chunk_ms) + tuned_tables(out / "model.toml")
    (out / "model.toml").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="reference")
    parser.add_argument("--version", required=True)
    parser.add_argument("--storage", type=Storage, choices=list(Storage), default=Storage.INT8, help="of weights")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    export(
        read_settings(given.config, given.speech, given.work), given.checkpoint, given.out,
        name=given.name, version=given.version, storage=given.storage,
    )  # fmt: skip


if __name__ == "__main__":
    main()
