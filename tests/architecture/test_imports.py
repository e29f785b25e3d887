"""The house's promises about imports, each checked in a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["understudy", "harness", "reports", "mirror", "engine", "kernels", "testsets"]


def loaded_by(statement: str) -> set[str]:
    code = f"import json, sys; {statement}; print(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    return set(json.loads(out.stdout))


@pytest.mark.parametrize("module", ["engine.protocol", "harness", "mirror", "reports", "testsets"])
def test_light_rooms_load_no_tensor_library(module: str) -> None:
    assert loaded_by(f"import {module}") & {"torch", "onnxruntime", "mlflow"} == set()


def test_installed_packages_are_ours_from_another_directory() -> None:
    code = f"import json; print(json.dumps([__import__(p).__file__ for p in {PACKAGES}]))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    files = [Path(f) for f in json.loads(out.stdout)]
    assert [f.parent for f in files] == [ROOT / p for p in PACKAGES]


def test_import_contracts_hold() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stdout
