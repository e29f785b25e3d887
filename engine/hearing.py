"""The seam between the service and a recogniser whose steps can be batched over streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.recognised import RecognisedWord
from engine.session_config import SessionConfig


class Hearing(Protocol):
    """One stream as the scheduler sees it; all times are samples at 16 kHz."""

    @property
    def chunk(self) -> int:
        """Samples between two steps, once the stream runs."""

    @property
    def size(self) -> int:
        """Samples that the next step decodes: the chunk, or less once after ``shorten``."""

    @property
    def wanted(self) -> int:
        """Samples that the next step must be given: its size, and at first a little more."""

    @property
    def decoded(self) -> int:
        """Samples whose words can be asked for."""

    @property
    def changing(self) -> bool:
        """Another model was asked for and waits for ``turn``."""

    def tune(self, config: SessionConfig) -> None:
        """Follow a change of the session's configuration, from the next step on."""

    def turn(self) -> None:
        """Let the other model take over if nobody is speaking; only while every word that was heard is final."""

    def shorten(self, available: int) -> None:
        """Make the next step as small as these samples allow, down to one frame; too few change nothing."""

    def partials(self) -> tuple[RecognisedWord, ...]:
        """The best words that are not final yet."""

    def finals(self, until_sample: int) -> tuple[RecognisedWord, ...]:
        """Commit and return the best words that end at or before a sample."""


class Engine(Protocol):
    """Begin, step (many at once), end."""

    @property
    def digest(self) -> str:
        """Names what recognises."""

    @property
    def models(self) -> Mapping[str, str]:
        """The operating points that sessions may choose, the default first, and the digest of each."""

    def prepare(self, config: SessionConfig) -> None:
        """Build what a session brings with it before it begins; may take a while, and runs on any thread."""

    def begin(self, config: SessionConfig) -> Hearing:
        """Start a stream as its session was configured."""

    def step(self, hearings: Sequence[Hearing], pcm: Sequence[NDArray[np.float32]]) -> None:
        """Give every stream exactly the samples it wanted; all must have the same size."""

    def end(self, hearing: Hearing, rest: NDArray[np.float32]) -> tuple[RecognisedWord, ...]:
        """Finish a stream with fewer samples than it wanted; every word that is not final yet."""
