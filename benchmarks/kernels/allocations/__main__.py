"""Allocations a chunk of the shipped body, by what steps it: ``python -m benchmarks.kernels.allocations``.

``own step`` is the compiled call and what Python does around it; ``own body`` is the same as the engine calls it, with
a fresh array for the log-probabilities. Counted over 100 chunks of 320 ms after 20 others.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.kernels.allocations import count_allocations

MODEL = Path(__file__).resolve().parents[3] / "engine" / "models" / "reference-3"
HEAD = """\
| | streams | requests a chunk | of 4 KiB or more | bytes asked for |
|---|---|---|---|---|"""


def prepare(arm: str, model: str, streams: int) -> Callable[[], object]:
    """A step of an arm, to be counted in a child process."""
    from benchmarks.kernels.step import by_body, by_torch, made
    from engine.acoustic.body import Body, read_card
    from engine.acoustic.body_weights import body_weights
    from engine.acoustic.executors import Choice

    folder = Path(model)
    card, features = read_card(folder), made(0, streams, 32)
    if arm == "own step":
        return _own(folder, streams, features)
    if arm == "torch eager":
        begin = by_torch(body_weights((folder / card.body).read_bytes(), card.state["keys"][1]), card)
    else:
        begin = by_body(Body.load(folder, Choice.OWN if arm == "own body" else Choice.ONNX_RUNTIME))
    step = begin(streams)
    return lambda: step(features)


def _own(folder: Path, streams: int, features: np.ndarray) -> Callable[[], object]:
    from engine.acoustic.body import read_card
    from engine.acoustic.body_weights import body_weights
    from kernels.conformer.cpu import ChunkStep
    from kernels.memory import Slab

    card = read_card(folder)
    step = ChunkStep(body_weights((folder / card.body).read_bytes(), card.state["keys"][1], card.body), 32)
    slab = Slab(step.channels, streams)
    records = [step.record(slab, slab.acquire()) for _ in range(streams)]
    out = np.empty((streams, features.shape[1] // 4, len(card.tokens)), np.float32)
    return lambda: step(records, features, out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8])
    given = parser.parse_args(arguments)
    arms = [*(["torch eager"] if find_spec("torch") else []), "ONNX Runtime", "own body", "own step"]
    print(HEAD)
    for streams in given.streams:
        for arm in arms:
            found = count_allocations(prepare, arm, str(given.model), streams, warm=20)
            counts = found.a_call, found.large / found.calls, found.bytes / found.calls
            print(f"| {arm} | {streams} | {' | '.join(f'{count:,.0f}' for count in counts)} |", flush=True)


if __name__ == "__main__":
    main()
