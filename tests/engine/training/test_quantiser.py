"""Codes depend on the recording and the seed alone, not on loudness, padding or company."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from engine.training.quantiser import Codebooks, Quantiser, stack  # noqa: E402

BOOKS = Codebooks(count=3, codes=17, width=5)


def speech(batch: int, tokens: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).normal(10, 3, (batch, 4 * tokens, 8)).astype(np.float32))


def test_the_code_is_the_nearest_unit_vector() -> None:
    quantiser, features, lengths = Quantiser(BOOKS, 8, seed=2), speech(2, 6), torch.tensor([6, 6])
    codes = quantiser(features, lengths)
    assert codes.shape == (2, 6, 3)
    for book in range(3):
        vectors = stack(features, lengths) @ quantiser.projection[:, book]
        vectors = vectors / vectors.norm(dim=-1, keepdim=True)
        distances = torch.cdist(vectors, quantiser.codes[book].expand(2, -1, -1))
        torch.testing.assert_close(distances.argmin(dim=-1), codes[..., book])


def test_a_seed_draws_one_quantiser() -> None:
    first, again, other = (Quantiser(BOOKS, 8, seed=seed).state_dict() for seed in (2, 2, 3))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["codes"], other["codes"])
    assert not list(Quantiser(BOOKS, 8, seed=2).parameters()), "nothing of it is trained"


def test_loudness_and_colour_change_no_code() -> None:
    quantiser, features, lengths = Quantiser(BOOKS, 8, seed=2), speech(1, 12), torch.tensor([12])
    louder = features + 1.5 + torch.linspace(-1, 1, 8)
    assert (quantiser(features, lengths) == quantiser(louder, lengths)).float().mean() > 0.97


def test_padding_changes_no_code() -> None:
    quantiser, features = Quantiser(BOOKS, 8, seed=2), speech(1, 12)
    short = quantiser(features[:, :20], torch.tensor([5]))
    padded = quantiser(torch.cat([features[:, :20], torch.zeros(1, 28, 8)], dim=1), torch.tensor([5]))
    assert torch.equal(short, padded[:, :5])


def test_digital_silence_has_codes() -> None:
    codes = Quantiser(BOOKS, 8, seed=2)(torch.full((1, 16, 8), 6.0), torch.tensor([4]))
    assert len(codes.unique(dim=1)[0]) == 1
