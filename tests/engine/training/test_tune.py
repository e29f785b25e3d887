"""A tiny training learns, stops, goes on exactly, and can be exported."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.training.settings import Settings, read_settings  # noqa: E402
from engine.training.tune import tune  # noqa: E402

CONFIG = """
folder = "$work/run"
lexicon = "$work/small.dict"
noises = "$work/noise-s10"
seed = 1
processes = 1
batch_seconds = 6.0
dropout = 0.1
weight_decay = 0.01
clip = 1.0
chunks = [8, 0]
steps = {steps}
decay_seconds = 1000.0
save_every = 4
dev_every = 1

[[corpora]]
manifest = "$work/small.jsonl"
stem = "$work/small"
versions = ["s10", "d1"]

[[dev]]
manifest = "$work/small.jsonl"
stem = "$work/small"
versions = ["s10"]

[shape]
width = 16
blocks = 3
heads = 2
inner = 32
kernel = 5
left = 8
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    (tmp_path / "small.dict").write_text("a AH0\ncat K AE1 T\n")
    entries = [{"id": str(n), "audio": f"{n}.wav", "text": "a cat a", "dataset": "made"} for n in range(12)]
    (tmp_path / "small.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    for name, count in (("small-s10", 12), ("noise-s10", 3)):
        rng.normal(11, 3, (count * 150, 80)).astype(np.float16).tofile(tmp_path / f"{name}.f16")
        (tmp_path / f"{name}.json").write_text(json.dumps({"starts": list(range(0, count * 150 + 1, 150))}))
    return tmp_path


def settings(folder: Path, steps: int) -> Settings:
    path = folder / "tune.toml"
    path.write_text(CONFIG.replace("{steps}", str(steps)))
    return read_settings(path, folder, folder)


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)["network"]


@pytest.mark.slow
def test_going_on_equals_never_stopping(data: Path) -> None:
    tune(settings(data, 4))
    resumed = weights(tune(settings(data, 8)))
    (data / "run").rename(data / "first")
    straight = weights(tune(settings(data, 8)))
    for name, weight in straight.items():
        torch.testing.assert_close(resumed[name], weight, msg=name)
    log = [json.loads(line) for line in (data / "run" / "log.jsonl").read_text().splitlines()]
    assert {entry.get("dev") for entry in log} >= {"small-s10"}
    assert log[-1]["audio_s"] > 0


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tune.toml"
    path.write_text(CONFIG.replace("{steps}", "1").replace("clip", "clap"))
    with pytest.raises(ValueError, match=r"tune\.toml.*cl[ia]p"):
        read_settings(path, tmp_path, tmp_path)
