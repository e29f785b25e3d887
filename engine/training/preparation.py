"""Features made once: every utterance in several versions, packed into flat files that processes map."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.frontend import BINS, features_of
from engine.training.corpus import Utterance, load, trim
from engine.training.degradation import Surroundings, change_speed

Packed = npt.NDArray[np.float16]
SPEEDS = (1.0, 0.9, 1.1)


@dataclass(frozen=True, slots=True)
class Version:
    """One rendering of a corpus: at a fixed speed and clean, or (speed None) at a drawn speed and disturbed."""

    name: str
    speed: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class Pack:
    """The features of a corpus in one version, end to end in a file.

    Attributes:
        features: (frames, 80) float16, memory-mapped.
        starts: (utterances + 1,) first frame of each utterance.
    """

    features: Packed
    starts: npt.NDArray[np.int64]

    def __getitem__(self, index: int) -> npt.NDArray[np.float32]:
        return np.asarray(self.features[self.starts[index] : self.starts[index + 1]], np.float32)

    def __len__(self) -> int:
        return len(self.starts) - 1


def render(
    utterance: Utterance, version: Version, index: int, surroundings: Surroundings, *, trimmed: bool
) -> npt.NDArray[np.float32]:
    """Make the features of one utterance in one version; the draw depends on the version's seed and the index."""
    samples = load(utterance.audio)
    if trimmed and utterance.phones:
        samples = trim(samples)
    if version.speed is not None:
        return features_of(change_speed(samples, version.speed))
    rng = np.random.default_rng((version.seed, index))
    return features_of(surroundings.disturb(change_speed(samples, float(rng.choice(SPEEDS))), rng))


def write_pack(
    utterances: Sequence[Utterance], version: Version, surroundings: Surroundings, stem: Path, *, trimmed: bool = True
) -> Iterator[int]:
    """Render a corpus in a version to ``<stem>.f16`` and ``<stem>.json``; yields the frames of each utterance."""
    starts = [0]
    partial = stem.with_suffix(".part")
    with partial.open("wb") as packed:
        for index, utterance in enumerate(utterances):
            features = render(utterance, version, index, surroundings, trimmed=trimmed)
            packed.write(features.astype(np.float16).tobytes())
            starts.append(starts[-1] + len(features))
            yield len(features)
    partial.rename(stem.with_suffix(".f16"))
    names = [utterance.name for utterance in utterances]
    stem.with_suffix(".json").write_text(json.dumps({"starts": starts, "names": names}))


def read_pack(stem: Path) -> Pack:
    """Map a pack written by ``write_pack``."""
    index = json.loads(stem.with_suffix(".json").read_text())
    flat: Packed = np.memmap(stem.with_suffix(".f16"), np.float16, mode="r")
    return Pack(flat.reshape(-1, BINS), np.asarray(index["starts"], np.int64))


def normalisation(packs: Sequence[Pack]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Give the mean and the standard deviation (80,) of all frames of some packs."""
    total, square, count = np.zeros(BINS), np.zeros(BINS), 0
    for pack in packs:
        for start in range(0, len(pack.features), 1 << 16):
            block = np.asarray(pack.features[start : start + (1 << 16)], np.float64)
            total += block.sum(axis=0)
            square += (block**2).sum(axis=0)
            count += len(block)
    mean = total / count
    return mean.astype(np.float32), np.sqrt(square / count - mean**2).astype(np.float32)
