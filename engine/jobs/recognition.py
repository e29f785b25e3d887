"""The recognition of one recording, block after block, by whatever recognises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.intake import ENGINE_RATE
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
class Recognised:
    """A recording that was heard to its end."""

    channels: tuple[tuple[RecognisedWord, ...], ...]  # the words of each
    samples: int  # at 16 kHz


class Interrupted(Exception):
    """A recording was not heard to its end, because somebody said so."""


def recognise(
    blocks: Iterable[Samples], begin: Callable[[], OfflineStream], most_samples: int, go_on: Callable[[], bool]
) -> Recognised:
    """Hear a recording.

    Args:
        blocks: (channels, n) samples at 16 kHz each.
        begin: starts the stream of a channel.
        most_samples: how long it may be.
        go_on: asked before every block.

    Raises:
        Interrupted: it was told not to go on.
        AudioError: it is too long.
    """
    streams: list[OfflineStream] = []
    words: list[list[RecognisedWord]] = []
    samples = 0
    for block in blocks:
        if not go_on():
            raise Interrupted
        samples += block.shape[1]
        judge_length(samples, most_samples)
        if not streams:
            streams, words = [begin() for _ in block], [[] for _ in block]
        for stream, said, pcm in zip(streams, words, block, strict=True):
            said += stream.step(pcm)
    for stream, said in zip(streams, words, strict=True):
        said += stream.end()
    return Recognised(tuple(tuple(said) for said in words), samples)


def judge_length(samples: int, most_samples: int) -> None:
    """Refuse what is too long.

    Raises:
        AudioError: it is.
    """
    if samples > most_samples:
        hours = most_samples / ENGINE_RATE / 3_600
        raise AudioError(f"the recording is longer than the {hours:g} hours that this service takes; send it in parts")
