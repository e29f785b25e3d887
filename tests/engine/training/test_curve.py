"""The curves of a log become one SVG, panel by panel."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.errors import TrainingError
from engine.training.curve import draw, panels_of

LOG = [
    {"step": 25, "loss": 3.5, "rate": 0.001},
    {"step": 50, "loss": 2.5, "rate": 0.002},
    {"step": 50, "dev": "dev <a>", "chunk": 8, "per": 61.5},
    {"step": 50, "dev": "quiet", "chunk": 8, "per": None},
]


def test_numbers_are_sorted_into_panels() -> None:
    assert panels_of(LOG) == {
        "loss a phone": {"loss": [(25.0, 3.5), (50.0, 2.5)]},
        "learning rate": {"rate": [(25.0, 0.001), (50.0, 0.002)]},
        "phone error rate, %": {"dev <a>, 320 ms": [(50.0, 61.5)]},
    }


def test_a_log_is_drawn_though_its_last_line_was_cut_off(tmp_path: Path) -> None:
    text = "".join(json.dumps(entry) + "\n" for entry in LOG)
    (tmp_path / "log.jsonl").write_text(text + '{"step": 75, "lo')
    root = ElementTree.fromstring(draw(tmp_path).read_text())
    paths = [one.attrib["d"] for one in root.iter("{http://www.w3.org/2000/svg}path")]
    assert len([path for path in paths if "L" in path]) == 2
    assert "dev <a>, 320 ms" in "".join(root.itertext())


def test_a_folder_without_curves_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no such log"):
        draw(tmp_path)
    (tmp_path / "log.jsonl").write_text("")
    with pytest.raises(TrainingError, match="nothing is measured"):
        draw(tmp_path)
