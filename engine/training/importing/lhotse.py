"""Lhotse manifests: cuts, or recordings and supervisions, as JSON lines (also gzipped).

Source: Lhotse's documentation, "Representing a corpus" and "Cuts": a recording lists its sources by channels, a
supervision is a span of a recording with its text, a cut is a span with the supervisions in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import TrainingError
from engine.training.importing.rows import number_of, read_rows
from engine.training.importing.segment import Segment, gender_of

Row = dict[str, Any]


def read_lhotse(path: Path) -> Iterator[Segment]:
    """Read a file of cuts; or a file of supervisions, or the folder it is in, with the recordings beside it.

    Raises:
        TrainingError: a manifest is missing, malformed, or its audio is not in plain files.
    """
    source = _supervisions_of(path) if path.is_dir() else path
    if "supervisions" not in source.name:
        for where, row in read_rows(source):
            if "recording" not in row:
                kind = row.get("type", "an object without recording")
                raise TrainingError(
                    where, f"{kind} is no MonoCut of a recording; export simple cuts, or name the supervisions file"
                )
            yield _cut(row, where, source)
        return
    recordings = _recordings(source)
    for where, row in read_rows(source):
        recording = recordings.get(str(row.get("recording_id")))
        if recording is None:
            raise TrainingError(where, f"recording {row.get('recording_id')!r} is not in the recordings file")
        yield _piece(row, recording, str(row.get("text") or ""), [row], where, source)


def _cut(row: Row, where: str, source: Path) -> Segment:
    said = sorted(row.get("supervisions") or [], key=lambda one: float(one.get("start") or 0.0))
    text = " ".join(str(one["text"]).strip() for one in said if one.get("text"))
    return _piece(row, row["recording"], text, said, where, source)


def _piece(row: Row, recording: Row, text: str, said: list[Row], where: str, source: Path) -> Segment:
    start = number_of(row, "start", where) or 0.0
    length = number_of(row, "duration", where)
    whole = start == 0.0 and length is not None and abs(length - float(recording.get("duration") or 0.0)) < 1e-6
    channel = row.get("channel", 0)
    if isinstance(channel, list):
        channel = channel[0] if channel else 0
    audio, place = _source(recording, int(channel), where, source)
    speakers = {str(one.get("speaker") or "") for one in said}
    return Segment(
        name=str(row.get("id") or recording.get("id")),
        audio=audio,
        text=text,
        dataset=source.name.partition(".")[0],
        speaker=next(iter(speakers)) if len(speakers) == 1 else "",
        start_s=start,
        end_s=None if whole or length is None else start + length,
        channel=place,
        gender=gender_of(str(said[0].get("gender") or "")) if len(speakers) == 1 else None,
    )


def _source(recording: Row, channel: int, where: str, manifest: Path) -> tuple[Path, int | None]:
    """Find the file of a channel, and its place in the file (None when the file has but this channel)."""
    for source in recording.get("sources") or []:
        channels = list(source.get("channels") or [0])
        if channel not in channels:
            continue
        if source.get("type") != "file":
            raise TrainingError(where, f"audio of type {source.get('type')!r}; only files can be imported")
        path = Path(str(source["source"]))
        # Lhotse's paths are relative to where it was called; beside the manifest is the next best guess.
        found = path if path.is_absolute() or path.exists() else manifest.parent / path
        return found, channels.index(channel) if len(channels) > 1 else None
    raise TrainingError(where, f"channel {channel} is in no source of recording {recording.get('id')!r}")


def _supervisions_of(folder: Path) -> Path:
    found = sorted([*folder.glob("*supervisions*.jsonl"), *folder.glob("*supervisions*.jsonl.gz")])
    if len(found) != 1:
        raise TrainingError(str(folder), f"{len(found)} files of supervisions here; name the one to import")
    return found[0]


def _recordings(supervisions: Path) -> dict[str, Row]:
    beside = supervisions.with_name(supervisions.name.replace("supervisions", "recordings"))
    if not beside.exists():
        raise TrainingError(str(beside), "missing; a file of supervisions needs its recordings beside it")
    return {str(row.get("id")): row for _, row in read_rows(beside)}
