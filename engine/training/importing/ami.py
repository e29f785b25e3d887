"""The AMI meeting corpus: NXT annotations (words and segments as XML) and WAV files of headsets or tables.

Source: the corpus's manual annotations 1.6.2: ``corpusResources/meetings.xml`` gives every speaker of a meeting a
letter and a headset channel; ``words/M.A.words.xml`` lists what speaker A said; ``segments/M.A.segments.xml`` groups
words by an ``href`` such as ``M.A.words.xml#id(M.A.words3)..id(M.A.words9)``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.errors import TrainingError
from engine.training.importing.segment import Segment, gender_of

_ID = "{http://nite.sourceforge.net/}id"
_SPAN = re.compile(r"#id\(([^)]+)\)(?:\.\.id\(([^)]+)\))?")


class Microphone(StrEnum):
    """Which recording of a meeting to take."""

    HEADSET = "headset"
    MIX = "mix"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class _Agent:
    """A speaker of a meeting: the name over all meetings, and the headset."""

    name: str
    channel: int


def read_ami(
    annotations: Path, audio: Path | None = None, microphone: Microphone = Microphone.HEADSET
) -> Iterator[Segment]:
    """Read every segment of the meetings whose audio is there.

    Args:
        annotations: the unpacked folder of manual annotations.
        audio: the folder somewhere under which the WAV files are; by default the annotations' own.
        microphone: a headset hears one speaker; the mix and the table hear all, so that there segments in which
            somebody else speaks too are marked as unfit.

    Raises:
        TrainingError: the annotations are incomplete, malformed, or of other meetings than the audio.
    """
    agents = _agents(annotations / "corpusResources" / "meetings.xml")
    files = {file.name: file for file in sorted((audio or annotations).rglob("*.wav"))}
    meetings = sorted({meeting for meeting, _ in agents if any(name.startswith(f"{meeting}.") for name in files)})
    if not meetings:
        raise TrainingError(str(audio or annotations), "no WAV file of any annotated meeting under this folder")
    for meeting in meetings:
        found = [
            segment
            for letter in sorted(letter for of, letter in agents if of == meeting)
            for segment in _segments(annotations, meeting, letter, agents[meeting, letter], files, microphone)
        ]
        yield from found if microphone is Microphone.HEADSET else _mark_overlaps(found)


def _agents(path: Path) -> dict[tuple[str, str], _Agent]:
    return {
        (meeting.attrib["observation"], one.attrib["nxt_agent"]): _Agent(
            one.attrib.get("global_name", one.attrib["nxt_agent"]), int(one.attrib.get("channel", 0))
        )
        for meeting in _parse(path)
        for one in meeting
        if "nxt_agent" in one.attrib
    }


def _segments(
    annotations: Path, meeting: str, letter: str, agent: _Agent, files: dict[str, Path], microphone: Microphone
) -> Iterator[Segment]:
    path = annotations / "segments" / f"{meeting}.{letter}.segments.xml"
    if not path.exists():
        return
    spoken = _words(annotations / "words" / f"{meeting}.{letter}.words.xml")
    place = {name: index for index, (name, _) in enumerate(spoken)}
    part = {
        Microphone.HEADSET: f"Headset-{agent.channel}",
        Microphone.MIX: "Mix-Headset",
        Microphone.TABLE: "Array1-01",
    }[microphone]
    file = f"{meeting}.{part}.wav"
    for number, segment in enumerate(element for element in _parse(path) if element.tag == "segment"):
        texts = [
            text
            for child in segment
            if (span := _SPAN.search(child.attrib.get("href", "")))
            for _, text in spoken[place.get(span[1], 0) : place.get(span[2] or span[1], -1) + 1]
        ]
        yield Segment(
            name=segment.attrib.get(_ID, f"{meeting}.{letter}.{number}"),
            audio=files.get(file, Path(file)),
            text=" ".join(filter(None, texts)),
            dataset=f"ami-{microphone}",
            speaker=agent.name,
            start_s=float(segment.attrib["transcriber_start"]),
            end_s=float(segment.attrib["transcriber_end"]),
            gender=gender_of(agent.name),
        )


def _words(path: Path) -> list[tuple[str, str]]:
    """Give the id of every element in order, with its text if it is a word; letters are written ``T_V_``."""
    return [
        (
            element.attrib.get(_ID, ""),
            _plain(element.text) if element.tag == "w" and "punc" not in element.attrib else "",
        )
        for element in _parse(path)
    ]


def _plain(text: str | None) -> str:
    return " ".join((text or "").replace("_", " ").split())


def _mark_overlaps(segments: list[Segment]) -> Iterator[Segment]:
    for one in segments:
        over = any(
            other.speaker != one.speaker and other.start_s < (one.end_s or 0.0) and one.start_s < (other.end_s or 0.0)
            for other in segments
            if other.text
        )
        yield Segment(
            one.name, one.audio, one.text, one.dataset, one.speaker, one.start_s, one.end_s, one.channel, one.gender,
            fault="another speaker talks at the same time" if over else "",
        )  # fmt: skip


def _parse(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(path).getroot()
    except OSError:
        raise TrainingError(str(path), "missing; unpack the manual annotations of AMI and name their folder") from None
    except ElementTree.ParseError as wrong:
        raise TrainingError(str(path), f"no XML ({wrong})") from None
