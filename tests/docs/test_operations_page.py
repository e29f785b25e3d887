"""The example of docs/operations.md, run as it stands, and its tables against the service."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.operations.meters import Meters, State, WorkerState
from engine.operations.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
MODEL = ROOT / "engine" / "models" / "reference-3"
BEFORE = f"""
from pathlib import Path
from engine.batched import BatchedRecogniser
from engine.recogniser import Recogniser
ENGINE = BatchedRecogniser(Recogniser.load({str(MODEL)!r}))
KEYS = Path("keys.json")
"""


@pytest.mark.slow
def test_the_example_runs(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: engine)")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", BEFORE + code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "open OPEN\n"


def test_every_meter_and_no_other_is_documented() -> None:
    workers = (WorkerState(0, os.getpid(), True, 0, 0),)
    meters = Meters(lambda: State(0, 1, 0, False, 0.1, workers), "0", "d")
    served = set(re.findall(r"^# TYPE (understudy_\w+) ", meters.exposition().decode(), re.MULTILINE))
    table = PAGE.partition("## Meters")[2].partition("A word is due")[0]
    documented = set(re.findall(r"understudy_\w+", table))
    assert {name for name in served if not name.endswith("_created")} == documented


def test_every_route_is_documented_and_guarded_as_it_says() -> None:
    rows = re.findall(r"^\| (`/[^|]*) \|[^|]*\| (yes|no) \|$", PAGE, re.MULTILINE)
    documented = {path: guarded == "yes" for paths, guarded in rows for path in re.findall(r"`(/[^`]*)`", paths)}
    assert documented == {route.path: route.guarded for route in ROUTES} | {"/v2/en": True}
