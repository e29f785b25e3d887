"""Earnings-21: whole earnings calls (``media/*.mp3``) with NLP references (``transcripts/nlp_references/*.nlp``).

Source: the repository revdotcom/speech-datasets, ``earnings21/README.md``. The references as published carry no times:
then a call stays one piece of up to 95 minutes, which is a test, not training material. References that were aligned
(``ts`` and ``endTs`` filled in) are cut at changes of the speaker and at pauses.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.errors import TrainingError
from engine.training.importing.segment import Segment
from testsets.errors import FormatError
from testsets.formats.nlp import Token, load

RATE = 1000  # milliseconds: what the references are written in
PAUSE = 500
LONGEST = 20_000
MARGIN = 100


def read_earnings21(path: Path) -> Iterator[Segment]:
    """Read every call whose reference is there.

    Args:
        path: the data set's folder, with ``media`` and ``transcripts`` (or ``references``) in it.

    Raises:
        TrainingError: there is no reference, or one is malformed.
    """
    references = sorted([*path.glob("transcripts/nlp_references/*.nlp"), *path.glob("references/*.nlp")])
    if not references:
        raise TrainingError(str(path), "no .nlp in transcripts/nlp_references; name the folder earnings21")
    names = _speakers(path)
    for reference in references:
        call = reference.stem
        audio = next(iter(sorted((path / "media").glob(f"{call}.*"))), path / "media" / f"{call}.mp3")
        try:
            tokens = load(reference, RATE)
        except FormatError as wrong:
            raise TrainingError(str(reference), str(wrong)) from None
        timed = bool(tokens) and all(token.start is not None for token in tokens)
        yield from _pieces(call, audio, tokens, names) if timed else [_whole(call, audio, tokens)]


def _whole(call: str, audio: Path, tokens: Sequence[Token]) -> Segment:
    return Segment(call, audio, " ".join(token.text for token in tokens), "earnings21")


def _pieces(call: str, audio: Path, tokens: Sequence[Token], names: dict[tuple[str, str], str]) -> Iterator[Segment]:
    group: list[Token] = []
    for token in (*tokens, None):
        if group and (token is None or _parts(group, token)):
            start, end = group[0].start or 0, group[-1].end or 0
            speaker = names.get((call, group[0].speaker or ""), f"{call}-{group[0].speaker or '?'}")
            text = " ".join(one.text for one in group)
            yield Segment(
                f"{call}-{start:08d}", audio, text, "earnings21", speaker,
                max(0, start - MARGIN) / RATE, (end + MARGIN) / RATE,
            )  # fmt: skip
            group = []
        if token is not None:
            group.append(token)


def _parts(group: Sequence[Token], token: Token) -> bool:
    """Say whether a token begins a new piece."""
    start, end, before = token.start or 0, token.end or 0, group[-1].end or 0
    return token.speaker != group[0].speaker or start - before >= PAUSE or end - (group[0].start or 0) > LONGEST


def _speakers(path: Path) -> dict[tuple[str, str], str]:
    table = path / "speaker-metadata.csv"
    if not table.exists():
        return {}
    with table.open(encoding="utf-8", newline="") as lines:
        return {(row["file_id"], row["speaker_id"]): row["speaker_name"] for row in csv.DictReader(lines)}
