"""The recordings of the experiment: packed once, labelled in nested parts, and tested on a fixed part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.errors import TrainingError
from engine.phones import Lexicon, read_lexicon
from engine.spelling.graphemes import letters_of
from engine.training.batches import Source
from engine.training.corpus import Utterance, read_manifest, read_noises
from engine.training.degradation import Surroundings
from engine.training.preparation import Pack, Version, read_pack, write_pack
from engine.training.pretrainer import wordless

FRAMES_A_MINUTE = 6000
EVERY = 5  # of the test recordings, the n-th is measured
_CLEAN = Version("s10", 1.0, 0)
_NOWHERE = Surroundings(noises=[], rooms=[], talkers=[])


@dataclass(frozen=True)
class Speech:
    """All that is trained and measured on."""

    train: Sequence[Utterance]
    labelled: Pack
    others: Sequence[Pack]
    noises: Pack
    test: Sequence[Utterance]
    tested: Pack

    def every_recording(self) -> list[Source]:
        """What is pretrained on: everything, with no word known."""
        return [wordless([pack], [1.0], [False]) for pack in (self.labelled, *self.others)]

    def labels(self, minutes: int, seed: int) -> Source:
        """The first so many minutes of an order in which every speaker says one recording in turn."""
        order = take_turns([utterance.speaker for utterance in self.train], np.random.default_rng((seed, 0x1AB)))
        frames = np.diff(self.labelled.starts)[order]
        chosen = order[: 1 + int(np.searchsorted(np.cumsum(frames), minutes * FRAMES_A_MINUTE))]
        return Source(
            packs=[part_of(self.labelled, chosen)],
            weights=[1.0],
            disturbed=[False],
            targets=[self.train[index].phones for index in chosen],
            letters=[letters_of(self.train[index].text) for index in chosen],
            share=1.0,
        )


def take_turns(speakers: Sequence[str], rng: np.random.Generator) -> list[int]:
    """Order recordings so that every speaker has an n-th before any has one more; all else is drawn."""
    shuffled = rng.permutation(len(speakers))
    seen: dict[str, int] = {}
    turns = []
    for place, index in enumerate(shuffled):
        turn = seen.get(speakers[index], 0)
        seen[speakers[index]] = turn + 1
        turns.append((turn, place, int(index)))
    return [index for _, _, index in sorted(turns)]


def part_of(pack: Pack, chosen: Sequence[int]) -> Pack:
    """Some recordings of a pack, as a pack in memory."""
    parts = [pack.features[pack.starts[index] : pack.starts[index + 1]] for index in chosen]
    return Pack(np.concatenate(parts), np.cumsum([0, *(len(part) for part in parts)]))


def load_speech(speech: Path, work: Path) -> Speech:
    """Read the manifests and pack what is not packed yet."""
    lexicon = read_lexicon(speech / "lexicon" / "cmudict.dict.xz")
    train = read_manifest(speech / "train.jsonl", lexicon)
    test = read_manifest(speech / "test.jsonl", lexicon)[::EVERY]
    noises = [
        Utterance(path.stem, path, "", (), "", "noise") for path in read_noises(speech / "noise.jsonl", "noise_train")
    ]
    return Speech(
        train=train,
        labelled=_packed(work / "train", train),
        others=[_packed(work / name, _spoken(speech / f"{name}.jsonl", lexicon)) for name in ("unlabelled", "slots")],
        noises=_packed(work / "noise", noises),
        test=test,
        tested=_packed(work / "test", test, trimmed=False),
    )


def _spoken(manifest: Path, lexicon: Lexicon) -> list[Utterance]:
    # Only recordings in which something is said lose their silent edges: something is said in these, we know not what.
    return [replace(utterance, phones=(0,)) for utterance in read_manifest(manifest, lexicon)]


def _packed(stem: Path, utterances: Sequence[Utterance], *, trimmed: bool = True) -> Pack:
    if not stem.with_suffix(".json").exists():
        for _ in write_pack(utterances, _CLEAN, _NOWHERE, stem, trimmed=trimmed):
            pass
    pack, names = read_pack(stem), tuple(utterance.name for utterance in utterances)
    if pack.names != names:
        raise TrainingError(str(stem), "packed of other recordings; delete it, or give another work folder")
    return pack
