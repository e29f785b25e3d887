"""Other people's data sets become one manifest: each importer finds segments, ``check`` refuses what cannot train."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from engine.errors import TrainingError
from engine.training.importing.ami import Microphone, read_ami
from engine.training.importing.checks import Findings, Kept, check
from engine.training.importing.common_voice import read_common_voice
from engine.training.importing.earnings21 import read_earnings21
from engine.training.importing.lhotse import read_lhotse
from engine.training.importing.librispeech import read_librispeech
from engine.training.importing.nemo import read_nemo
from engine.training.importing.segment import Segment

__all__ = ["FORMATS", "Findings", "Kept", "Microphone", "Segment", "check", "import_corpus", "segments_of"]

FORMATS: Mapping[str, Callable[[Path], Iterator[Segment]]] = {
    "librispeech": read_librispeech,
    "common-voice": read_common_voice,
    "ami": read_ami,
    "earnings21": read_earnings21,
    "nemo": read_nemo,
    "lhotse": read_lhotse,
}


def segments_of(
    kind: str, path: Path, audio: Path | None = None, microphone: Microphone = Microphone.HEADSET
) -> Iterator[Segment]:
    """Find the segments of a data set.

    Args:
        kind: one of ``FORMATS``.
        path: what that format calls its place.
        audio: where AMI's audio is, if not under its annotations.
        microphone: of AMI.

    Raises:
        TrainingError: the format is unknown, or the data are not in it.
    """
    if kind not in FORMATS:
        raise TrainingError(kind, f"no such format; one of {', '.join(FORMATS)}")
    if not path.exists():
        raise TrainingError(str(path), "no such file or folder")
    return read_ami(path, audio, microphone) if kind == "ami" else FORMATS[kind](path)


def import_corpus(segments: Iterable[Segment], out: Path, *, without_text: bool = False) -> Findings:
    """Check segments and write those that pass as a manifest; nothing is written if none does.

    Raises:
        TrainingError: nothing passed.
    """
    findings = check(segments, without_text=without_text)
    if not findings.kept:
        why = "; ".join(findings.lines()) or "the data set is empty"
        raise TrainingError(str(out), f"not written, for nothing can be used: {why}")
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.part")
    lines = (json.dumps(kept.entry(out.parent), ensure_ascii=False) for kept in findings.kept)
    partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    partial.rename(out)
    return findings
