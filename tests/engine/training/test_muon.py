from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra [train]")

from engine.training.muon import ORTHOGONAL, Muon, orthogonalise  # noqa: E402


def _weights(seed: int) -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(12, 30), (30, 12), (12, 30), (8, 8)]
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


def _push(weights: list[torch.nn.Parameter], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for weight in weights:
        weight.grad = torch.randn(weight.shape, generator=generator)


@pytest.mark.parametrize("shape", [(3, 16, 40), (2, 40, 16), (1, 24, 24)])
def test_singular_values_come_near_one_and_directions_stay(shape: tuple[int, int, int]) -> None:
    given = torch.randn(shape, generator=torch.Generator().manual_seed(5))

    left, _, right = torch.linalg.svd(given, full_matrices=False)
    turned = left.mT @ orthogonalise(given) @ right.mT  # a diagonal, if the directions stayed

    values = torch.diagonal(turned, dim1=1, dim2=2)
    assert float(values.max()) < 1.25
    assert float(values.median()) > 0.65
    assert float((turned - torch.diag_embed(values)).abs().max()) < 1e-4


def test_a_step_is_that_of_torchs_own_muon_but_for_its_bfloat16() -> None:
    ours, theirs = _weights(1), _weights(1)
    mine = Muon([{"params": ours, "weight_decay": 0.1, ORTHOGONAL: True}], 0.01)
    other = torch.optim.Muon(theirs, lr=0.01, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    for step in range(3):
        _push(ours, step)
        _push(theirs, step)
        mine.step()
        other.step()

    for one, two, start in zip(ours, theirs, _weights(1), strict=True):
        moved = float((two - start).detach().norm())
        assert float((one - two).detach().norm()) < 0.03 * moved  # bfloat16 keeps 8 bits, and five rounds of it add up


def test_groups_that_are_not_orthogonal_get_adamw_exactly() -> None:
    ours, theirs = _weights(2), _weights(2)
    mine = Muon([{"params": ours[:2], "weight_decay": 0.1, ORTHOGONAL: True}, {"params": ours[2:]}], 0.01)
    other = torch.optim.AdamW(theirs, lr=0.01, betas=(0.9, 0.98), fused=True)
    for step in range(3):
        _push(ours, step)
        _push(theirs, step)
        mine.step()
        other.step()

    for one, two in zip(ours[2:], theirs[2:], strict=True):
        assert torch.equal(one, two)


def test_going_on_from_a_stored_state_is_never_having_stopped() -> None:
    whole, broken = _weights(3), _weights(3)
    groups = [{"params": broken[:3], ORTHOGONAL: True}, {"params": broken[3:]}]
    straight = Muon([{"params": whole[:3], ORTHOGONAL: True}, {"params": whole[3:]}], 0.01)
    first = Muon(groups, 0.01)
    for step in range(4):
        _push(whole, step)
        straight.step()
    for step in range(2):
        _push(broken, step)
        first.step()
    second = Muon([{"params": broken[:3], ORTHOGONAL: True}, {"params": broken[3:]}], 0.5)
    second.load_state_dict(first.state_dict())
    for step in range(2, 4):
        _push(broken, step)
        second.step()

    for one, two in zip(whole, broken, strict=True):
        assert torch.equal(one, two)


def test_a_matrix_without_gradient_stays() -> None:
    weights = _weights(4)
    optimiser = Muon([{"params": weights, "weight_decay": 0.1, ORTHOGONAL: True}], 0.01)
    before = [weight.detach().clone() for weight in weights]
    weights[0].grad = torch.ones_like(weights[0])

    optimiser.step()

    assert not torch.equal(before[0], weights[0])
    assert all(torch.equal(old, new) for old, new in zip(before[1:], weights[1:], strict=True))


def test_a_matrix_of_zeros_does_not_become_nan() -> None:
    assert np.isfinite(orthogonalise(torch.zeros(2, 6, 9)).numpy()).all()
