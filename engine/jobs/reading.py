"""Results as running text: which are joined to which, by the results' own attachment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """Text that must not be torn apart: a word or an entity with the marks that cling to it."""

    text: str
    start: float  # seconds
    end: float
    ends_sentence: bool
    channel: str | None = None


def tokens(results: Iterable[Mapping[str, Any]]) -> Iterator[Token]:
    """What stands between two spaces, in order.

    Args:
        results: of a transcript, as on the wire.
    """
    held: Token | None = None
    clings = False  # the next text belongs to what is held
    for result in results:
        alternatives = result.get("alternatives") or ()
        content = alternatives[0]["content"] if alternatives else ""
        if not content:
            continue
        attaches = result.get("attaches_to", "none")
        channel, end = result.get("channel"), result["end_time"]
        new = Token(content, result["start_time"], end, bool(result.get("is_eos")), channel)
        if held is not None and held.channel == channel and (clings or attaches in ("previous", "both")):
            new = Token(held.text + content, held.start, max(held.end, end), new.ends_sentence, channel)
        elif held is not None:
            yield held
        held, clings = new, attaches in ("next", "both")
    if held is not None:
        yield held


def text_of(results: Iterable[Mapping[str, Any]]) -> str:
    """The transcript as one line of text, or as a line for each turn of a channel under the channel's name."""
    turns = [(channel, " ".join(token.text for token in turn)) for channel, turn in groupby(tokens(results), _channel)]
    return "\n".join(text if channel is None else f"CHANNEL: {channel}\n{text}" for channel, text in turns)


def _channel(token: Token) -> str | None:
    return token.channel
