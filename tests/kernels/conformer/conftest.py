"""Small bodies of random weights."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels.conformer.cpu import ChunkStep
from kernels.conformer.weights import Block, Norm, Product, Weights

BINS, WIDTH, INNER, KERNEL, LEFT, ALPHABET = 10, 32, 48, 5, 6, 20
MOST = 8  # tokens of a chunk


def _product(rng: np.random.Generator, inputs: int, outputs: int) -> Product:
    levels = rng.integers(-127, 128, (inputs, outputs)).astype(np.int8)
    scale = (rng.uniform(0.5, 1.5, outputs) / 64 / np.sqrt(inputs)).astype(np.float32)
    return Product(levels, scale, _small(rng, outputs))


def _small(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return rng.normal(0, 0.2, shape).astype(np.float32)


def _norm(rng: np.random.Generator) -> Norm:
    return Norm(1 + _small(rng, WIDTH), _small(rng, WIDTH))


def _block(rng: np.random.Generator) -> Block:
    return Block(
        _norm(rng), _product(rng, WIDTH, 3 * WIDTH), _product(rng, WIDTH, WIDTH), _norm(rng),
        _product(rng, WIDTH, 2 * WIDTH), _small(rng, KERNEL, WIDTH), _small(rng, WIDTH), _norm(rng),
        _product(rng, WIDTH, WIDTH), _norm(rng), _product(rng, WIDTH, INNER), _product(rng, INNER, WIDTH),
    )  # fmt: skip


@pytest.fixture(scope="session")
def weights() -> Weights:
    rng = np.random.default_rng(11)
    return Weights(
        mean=10 + _small(rng, BINS), deviation=rng.uniform(2, 4, BINS).astype(np.float32),
        first=_product(rng, 5 * BINS, WIDTH), second=_product(rng, 5 * WIDTH, WIDTH), entry=_norm(rng),
        blocks=tuple(_block(rng) for _ in range(4)), pair=_product(rng, 2 * WIDTH, WIDTH),
        part=_product(rng, WIDTH, 2 * WIDTH), mix=np.asarray([0.4, 0.6], np.float32), exit=_norm(rng),
        head=_product(rng, WIDTH, ALPHABET), rates=(0.1 ** (np.arange(8) / 3)).astype(np.float32), left=LEFT,
    )  # fmt: skip


@pytest.fixture(scope="session")
def step(weights: Weights) -> ChunkStep:
    return ChunkStep(weights, most_tokens=MOST, rows=20)
