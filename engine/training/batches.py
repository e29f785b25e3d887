"""An endless, resumable order of training batches: a pure function of seed, epoch and step."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.acoustic.frontend import BINS
from engine.training.augmentation import Augmentation, augment, babble, steady_noise
from engine.training.network import GRAIN, SUBSAMPLING
from engine.training.preparation import Pack

Features = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Source:
    """One corpus in several versions.

    Attributes:
        packs: the versions, utterance i being the same sentence in all.
        weights: how often each version is drawn, one a pack.
        disturbed: whether each version is noisy already, one a pack.
        targets: phones of each utterance.
        letters: letters of each utterance.
        share: how much of the corpus an epoch takes, 0 to 1.
    """

    packs: Sequence[Pack]
    weights: Sequence[float]
    disturbed: Sequence[bool]
    targets: Sequence[tuple[int, ...]]
    letters: Sequence[tuple[int, ...]]
    share: float


@dataclass(frozen=True, slots=True)
class Targets:
    """Token sequences end to end, and the length of each (B,)."""

    flat: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Sequence[tuple[int, ...]]) -> Targets:
        """Put sequences end to end."""
        flat = [token for sequence in sequences for token in sequence]
        return cls(np.asarray(flat, np.int64), np.asarray([len(sequence) for sequence in sequences], np.int64))


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded features (B, T, 80), valid tokens (B,), what is said in phones and in letters, and seconds of audio."""

    features: Features
    lengths: npt.NDArray[np.int64]
    phones: Targets
    letters: Targets
    seconds: float


Item = tuple[int, int, int]  # source, version, utterance


def misfit(frames: int, target: tuple[int, ...], longest: float) -> str:
    """Say why a recording cannot train; empty if it can.

    Args:
        frames: of the recording, 100 a second; 0 for one that was left out of its pack.
        target: its phones.
        longest: seconds.
    """
    if not frames:
        return "nothing was packed"
    if frames > longest * 100:
        return f"longer than {longest:g} s"
    # CTC needs a token for every phone, and a blank between two that are the same.
    needed = len(target) + sum(one == next_one for one, next_one in pairwise(target))
    return "too short for its words" if needed > -(-frames // GRAIN) * (GRAIN // SUBSAMPLING) else ""


def misfits(source: Source, longest: float) -> Counter[str]:
    """Count the recordings of a corpus that cannot train in its first version, by reason."""
    frames = np.diff(source.packs[0].starts)
    pairs = zip(frames, source.targets, strict=True)
    found = Counter(misfit(int(count), target, longest) for count, target in pairs)
    del found[""]
    return found


def plan_epoch(
    sources: Sequence[Source], seed: int, epoch: int, batch_seconds: float, longest: float = math.inf
) -> list[list[Item]]:
    """Draw the utterances and versions of an epoch and group them by length into batches of equal audio.

    Args:
        sources: the corpora.
        seed: of the whole training.
        epoch: number of the epoch; the same numbers always give the same plan.
        batch_seconds: audio in a batch, padding included.
        longest: seconds beyond which a recording is left out, as is one that nothing was packed of.
    """
    rng = np.random.default_rng((seed, epoch))
    items: list[tuple[float, Item]] = []
    for number, source in enumerate(sources):
        odds = np.asarray(source.weights) / sum(source.weights)
        for utterance in np.flatnonzero(rng.random(len(source.targets)) < source.share):
            version = int(rng.choice(len(source.packs), p=odds))
            starts = source.packs[version].starts
            frames = int(starts[utterance + 1] - starts[utterance])
            length = frames * float(rng.uniform(0.9, 1.1))  # drawn for misfits too: the others keep their place
            if not misfit(frames, source.targets[int(utterance)], longest):
                items.append((length, (number, version, int(utterance))))
    if not items:
        return []
    items.sort()
    batches: list[list[Item]] = [[]]
    for length, item in items:
        if batches[-1] and (len(batches[-1]) + 1) * length > batch_seconds * 100:
            batches.append([])
        batches[-1].append(item)
    return [batches[index] for index in rng.permutation(len(batches))]


def draw_noise(sources: Sequence[Source], noises: Pack, rng: np.random.Generator) -> Features:
    """Draw something to disturb speech with: a recorded noise, other people talking, or steady noise."""
    kind = rng.random()
    if kind < 0.4:
        return noises[int(rng.integers(len(noises)))]
    if kind < 0.7:
        pack = sources[int(rng.integers(len(sources)))].packs[0]
        return babble([pack[int(index)] for index in rng.integers(len(pack), size=int(rng.integers(2, 7)))])
    return steady_noise(200, BINS, rng)


def make_batch(
    items: Sequence[Item],
    sources: Sequence[Source],
    noises: Pack,
    settings: Augmentation,
    rng: np.random.Generator,
    *,
    empty: float = 0.02,
) -> Batch:
    """Load, augment and pad the recordings of a batch; a small share become noise with nothing said."""
    features: list[Features] = []
    phones: list[tuple[int, ...]] = []
    letters: list[tuple[int, ...]] = []
    for number, version, utterance in items:
        source = sources[number]
        plain, said, spelt = source.packs[version][utterance], source.targets[utterance], source.letters[utterance]
        noisy = not source.disturbed[version] and rng.random() < settings.noisy
        if rng.random() < empty:
            plain, noisy = noises[int(rng.integers(len(noises)))][: int(rng.integers(100, 400))], False
            said, spelt = (), ()
        features.append(augment(plain, draw_noise(sources, noises, rng) if noisy else None, settings, rng))
        phones.append(said)
        letters.append(spelt)
    return pad(features, phones, letters)


def pad(features: Sequence[Features], phones: Sequence[tuple[int, ...]], letters: Sequence[tuple[int, ...]]) -> Batch:
    """Put recordings of different lengths into one array."""
    tokens = np.asarray([-(-len(item) // GRAIN) * (GRAIN // SUBSAMPLING) for item in features], np.int64)
    # A multiple of 8 tokens keeps the number of different matrix shapes small.
    longest = -(-int(tokens.max()) // 8) * 8 * SUBSAMPLING
    packed = np.zeros((len(features), longest, features[0].shape[1]), np.float32)
    for row, item in enumerate(features):
        packed[row, : len(item)] = item
        # The last tokens may need frames that never came: repeat the last one, as when a stream ends.
        packed[row, len(item) : tokens[row] * SUBSAMPLING] = item[-1]
    return Batch(
        features=packed,
        lengths=tokens,
        phones=Targets.of(phones),
        letters=Targets.of(letters),
        seconds=sum(len(item) for item in features) / 100,
    )
