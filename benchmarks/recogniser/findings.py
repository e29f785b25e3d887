"""What was measured, as a table that is printed, kept as JSON, and pasted into docs."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Findings:
    """One table.

    Attributes:
        name: of the file.
        title: what was measured.
        command: that prints it again.
        data: figures that the table rounds or leaves out.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    command: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        """As a section of a Markdown page."""
        head = f"| {' | '.join(self.columns)} |\n|{'---|' * len(self.columns)}"
        body = "\n".join(f"| {' | '.join(row)} |" for row in self.rows)
        notes = "".join(f"\n{note}" for note in self.notes)
        command = f"\n\n`{self.command}`" if self.command else ""
        return f"## {self.title}\n\n{head}\n{body}\n{notes}{command}\n"

    def save(self, folder: Path) -> None:
        """Write NAME.json and NAME.md."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.md").write_text(self.markdown(), encoding="utf-8")
        stored = {**asdict(self), "machine": machine()}
        (folder / f"{self.name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, str]:
    """Where and of what commit."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {"machine": platform.machine(), "python": platform.python_version(), "commit": commit.stdout.strip()}


def column(values: Sequence[Any]) -> tuple[str, ...]:
    """Cells of a row."""
    return tuple("-" if value is None else str(value) for value in values)
