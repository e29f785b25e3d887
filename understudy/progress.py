"""Progress bars on stderr."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from understudy.telling import Told


@contextlib.contextmanager
def telling() -> Iterator[Told]:
    """A bar for each stage of a run."""
    columns = (TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:

        def stage(name: str, steps: int) -> None:
            progress.add_task(name, total=steps)

        def step() -> None:
            progress.advance(progress.task_ids[-1])

        yield Told(stage, step, lambda line: progress.console.print(line, markup=False, highlight=False))
