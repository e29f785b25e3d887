"""A grown body says what the trained one says, and its new blocks can learn."""

import pytest

torch = pytest.importorskip("torch", reason="the network is torch; install understudy[train]")

from engine.training.blocks import Shape  # noqa: E402
from engine.training.growth import grow, origins  # noqa: E402
from engine.training.network import Network  # noqa: E402


def shape_of(blocks: int, width: int = 16) -> Shape:
    return Shape(width=width, blocks=blocks, heads=2, inner=32, kernel=5, left=4)


@pytest.mark.parametrize("blocks", [5, 6, 8, 11])
def test_a_grown_body_equals_the_trained_one(blocks: int) -> None:
    torch.manual_seed(blocks)
    trained, grown = Network(shape_of(5)).eval(), Network(shape_of(blocks)).eval()
    with torch.no_grad():
        trained.mix.normal_()
    grow(trained.state_dict(), grown)
    features, lengths = torch.randn(2, 64, 80), torch.tensor([16, 12])
    with torch.inference_mode():
        torch.testing.assert_close(grown(features, lengths, 4).phones, trained(features, lengths, 4).phones)


def test_gradients_reach_every_new_block() -> None:
    torch.manual_seed(1)
    trained, grown = Network(shape_of(3)), Network(shape_of(5))
    grow(trained.state_dict(), grown)
    grown(torch.randn(1, 32, 80), torch.tensor([8]), 4).phones.square().mean().backward()
    for name, weight in grown.blocks.named_parameters():
        if "narrow.weight" in name:
            assert weight.grad.abs().sum() > 0


def test_copies_stand_behind_their_origin() -> None:
    assert origins(4, 7) == [(0, False), (1, False), (1, True), (1, True), (2, False), (2, True), (3, False)]


def test_a_body_does_not_shrink() -> None:
    with pytest.raises(ValueError, match="cannot grow to 4"):
        origins(5, 4)


def test_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="another shape"):
        grow(Network(shape_of(3)).state_dict(), Network(shape_of(4, width=32)))
