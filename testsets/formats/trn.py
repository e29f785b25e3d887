"""TRN: one utterance a line, its id in parentheses at the end.

Source: NIST SCTK, doc/infmts.htm: ``words (id)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.fields import COMMENT, Line, data_lines
from testsets.formats.segment import Segment
from testsets.lines import read_text, write_text


def parse(text: str, where: str) -> tuple[Segment, ...]:
    """Read TRN; a segment is an utterance without times, ``recording`` its id.

    Raises:
        FormatError: a line is malformed, or two lines have one id.
    """
    found: dict[str, Segment] = {}
    for line in data_lines(text, where):
        segment = _segment(line)
        if segment.recording in found:
            line.fail(f"id {segment.recording!r} was already used; make ids unique")
        found[segment.recording] = segment
    return tuple(found.values())


def render(segments: Iterable[Segment]) -> str:
    """Write TRN.

    Raises:
        FormatError: an id is empty or holds parentheses or line ends.
    """
    return "".join(_line(segment) + "\n" for segment in segments)


def load(path: str | Path) -> tuple[Segment, ...]:
    """Read a TRN file; see ``parse``."""
    return parse(read_text(path), str(path))


def save(path: str | Path, segments: Iterable[Segment]) -> None:
    """Write a TRN file; see ``render``."""
    write_text(path, render(segments))


def _segment(line: Line) -> Segment:
    words, bracket, identity = line.text.rstrip().rpartition("(")
    if not bracket or not identity.endswith(")") or not identity[:-1].strip():
        line.fail("no id at the end; expected 'words (id)'")
    return Segment(identity[:-1].strip(), text=" ".join(words.split()))


def _line(segment: Segment) -> str:
    identity = segment.recording
    if not identity.strip() or identity.strip() != identity or set(identity) & set("()\r\n"):
        raise FormatError("TRN", f"id {identity!r} cannot be written: no parentheses, line ends or outer spaces")
    words = " ".join(segment.text.split())
    if words.startswith(COMMENT):
        raise FormatError("TRN", f"the words of {identity!r} start with {COMMENT} and would read as a comment")
    return f"{words} ({identity})" if words else f"({identity})"
