"""The recognition of one recording, block after block, by whatever recognises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.audio.intake import ENGINE_RATE
from engine.audio.volume import VolumeGate
from engine.jobs.audio import Samples
from engine.jobs.errors import AudioError
from engine.session_config import SessionConfig

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime; those who only name its words must not
    from engine.recogniser import RecognisedWord


class OfflineStream(Protocol):
    """One recording."""

    def step(self, pcm: Samples) -> tuple[RecognisedWord, ...]:
        """Take samples at 16 kHz, any number, and give the words that are settled."""

    def end(self) -> tuple[RecognisedWord, ...]:
        """The other words."""


class Offline(Protocol):
    """What recognises recordings; called from several threads."""

    @property
    def digest(self) -> str:
        """Names it."""

    def begin(self, config: SessionConfig) -> OfflineStream:
        """Start a recording; the configuration is that of a live session."""


@dataclass(frozen=True, slots=True)
class HeardChannel:
    """What one channel held."""

    words: tuple[RecognisedWord, ...]
    volumes: Mapping[int, float]  # first sample of a word -> 0..100, where volume was asked for


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recording that was heard to its end."""

    channels: tuple[HeardChannel, ...]
    samples: int  # at 16 kHz


class Interrupted(Exception):
    """A recording was not heard to its end, because somebody said so."""


def recognise(
    blocks: Iterable[Samples],
    begin: Callable[[], OfflineStream],
    most_samples: int,
    go_on: Callable[[], bool],
    threshold: float | None = None,
) -> Recognised:
    """Hear a recording.

    Args:
        blocks: (channels, n) samples at 16 kHz each.
        begin: starts the stream of a channel.
        most_samples: how long it may be.
        go_on: asked before every block.
        threshold: percent of full scale below which audio is silence; None measures no volume.

    Raises:
        Interrupted: it was told not to go on.
        AudioError: it is too long.
    """
    ears: list[_Ear] = []
    samples = 0
    for block in blocks:
        if not go_on():
            raise Interrupted
        samples += block.shape[1]
        judge_length(samples, most_samples)
        ears = ears or [_Ear(begin(), None if threshold is None else VolumeGate(threshold)) for _ in block]
        for ear, pcm in zip(ears, block, strict=True):
            ear.step(pcm)
    return Recognised(tuple(ear.end() for ear in ears), samples)


class _Ear:
    """One channel: its stream, and how loud it is where that is asked for."""

    def __init__(self, stream: OfflineStream, gate: VolumeGate | None) -> None:
        self._stream, self._gate = stream, gate
        self._words: list[RecognisedWord] = []
        self._volumes: dict[int, float] = {}

    def step(self, pcm: Samples) -> None:
        self._note(self._stream.step(pcm if self._gate is None else self._gate.step(pcm)))

    def end(self) -> HeardChannel:
        if self._gate is not None:
            self._note(self._stream.step(self._gate.end()))
        self._note(self._stream.end())
        return HeardChannel(tuple(self._words), self._volumes)

    def _note(self, words: tuple[RecognisedWord, ...]) -> None:
        """Keep words; the gate forgets how loud they were after a while."""
        self._words += words
        if self._gate is None:
            return
        for word in words:
            volume = self._gate.volume(word.start, word.end)
            if volume is not None:
                self._volumes[word.start] = round(volume, 2)


def judge_length(samples: int, most_samples: int) -> None:
    """Refuse what is too long.

    Raises:
        AudioError: it is.
    """
    if samples > most_samples:
        hours = most_samples / ENGINE_RATE / 3_600
        raise AudioError(f"the recording is longer than the {hours:g} hours that this service takes; send it in parts")
