"""A good choice with times: all utterances of two streams at once are placed best, until no two streams improve.

Where an utterance is long or streams are many, the boxes of all streams together are too large, but those of two are
small, because only words within reach of the utterance count.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kernels.timed_edit_distance import Words, distance
from kernels.utterance_assignment import Parts, boxes, exact, feasible


def improve(
    utterances: Parts, streams: Parts, choice: NDArray[np.int64], effort: float
) -> tuple[int, NDArray[np.int64]]:
    """The cost and the choice once no two streams can do better with the utterances they hold together.

    Args:
        effort: most cells for two streams; two that need more stay as they are.
    """
    choice = choice.copy()
    cost = [_cost(utterances, streams, choice, k) for k in range(streams.parts)]
    settled: set[tuple[int, int]] = set()
    while todo := [pair for pair in combinations(range(streams.parts), 2) if pair not in settled]:
        for pair in todo:
            settled.add(pair)
            own = np.flatnonzero(np.isin(choice, pair))
            if not len(own):
                continue
            said, heard = utterances.chosen(own), streams.chosen(np.array(pair))
            limits = boxes(said, heard)
            if not feasible(said, limits, effort):
                continue
            least, found = exact.cheapest(said, heard, limits, (choice[own] == pair[1]).astype(np.int64))
            if least < cost[pair[0]] + cost[pair[1]]:
                choice[own] = np.array(pair)[found]
                settled = {other for other in settled if not set(other) & set(pair)} | {pair}
                for k in pair:
                    cost[k] = _cost(utterances, streams, choice, k)
    return sum(cost), choice


def _cost(utterances: Parts, streams: Parts, choice: NDArray[np.int64], k: int) -> int:
    return distance(Words(*utterances.chosen(np.flatnonzero(choice == k))[:3]), streams.part(k))
