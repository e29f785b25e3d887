"""NeMo manifests: JSON lines with ``audio_filepath``, ``text``, ``duration`` and perhaps ``offset`` and ``speaker``.

Source: NVIDIA NeMo, user guide, "ASR datasets": relative paths are relative to the manifest's folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import TrainingError
from engine.training.importing.rows import number_of, read_rows
from engine.training.importing.segment import Segment, gender_of


def read_nemo(path: Path) -> Iterator[Segment]:
    """Read a manifest.

    Raises:
        TrainingError: a line is no JSON object, names no file, or is of a tarred data set.
    """
    for where, row in read_rows(path):
        if "audio_filepath" not in row:
            raise TrainingError(where, "no audio_filepath; this is no NeMo manifest")
        if "shard_id" in row:
            raise TrainingError(where, "a tarred data set; import the manifest from before it was tarred")
        audio = path.parent / str(row["audio_filepath"])
        start = number_of(row, "offset", where) or 0.0
        length = number_of(row, "duration", where)
        whole = "offset" not in row
        # An offset of 0 with a duration still is a piece; without any offset the duration only describes the file.
        end = None if length is None or whole else start + length
        name = str(row.get("id") or row.get("utt_id") or _name(audio, start, whole=whole))
        text = str(row.get("text") or "")
        speaker = str(row.get("speaker") or row.get("speaker_id") or "")
        yield Segment(name, audio, text, path.stem, speaker, start, end, gender=gender_of(str(row.get("gender") or "")))


def _name(audio: Path, start: float, *, whole: bool) -> str:
    stem = f"{audio.parent.name}-{audio.stem}" if audio.parent.name else audio.stem
    return stem if whole else f"{stem}-{round(start * 1000):08d}"
