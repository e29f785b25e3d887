"""Recognised words as the results of a transcript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine import transcripts
from engine.protocol.fields import write
from engine.session_config import LANGUAGE, SessionConfig
from engine.writing.writer import write_all

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime
    from engine.recogniser import RecognisedWord


def results_of(words: Sequence[RecognisedWord], config: SessionConfig) -> list[dict[str, Any]]:
    """The objects of ``results``, written as a live session of the same configuration would write them."""
    return [write(result) for result in transcripts.results_of(write_all(words, config.style), LANGUAGE)]
