"""A recipe is read or refused in one line, and a guesser sees what is hidden only through what is not."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.errors import TrainingError  # noqa: E402
from engine.training.batches import pad  # noqa: E402
from engine.training.guessing import Guesser, Plan, read_plan  # noqa: E402
from engine.training.masking import Spans, draw_spans  # noqa: E402
from engine.training.pretrain import RECIPE  # noqa: E402

SPANS = Spans(0.2, 4)


def small(folder: Path, change: str = "") -> Plan:
    text = RECIPE.read_text() + "\n[shape]\nwidth = 16\nblocks = 3\nheads = 2\ninner = 32\nkernel = 5\nleft = 8\n"
    path = folder / "pretrain.toml"
    path.write_text(text if not change else text.replace(*change.split(" -> ")))
    return read_plan(path, folder / "speech", folder / "work")


def test_the_recipe_is_read(tmp_path: Path) -> None:
    plan = small(tmp_path)
    assert plan.spans == Spans(0.4, 10)
    assert plan.codebooks.count == 4
    assert plan.settings.folder == tmp_path / "work" / "pretrained"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("share = 0.4 -> share = 1.0", "hides nothing or all"),
        ("tokens = 10 -> tokens = 0", "hides nothing or all"),
        ("codes = 1024 -> codes = 1", "at least one codebook"),
        ("[spans] -> [spams]", "spams"),
        ("chunks = [8, 16, 16, 32, 32, 0] -> chunks = []", "no chunks"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, change: str, said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        small(tmp_path, change)


def test_only_the_hidden_is_guessed(tmp_path: Path) -> None:
    torch.manual_seed(1)
    guesser = Guesser(small(tmp_path)).eval()
    rng = np.random.default_rng(1)
    hidden = torch.zeros(1, 64, dtype=torch.bool)
    hidden[0, 20:30] = True
    first = torch.from_numpy(rng.normal(0, 1, (1, 256, 80)).astype(np.float32))
    assert guesser(first, torch.tensor([64]), hidden, 64).shape == (10, 4, 1024)


def test_what_is_hidden_changes_the_answers_alone(tmp_path: Path) -> None:
    torch.manual_seed(1)
    guesser, rng = Guesser(small(tmp_path)).eval(), np.random.default_rng(1)
    said: list[torch.Tensor] = []
    guesser.head.register_forward_hook(lambda _module, _given, scores: said.append(scores))
    one = rng.normal(0, 1, (256, 80)).astype(np.float32)
    hidden = draw_spans(np.asarray([64]), 64, SPANS, np.random.default_rng(3))[0]
    other = np.where(np.repeat(hidden, 4)[:, None], one[::-1], one)
    nothing: list[tuple[int, ...]] = [()]
    first, second = (
        guesser.loss(pad([recording], nothing, nothing), 8, SPANS, np.random.default_rng(3))[1]
        for recording in (one, other)
    )
    assert torch.equal(said[0], said[1])
    assert not torch.equal(first.uses, second.uses)


def test_every_weight_of_the_body_learns(tmp_path: Path) -> None:
    torch.manual_seed(1)
    guesser = Guesser(small(tmp_path)).train()
    rng = np.random.default_rng(1)
    nothing: list[tuple[int, ...]] = [(), ()]
    batch = pad([rng.normal(0, 1, (n, 80)).astype(np.float32) for n in (200, 300)], nothing, nothing)
    guesser.loss(batch, 8, Spans(), rng)[0].backward()
    silent = {name for name, weight in guesser.named_parameters() if weight.grad is None}
    assert silent == {
        name for name, _ in guesser.named_parameters() if name.split(".")[1] in ("exits", "heads", "spell")
    }
