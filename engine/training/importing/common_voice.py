"""Common Voice: a table of clips (``train.tsv``, ``validated.tsv``, ...) beside a folder ``clips`` of MP3 files.

Source: the data set's README: tab-separated, a header line, fields never quoted; columns ``client_id``, ``path``,
``sentence``, ``gender``, and from release to release more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from engine.errors import TrainingError
from engine.training.importing.segment import Segment, gender_of

NEEDED = ("client_id", "path", "sentence")


def read_common_voice(path: Path) -> Iterator[Segment]:
    """Read one table.

    Args:
        path: the table, such as ``cv-corpus-17.0/cy/train.tsv``; or its folder, which means ``train.tsv``.

    Raises:
        TrainingError: there is no such table, or it lacks a column.
    """
    table = path / "train.tsv" if path.is_dir() else path
    if not table.exists():
        raise TrainingError(str(table), "no such table; name one of Common Voice's .tsv files")
    with table.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [column for column in NEEDED if column not in (rows.fieldnames or ())]
        if missing:
            raise TrainingError(str(table), f"no column {missing[0]!r}; this is no table of Common Voice's clips")
        for row in rows:
            clip = row["path"] or ""
            audio = table.parent / "clips" / (clip if Path(clip).suffix else f"{clip}.mp3")
            text = (row["sentence"] or "").strip()
            yield Segment(
                Path(clip).stem,
                audio,
                text,
                "common-voice",
                row["client_id"] or "",
                gender=gender_of(row.get("gender")),
            )
