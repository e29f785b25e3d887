"""LibriSpeech and its kin: folders of FLAC files with a ``.trans.txt`` in each.

Source: Panayotov et al., "LibriSpeech" (ICASSP 2015), README.TXT of the corpus: a line is ``READER-CHAPTER-NUMBER``
and the transcript in capitals; ``SPEAKERS.TXT`` has a line ``reader | sex | subset | minutes | name``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import TrainingError
from engine.training.importing.segment import Segment, gender_of

AUDIO = (".flac", ".wav", ".opus", ".mp3")


def read_librispeech(path: Path) -> Iterator[Segment]:
    """Find every utterance under a folder: the whole corpus, a subset or one reader.

    Raises:
        TrainingError: there is no transcript, or a line of one is malformed.
    """
    transcripts = sorted(path.rglob("*.trans.txt"))
    if not transcripts:
        raise TrainingError(str(path), "no .trans.txt under this folder; name a folder such as LibriSpeech/dev-clean")
    genders = _genders(path)
    for transcript in transcripts:
        for number, line in enumerate(transcript.read_text(encoding="utf-8").splitlines(), 1):
            name, _, text = line.partition(" ")
            parts = name.split("-")
            if len(parts) < 3:
                raise TrainingError(f"{transcript}:{number}", f"{name!r} is not READER-CHAPTER-NUMBER")
            audio = next(
                (found for kind in AUDIO if (found := transcript.with_name(name + kind)).exists()),
                transcript.with_name(f"{name}.flac"),
            )
            yield Segment(name, audio, text.strip(), "librispeech", parts[0], gender=genders.get(parts[0]))


def _genders(path: Path) -> dict[str, str | None]:
    listed = next(
        (file for folder in (path, *path.resolve().parents[:3]) if (file := folder / "SPEAKERS.TXT").exists()), None
    )
    if listed is None:
        return {}
    rows = (line.split("|") for line in listed.read_text(encoding="utf-8").splitlines() if not line.startswith(";"))
    return {row[0].strip(): gender_of(row[1]) for row in rows if len(row) > 1}
