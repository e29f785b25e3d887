"""A training's bar on stderr: steps made, the last loss and phone error rate."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from engine.training.watching import Entry


class Bar:
    """A watcher that draws."""

    def __init__(self, steps: int, made: int, lines: Sequence[str] = ()) -> None:
        columns = (TextColumn("{task.description:30}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
        self._task = self._progress.add_task("training", total=steps, completed=made)
        self._loss, self._rate = "", ""
        self._progress.start()
        for line in lines:
            self._progress.console.print(line, markup=False, highlight=False)

    def step(self, number: int) -> None:
        """Move on."""
        self._progress.update(self._task, completed=number)

    def tell(self, entry: Entry) -> None:
        """Show the last loss and phone error rate."""
        if "loss" in entry:
            self._loss = f"loss {entry['loss']}"
        if "dev" in entry:
            self._rate = f"PER {entry['per']} %"
        self._progress.update(self._task, description=" ".join(filter(None, ("training", self._loss, self._rate))))

    def end(self) -> None:
        """Leave the bar where it is."""
        self._progress.stop()
