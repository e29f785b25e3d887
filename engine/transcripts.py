"""Written items as the messages of the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.audio.intake import ENGINE_RATE
from engine.protocol import AddPartialTranscript, AddTranscript, Alternative, Result, TranscriptMetadata
from engine.protocol.fields import write
from engine.writing.writer import Item, text_of

FORMAT = "2.9"  # of the transcript messages


@dataclass(frozen=True, slots=True)
class Heard:
    """What a transcript tells of its words beside the words."""

    at: int  # samples, where a message without words is placed
    language: str
    channel: str | None = None
    volumes: Mapping[int, float] = field(default_factory=dict)  # first sample of a word -> 0..100


def final(items: Sequence[Item], heard: Heard, forced: bool = False) -> AddTranscript:
    """Items that will not change."""
    metadata, results = _metadata(items, heard.at), _marked(items, heard)
    return AddTranscript(metadata, results, FORMAT, heard.channel, True if forced else None)


def partial(items: Sequence[Item], heard: Heard) -> AddPartialTranscript:
    """Items that may change."""
    return AddPartialTranscript(_metadata(items, heard.at), _marked(items, heard), FORMAT, heard.channel)


def seconds(samples: int) -> float:
    """Audio time as the wire writes it, to the millisecond."""
    return round(samples / ENGINE_RATE, 3)


def results_of(items: Sequence[Item], language: str) -> tuple[Result, ...]:
    """Items as the results of a transcript."""
    return tuple(_result(item, language) for item in items)


def _marked(items: Sequence[Item], heard: Heard) -> tuple[Result, ...]:
    """Results with their channel and volume, where they have them."""
    channel = {} if heard.channel is None else {"channel": heard.channel}
    marked = []
    for item, result in zip(items, results_of(items, heard.language), strict=True):
        loud = item.kind != "punctuation" and item.start in heard.volumes
        volume = {"volume": heard.volumes[item.start]} if loud else {}
        marked.append(replace(result, extra={**result.extra, **channel, **volume}) if channel or volume else result)
    return tuple(marked)


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
