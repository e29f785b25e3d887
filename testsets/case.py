"""A case: one thing to recognise. A test set: an ordered, content-hashed collection of cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from testsets.transcript import SpeakerTurn, Transcript

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AudioRef:
    """Where a case's audio is and what it is; the bytes are read only when needed (testsets.audio)."""

    path: str  # absolute, or relative to the manifest's folder once resolved
    rate: int  # samples per second
    samples: int  # per channel
    sha256: str | None = None  # of the file's bytes


@dataclass(frozen=True, slots=True)
class SentFrame:
    """One audio message of a captured session: when it was sent and how much audio it held."""

    at_ns: int  # since the session's RecognitionStarted, monotonic
    samples: int


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a case's audio was, or is to be, sent.

    ``packet_samples`` with an empty ``frames`` means a steady live stream: packet k leaves when its last
    sample would have been spoken. ``frames`` replays exactly what a capture saw.
    """

    packet_samples: int = 1_600
    frames: tuple[SentFrame, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to recognise."""

    id: str
    audio: AudioRef
    reference: Transcript | None = None  # captured traffic usually has none
    turns: tuple[SpeakerTurn, ...] = ()
    uem: tuple[tuple[int, int], ...] = ()  # scored regions in samples; empty means the whole audio
    cluster: str | None = None  # speaker, else session, else recording; None means the case itself
    tags: Mapping[str, str] = field(default_factory=lambda: EMPTY)  # slice name -> value
    config: Mapping[str, Any] = field(default_factory=lambda: EMPTY)  # session config, e.g. language, max_delay
    pacing: Pacing = Pacing()

    @property
    def unit(self) -> str:
        """The unit of statistical independence that this case belongs to."""
        return self.cluster if self.cluster is not None else self.id


@dataclass(frozen=True, slots=True)
class TestSet:
    """Cases in order, with the hash of their content (testsets.manifest computes it)."""

    __test__ = False  # not a pytest class

    name: str
    cases: tuple[Case, ...]
    digest: str  # sha256 over the canonical manifest lines and audio digests
