"""The exported body, run in chunks, equals the network over the whole recording."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acoustic.body import Body, Listener, read_card
from engine.errors import ModelError
from engine.phones import TOKENS

torch = pytest.importorskip("torch", reason="torch makes the small model of these tests; install understudy[train]")

from engine.acoustic.frontend import features_of  # noqa: E402
from engine.training.batches import pad  # noqa: E402
from engine.training.blocks import Shape  # noqa: E402
from engine.training.export import describe, write_onnx  # noqa: E402
from engine.training.network import Network  # noqa: E402
from engine.training.storage import Storage  # noqa: E402

SHAPE = Shape(width=16, blocks=3, heads=2, inner=32, kernel=5, left=6)


@pytest.fixture(scope="module")
def network() -> Network:
    torch.set_num_threads(1)
    torch.manual_seed(3)
    made = Network(SHAPE, 0.0)
    made.mean.fill_(10.0)
    made.deviation.fill_(3.0)
    return made.eval()


@pytest.fixture(scope="module")
def folder(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_onnx(network, folder / "body.onnx", Storage.FLOAT32)
    text = describe(network, folder / "body.onnx", "small", "1", np.zeros(len(TOKENS)))
    (folder / "model.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def body(folder: Path) -> Body:
    return Body.load(folder)


def whole(network: Network, features: np.ndarray, chunk: int) -> np.ndarray:
    batch = pad([features], [()], [()])
    with torch.inference_mode():
        log_probs = network(torch.from_numpy(batch.features), torch.from_numpy(batch.lengths), chunk)[0]
    return log_probs[0, : -(-len(features) // 4)].numpy()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 99), frames=st.integers(1, 500), chunk=st.sampled_from([8, 16, 32]))
def test_chunks_equal_the_masked_network(body: Body, network: Network, seed: int, frames: int, chunk: int) -> None:
    features = np.random.default_rng(seed).normal(10, 3, (frames, 80)).astype(np.float32)
    state = body.begin(chunk * 40)
    heard = []
    for start in range(0, frames - chunk * 4 + 1, chunk * 4):
        heard.append(body.step([state], features[None, start : start + chunk * 4])[0])
    rest = frames % (chunk * 4)
    heard.append(body.end(state, features[frames - rest :]))
    np.testing.assert_allclose(np.concatenate(heard), whole(network, features, chunk), atol=1e-4)


def test_streams_in_a_batch_do_not_touch_each_other(body: Body) -> None:
    rng = np.random.default_rng(5)
    features = rng.normal(10, 3, (3, 96, 80)).astype(np.float32)
    alone = []
    for row in features:
        state = body.begin(320)
        alone.append(np.concatenate([body.step([state], row[None, at : at + 32])[0] for at in (0, 32, 64)]))
    late, states = body.begin(320), [body.begin(320), body.begin(320)]
    first = body.step(states, features[:2, :32])
    # The third stream joins one chunk later, and the order changes.
    second = body.step([late, *states], np.stack([features[2, :32], features[0, 32:64], features[1, 32:64]]))
    np.testing.assert_allclose(first[0], alone[0][:8], atol=1e-4)
    np.testing.assert_allclose(second[0], alone[2][:8], atol=1e-4)
    np.testing.assert_allclose(second[2], alone[1][8:16], atol=1e-4)


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 30000), max_size=8), length=st.integers(0, 30000))
def test_a_listener_does_not_mind_the_pieces(body: Body, network: Network, cuts: list[int], length: int) -> None:
    samples = np.random.default_rng(length).uniform(-0.3, 0.3, length).astype(np.float32)
    listener = Listener(body, 320)
    pieces = np.split(samples, sorted(min(cut, length) for cut in cuts))
    heard = np.concatenate([*(listener.step(piece) for piece in pieces), listener.end()])
    features = features_of(samples)
    assert heard.shape == (-(-len(features) // 4), len(TOKENS))
    if len(features):
        np.testing.assert_allclose(heard, whole(network, features, 8), atol=1e-4)


def test_log_probabilities_are_normalised(body: Body) -> None:
    log_probs = body.step([body.begin(640)], np.full((1, 64, 80), 9.0, np.float32))
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=-1), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("storage", "near"), [(Storage.FLOAT16, 0.02), (Storage.INT8, 0.2), (Storage.INT8_DYNAMIC, 0.5)]
)
def test_rounded_weights_stay_close(network: Network, tmp_path: Path, storage: Storage, near: float) -> None:
    write_onnx(network, tmp_path / "body.onnx", storage)
    text = describe(network, tmp_path / "body.onnx", "small", "1", np.zeros(len(TOKENS)))
    (tmp_path / "model.toml").write_text(text, encoding="utf-8")
    small = Body.load(tmp_path)
    features = np.random.default_rng(1).normal(10, 3, (64, 80)).astype(np.float32)
    seen = small.step([small.begin(640)], features[None])[0]
    assert np.abs(seen - whole(network, features, 16)).max() < near


def test_wrong_shapes_and_chunks_are_refused(body: Body) -> None:
    with pytest.raises(ModelError, match="320"):
        body.begin(330)
    with pytest.raises(ValueError, match="8 n"):
        body.step([body.begin(320)], np.zeros((1, 30, 80), np.float32))
    with pytest.raises(ValueError, match="streams"):
        body.step([body.begin(320)], np.zeros((2, 32, 80), np.float32))


def test_a_damaged_model_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model\.toml"):
        read_card(tmp_path)
    (tmp_path / "model.toml").write_text((folder / "model.toml").read_text())
    (tmp_path / "body.onnx").write_bytes(b"other")
    with pytest.raises(ModelError, match="install the model again"):
        Body.load(tmp_path)
