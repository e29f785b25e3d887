"""A tiny pretraining learns, stops, goes on exactly, and hands a body to tuning."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.errors import TrainingError  # noqa: E402
from engine.training.augmentation import Augmentation  # noqa: E402
from engine.training.blocks import Shape  # noqa: E402
from engine.training.checkpoint import begin_from  # noqa: E402
from engine.training.guessing import Plan  # noqa: E402
from engine.training.masking import Spans  # noqa: E402
from engine.training.network import Network  # noqa: E402
from engine.training.optimisation import make_optimiser  # noqa: E402
from engine.training.preparation import Pack  # noqa: E402
from engine.training.pretrainer import Pretrainer, wordless  # noqa: E402
from engine.training.quantiser import Codebooks  # noqa: E402
from engine.training.schedule import Schedule  # noqa: E402
from engine.training.settings import Settings  # noqa: E402

SHAPE = Shape(width=16, blocks=3, heads=2, inner=32, kernel=5, left=8)
CPU = torch.device("cpu")


def recordings(count: int, seed: int) -> Pack:
    """Two vowels in turn, each held for 320 ms, so that there is something to guess."""
    rng = np.random.default_rng(seed)
    shapes = rng.normal(10, 3, (2, 80))
    said = np.concatenate([np.repeat(shapes[rng.permutation(2)], 32, axis=0) for _ in range(count * 3)])
    features = (said + rng.normal(0, 0.3, said.shape)).astype(np.float16)
    return Pack(features, np.arange(0, len(said) + 1, 192))


PACK, NOISES = recordings(12, 1), recordings(2, 2)
SOURCES = [wordless([PACK], [1.0], [False])]


def plan(folder: Path, steps: int) -> Plan:
    settings = Settings(
        folder=folder, lexicon=folder, noises=folder, corpora=(), dev=(), chunks=(8, 0), seed=1, processes=1,
        batch_seconds=8.0, dropout=0.1, weight_decay=0.01, clip=1.0, steps=steps, decay_steps=steps // 2,
        save_every=4, dev_every=1, shape=SHAPE, schedule=Schedule(peak=5e-3, warm_up=5),
        augmentation=Augmentation(noisy=0, narrow=0, padded=0, masks=0, warp=0.0, gain=0.1, tilt=0.1),
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    return Plan(settings, Codebooks(count=2, codes=16, width=8), Spans(share=0.3, tokens=3))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    stored: dict[str, torch.Tensor] = torch.load(folder / "last.pt", weights_only=True)["guesser"]
    return stored


@pytest.mark.slow
def test_guessing_beats_knowing_how_common_codes_are(tmp_path: Path) -> None:
    trainer = Pretrainer(plan(tmp_path / "run", 75), SOURCES, NOISES, CPU)
    trainer.watch()
    trainer.run()
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in log] == [25, 50, 75]
    assert log[-1]["loss"] < 0.9 * log[-1]["unigram"]
    assert log[-1]["accuracy"] > log[-1]["chance"]
    assert trainer.done


def test_going_on_equals_never_stopping(tmp_path: Path) -> None:
    Pretrainer(plan(tmp_path / "straight", 6), SOURCES, NOISES, CPU).run()
    for steps in (2, 1, 6):
        trainer = Pretrainer(plan(tmp_path / "resumed", 6), SOURCES, NOISES, CPU)
        count = iter(range(1, 100))
        trainer.run(lambda count=count, steps=steps: next(count) == steps)
    assert trainer.done
    straight = weights(tmp_path / "straight")
    for name, weight in weights(tmp_path / "resumed").items():
        assert torch.equal(weight, straight[name]), name


def test_tuning_takes_the_body_and_keeps_fresh_heads(tmp_path: Path) -> None:
    Pretrainer(plan(tmp_path / "run", 3), SOURCES, NOISES, CPU).run()
    torch.manual_seed(9)
    network = Network(SHAPE)
    fresh = {name: value.clone() for name, value in network.state_dict().items()}
    progress = begin_from(tmp_path / "run" / "last.pt", network, make_optimiser(network, 1e-3, 0.0))
    assert progress.step == 0
    given = weights(tmp_path / "run")
    for name, value in network.state_dict().items():
        head = name.startswith(("exits.", "heads.", "spell."))
        assert torch.equal(value, fresh[name] if head else given[f"network.{name}"]), name
    assert not torch.equal(network.mean, fresh["mean"])


def test_another_checkpoint_is_refused(tmp_path: Path) -> None:
    Pretrainer(plan(tmp_path / "run", 2), SOURCES, NOISES, CPU).run()
    other = replace(plan(tmp_path / "run", 2), codebooks=Codebooks(count=3, codes=16, width=8))
    with pytest.raises(TrainingError, match="codebooks"):
        Pretrainer(other, SOURCES, NOISES, CPU)
    torch.save({"network": {}, "format": 2, "kind": "tuned"}, tmp_path / "run" / "last.pt")
    with pytest.raises(TrainingError, match="no checkpoint of a pretraining"):
        Pretrainer(plan(tmp_path / "run", 2), SOURCES, NOISES, CPU)


def test_too_little_speech_is_said(tmp_path: Path) -> None:
    one = plan(tmp_path / "run", 2)
    two = replace(one, settings=replace(one.settings, processes=2, batch_seconds=1000.0))
    with pytest.raises(TrainingError, match="give more speech"):
        Pretrainer(two, SOURCES, NOISES, CPU).run()
