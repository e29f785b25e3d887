"""Recognised words as the results of a transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine import transcripts
from engine.jobs.config import JobConfig
from engine.protocol.fields import write
from engine.session_config import LANGUAGE
from engine.writing.style import Style
from engine.writing.writer import write_all

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime
    from engine.recogniser import RecognisedWord

PAUSE = 1.0  # seconds of silence after which another channel may come in between

Results = list[dict[str, Any]]


def results_of(channels: Sequence[Sequence[RecognisedWord]], config: JobConfig) -> Results:
    """The objects of ``results``, written as a live session of the same configuration would write them.

    Args:
        channels: the words of each. Told apart, they take turns by sentences, in the order in which these begin.
    """
    style = config.transcription.style
    if config.channels is None:
        return [result for words in channels for result in _written(words, style)]
    names = [*config.channels, *(f"channel_{number}" for number in range(len(config.channels) + 1, len(channels) + 1))]
    turns = [
        [{"channel": name, **result} for result in turn]
        for name, words in zip(names, channels, strict=False)
        for turn in _turns(_written(words, style))
    ]
    return [result for turn in sorted(turns, key=lambda turn: float(turn[0]["start_time"])) for result in turn]


def _written(words: Sequence[RecognisedWord], style: Style) -> Results:
    return [write(result) for result in transcripts.results_of(write_all(words, style), LANGUAGE)]


def _turns(results: Results) -> Iterator[Results]:
    """A channel's sentences, cut where it is silent; marks stay with what they follow."""
    turn: Results = []
    for result in results:
        follows = result.get("attaches_to") == "previous"
        if turn and not follows and (turn[-1].get("is_eos") or result["start_time"] - turn[-1]["end_time"] >= PAUSE):
            yield turn
            turn = []
        turn.append(result)
    if turn:
        yield turn
