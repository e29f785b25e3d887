"""What a model's memory comes to when it is planned: lanes, records, and how many streams a limit admits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.acoustic.body import ModelCard, read_card
from engine.acoustic.body_tape import read_tape
from engine.acoustic.body_weights import body_weights
from engine.acoustic.stream_record import Channels, body_channels, sample_channels, search_channels
from engine.decoder.options import read_decode_options
from engine.errors import ModelError
from engine.phones import FRAME_SHIFT_MS
from kernels.conformer import layout
from kernels.memory import Arena, Capacity, FullError, Plan, Slab, Spec, capacity, plan, record_bytes
from understudy.body_step import Step
from understudy.errors import UsageError

ALIGN = 256  # bytes that every region is a multiple of


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """The planned memory of a model's steps by ``chunk_ms``, ``streams`` at a time.

    Attributes:
        chunk_ms: milliseconds of audio that a step takes of each stream.
        streams: that are stepped together at most.
        specs: buffers of a step.
        plan: where they lie.
        weights: bytes of the body's weights, as they are held in memory.
        channels: what is kept of a stream, by part.
        capacity: of a limit; None without one.
    """

    chunk_ms: int
    streams: int
    specs: tuple[Spec, ...]
    plan: Plan
    weights: int
    channels: Mapping[str, Channels]
    capacity: Capacity | None

    @property
    def ops(self) -> int:
        """Of a step."""
        return max(spec.last for spec in self.specs) + 1

    @property
    def unshared(self) -> int:
        """Bytes that the buffers would take with no byte used twice."""
        return sum(spec.room for spec in self.specs)

    @property
    def record(self) -> Mapping[str, int]:
        """Bytes kept of one stream between steps, by part."""
        return {part: record_bytes(channels) for part, channels in self.channels.items()}


def report_memory(
    model: Path, chunk_ms: int, streams: int, limit: int | None = None, step: Step = Step.OWN
) -> MemoryReport:
    """Plan a model's memory.

    Args:
        limit: bytes for weights, lanes and records together.

    Raises:
        UsageError: no such chunk, no streams, or a limit that admits no stream.
        ModelError: the model is damaged, has no tape, or one of another body.
    """
    card = read_card(model)
    if chunk_ms not in card.chunk_ms or streams <= 0:
        known = ", ".join(map(str, card.chunk_ms))
        raise UsageError(f"a step of {streams} streams by {chunk_ms} ms; give 1 or more, by one of {known} ms")
    specs, weights, kept = (_own if step is Step.OWN else _graph)(model, card, chunk_ms, streams)
    channels = {
        "body": kept,
        "samples": sample_channels(chunk_ms),
        "search": search_channels(read_decode_options(model)),
    }
    planned = plan(specs)
    report = MemoryReport(chunk_ms, streams, tuple(specs), planned, weights, channels, None)
    if limit is None:
        return report
    try:
        fits = capacity(limit, _rounded(weights), _rounded(planned.peak), sum(report.record.values()))
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    return MemoryReport(chunk_ms, streams, report.specs, planned, weights, channels, fits)


def _own(model: Path, card: ModelCard, chunk_ms: int, streams: int) -> tuple[list[Spec], int, Channels]:
    weights = body_weights((model / card.body).read_bytes(), card.state["keys"][1], card.body)
    tokens, longest = (ms // FRAME_SHIFT_MS for ms in (chunk_ms, max(card.chunk_ms)))
    specs = layout.tape(weights, streams * tokens, longest)
    return specs, layout.pack(weights).arena.bytes, dict(layout.channels(weights, longest))


def _graph(model: Path, card: ModelCard, chunk_ms: int, streams: int) -> tuple[list[Spec], int, Channels]:
    tape = read_tape(model)
    if tape.digest != card.digest:
        raise ModelError(str(model), "its tape is of another body; write it with benchmarks.kernels.tape")
    return tape.specs(chunk_ms, streams), (model / card.body).stat().st_size, body_channels(card)


def admit(report: MemoryReport) -> int:
    """Take the memory that a report's limit allows, in one piece, and admit streams until one is refused.

    Raises:
        MemoryError: the machine has not so much.
    """
    fits = report.capacity
    assert fits is not None
    arena = Arena(fits.bytes)
    arena.view(0, (fits.weights,), np.uint8)
    arena.view(fits.weights, (fits.lanes,), np.uint8)
    channels = {f"{part}.{name}": kind for part, kinds in report.channels.items() for name, kind in kinds.items()}
    slab = Slab(channels, fits.streams, arena, fits.weights + fits.lanes)
    admitted = 0
    try:
        while True:
            slab.acquire()
            admitted += 1
    except FullError:
        return admitted


def _rounded(size: int) -> int:
    return -(-size // ALIGN) * ALIGN
