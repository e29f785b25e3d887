"""What every table draws from: sets heard by arms, each once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.recogniser.arms import Arm
from benchmarks.recogniser.deciding import Heard, hear
from benchmarks.recogniser.recordings import Recording, read_set
from engine.phones import Lexicon, read_lexicon


@dataclass
class Bench:
    """The recordings, the arms, and what they heard so far.

    Attributes:
        speech: the speech data pack.
        arms: the first is the one that is described; the others are compared with it.
        cache: folder of log-probabilities; None keeps none.
        every: every n-th recording only.
        kept: folder of what the peer said.
    """

    speech: Path
    arms: Sequence[Arm]
    cache: Path | None = None
    every: int = 1
    kept: Path | None = None
    _recordings: dict[str, list[Recording]] = field(default_factory=dict)
    _heard: dict[tuple[str, str], list[Heard]] = field(default_factory=dict)

    @property
    def arm(self) -> Arm:
        """The one that is described."""
        return self.arms[0]

    @cached_property
    def lexicon(self) -> Lexicon:
        """Pronunciations for forced alignment, which need not be the search graph's."""
        return read_lexicon(self.speech / "lexicon" / "cmudict.dict.xz")

    def recordings(self, name: str) -> list[Recording]:
        """A set."""
        if name not in self._recordings:
            self._recordings[name] = read_set(name, self.speech, self.every)
        return self._recordings[name]

    def heard(self, arm: Arm, name: str) -> list[Heard]:
        """What an arm makes of a set."""
        key = (repr(arm), name)
        if key not in self._heard:
            print(f"{arm.name} hears {name}", file=sys.stderr, flush=True)
            self._heard[key] = hear(arm, self.recordings(name), self.cache)
        return self._heard[key]
