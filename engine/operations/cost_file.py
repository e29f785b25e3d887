"""Measured costs, kept by what was measured: the recognisers, the machine and the software that ran them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from engine.operations.capacity import CostTable, StepCost

FORMAT = 1


def cost_path(folder: Path, models: Mapping[str, str], max_batch: int) -> Path:
    """Where the costs of these operating points and digests on this machine are kept."""
    about = [
        sorted(models.items()),
        max_batch,
        _processor(),
        os.cpu_count(),
        *map(version, ("onnxruntime", "numpy", "numba")),
    ]
    return folder / f"{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}.json"


def read_costs(path: Path) -> CostTable | None:
    """The costs in a file; None when there is none that this version can use, since measuring again is cheap."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["format"] != FORMAT:
            return None
        steps = {model: tuple(StepCost(*row) for row in rows) for model, rows in body["steps"].items()}
        return CostTable(int(body["chunk"]), steps)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_costs(path: Path, table: CostTable) -> None:
    """Keep costs; a folder that cannot be written to only means measuring again."""
    rows = {model: [[row.streams, row.nanoseconds] for row in steps] for model, steps in table.steps.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"format": FORMAT, "chunk": table.chunk, "steps": rows}) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError:
        return


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
