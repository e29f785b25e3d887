"""Finished cells on disk, one file each, so that an interrupted experiment goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.label_efficiency.recipe import Cell

Counts = dict[str, list[int]]  # speaker -> word errors, words, phone errors, phones


@dataclass(frozen=True, slots=True)
class Finished:
    """What one cell gave.

    Attributes:
        labelled: minutes of audio that had labels, silent edges cut.
        counts: by speaker of the test recordings.
    """

    cell: Cell
    labelled: float
    counts: Counts

    def row(self) -> dict[str, object]:
        """As JSON."""
        return {
            "minutes": self.cell.minutes, "arm": self.cell.arm, "seed": self.cell.seed,
            "labelled": round(self.labelled, 2), "counts": self.counts,
        }  # fmt: skip

    @classmethod
    def of(cls, row: dict[str, object]) -> Finished:
        """Read what ``row`` gave."""
        minutes, arm, seed = row["minutes"], row["arm"], row["seed"]
        return cls(Cell(int(str(minutes)), str(arm), int(str(seed))), float(str(row["labelled"])), row["counts"])  # type: ignore[arg-type]


def store(folder: Path, finished: Finished) -> None:
    """Write a cell; a reader never sees half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{finished.cell.name}.part"
    partial.write_text(json.dumps(finished.row()) + "\n", encoding="utf-8")
    partial.rename(folder / f"{finished.cell.name}.json")


def is_done(folder: Path, cell: Cell) -> bool:
    """Say whether a cell needs no more work."""
    return (folder / f"{cell.name}.json").exists()


def read_cells(folder: Path) -> list[Finished]:
    """All finished cells of a folder."""
    return [Finished.of(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("seed*.json"))]


def write_table(path: Path, cells: Iterable[Finished]) -> None:
    """Write all cells into one file of JSON lines, to be kept with the figure made of them."""
    path.write_text("".join(json.dumps(cell.row()) + "\n" for cell in cells), encoding="utf-8")


def read_table(path: Path) -> list[Finished]:
    """Read what ``write_table`` wrote."""
    return [Finished.of(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
