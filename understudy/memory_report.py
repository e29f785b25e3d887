"""What a model's memory comes to when it is planned: lanes, records, and how many streams a limit admits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.body import read_card
from engine.body_tape import read_tape
from engine.decoder.options import read_decode_options
from engine.errors import ModelError
from engine.stream_record import body_channels, sample_channels, search_channels
from kernels.memory import Arena, Capacity, FullError, Plan, Slab, Spec, capacity, plan, record_bytes
from understudy.errors import UsageError

PAGES = 256  # bytes that every region is a multiple of


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """The planned memory of a model's steps by ``chunk_ms``, ``streams`` at a time.

    Attributes:
        model: folder.
        chunk_ms: milliseconds of audio that a step takes of each stream.
        streams: that are stepped together at most.
        ops: of a step.
        specs: its buffers.
        plan: where they lie.
        unshared: bytes that the buffers would take with no byte used twice.
        weights: bytes of the body's file.
        record: bytes kept of one stream between steps, by what keeps them.
        capacity: of a limit; None without one.
    """

    model: Path
    chunk_ms: int
    streams: int
    ops: int
    specs: tuple[Spec, ...]
    plan: Plan
    unshared: int
    weights: int
    record: Mapping[str, int]
    capacity: Capacity | None


def report_memory(model: Path, chunk_ms: int, streams: int, limit: int | None = None) -> MemoryReport:
    """Plan a model's memory.

    Args:
        limit: bytes for weights, lanes and records together.

    Raises:
        UsageError: no such chunk, no streams, or a limit that admits no stream.
        ModelError: the model has no tape, or one of another body.
    """
    card, tape = read_card(model), read_tape(model)
    if tape.digest != card.digest:
        raise ModelError(str(model), "its tape is of another body; write it with benchmarks.kernels.tape")
    try:
        specs = tuple(tape.specs(chunk_ms, streams, PAGES))
        planned, weights = plan(specs), (model / card.body).stat().st_size
        record = {
            "body": record_bytes(body_channels(card)),
            "samples": record_bytes(sample_channels(chunk_ms)),
            "search": record_bytes(search_channels(read_decode_options(model))),
        }
        fits = None if limit is None else capacity(limit, _rounded(weights), planned.peak, sum(record.values()))
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    unshared = sum(spec.room for spec in specs)
    return MemoryReport(model, chunk_ms, streams, len(tape.ops), specs, planned, unshared, weights, record, fits)


def admit(report: MemoryReport) -> int:
    """Take the memory that a report's limit allows, in one piece, and admit streams until one is refused.

    Raises:
        MemoryError: the machine has not so much.
    """
    fits = report.capacity
    assert fits is not None
    card = read_card(report.model)
    channels = body_channels(card) | sample_channels(report.chunk_ms)
    channels |= search_channels(read_decode_options(report.model))
    arena = Arena(fits.bytes)
    arena.view(0, (fits.weights,), np.uint8)
    arena.view(fits.weights, (fits.lanes,), np.uint8)
    slab = Slab(channels, fits.streams, arena, fits.weights + fits.lanes)
    admitted = 0
    try:
        while True:
            slab.acquire()
            admitted += 1
    except FullError:
        return admitted


def _rounded(size: int) -> int:
    return -(-size // PAGES) * PAGES
