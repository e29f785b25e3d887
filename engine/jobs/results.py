"""Recognised words as the results of a transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine import transcripts
from engine.jobs.config import JobConfig
from engine.jobs.recognition import HeardChannel
from engine.protocol.fields import write
from engine.session_config import LANGUAGE
from engine.writing.entities import BREAK
from engine.writing.style import Style
from engine.writing.writer import Writer

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime
    from engine.recogniser import RecognisedWord

PAUSE = 1.0  # seconds of silence after which another channel may come in between
LEAST = 100  # words that are written at once
UPCOMING = 20  # words after them that matter for marks

Results = list[dict[str, Any]]


def results_of(channels: Sequence[HeardChannel], config: JobConfig) -> Results:
    """The objects of ``results``, written as a live session of the same configuration would write them.

    Args:
        channels: what each held. Told apart, they take turns by sentences, in the order in which these begin.
    """
    style = config.transcription.style
    if config.channels is None:
        return [result for heard in channels for result in _written(heard, style, None)]
    names = [*config.channels, *(f"channel_{number}" for number in range(len(config.channels) + 1, len(channels) + 1))]
    turns = [
        turn for name, heard in zip(names, channels, strict=False) for turn in _turns(_written(heard, style, name))
    ]
    return [result for turn in sorted(turns, key=lambda turn: float(turn[0]["start_time"])) for result in turn]


def _written(heard: HeardChannel, style: Style, channel: str | None) -> Results:
    about, writer = transcripts.Heard(0, LANGUAGE, channel, heard.volumes), Writer(style)
    written: Results = []
    for words, upcoming in _pieces(heard.words):
        # By the time that the next piece begins, the silence before it has been heard.
        items = writer.step(words, upcoming, upcoming[0].start) if upcoming else writer.end(words, words[-1].end)
        written += (write(result) for result in transcripts.final(items, about).results)
    return written


def _pieces(words: Sequence[RecognisedWord]) -> Iterator[tuple[Sequence[RecognisedWord], Sequence[RecognisedWord]]]:
    """Words and the ones after them, parted where silence ends every entity: an hour at once takes too long."""
    since = 0
    for place in range(LEAST, len(words)):
        if place - since >= LEAST and words[place].start - words[place - 1].end >= BREAK:
            yield words[since:place], words[place : place + UPCOMING]
            since = place
    if since < len(words):
        yield words[since:], ()


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
