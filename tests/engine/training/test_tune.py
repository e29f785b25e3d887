"""A tiny training learns, stops, goes on exactly, and can be exported."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.errors import TrainingError  # noqa: E402
from engine.training import trainer  # noqa: E402
from engine.training.processes import device_of  # noqa: E402
from engine.training.settings import Settings, read_settings  # noqa: E402
from engine.training.trainer import Asked  # noqa: E402
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


def assert_same(one: Path, other: Path) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    for name, weight in first.items():
        assert torch.equal(weight, second[name]), name


class Killed(BaseException):
    """What no code of ours catches."""


def killed_at(monkeypatch: pytest.MonkeyPatch, step: int, data: Path) -> None:
    """Train, and die as the step begins, with whatever is on disk by then."""
    made = 0

    def dying(*arguments: object) -> float:
        nonlocal made
        if made == step:
            raise Killed
        made += 1
        return float(train_step(*arguments))  # type: ignore[arg-type]

    train_step = trainer.train_step
    with monkeypatch.context() as patched:
        patched.setattr(trainer, "train_step", dying)
        with pytest.raises(Killed):
            tune(settings(data, 9))


def test_killed_at_any_step_it_goes_on_as_if_nothing_had_been(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    straight = tune(settings(data, 9))
    (data / "run").rename(data / "straight")
    whole = (data / "straight" / "log.jsonl").read_text().splitlines()
    for step in (4, 7):
        killed_at(monkeypatch, step, data)
        if step == 7:
            killed_at(monkeypatch, 2, data)  # once more while going on from step 4
        again = tune(settings(data, 9))
        assert_same(data / "straight" / straight.name, again)
        log = [json.loads(line) for line in (data / "run" / "log.jsonl").read_text().splitlines()]
        assert [(one["step"], one.get("per")) for one in log] == [
            (one["step"], one.get("per")) for one in map(json.loads, whole)
        ]
        (data / "run").rename(data / f"killed-{step}")


@pytest.mark.slow
def test_a_killed_process_goes_on_exactly(data: Path) -> None:
    straight = tune(settings(data, 60))
    (data / "run").rename(data / "straight")
    settings(data, 60)
    command = [sys.executable, "-m", "engine.training.tune", "--config", "tune.toml", "--work", ".", "--speech", "."]
    with subprocess.Popen(command, cwd=data, stdout=subprocess.DEVNULL) as process:
        while not (data / "run" / "step-000020.pt").exists():
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
        process.kill()
    assert not (data / "run" / "step-000060.pt").exists()
    assert_same(data / "straight" / straight.name, tune(settings(data, 60)))


@pytest.mark.slow
def test_two_processes_train_one_model_and_go_on_exactly(data: Path) -> None:
    two = replace(settings(data, 8), processes=2, batch_seconds=12.0)
    tune(replace(two, steps=4))
    resumed = tune(two)
    straight = tune(replace(two, folder=data / "straight"))
    assert_same(resumed, straight)


def test_the_rate_falls_over_the_last_steps(data: Path) -> None:
    tune(replace(settings(data, 50), decay_steps=25, dev=(), batch_seconds=2.0))
    log = [json.loads(line) for line in (data / "run" / "log.jsonl").read_text().splitlines()]
    assert [(one["step"], one["decayed"]) for one in log] == [(25, None), (50, 0.96)]
    assert log[1]["rate"] < 0.1 * log[0]["rate"]
    assert log[-1]["audio_s"] > 0


def test_what_is_over_stays_as_it_is(data: Path) -> None:
    last = tune(settings(data, 3))
    before = last.read_bytes()
    assert tune(settings(data, 3)).read_bytes() == before


def test_other_settings_begin_the_next_epoch(data: Path) -> None:
    tune(settings(data, 1))
    progress = torch.load(data / "run" / "last.pt", weights_only=True)["progress"]
    assert (progress["epoch"], progress["position"]) == (0, 1)
    tune(replace(settings(data, 2), batch_seconds=9.0))
    progress = torch.load(data / "run" / "last.pt", weights_only=True)["progress"]
    assert (progress["epoch"], progress["position"]) == (1, 1)


def test_a_version_packed_meanwhile_waits_for_the_next_epoch(data: Path) -> None:
    tune(replace(settings(data, 1), dev=()))
    for kind in ("f16", "json"):
        (data / f"small-d1.{kind}").write_bytes((data / f"small-s10.{kind}").read_bytes())
    tune(replace(settings(data, 2), dev=()))
    progress = torch.load(data / "run" / "last.pt", weights_only=True)["progress"]
    assert (progress["epoch"], progress["drawn"]) == (0, [[0]])


def test_a_body_of_another_shape_is_told_apart(data: Path) -> None:
    wide = settings(data, 3)
    tune(settings(data, 2))
    with pytest.raises(TrainingError, match=r"last\.pt: another body: width 16 \(here 32\)"):
        tune(replace(wide, shape=replace(wide.shape, width=32)))


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "damaged"), (b"PK\x03\x04 half a file", "damaged"), (b"no checkpoint", "damaged")]
)
def test_a_damaged_checkpoint_is_named(data: Path, content: bytes, why: str) -> None:
    (data / "run").mkdir()
    (data / "run" / "last.pt").write_bytes(content)
    with pytest.raises(TrainingError, match=rf"last\.pt: .*{why}"):
        tune(settings(data, 2))


def test_a_checkpoint_of_another_version_is_named(data: Path) -> None:
    last = tune(settings(data, 2))
    torch.save(torch.load(last, weights_only=True) | {"format": 99}, last)
    with pytest.raises(TrainingError, match=r"format 99; this version reads 1 to 3"):
        tune(settings(data, 3))


def test_too_little_speech_is_said(data: Path) -> None:
    few = replace(settings(data, 2), longest=1.0)
    with pytest.raises(TrainingError, match=r"fill 0 batches.*give more speech"):
        tune(few)


def test_a_missing_gpu_is_said() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    assert device_of("auto", 0) == torch.device("cpu")
    with pytest.raises(TrainingError, match="no GPU"):
        device_of("cuda", 0)
    with pytest.raises(TrainingError, match="cpu, cuda, auto"):
        device_of("tpu", 0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of MLflow's own database layer
def test_curves_are_tracked_where_asked(data: Path) -> None:
    uri = f"sqlite:///{data / 'mlflow.db'}"
    small = replace(settings(data, 25), dev_every=6)
    tune(small, Asked(track=uri))
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    (run,) = client.search_runs([client.get_experiment_by_name("understudy-train").experiment_id])
    assert run.info.status == "FINISHED"
    assert {"loss", "rate", "audio_s", "small-s10/chunk-8/per"} <= run.data.metrics.keys()
    tune(replace(small, steps=50), Asked(track=uri))
    (run,) = client.search_runs([run.info.experiment_id])
    assert [one.step for one in client.get_metric_history(run.info.run_id, "loss")] == [25, 50]
