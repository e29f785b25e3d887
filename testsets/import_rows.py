"""Rows of a JSON Lines manifest to cases: our speech data packs, and whoever else writes id, audio and text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from testsets.audio import probe
from testsets.case import AudioRef, Case
from testsets.errors import AudioError
from testsets.formats import rttm
from testsets.formats.segment import turns
from testsets.lines import Row, json_row, numbered, read_text
from testsets.transcript import SpeakerTurn, Transcript, Word

TAGS = ("dataset", "age_group", "gender", "accent", "category", "intent")  # kept where the row gives them


def import_rows(
    path: Path, folder: Path, normal: Callable[[str], str], watch: Callable[[Iterable[str]], Iterable[str]]
) -> tuple[Case, ...]:
    """Make a case of each row, or of each audio file where rows give ``start`` and ``end`` in seconds.

    Args:
        path: the JSON Lines file.
        folder: what its audio paths are relative to.
        normal: what is done to every text.
        watch: passes the ids of the cases through as they are made.

    Raises:
        FormatError: a row is malformed, or two have one id.
        AudioError: audio is missing or unreadable.
    """
    groups: dict[str, list[Row]] = {}
    seen: dict[str, int] = {}
    for number, line in numbered(read_text(path)):
        row = json_row(line, str(path), number)
        identity = _identity(row)
        if identity in seen:
            row.fail(f"id {identity!r} was already used on line {seen[identity]}; make ids unique")
        seen[identity] = number
        groups.setdefault(Path(row.text("audio")).stem if _is_part(row) else identity, []).append(row)
    return tuple(_case(identity, groups[identity], folder, normal) for identity in watch(list(groups)))


def _identity(row: Row) -> str:
    return row.optional_text("id") or Path(row.text("audio")).stem


def _is_part(row: Row) -> bool:
    return row.values.get("start") is not None and row.values.get("end") is not None


def _case(identity: str, rows: list[Row], folder: Path, normal: Callable[[str], str]) -> Case:
    audio = _locate(rows[0], folder)
    if any(row.values["audio"] != rows[0].values["audio"] for row in rows):
        rows[0].fail(f"audio files of one name {identity!r} in different folders; import them apart")
    texts = [normal(text) for row in rows if (text := row.optional_text("text")) is not None]
    speakers = {row.optional_text("speaker") for row in rows}
    words = tuple(Word(token) for text in texts for token in text.split())
    return Case(
        identity,
        audio,
        Transcript(words, audio.rate) if texts else None,
        turns=_turns(rows, audio, folder),
        cluster=speakers.pop() if len(speakers) == 1 else None,
        tags={name: value for name in TAGS if isinstance(value := rows[0].values.get(name), str)},
    )


def _turns(rows: list[Row], audio: AudioRef, folder: Path) -> tuple[SpeakerTurn, ...]:
    (first, *_) = rows
    if (listed := first.optional_text("rttm")) is not None:
        return turns(rttm.load(folder / listed, audio.rate)).get(Path(audio.path).stem, ())
    if not _is_part(first):
        return ()
    found = []
    for row in rows:
        start, end = row.optional_number("start") or 0.0, row.optional_number("end") or 0.0
        if not 0 <= start <= end:
            row.fail(f"start {start} and end {end} need 0 <= start <= end")
        speaker = row.optional_text("speaker") or "unknown"
        found.append(SpeakerTurn(speaker, round(start * audio.rate), round(end * audio.rate)))
    return tuple(sorted(found, key=lambda turn: turn.start))


def _locate(row: Row, folder: Path) -> AudioRef:
    name = row.text("audio")
    try:
        return probe(os.path.abspath(folder / name))
    except AudioError as error:
        raise AudioError(f"{row.where}:{row.line}: {name}", error.what) from None
