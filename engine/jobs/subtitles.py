"""A transcript as SubRip subtitles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.jobs.reading import Token, tokens

PAUSE = 1.0  # seconds of silence that begin a new subtitle
LINE_LENGTH, LINES = 37, 2  # the API's
LONGEST = 7.0  # seconds that a subtitle stands


@dataclass(frozen=True, slots=True)
class SubtitleShape:
    """How much text a subtitle may hold."""

    line_length: int = LINE_LENGTH  # characters
    lines: int = LINES


def srt(results: Iterable[Mapping[str, Any]], shape: SubtitleShape) -> str:
    """Numbered subtitles, each of whole words; a word longer than a line has a line of its own.

    Args:
        results: of a transcript, as on the wire.
    """
    cues = [
        f"{number}\n{_time(cue[0].start)} --> {_time(max(cue[-1].end, cue[0].start + 0.001))}\n"
        + "\n".join(_lines(cue, shape.line_length))
        + "\n"
        for number, cue in enumerate(_cues(results, shape), 1)
    ]
    return "\n".join(cues)


def _cues(results: Iterable[Mapping[str, Any]], shape: SubtitleShape) -> Iterator[list[Token]]:
    cue: list[Token] = []
    for token in tokens(results):
        if cue and _must_end(cue, token, shape):
            yield cue
            cue = []
        cue.append(token)
    if cue:
        yield cue


def _must_end(cue: list[Token], token: Token, shape: SubtitleShape) -> bool:
    last = cue[-1]
    return (
        last.ends_sentence
        or last.channel != token.channel
        or token.start - last.end >= PAUSE
        or token.end - cue[0].start > LONGEST
        or len(_lines([*cue, token], shape.line_length)) > shape.lines
    )


def _lines(cue: list[Token], length: int) -> list[str]:
    lines = [cue[0].text]
    for token in cue[1:]:
        if len(lines[-1]) + 1 + len(token.text) <= length:
            lines[-1] += f" {token.text}"
        else:
            lines.append(token.text)
    return lines


def _time(seconds: float) -> str:
    whole, ms = divmod(round(seconds * 1_000), 1_000)
    return f"{whole // 3_600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{ms:03d}"
