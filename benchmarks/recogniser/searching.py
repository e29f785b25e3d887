"""What the search costs alone, and what the models weigh."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.findings import Findings
from engine.acoustic.body import read_card

SETS = ("test", "dev")


def cost(bench: Bench, sets: Sequence[str] = SETS) -> Findings:
    """CPU time of every arm's search for a second of audio, log-probabilities given."""
    rows: list[tuple[str, ...]] = []
    for arm in bench.arms:
        heard = [one for name in sets for one in bench.heard(arm, name)]
        audio = sum(one.frames for one in heard) * 0.04
        card = read_card(arm.folder)
        rows.append(
            (arm.name, f"{audio / 3600:.2f}", f"{sum(one.search_ns for one in heard) / 1e9 / audio:.4f}",
             f"{card.parameters:,}", f"{_megabytes(arm.folder):.1f}", f"{_megabytes(arm.graph):.1f}")
        )  # fmt: skip
    return Findings(
        "search",
        "The search alone, one core",
        ("arm", "hours of audio", "CPU s of search per s of audio", "parameters", "model folder MB", "graph folder MB"),
        tuple(rows),
        ("Log-probabilities are given; the search is stepped chunk by chunk, and its words are asked for at the end.",),
    )


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6
