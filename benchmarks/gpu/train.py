"""Train on a GPU for some minutes, go on next time, and note what was reached on which device.

``python -m benchmarks.gpu.train pretrain|tune --work WORK [--config enhanced] [--start CHECKPOINT] [--minutes 7]``
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.training.settings import read_settings
from understudy.errors import UsageError

HERE = Path(__file__).parent
RECIPES = HERE.parent.parent / "engine" / "training"
SHOWN = ("step", "epoch", "audio_s", "wall_s", "loss", "dev", "chunk", "per", "accuracy", "chance")


def device_name() -> str:
    """Name the GPU.

    Raises:
        UsageError: there is none.
    """
    import torch

    if not torch.cuda.is_available():
        raise UsageError("no GPU here; this chore waits for one (understudy train tune --device cpu trains without)")
    return str(torch.cuda.get_device_name())


def train(task: str, config: Path, work: Path, speech: Path, start: Path | None, minutes: float) -> Path:
    """Train until the recipe's end or for some minutes, whichever comes first, and give the folder of the training."""
    folder = read_settings(config, speech, work).folder
    command = [sys.executable, "-m", "understudy", "train", task, "--device", "cuda", "--config", str(config)]
    command += ["--work", str(work), "--speech", str(speech)] + (["--start", str(start)] if start else [])
    with subprocess.Popen(command) as training:
        try:
            training.wait(60 * minutes)
        except subprocess.TimeoutExpired:
            (folder / "stop").touch()  # it writes a checkpoint and ends
            training.wait()
    if training.returncode:
        raise UsageError(f"the training ended with code {training.returncode}; its own message stands above")
    return folder


def rows_of(log: Path, last: int = 12) -> list[dict[str, object]]:
    """Read what the end of a training's log says."""
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [{name: entry[name] for name in SHOWN if name in entry} for entry in entries[-last:]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["pretrain", "tune"])
    parser.add_argument("--config", help="a recipe's name or file; enhanced, or pretrain")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--start", type=Path)
    parser.add_argument("--minutes", type=float, default=7.0)
    given = parser.parse_args(arguments)
    device = device_name()
    recipe = Path(given.config or {"pretrain": "pretrain", "tune": "enhanced"}[given.task])
    config = recipe if recipe.suffix else RECIPES / f"{recipe}.toml"
    folder = train(given.task, config, given.work, given.speech, given.start, given.minutes)
    rows = rows_of(folder / "log.jsonl")
    figures = {"device": device, "task": given.task, "recipe": config.stem, "log": rows}
    (HERE / f"{given.task}-{config.stem}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    try:
        main()
    except UsageError as wrong:
        raise SystemExit(str(wrong)) from None
