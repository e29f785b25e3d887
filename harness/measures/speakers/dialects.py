"""The conventions by which tools differ over one and the same diarisation, each by its name.

Sources, by what they were read from: ``nist``: md-eval.pl version 22 (NIST SCTK) and the RT-09 evaluation plan;
``dscore``: nryant/dscore, score.py and scorelib; ``pyannote``: pyannote.metrics 4.2; JER: Second DIHARD plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Convention:
    """What a tool does without being asked, and what it means by its options."""

    name: str
    scores: Literal["both", "reference"] = "both"  # without a UEM: from the first to the last turn of which side
    collar_is_width: bool = False  # a collar's number is its whole width, not the half on each side of a boundary
    maps_first: bool = False  # speakers are mapped before collars and overlap are taken out
    crops_first: bool = False  # turns are cut to the UEM and united before collars: its edges become boundaries
    own_overlap: bool = False  # turns of one speaker that overlap are overlap to be skipped
    counts_twice: bool = False  # turns of one speaker that overlap count as often as they occur
    jaccard_pairs: Literal["index", "time"] = "index"  # JER maps by the largest sum of Jaccard indices, or of time
    jaccard_frame_ms: int = 0  # JER counts frames of this length; 0: samples
    jaccard_collar: bool = True  # JER leaves out collars and skipped overlap too


UNDERSTUDY = Convention("understudy")

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        "understudy": UNDERSTUDY,
        "nist": Convention("nist", scores="reference", maps_first=True, own_overlap=True),
        "dscore": Convention(
            "dscore", maps_first=True, crops_first=True, jaccard_frame_ms=10, jaccard_collar=False
        ),
        "pyannote": Convention(
            "pyannote", collar_is_width=True, own_overlap=True, counts_twice=True, jaccard_pairs="time"
        ),
    }
)  # fmt: skip
_OTHER_NAMES = {"md-eval": "nist"}
NAMES = (*CONVENTIONS, *_OTHER_NAMES)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which convention a DER follows; widths in milliseconds, so that one dialect serves every sample rate."""

    collar_ms: int = 0  # around a reference boundary: on each side of it, unless the convention counts both
    skip_overlap: bool = False  # leave out regions where the reference has more than one speaker
    join_gap_ms: int = 500  # words of one speaker with at most this gap make one turn
    convention: Convention = UNDERSTUDY

    def half_collar(self, rate: int) -> int:
        """Samples left out on each side of a reference boundary."""
        return self.collar_ms * rate // (2000 if self.convention.collar_is_width else 1000)

    @property
    def signature(self) -> str:
        overlap = "single" if self.skip_overlap else "all"
        order = "before" if self.convention.maps_first else "after"
        half = f"{self.collar_ms / 2:g}" if self.convention.collar_is_width else self.collar_ms
        collar = f"collar{half}ms,overlap-{overlap},join{self.join_gap_ms}ms"
        return f"{self.convention.name},map-{order}-collar,{collar}"


def dialect(name: str, collar_ms: int = 0, skip_overlap: bool = False, join_gap_ms: int = 500) -> Dialect:
    """The dialect of a tool.

    Args:
        name: one of ``NAMES``.
        collar_ms: in the tool's own meaning: pyannote's is the whole width, all others' the half on each side.
        skip_overlap: leave out regions where the reference has more than one speaker.
        join_gap_ms: words of one speaker with at most this gap make one turn.

    Raises:
        ValueError: no tool of that name is known.
    """
    found = CONVENTIONS.get(_OTHER_NAMES.get(name, name))
    if found is None:
        raise ValueError(f"no diarisation dialect is called {name!r}; use one of {', '.join(NAMES)}")
    return Dialect(collar_ms, skip_overlap, join_gap_ms, found)
