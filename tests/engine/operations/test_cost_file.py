from pathlib import Path

import pytest

from engine.operations.capacity import CostTable, StepCost
from engine.operations.cost_file import cost_path, read_costs, write_costs

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: engine)")
TABLE = CostTable(320_000_000, {"standard": (StepCost(1, 10), StepCost(16, 99)), "enhanced": (StepCost(1, 20),)})


def test_what_was_kept_is_read(tmp_path: Path) -> None:
    path = cost_path(tmp_path / "costs", {"standard": "abc"}, 16)
    assert read_costs(path) is None
    write_costs(path, TABLE)
    assert read_costs(path) == TABLE


def test_another_recogniser_or_batch_has_other_costs(tmp_path: Path) -> None:
    paths = {
        cost_path(tmp_path, models, batch)
        for models in ({"standard": "a"}, {"standard": "b"}, {"standard": "a", "enhanced": "b"})
        for batch in (8, 16)
    }
    assert len(paths) == 6


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "chunk": 3, "steps": {"a": [1]}}'])
def test_a_file_that_cannot_be_used_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "costs.json"
    path.write_text(text)
    assert read_costs(path) is None


def test_a_folder_that_cannot_be_written_to_is_no_error() -> None:
    write_costs(Path("/proc/nowhere/costs.json"), TABLE)
