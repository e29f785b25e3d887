"""How a second pass is run, of which files, and the digest of both: read without loading any model."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.graph.store import file_digest


@dataclass(frozen=True, slots=True)
class RescoringOptions:
    """How a second pass is run.

    Attributes:
        weight: of the difference between the models, 1 replaces the first by the second.
        neural_share: of the neural model in the second's probabilities; 0 leaves it out.
        most: histories a node of the lattice may keep apart.
        beam: nats by which a path may be worse than the best and stay.
    """

    weight: float = 1.0
    neural_share: float = 0.4
    most: int = 12
    beam: float = 8.0

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str) -> RescoringOptions:
        """Read a TOML table; what it leaves out keeps its default.

        Raises:
            ModelError: a key is unknown, or a value is no number or out of range.
        """
        known = [field.name for field in fields(cls)]
        for key, value in table.items():
            if key not in known:
                raise ModelError(where, f"unknown rescoring setting {key!r}; known: {', '.join(known)}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ModelError(where, f"rescoring setting {key!r} must be a number, got {value!r}")
        options = cls(**table)
        if (
            not 0 <= options.neural_share < 1
            or options.beam <= 0
            or options.most < 1
            or options.most != int(options.most)
        ):
            raise ModelError(where, "rescoring needs 0 <= neural_share < 1, beam above 0, most a whole number above 0")
        return options


def read_rescoring(folder: Path) -> RescoringOptions | None:
    """Read the [rescoring] table of a folder's model.toml; None if it has none, and so no second pass.

    Raises:
        ModelError: a setting is unknown or out of range.
    """
    path = folder / "model.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return RescoringOptions.from_table(table["rescoring"], str(path)) if "rescoring" in table else None


def model_files(folder: Path, options: RescoringOptions) -> list[Path]:
    """List the files of a second pass: two n-gram models, and a neural one if it is there and has a share."""
    paths = [folder / "lm-3gram.npz", folder / "lm-4gram.npz"]
    neural = folder / "lm-neural.npz"
    return [*paths, neural] if options.neural_share and neural.exists() else paths


def files_digest(paths: Sequence[Path]) -> str:
    """Give one digest of several files."""
    return " ".join(map(file_digest, paths))


def second_digest(files: str, options: RescoringOptions) -> str:
    """sha256 over all that decides what a second pass says."""
    return hashlib.sha256(f"{files} {astuple(options)!r}".encode()).hexdigest()
