"""What the engine tells a session after a step: plain values that cross from the engine's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.protocol import MessageError
from engine.recognised import RecognisedWord


@dataclass(frozen=True, slots=True)
class UtteranceEnd:
    """The speaker paused, or the client said so."""

    at: int  # samples at 16 kHz
    forced: bool


@dataclass(frozen=True, slots=True)
class Report:
    """News of one stream, in the order in which a client must hear them: finals, the pause, partials, the end."""

    finals: tuple[RecognisedWord, ...] = ()
    utterance_end: UtteranceEnd | None = None
    partials: tuple[RecognisedWord, ...] = ()  # words not final yet
    decoded: int = 0  # samples at 16 kHz searched so far
    ended: bool = False  # every word of the stream has been final in some report
    error: MessageError | None = None  # the stream failed; nothing more will come
    upcoming: tuple[RecognisedWord, ...] = ()  # the best guess of what follows the finals, for how they are written
    volumes: Mapping[int, float] = field(default_factory=dict)  # first sample of a word -> 0..100, where asked for
