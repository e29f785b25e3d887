"""Features made once: every utterance in several versions, packed into flat files that processes map."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.acoustic.frontend import BINS, FRAME_LENGTH, Features, Frontend
from engine.errors import TrainingError
from engine.training.codecs import draw_codec, recode
from engine.training.corpus import SAMPLE_RATE, Samples, Utterance, trim
from engine.training.degradation import Surroundings, change_speed
from engine.training.reading import BLOCK_S, blocks_of

Packed = npt.NDArray[np.float16]
SPEEDS = (1.0, 0.9, 1.1)
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Version:
    """One rendering of a corpus: at a fixed speed and clean, or (speed None) at a drawn speed and disturbed.

    Attributes:
        coded: sent through a lossy codec at the end, too.
    """

    name: str
    speed: float | None
    seed: int
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Pack:
    """The features of a corpus in one version, end to end in a file.

    Attributes:
        features: (frames, 80) float16, memory-mapped.
        starts: (utterances + 1,) first frame of each utterance; an unfit recording has no frame.
        names: of the utterances; empty where the pack was made without.
    """

    features: Packed
    starts: npt.NDArray[np.int64]
    names: tuple[str, ...] = ()

    def __getitem__(self, index: int) -> npt.NDArray[np.float32]:
        return np.asarray(self.features[self.starts[index] : self.starts[index + 1]], np.float32)

    def __len__(self) -> int:
        return len(self.starts) - 1


class UnfitAudio(Exception):
    """A recording that must not train; the message says why."""


def render(
    utterance: Utterance, version: Version, index: int, surroundings: Surroundings, *, trimmed: bool
) -> Iterator[Features]:
    """Make the features of one utterance in one version, block by block.

    A draw depends on the version's seed and the index. Only what fits into one block is trimmed.

    Raises:
        UnfitAudio: the samples are not finite, all the same, or fewer than a frame.
    """
    blocks = blocks_of(utterance)
    first = next(blocks, np.zeros(0, np.float32))
    whole = len(first) < BLOCK_S * SAMPLE_RATE
    change = _change(version, index, surroundings)
    frontend, frames, lowest, highest = Frontend(), 0, np.inf, -np.inf
    for block in itertools.chain([first], blocks):
        if not np.isfinite(block).all():
            raise UnfitAudio("samples that are no numbers")
        lowest, highest = float(block.min(initial=lowest)), float(block.max(initial=highest))
        if len(block) < FRAME_LENGTH and whole:
            raise UnfitAudio("shorter than a frame of 25 ms")
        features = frontend.step(change(trim(block) if trimmed and whole and utterance.phones else block))
        frames += len(features)
        yield features
    if not frames or lowest == highest:
        raise UnfitAudio("the same sample all the time" if frames else "shorter than a frame of 25 ms")


def _change(version: Version, index: int, surroundings: Surroundings) -> Callable[[Samples], Samples]:
    if version.speed is not None:
        return lambda samples: change_speed(samples, version.speed or 1.0)
    rng = np.random.default_rng((version.seed, index))
    speed = float(rng.choice(SPEEDS))

    def disturb(samples: Samples) -> Samples:
        heard = surroundings.disturb(change_speed(samples, speed), rng)
        return recode(heard, draw_codec(rng)) if version.coded else heard

    return disturb


def write_pack(
    utterances: Sequence[Utterance], version: Version, surroundings: Surroundings, stem: Path, *, trimmed: bool = True
) -> Iterator[int]:
    """Render a corpus in a version to ``<stem>.f16`` and ``<stem>.json``; yields the frames of each utterance.

    An unfit recording keeps its place, with no frames, and is listed with its reason under ``left_out``.
    """
    starts, left_out = [0], dict[str, list[str]]()
    partial = stem.with_name(f"{stem.name}.part")
    with partial.open("wb") as packed:
        for index, utterance in enumerate(utterances):
            frames = 0
            try:
                for features in render(utterance, version, index, surroundings, trimmed=trimmed):
                    packed.write(features.astype(np.float16).tobytes())
                    frames += len(features)
            except UnfitAudio as why:
                left_out.setdefault(str(why), []).append(utterance.name)
                packed.seek(starts[-1] * BINS * np.dtype(np.float16).itemsize)
                packed.truncate()
                frames = 0
            starts.append(starts[-1] + frames)
            yield frames
    partial.rename(stem.with_name(f"{stem.name}.f16"))
    names = [utterance.name for utterance in utterances]
    described = {"format": FORMAT, "starts": starts, "names": names, "left_out": left_out}
    # The description comes last and at once: where it is, the pack is whole.
    partial.write_text(json.dumps(described), encoding="utf-8")
    partial.rename(stem.with_name(f"{stem.name}.json"))


def left_out_of(stem: Path) -> dict[str, list[str]]:
    """Give reason -> names of the recordings that a pack leaves out."""
    found = json.loads(stem.with_name(f"{stem.name}.json").read_text(encoding="utf-8")).get("left_out", {})
    return {str(reason): list(names) for reason, names in found.items()}


def read_pack(stem: Path) -> Pack:
    """Map a pack written by ``write_pack``.

    Raises:
        TrainingError: there is none, or it is damaged or of another format.
    """
    try:
        index = json.loads(stem.with_name(f"{stem.name}.json").read_text(encoding="utf-8"))
        flat: Packed = np.memmap(stem.with_name(f"{stem.name}.f16"), np.float16, mode="r")
        starts = np.asarray(index["starts"], np.int64)
    except FileNotFoundError:
        raise TrainingError(str(stem), "not packed yet; run `understudy train prepare`") from None
    except (ValueError, KeyError, TypeError) as wrong:
        raise TrainingError(str(stem), f"a damaged pack ({wrong}); delete it and prepare again") from None
    if index.get("format", FORMAT) != FORMAT:
        raise TrainingError(str(stem), f"a pack of format {index['format']}, not {FORMAT}; delete it and prepare again")
    if len(flat) != starts[-1] * BINS:
        raise TrainingError(str(stem), f"{len(flat)} values for {starts[-1]} frames; delete it and prepare again")
    return Pack(flat.reshape(-1, BINS), starts, tuple(index.get("names", ())))


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
