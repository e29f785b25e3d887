"""What a token may look at, and that training's view of a recording equals the stepped one."""

import pytest

torch = pytest.importorskip("torch", reason="the network is torch; install understudy[train]")

from engine.training.blocks import Dropout, Shape, mask_pool  # noqa: E402
from engine.training.export import empty_state  # noqa: E402
from engine.training.network import Network, visible  # noqa: E402

SHAPE = Shape(width=16, blocks=3, heads=2, inner=32, kernel=5, left=4)


def test_a_token_sees_its_chunk_and_the_left_context() -> None:
    mask = visible(torch.tensor([6]), 8, 2, 3)[0, 0]
    assert mask[4].nonzero().flatten().tolist() == [1, 2, 3, 4, 5]
    assert mask[0].nonzero().flatten().tolist() == [0, 1]
    assert mask[7].nonzero().flatten().tolist() == [
        3,
        4,
        5,
        7,
    ]  # 6 is past the end, 7 sees itself so as not to be blind


@pytest.mark.parametrize("chunk", [2, 4, 8])
def test_steps_equal_the_masked_whole(chunk: int) -> None:
    torch.manual_seed(1)
    network = Network(SHAPE).eval()
    features = torch.randn(2, 4 * 24, 80)
    with torch.inference_mode():
        whole = network(features, torch.tensor([24, 24]), chunk)[0]
        heard, *state = empty_state(network, 2)
        parts = []
        for start in range(0, 24, chunk):
            part, heard, *state = network.step(features[:, 4 * start : 4 * (start + chunk)], heard, tuple(state))
            parts.append(part)
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-5, rtol=0)


def test_the_future_beyond_the_chunk_does_not_matter() -> None:
    torch.manual_seed(2)
    network = Network(SHAPE).eval()
    features = torch.randn(1, 64, 80)
    changed = features.clone()
    changed[:, 32:] += 5.0
    with torch.inference_mode():
        before, after = (network(each, torch.tensor([16]), 4)[0] for each in (features, changed))
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8:], after[:, 8:])


def test_dropout_drops_its_share_and_only_in_training() -> None:
    torch.manual_seed(3)
    drop = Dropout(0.25, mask_pool(0.25, 1000))
    ones = torch.ones(40, 100)  # larger than the pool
    dropped = drop(ones)
    assert 0.2 < float((dropped == 0).float().mean()) < 0.3
    assert drop.eval()(ones) is ones
