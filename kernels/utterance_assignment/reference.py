"""The truth: every position in every stream, cell by cell; see the package for the contract."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from kernels.timed_edit_distance import Words
from kernels.utterance_assignment import Parts

Position = tuple[int, ...]  # words behind, in each stream
Table = dict[Position, tuple[int, tuple[int, ...]]]  # cheapest cost, and the choices that led there


def cheapest(utterances: Parts, streams: Parts, preferred: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """The least cost, and one choice that has it."""
    heard = [streams.part(k) for k in range(streams.parts)]
    table: Table = {p: (sum(p), ()) for p in product(*(range(len(stream.ids) + 1) for stream in heard))}
    for u in range(utterances.parts):
        order = sorted(range(len(heard)), key=lambda k: (k != preferred[u], k))
        placed = [_placed(table, utterances.part(u), k, heard[k]) for k in order]
        table = {p: min((t[p] for t in placed), key=lambda entry: entry[0]) for p in table}
    cost, choice = table[tuple(len(stream.ids) for stream in heard)]
    return cost, np.array(choice, np.int64)


def _placed(table: Table, utterance: Words, k: int, stream: Words) -> Table:
    for word, start, end in zip(*(column.tolist() for column in utterance), strict=True):
        row: Table = {}
        for p in table:  # in order of position, so the cell one word before is there
            options = [(table[p][0] + 1, table[p][1])]
            if p[k]:
                before = (*p[:k], p[k] - 1, *p[k + 1 :])
                options.append((row[before][0] + 1, row[before][1]))
                j = p[k] - 1
                if start < stream.end[j] and stream.start[j] < end:
                    options.append((table[before][0] + int(word != stream.ids[j]), table[before][1]))
            row[p] = min(options, key=lambda entry: entry[0])
        table = row
    return {p: (cost, (*choice, k)) for p, (cost, choice) in table.items()}
