"""What the chores of recognition have in common: the shipped recogniser, and recordings of the embedded set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import engine
from engine.acoustic.body import hear
from engine.decoder.search import Decoder
from engine.recogniser import Recogniser
from testsets import audio
from testsets.embedded import open_embedded

F32 = NDArray[np.float32]
CHUNK_MS = 320
SHORTEST = 3 * 16_000  # samples


class Spoken(NamedTuple):
    """A recording: samples at 16 kHz, and what was said if that is known."""

    pcm: F32
    said: str


def recogniser() -> Recogniser:
    """The shipped ``standard``; its CPU path is what everything is compared with."""
    from pathlib import Path

    return Recogniser.load(Path(engine.__file__).parent / "models" / "reference-3")


def recordings(most: int) -> list[Spoken]:
    """Recordings of the embedded rehearsal set, of three seconds and more."""
    return [spoken for _, spoken in zip(range(most), _recordings(), strict=False)]


def _recordings() -> Iterator[Spoken]:
    for case in open_embedded("rehearsal").cases:
        pcm = audio.read(case.audio.path, 16_000)[0].astype(np.float32)
        if len(pcm) >= SHORTEST:
            said = " ".join(word.text for word in case.reference.words) if case.reference else ""
            yield Spoken(pcm, said)


def posteriors(heard: Recogniser, spoken: list[Spoken]) -> F32:
    """Log-probs (B, T, V) of the recordings, all cut to the shortest, in whole chunks."""
    rows = [hear(heard.body, [one.pcm], CHUNK_MS) for one in spoken]
    frames = min(len(row) for row in rows) // 8 * 8
    return np.stack([row[:frames] for row in rows])


def scores(decoder: Decoder, log_probs: F32) -> F32:
    """The weights that the search works with."""
    return log_probs * np.float32(decoder.options.acoustic_scale) + decoder.shift


def search_sizes(decoder: Decoder) -> tuple[int, int, int]:
    """Tokens, records and candidates of a stream's search, as the service has them."""
    return decoder.tokens, decoder.records, 1 << (2 * decoder.tokens - 1).bit_length()
