"""One cell: tune a body on the labels it may see, and count its errors on the test recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from benchmarks.label_efficiency.cells import Counts
from benchmarks.label_efficiency.recipe import AUGMENTATION, CHUNKS, Cell, Recipe
from benchmarks.label_efficiency.speech import Speech
from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from engine.graph.store import SearchGraph
from engine.phones import words_of
from engine.training.batches import Source, make_batch, pad, plan_epoch
from engine.training.export import log_prior
from engine.training.growth import grow
from engine.training.measurement import phone_errors
from engine.training.network import Network
from engine.training.optimisation import make_optimiser, train_step
from engine.training.preparation import Pack, normalisation
from engine.training.trainer import FULL

HEARD_CHUNK = 16  # tokens: 640 ms
SEARCH = DecodeOptions(beam=11.0, max_active=1000)  # the same for every cell
ROWS = 16


@dataclass(frozen=True)
class Bench:
    """What every cell shares; ``body`` is the pretrained one's weights."""

    recipe: Recipe
    speech: Speech
    graph: SearchGraph
    body: Mapping[str, Tensor]
    device: str


def tune(bench: Bench, cell: Cell, source: Source) -> Network:
    """Train until the cell's budget is spent; the same seed draws the same batches and heads in both arms."""
    with torch.device(bench.device):  # where masks and random numbers are made
        return _tune(bench, cell, source).cpu().eval()


def _tune(bench: Bench, cell: Cell, source: Source) -> Network:
    recipe, budget = bench.recipe, bench.recipe.tuning[cell.minutes]
    torch.manual_seed(cell.seed)
    network = Network(recipe.shape, recipe.dropout)
    if cell.arm == "pretrained":
        grow(dict(bench.body), network)
    else:
        mean, deviation = normalisation(source.packs)
        network.mean.copy_(torch.from_numpy(mean))
        network.deviation.copy_(torch.from_numpy(deviation))
    network.train()
    optimiser = make_optimiser(network, recipe.schedule.peak, recipe.weight_decay)
    spent, step, epoch = 0.0, 0, 0
    while spent < budget:
        for items in plan_epoch([source], cell.seed, epoch, recipe.batch_seconds):
            rng = np.random.default_rng((cell.seed, step))
            batch = make_batch(items, [source], bench.speech.noises, AUGMENTATION, rng, empty=0.0)
            chunk = int(rng.choice(CHUNKS)) or FULL
            rate = recipe.schedule.rate(step, (spent / budget - recipe.decay_from) / (1 - recipe.decay_from))
            train_step(network, optimiser, batch, chunk, rate, recipe.clip)
            spent, step = spent + batch.seconds, step + 1
            if spent >= budget:
                break
        epoch += 1
    return network


def measure(bench: Bench, network: Network, labelled: Pack) -> Counts:
    """Hear the test recordings in chunks of 640 ms and count errors by speaker."""
    prior = log_prior(network, labelled, count=80, chunk=HEARD_CHUNK).astype(np.float32)
    decoder = Decoder(bench.graph, SEARCH, prior)
    counts: Counts = {}
    for utterance, log_probs in zip(bench.speech.test, heard(network, bench.speech.tested), strict=True):
        stream = decoder.begin()
        stream.step(log_probs)
        said = [part for word in stream.end() for part in words_of(word.text)]
        truth, phones = words_of(utterance.text), phone_errors(log_probs, utterance.phones)
        fresh = (Levenshtein.distance(said, truth), len(truth), phones.errors, phones.phones)
        before = counts.get(utterance.speaker, [0, 0, 0, 0])
        counts[utterance.speaker] = [old + new for old, new in zip(before, fresh, strict=True)]
    return counts


def heard(network: Network, pack: Pack) -> Sequence[npt.NDArray[np.float32]]:
    """Log-probabilities (t, tokens) of every recording of a pack."""
    order = np.argsort(np.diff(pack.starts))
    found: dict[int, npt.NDArray[np.float32]] = {}
    for first in range(0, len(order), ROWS):
        rows = [int(index) for index in order[first : first + ROWS]]
        nothing: list[tuple[int, ...]] = [()] * len(rows)
        batch = pad([pack[index] for index in rows], nothing, nothing)
        with torch.inference_mode():
            phones = network(torch.from_numpy(batch.features), torch.from_numpy(batch.lengths), HEARD_CHUNK).phones
        for row, index in enumerate(rows):
            found[index] = phones[row, : int(batch.lengths[row])].numpy()
    return [found[index] for index in range(len(pack))]
