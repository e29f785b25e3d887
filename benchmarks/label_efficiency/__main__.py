"""Labels saved by pretraining: ``python -m benchmarks.label_efficiency --work FOLDER``.

Pretrains one body on all speech without words, then tunes it, and a fresh body, on 3 to 280 labelled minutes with three
seeds. What is finished is kept: run it again to go on, and with ``--report`` to draw what there is.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.label_efficiency.cells import Finished, is_done, read_cells, read_table, store, write_table
from benchmarks.label_efficiency.recipe import RECIPES, Recipe
from benchmarks.label_efficiency.report import rewrite
from benchmarks.label_efficiency.speech import FRAMES_A_MINUTE, Speech, load_speech
from benchmarks.label_efficiency.tuning import Bench, measure, tune
from engine.graph.store import load_graph
from engine.recogniser import GRAPH_FOLDER
from engine.training.pretrainer import Pretrainer


def pretrain(recipe: Recipe, speech: Speech, folder: Path, device: str, stop: Callable[[], bool]) -> bool:
    """Go on with the pretraining; says whether it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.device(device):
        plan = recipe.plan(folder, device)
        trainer = Pretrainer(plan, speech.every_recording(), speech.noises, torch.device(device))
        trainer.watch()
        trainer.run(stop)
    return trainer.done


def body(folder: Path) -> Mapping[str, Tensor]:
    """The weights that a pretraining left."""
    stored: dict[str, Tensor] = torch.load(folder / "last.pt", weights_only=True, map_location="cpu")["network"]
    return stored


def run_cells(bench: Bench, folder: Path, share: tuple[int, int], stop: Callable[[], bool]) -> None:
    """Tune and measure the cells that are not finished, until told to stop.

    Args:
        share: this process's number from 0 on, and how many processes share the cells.
    """
    first, every = share
    for cell in list(bench.recipe.cells())[first::every]:
        if is_done(folder, cell):
            continue
        if stop():
            return
        source = bench.speech.labels(cell.minutes, cell.seed)
        begun = time.process_time()
        counts = measure(bench, tune(bench, cell, source), source.packs[0])
        labelled = float(source.packs[0].starts[-1]) / FRAMES_A_MINUTE
        store(folder, Finished(cell, labelled, counts))
        errors, words, wrong, phones = (sum(column) for column in zip(*counts.values(), strict=True))
        print(
            f"{cell.name}: WER {100 * errors / words:.1f} PER {100 * wrong / phones:.1f} "
            f"({time.process_time() - begun:.0f} s of processor)", file=sys.stderr, flush=True,
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech")))
    parser.add_argument("--work", type=Path, help="folder for packed features, checkpoints and finished cells")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="small")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--minutes", type=float, help="begin nothing more after so long; run again to go on")
    parser.add_argument("--share", type=_share, default=(0, 1), metavar="K/N", help="only every N-th cell, from K on")
    parser.add_argument("--table", type=Path, help="also write (or with --report alone read) the cells in one file")
    parser.add_argument("--report", type=Path, help="a Markdown file whose figures to rewrite, with its plot")
    given = parser.parse_args(arguments)
    if given.work is None and given.table is None:
        parser.error("give --work to run the experiment, or --table to read one")
    try:
        finished = _finished(given)
        if given.report is not None:
            rewrite(given.report, finished)
    except ValueError as wrong:  # a TrainingError too: what a user can put right
        print(wrong, file=sys.stderr)
        return 2
    return 0


def _share(text: str) -> tuple[int, int]:
    number, _, many = text.partition("/")
    if not (number.isdecimal() and many.isdecimal() and int(number) < int(many)):
        raise argparse.ArgumentTypeError(f"{text!r} is no share such as 0/4")
    return int(number), int(many)


def _finished(given: argparse.Namespace) -> list[Finished]:
    if given.work is None:
        return read_table(given.table)
    _work(given)
    finished = read_cells(given.work / given.recipe / "cells")
    if given.table is not None:
        write_table(given.table, finished)
    return finished


def _work(given: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    end = time.monotonic() + 60 * given.minutes if given.minutes is not None else float("inf")

    def stop() -> bool:
        return time.monotonic() > end

    recipe, folder = RECIPES[given.recipe], given.work / given.recipe
    given.work.mkdir(parents=True, exist_ok=True)
    speech = load_speech(given.speech, given.work)
    if not pretrain(recipe, speech, folder / "pretrained", given.device, stop):
        return
    graph = load_graph(GRAPH_FOLDER / "graph.npz")
    bench = Bench(recipe, speech, graph, body(folder / "pretrained"), given.device)
    run_cells(bench, folder / "cells", given.share, stop)


if __name__ == "__main__":
    raise SystemExit(main())
