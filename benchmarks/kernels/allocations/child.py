"""The child's side of counting: find the callable, warm it up, and read the counters before and after its calls."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from benchmarks.kernels.allocations.reading import Counters


def main() -> None:
    """Do the task that the command line describes, and print its counts last."""
    task = json.loads(sys.argv[1])
    del os.environ["LD_PRELOAD"]  # for this process alone, not for its children
    step = _load(Path(task["file"]), task["name"])(*task["arguments"])
    for _ in range(task["warm"]):
        step()
    print(json.dumps(_count(step, task["calls"])))


def _load(file: Path, name: str) -> Callable[..., Callable[[], object]]:
    spec = importlib.util.spec_from_file_location("counted", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file}: no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["counted"] = module
    spec.loader.exec_module(module)
    return cast("Callable[..., Callable[[], object]]", getattr(module, name))


def _count(step: Callable[[], Any], calls: int) -> list[int]:
    counters = Counters()
    gc.collect()
    gc.disable()
    counters.begin()
    for _ in range(calls):
        step()
    counters.end()
    return counters.between()


if __name__ == "__main__":
    main()
