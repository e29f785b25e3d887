"""What an importer finds: a piece of a recording, its words and who said them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance of somebody else's data set, as yet unchecked.

    Attributes:
        name: its id.
        audio: the file it is in.
        text: what was said; empty where nobody wrote it down.
        dataset: the data set, which names its stratum.
        speaker: who spoke, empty where not known.
        start_s: where it begins in the file, in seconds.
        end_s: where it ends in the file; None for the file's end.
        channel: of the file, from 0; None for a file of one channel.
        gender: f, m, or None where not known.
        fault: why it must not be used, told by the importer itself; empty if nothing speaks against it.
    """

    name: str
    audio: Path
    text: str
    dataset: str
    speaker: str = ""
    start_s: float = 0.0
    end_s: float | None = None
    channel: int | None = None
    gender: str | None = None
    fault: str = ""


def gender_of(word: str | None) -> str | None:
    """Read a gender as data sets write it (``F``, ``male``, ``female_feminine``); None where it is neither."""
    first = (word or "").strip().lower()[:1]
    return first if first in {"f", "m"} else None
