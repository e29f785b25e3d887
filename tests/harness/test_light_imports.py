"""The harness loads quickly: no tensors, no MLflow, and no statistics library it does not need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "onnxruntime", "mlflow", "pandas", "sqlalchemy", "scipy.stats", "pyannote")
ROOMS = (
    "harness",
    "harness.results",
    "harness.gate.evaluate",
    "harness.runner",
    "harness.registry",
    "harness.run_folder",
)


def test_no_room_of_the_harness_loads_what_is_heavy() -> None:
    program = f"import sys, {', '.join(ROOMS)}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
