"""Written items as the messages of the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.intake import ENGINE_RATE
from engine.protocol import AddPartialTranscript, AddTranscript, Alternative, Result, TranscriptMetadata
from engine.protocol.fields import write
from engine.writing.writer import Item, text_of

FORMAT = "2.9"  # of the transcript messages


def final(items: Sequence[Item], at: int, language: str, forced: bool = False) -> AddTranscript:
    """Items that will not change; ``at`` (samples) places a message without any."""
    return AddTranscript(
        _metadata(items, at), results_of(items, language), format=FORMAT, forced=True if forced else None
    )


def partial(items: Sequence[Item], at: int, language: str) -> AddPartialTranscript:
    """Items that may change; ``at`` (samples) places a message without any."""
    return AddPartialTranscript(_metadata(items, at), results_of(items, language), format=FORMAT)


def seconds(samples: int) -> float:
    """Audio time as the wire writes it, to the millisecond."""
    return round(samples / ENGINE_RATE, 3)


def results_of(items: Sequence[Item], language: str) -> tuple[Result, ...]:
    """Items as the results of a transcript."""
    return tuple(_result(item, language) for item in items)


def _metadata(items: Sequence[Item], at: int) -> TranscriptMetadata:
    start, end = (items[0].start, items[-1].end) if items else (at, at)
    return TranscriptMetadata(seconds(start), seconds(end), text_of(items))


def _result(item: Item, language: str) -> Result:
    tags: Mapping[str, Any] = {"tags": list(item.tags)} if item.tags else {}
    alternative = Alternative(item.text, round(item.confidence, 3), language, extra=tags)
    mark = item.kind == "punctuation"
    return Result(
        item.kind,
        seconds(item.start),
        seconds(item.end),
        (alternative,),
        attaches_to="previous" if mark else None,
        is_eos=item.text != "," if mark else None,
        extra=_forms(item, language),
    )


def _forms(item: Item, language: str) -> Mapping[str, Any]:
    """What an entity has beside its content: its class, and its words as spoken and as written."""
    if item.entity_class is None:
        return {}
    return {
        "entity_class": item.entity_class,
        "spoken_form": [write(result) for result in results_of(item.spoken, language)],
        "written_form": [write(result) for result in results_of(item.written, language)],
    }
