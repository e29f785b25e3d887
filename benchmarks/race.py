"""Contestants of one job take turns in one process: ratios within a run count, seconds do not (machines are noisy)."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant's result; the first one of a job is ours."""

    job: str
    tool: str
    seconds: float | None  # median over the rounds; None where the tool is not installed
    note: str = ""  # e.g. "counts equal", or why it did not run


def race(
    job: str,
    contestants: Mapping[str, Callable[[], Any] | None],
    *,
    rounds: int = 5,
    notes: Mapping[str, str] | None = None,
) -> list[Row]:
    """Time every contestant ``rounds`` times, one after the other in each round, after one round that is not timed.

    Args:
        job: what all of them do.
        contestants: tool -> the job, ours first; None where the tool is missing. Verify results before timing.
        rounds: a contestant that took over 5 s in the first round is timed in that round only.
        notes: tool -> what to print beside it.
    """
    taken: dict[str, list[float]] = {tool: [] for tool, work in contestants.items() if work is not None}
    for turn in range(rounds + 1):
        for tool, work in contestants.items():
            if work is None or (turn > 1 and taken[tool] and taken[tool][0] > 5):
                continue
            gc.collect()
            begin = time.perf_counter()
            work()
            seconds = time.perf_counter() - begin
            if turn or seconds > 5:
                taken[tool].append(seconds)
    found = notes or {}
    return [Row(job, t, median(taken[t]) if taken.get(t) else None, found.get(t, "")) for t in contestants]


def table(rows: list[Row]) -> str:
    """A Markdown table; the ratio is the tool's time over ours in the same job."""
    ours: dict[str, float | None] = {}
    lines = ["| job | tool | seconds | times ours | |", "|---|---|---:|---:|---|"]
    for row in rows:
        first = ours.setdefault(row.job, row.seconds)
        seconds = "-" if row.seconds is None else f"{row.seconds:.3g}"
        ratio = "-" if row.seconds is None or not first else f"{row.seconds / first:.2g}"
        lines.append(f"| {row.job} | {row.tool} | {seconds} | {ratio} | {row.note} |")
    return "\n".join(lines)
