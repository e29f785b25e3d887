"""Kernels on a GPU: percent of their floors, and how many times faster than plain torch operations.

``python -m benchmarks.gpu.kernels [--streams 1 64 1024]`` is to fit eight minutes. First the kernels' tests run on the
device; nothing is timed that does not pass them. A floor is the bytes a kernel must move over the bandwidth at which
this device copies a large array, measured here. Before each timed launch other data fills the caches, as the rest of a
network does between two layers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from understudy.errors import UsageError

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FRESH, CHUNK, WORDS = 8, 5120, 16  # tokens and samples of 320 ms; words that a stream's search asks for in a frame
FLOOR = 6.0
LAUNCHES = 100

Launch = Callable[[], Any]


class Job(NamedTuple):
    """A kernel, the same in plain torch operations, where the kernel's result lies, and the bytes that must move."""

    ours: Launch
    plain: Launch
    out: Any
    least: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 64, 1024])
    given = parser.parse_args(arguments)
    device = device_name()
    check_kernels()
    bandwidth = copied_bytes_per_second()
    rows = [row for streams in given.streams for row in measured(streams, bandwidth)]
    figures = {"device": device, "copied_bytes_per_second": bandwidth, "kernels": rows}
    name = f"kernels-{device.lower().replace(' ', '-')}.json"
    (HERE / name).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"{device}: copies {bandwidth / 1e12:.2f} TB/s; written to benchmarks/gpu/{name}")
    print("| kernel | streams | us | % of floor | times faster than plain torch |\n|---|---:|---:|---:|---:|")
    for row in rows:
        print(f"| {row['kernel']} | {row['streams']} | {row['us']:.1f} | {row['of_floor']:.0%} | {row['factor']:.1f} |")


def device_name() -> str:
    """Name the GPU.

    Raises:
        UsageError: there is none, or torch or Triton is missing.
    """
    try:
        import torch
        import triton  # noqa: F401
    except ModuleNotFoundError as missing:
        raise UsageError(f"{missing.name} is not installed; pip install 'understudy[gpu]'") from None
    if not torch.cuda.is_available():
        raise UsageError("no GPU here; this chore waits for one (python -m benchmarks.kernels.cpu times CPUs)")
    return str(torch.cuda.get_device_name())


def check_kernels() -> None:
    """Run the kernels' tests on the device.

    Raises:
        UsageError: one fails.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests/kernels"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise UsageError("the kernels' tests fail on this device; nothing is timed before they pass")


def copied_bytes_per_second() -> float:
    """How fast the device copies a gigabyte, read and written bytes together."""
    import torch

    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    return 2 * source.numel() / seconds(lambda: target.copy_(source))


def seconds(work: Launch) -> float:
    """The median time of a launch, with cold caches, after three that are not counted."""
    import torch

    other = torch.empty(1 << 28, dtype=torch.uint8, device="cuda")
    taken = []
    for turn in range(LAUNCHES + 3):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        other.fill_(turn % 7)
        begin.record()
        work()
        end.record()
        end.synchronize()
        taken.append(begin.elapsed_time(end) / 1000)
    return float(np.median(taken[3:]))


def measured(streams: int, bandwidth: float) -> list[dict[str, Any]]:
    """A row a kernel: microseconds, part of the floor, and plain torch's time over ours."""
    import torch

    rows: list[dict[str, Any]] = []
    with torch.inference_mode():
        for kernel, job in jobs(streams).items():
            agree(kernel, job)
            taken, floor = seconds(captured(job.ours)), job.least / bandwidth
            factor = seconds(captured(job.plain)) / taken
            rows.append(
                {"kernel": kernel, "streams": streams, "us": 1e6 * taken, "of_floor": floor / taken, "factor": factor}
            )
    return rows


def agree(kernel: str, job: Job) -> None:
    """Compare the first results: float16 holds eleven bits, and sums of some hundred numbers lose a few.

    Raises:
        UsageError: they differ.
    """
    job.ours()
    theirs = job.plain().float().reshape(job.out.shape)
    off = ((job.out.float() - theirs).abs() / (1 + theirs.abs())).max().item()
    if not off <= 0.05:
        raise UsageError(f"{kernel}: the kernel and plain torch differ by {off:g}; nothing is timed")


def captured(work: Launch) -> Launch:
    """The same launches as one graph: what the host takes to launch them is no part of the figures."""
    import torch

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def jobs(streams: int, device: str = "cuda") -> dict[str, Job]:
    """Every kernel at the shipped body's sizes; states and weights are float16."""
    return {
        "attention, 8 tokens": attention(streams, device),
        "convolution, 8 tokens": convolution(streams, device),
        "trigrams, 16 words": trigrams(streams, device),
        "log-mel, 320 ms": log_mel(streams, device),
    }


def attention(streams: int, device: str) -> Job:
    """One layer's attention."""
    import torch

    from benchmarks.kernels import cases, plain
    from kernels.attention_ring import gpu, moved_bytes

    case = cases.attention_case(streams, FRESH)
    projected, keys, values = (halves(part, device) for part in (case.projected, case.keys, case.values))
    ordered = [halves(cases.in_time(ring, case), device) for ring in (case.keys, case.values)]
    slot, heard, cosines, sines = (on(part, device) for part in (case.slot, case.heard, case.cosines, case.sines))
    out, places = torch.empty(streams, FRESH, cases.WIDTH, dtype=torch.float16, device=device), slot.long()
    return Job(
        lambda: gpu.attend(projected, slot, heard, keys, values, cosines, sines, cases.HEADS, out),
        lambda: plain.attend(projected, places, *ordered, cosines, sines, cases.HEADS),
        out,
        moved_bytes(streams, FRESH, cases.LEFT, cases.WIDTH, 2),
    )


def convolution(streams: int, device: str) -> Job:
    """One layer's convolution."""
    import torch

    from benchmarks.kernels import cases, plain
    from kernels.convolution_ring import gpu, moved_bytes

    case = cases.convolution_case(streams, FRESH)
    ordered = halves(cases.in_time(case.ring, case), device)
    entered, ring, *weights = (halves(part, device) for part in (case.entered, *case[3:]))
    slot, heard = on(case.slot, device), on(case.heard, device)
    out, places = torch.empty(streams, FRESH, cases.WIDTH, dtype=torch.float16, device=device), slot.long()
    return Job(
        lambda: gpu.convolve(entered, slot, heard, ring, *weights, out),
        lambda: plain.convolve(entered, places, ordered, *weights),
        out,
        moved_bytes(streams, FRESH, cases.TAPS, cases.WIDTH, 2),
    )


def trigrams(streams: int, device: str) -> Job:
    """A frame's words of every stream; the floor counts one history a word and all halvings of a usual one."""
    import torch

    from benchmarks.kernels import cases, plain
    from kernels.ngram_query import gpu, moved_bytes

    case = cases.query_case(streams, WORDS)
    tables = case.tables
    arrays = [on(part, device) for part in (tables.first, tables.word.astype(np.int32), *tables[2:5])]
    state, words = on(case.state, device), on(case.words, device)
    score = torch.empty(words.shape, device=device)
    following = torch.empty_like(words)
    children = np.diff(tables.first)
    usual = float(np.log2(children[case.state] + 1).mean())
    return Job(
        lambda: gpu.query(*arrays, tables.deepest, state, words, score, following),
        lambda: plain.query(*arrays, tables.longest, int(children.max()).bit_length(), state, words),
        score,
        moved_bytes(streams, WORDS, 1.0, usual),
    )


def log_mel(streams: int, device: str) -> Job:
    """The frames of 320 ms of every stream."""
    import torch

    from benchmarks.kernels import cases, plain
    from kernels.log_mel import BINS, gpu, moved_bytes
    from kernels.log_mel.tables import triangles, window

    case = cases.log_mel_case(streams, CHUNK + 240)
    pcm, slot, number = (on(part, device) for part in case)
    shape, weights = (on(part.astype(np.float32), device) for part in (window(), triangles()))
    out = torch.empty(len(slot), BINS, device=device)
    return Job(
        lambda: gpu.log_mel(pcm, slot, number, FLOOR, out),
        lambda: plain.log_mel(pcm, shape, weights, float(np.exp(FLOOR))),
        out,
        moved_bytes(len(slot)),
    )


def on(array: Any, device: str) -> Any:
    """An array on the device."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def halves(array: Any, device: str) -> Any:
    """An array on the device, in float16."""
    return on(array, device).half()


if __name__ == "__main__":
    try:
        main()
    except UsageError as wrong:
        raise SystemExit(str(wrong)) from None
