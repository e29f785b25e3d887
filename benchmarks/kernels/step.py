"""One chunk of the shipped body, our own step against its peers: ``python -m benchmarks.kernels.step``.

Every arm steps the same streams through the same chunks on one thread, one arm after the other in each round, so that
what else the machine does falls on all of them. The minimum says what a step costs when nothing disturbs it; the
median what it cost here.

Arms: ``own``, our compiled step; ``ort``, the shipped file in ONNX Runtime, which multiplies its 8-bit weights out to
float32; ``ort-int8``, the same weights in ONNX Runtime's dynamic quantisation (``engine.training.storage``);
``torch``, the network of the training in eager float32, if torch is installed. Before anything is timed, every arm's
log-probabilities are held against the float64 reference.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine
from engine.acoustic.body import Body, ModelCard, read_card
from engine.acoustic.body_weights import body_weights
from engine.acoustic.executor_choice import Choice
from kernels.conformer import reference
from kernels.conformer.weights import Product, Weights

F32 = NDArray[np.float32]
Step = Callable[[F32], F32]
Arm = Callable[[int], Step]  # of so many streams

MODEL = Path(engine.__file__).parent / "models" / "reference-3"
NEAR = {"own": 0.01, "ort": 0.001, "ort-int8": 1.0, "torch": 0.001}  # log-probabilities, against float64
ROUNDS = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--chunk-ms", type=int, nargs="+", default=[320, 640])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        arms = load_arms(given.model, Path(folder))
        errors = {name: error_of(arm, given.model) for name, arm in arms.items()}
        rows = [
            {"streams": streams, "chunk_ms": chunk_ms, **measure(arms, streams, chunk_ms // 10, given.rounds)}
            for streams in given.streams
            for chunk_ms in given.chunk_ms
        ]
    show(rows, errors)
    if given.json:
        found = {"processor": processor(), "error": errors, "steps": rows}
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def load_arms(model: Path, folder: Path) -> dict[str, Arm]:
    """Every arm that can be had here."""
    card = read_card(model)
    dynamic = folder / card.body
    write_dynamic(model / card.body, dynamic)
    arms = {
        "own": by_body(Body.load(model, Choice.OWN)),
        "ort": by_body(Body.load(model, Choice.ONNX_RUNTIME)),
        "ort-int8": by_session(card, dynamic.read_bytes()),
    }
    try:
        arms["torch"] = by_torch(body_weights((model / card.body).read_bytes(), card.state["keys"][1]), card)
    except ModuleNotFoundError:
        print("torch is not installed: its arm is left out")
    return arms


def by_body(body: Body) -> Arm:
    """An arm of one of the two executors."""

    def begin(streams: int) -> Step:
        states = [body.begin(max(body.card.chunk_ms)) for _ in range(streams)]
        return lambda features: body.step(states, features)

    return begin


def by_session(card: ModelCard, content: bytes) -> Arm:
    """An arm of another ONNX file of the same network."""
    from engine.acoustic.onnx_executor import OnnxExecutor

    return by_body(Body(card, OnnxExecutor(card, content)))


def write_dynamic(shipped: Path, out: Path) -> None:
    """Multiply the weights of a shipped body out, and store them for dynamic quantisation."""
    import onnx

    from engine.training.storage import Storage, store

    model = onnx.load(str(shipped))
    known = {weight.name: onnx.numpy_helper.to_array(weight) for weight in model.graph.initializer}
    for name in [name.removesuffix(".levels") for name in known if name.endswith(".levels")]:
        whole = known[f"{name}.levels"].astype(np.float32) * known[f"{name}.scale"]
        model.graph.initializer.append(onnx.numpy_helper.from_array(whole, name))
    widened = {weight.name for weight in model.graph.initializer}
    for node in [node for node in model.graph.node if widened.intersection(node.output)]:
        model.graph.node.remove(node)
    for node in [node for node in model.graph.node if node.output[0].endswith(".wide")]:
        model.graph.node.remove(node)
    exact = out.with_suffix(".exact")
    onnx.save(model, str(exact))
    store(exact, out, Storage.INT8_DYNAMIC)


def by_torch(weights: Weights, card: ModelCard) -> Arm:
    """The network of the training, in eager float32."""
    import torch

    from engine.training.blocks import Shape
    from engine.training.export import empty_state
    from engine.training.network import Network

    torch.set_num_threads(1)
    first = weights.blocks[0]
    network = Network(
        Shape(
            weights.width, len(weights.blocks), weights.heads, first.widen.outputs, weights.kernel, weights.left,
            len(weights.mean), weights.head.outputs,
        )
    ).eval()  # fmt: skip
    with torch.no_grad():
        for name, values in named(weights).items():
            dict(network.state_dict())[name].copy_(torch.tensor(values))

    def begin(streams: int) -> Step:
        kept: list[tuple[Any, ...]] = [empty_state(network, streams)]

        def step(features: F32) -> F32:
            with torch.inference_mode():
                log_probs, heard, *state = network.step(torch.from_numpy(features), kept[0][0], kept[0][1:])
            kept[0] = (heard, *state)
            return np.asarray(log_probs.numpy())

        return step

    return begin


def named(weights: Weights) -> dict[str, F32]:
    """The weights by the names that the training's network has for them."""
    found: dict[str, F32] = {"mean": weights.mean, "deviation": weights.deviation, "mix": weights.mix}
    products = {"pair": weights.pair, "part": weights.part, "heads.0": weights.head}
    norms = {"entry": weights.entry, "exits.0": weights.exit}
    for index, block in enumerate(weights.blocks):
        at = f"blocks.{index}"
        products |= {
            f"{at}.attention.project": block.project, f"{at}.attention.out": block.out,
            f"{at}.convolution.enter": block.enter, f"{at}.convolution.leave": block.leave,
            f"{at}.widen": block.widen, f"{at}.narrow": block.narrow,
        }  # fmt: skip
        norms |= {
            f"{at}.attention.norm": block.attention_norm, f"{at}.convolution.norm": block.convolution_norm,
            f"{at}.convolution.settle": block.settle, f"{at}.norm": block.norm,
        }  # fmt: skip
        found[f"{at}.convolution.depthwise.weight"] = np.ascontiguousarray(block.taps.T[:, None])
        found[f"{at}.convolution.depthwise.bias"] = block.taps_bias
    for name, product in products.items():
        found |= {f"{name}.weight": np.ascontiguousarray(whole(product).T), f"{name}.bias": product.bias}
    for name, norm in norms.items():
        found |= {f"{name}.weight": norm.gain, f"{name}.bias": norm.bias}
    for name, product in (("first", weights.first), ("second", weights.second)):
        taps = whole(product).reshape(5, -1, product.outputs)
        found |= {f"{name}.weight": np.ascontiguousarray(taps.transpose(2, 1, 0)), f"{name}.bias": product.bias}
    return found


def whole(product: Product) -> F32:
    """(inputs, outputs), multiplied out."""
    return np.asarray(product.levels * product.scale, np.float32)


def error_of(arm: Arm, model: Path) -> float:
    """The greatest difference of an arm's log-probabilities from the float64 ones, over five chunks of one stream."""
    card = read_card(model)
    weights = body_weights((model / card.body).read_bytes(), card.state["keys"][1])
    state, step, error = reference.begin(weights), arm(1), 0.0
    for chunk in range(5):
        features = made(chunk, 1, 32)
        error = max(error, float(np.abs(step(features)[0] - reference.step(weights, state, features[0])).max()))
    return error


def made(seed: int, streams: int, frames: int) -> F32:
    """(streams, frames, 80) random features, as loud as speech."""
    return np.random.default_rng(seed).normal(10, 3, (streams, frames, 80)).astype(np.float32)


def measure(arms: dict[str, Arm], streams: int, frames: int, rounds: int) -> dict[str, Any]:
    """Milliseconds of a step of every arm, minimum and median."""
    steps = {name: arm(streams) for name, arm in arms.items()}
    features = made(0, streams, frames)
    spent: dict[str, list[int]] = {name: [] for name in steps}
    for turn in range(rounds + 3):
        for name, step in steps.items():
            before = perf_counter_ns()
            step(features)
            if turn >= 3:
                spent[name].append(perf_counter_ns() - before)
    return {name: {"min": min(taken) / 1e6, "median": median(taken) / 1e6} for name, taken in spent.items()}


def show(rows: Sequence[dict[str, Any]], errors: dict[str, float]) -> None:
    """Print the table, and fail where an arm does not compute the body."""
    print(processor())
    print("greatest error of a log-probability: " + ", ".join(f"{name} {error:.2g}" for name, error in errors.items()))
    print(f"{'streams':>7} {'chunk':>7}" + "".join(f"{name:>17}" for name in errors) + "   own is faster than")
    for row in rows:
        times = "".join(f"{row[name]['min']:>9.2f} /{row[name]['median']:>6.2f}" for name in errors)
        ratios = ", ".join(f"{name} {row[name]['min'] / row['own']['min']:.1f}x" for name in errors if name != "own")
        print(f"{row['streams']:>7} {row['chunk_ms']:>4} ms{times}   {ratios}")
    print("milliseconds of a step, minimum / median")
    wrong = [name for name, error in errors.items() if not error <= NEAR[name]]
    if wrong:
        raise SystemExit(f"{', '.join(wrong)}: log-probabilities are not those of the body; the times mean nothing")


def processor() -> str:
    """What these figures were taken on."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    known = [name for name in ("avx2", "avxvnni", "avx512f", "avx512vnni") if features.get(name)]
    return f"{platform.machine()}, {binding.get_host_cpu_name()}: {' '.join(known) or 'no AVX2'}"


if __name__ == "__main__":
    main()
