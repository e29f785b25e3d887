"""Recognised words as the messages of the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.intake import ENGINE_RATE
from engine.protocol import AddPartialTranscript, AddTranscript, Alternative, Result, TranscriptMetadata

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime; messages must not
    from engine.recogniser import RecognisedWord

FORMAT = "2.9"  # of the transcript messages


def final(words: Sequence[RecognisedWord], at: int, language: str, forced: bool = False) -> AddTranscript:
    """Words that will not change; ``at`` (samples) places a message without words."""
    return AddTranscript(
        _metadata(words, at), _results(words, language), format=FORMAT, forced=True if forced else None
    )


def partial(words: Sequence[RecognisedWord], at: int, language: str) -> AddPartialTranscript:
    """Words that may change; ``at`` (samples) places a message without words."""
    return AddPartialTranscript(_metadata(words, at), _results(words, language), format=FORMAT)


def seconds(samples: int) -> float:
    """Audio time as the wire writes it, to the millisecond."""
    return round(samples / ENGINE_RATE, 3)


def _metadata(words: Sequence[RecognisedWord], at: int) -> TranscriptMetadata:
    start, end = (words[0].start, words[-1].end) if words else (at, at)
    # Each text ends with the delimiter, so that a client may concatenate them as they come.
    return TranscriptMetadata(seconds(start), seconds(end), "".join(f"{word.text} " for word in words))


def _results(words: Sequence[RecognisedWord], language: str) -> tuple[Result, ...]:
    return tuple(
        Result(
            "word",
            seconds(word.start),
            seconds(word.end),
            (Alternative(word.text, round(word.confidence, 3), language),),
        )
        for word in words
    )
