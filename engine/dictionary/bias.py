"""What an entry costs in the search."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.dictionary.sounds import Way


@dataclass(frozen=True, slots=True)
class Bias:
    """How readily entries are heard; every cost is in nats, from the state that all histories back off to.

    The entries are one class of words that the language model knows nothing of: some share of what it did not expect,
    divided evenly. What it knows is never dearer than it would be there, less a gain.
    """

    share: float = 2.0  # cost of the class
    spread: float = 1.0  # of the log of the number of entries that a single one costs more; 1 divides the class evenly
    gain: float = 2.0  # what an entry of known words costs less than in the graph
    least: float = 1.0  # no entry costs less
    brief: float = 0.5  # for every phone that an entry is shorter than ``enough``: little evidence, many false alarms
    enough: int = 5  # phones

    def cost(self, way: Way, known: float | None, entries: int) -> float:
        """The cost of one way to say an entry.

        Args:
            known: what it costs in the shared graph, if it is a path there.
            entries: of the dictionary.
        """
        phones = sum(len(word.phones) for word in way)
        alone = self.share + self.spread * math.log(entries) + self.brief * max(0, self.enough - phones)
        if known is not None:
            alone = min(alone, known - self.gain)
        return max(alone, self.least)
