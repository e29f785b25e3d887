"""From recordings and a recipe to a pretrained body, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.training.pretrain import main  # noqa: E402

CONFIG = """
folder = "$work/run"
lexicon = "$speech/small.dict"
noises = "$work/noise-s10"
seed = 1
processes = {processes}
batch_seconds = 6.0
dropout = 0.1
weight_decay = 0.01
clip = 1.0
chunks = [8, 0]
steps = 3
decay_steps = 1
save_every = 2
dev_every = 1
dev = []

[[corpora]]
manifest = "$speech/small.jsonl"
stem = "$work/small"
versions = ["s10"]

[shape]
width = 16
blocks = 3
heads = 2
inner = 32
kernel = 5
left = 8

[codebooks]
count = 2
codes = 8
width = 4

[augmentation]
noisy = 0.0
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    (tmp_path / "small.dict").write_text("a AH0\n")
    entries = []
    for number in range(8):
        soundfile.write(tmp_path / f"{number}.wav", rng.normal(0, 0.1, 24000), 16000)
        entries.append({"id": str(number), "audio": f"{number}.wav", "duration": 1.5, "text": None, "dataset": "made"})
    (tmp_path / "small.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    (tmp_path / "work").mkdir()
    rng.normal(11, 3, (300, 80)).astype(np.float16).tofile(tmp_path / "work" / "noise-s10.f16")
    (tmp_path / "work" / "noise-s10.json").write_text(json.dumps({"starts": [0, 150, 300]}))
    return tmp_path


def run(data: Path, processes: int = 1) -> int:
    (data / "recipe.toml").write_text(CONFIG.replace("{processes}", str(processes)))
    places = ["--config", str(data / "recipe.toml"), "--speech", str(data), "--work", str(data / "work")]
    return main(places)


def test_recordings_without_words_make_a_body(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(data) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(data / "work" / "run" / "last.pt")
    assert "small-s10: 8 recordings" in said.err
    stored = torch.load(data / "work" / "run" / "last.pt", weights_only=True)
    assert (stored["kind"], stored["progress"]["step"]) == ("pretrained", 3)


def test_missing_recordings_are_said_in_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "3.wav").unlink()
    assert run(data) == 2
    assert "is missing" in capsys.readouterr().err


@pytest.mark.slow
def test_two_processes_make_one_body(data: Path) -> None:
    assert run(data, processes=2) == 0
    stored = torch.load(data / "work" / "run" / "last.pt", weights_only=True)
    assert stored["progress"]["step"] == 3


@pytest.mark.slow
def test_what_two_processes_cannot_use_is_said_in_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "work" / "run").mkdir()
    torch.save({"network": {}, "format": 2, "kind": "tuned"}, data / "work" / "run" / "last.pt")
    assert run(data, processes=2) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("give the recipe another folder")
