"""One cell of the experiment, end to end on made-up speech."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from benchmarks.label_efficiency.recipe import RECIPES, Cell  # noqa: E402
from benchmarks.label_efficiency.speech import Speech  # noqa: E402
from benchmarks.label_efficiency.tuning import Bench, heard, measure, tune  # noqa: E402
from engine.graph.store import load_graph  # noqa: E402
from engine.recogniser import GRAPH_FOLDER  # noqa: E402
from engine.training.blocks import Shape  # noqa: E402
from engine.training.network import Network  # noqa: E402
from engine.training.preparation import Pack  # noqa: E402

SHAPE = Shape(width=16, blocks=3, heads=2, inner=32, kernel=5, left=8)
RECIPE = replace(RECIPES["small"], shape=SHAPE, tuning={1: 30.0}, batch_seconds=8.0)


@dataclass
class Said:
    speaker: str
    text: str = "the cat"
    phones: tuple[int, ...] = field(default=(10, 3, 20, 2, 31))


def made(count: int) -> Pack:
    features = np.random.default_rng(1).normal(10, 3, (count * 150, 80)).astype(np.float16)
    return Pack(features, np.arange(0, count * 150 + 1, 150))


def bench(body: dict[str, torch.Tensor]) -> Bench:
    said = [Said("ab"[index % 2]) for index in range(6)]
    speech = Speech(said, made(6), [], made(2), said[:3], made(3))  # type: ignore[arg-type]
    return Bench(RECIPE, speech, None, body, "cpu")  # type: ignore[arg-type]


def test_a_cell_is_the_same_every_time_and_begins_at_the_body() -> None:
    torch.manual_seed(5)
    state = Network(SHAPE).state_dict()
    body = {name: value for name, value in state.items() if not name.startswith(("exits.", "heads.", "spell."))}
    shared = bench(body)
    source = shared.speech.labels(1, 1)
    fresh, again, pretrained = (tune(shared, Cell(1, arm, 1), source) for arm in ("scratch", "scratch", "pretrained"))
    for name, value in fresh.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert torch.equal(pretrained.mean, body["mean"])
    assert not torch.equal(pretrained.first.weight, fresh.first.weight)


def test_every_recording_is_heard_in_its_place() -> None:
    torch.manual_seed(5)
    network, pack = Network(SHAPE).eval(), made(3)
    uneven = Pack(pack.features, np.asarray([0, 150, 200, 450]))
    found = heard(network, uneven)
    assert [len(one) for one in found] == [38, 14, 64]
    alone = heard(network, Pack(uneven.features[150:200], np.asarray([0, 50])))[0]
    np.testing.assert_allclose(found[1], alone, atol=1e-5)


@pytest.mark.slow
def test_errors_are_counted_by_speaker() -> None:
    shared = replace(bench({}), graph=load_graph(GRAPH_FOLDER / "graph.npz"))
    source = shared.speech.labels(1, 1)
    counts = measure(shared, tune(shared, Cell(1, "scratch", 1), source), source.packs[0])
    assert {who: (row[1], row[3]) for who, row in counts.items()} == {"a": (4, 10), "b": (2, 5)}
