"""Lexicon and language model composed into one deterministic, minimal graph, with OpenFst.

Source: Mohri, Pereira and Riley, "Weighted Finite-State Transducers in Speech Recognition" (2002). The CTC topology is
not composed in: the search applies it, which keeps the graph about four times smaller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import kaldifst
import kaldilm
import numpy as np
from numpy.typing import NDArray

from engine.graph.store import COST_STEP, NOT_FINAL, SearchGraph
from engine.lexicon import Pronunciation, WordLexicon
from engine.phones import TOKENS

BACKOFF = len(TOKENS)  # input label of back-off arcs; larger ones tell homophones and prefixes apart


@dataclass(frozen=True)
class Arcs:
    """A graph as one row an arc, before it is laid out."""

    source: NDArray[np.int64]
    dest: NDArray[np.int64]
    phone: NDArray[np.int64]
    word: NDArray[np.int64]
    cost: NDArray[np.float64]
    final: NDArray[np.float64]  # (S,) infinite where a sentence cannot end
    start: int


def lexicon_fst(lexicon: WordLexicon) -> kaldifst.StdVectorFst:
    """The closure of all pronunciations; words on first arcs, marks at ends where a spelling alone decides nothing."""
    lines = [f"0 0 {BACKOFF} {len(lexicon.words)}"]
    free = 1
    for word, variant, mark in _marked(lexicon):
        labels = [*variant, BACKOFF + mark] if mark else list(variant)
        for place, label in enumerate(labels):
            source = 0 if place == 0 else free - 1
            dest = 0 if place == len(labels) - 1 else free
            lines.append(f"{source} {dest} {label} {word if place == 0 else 0}")
            free += dest != 0
    lines.append("0 0.0")
    return kaldifst.compile("\n".join(lines) + "\n", acceptor=False)


def grammar_fst(arpa: Path, lexicon: WordLexicon, scratch: Path) -> kaldifst.StdVectorFst:
    """An ARPA model as a graph over the lexicon's word numbers.

    Args:
        scratch: folder for the symbol table and the intermediate file.
    """
    symbols = scratch / "words.txt"
    names = ["<eps>", *lexicon.words[1:], "#0", "<s>", "</s>"]
    symbols.write_text("".join(f"{name} {number}\n" for number, name in enumerate(names)), encoding="utf-8")
    compiled = scratch / "G.fst"
    kaldilm.arpa2fst(
        input_arpa=str(arpa), output_fst=str(compiled), disambig_symbol="#0", read_symbol_table=str(symbols),
        max_arpa_warnings=0,
    )  # fmt: skip
    return kaldifst.StdVectorFst.read(str(compiled))


def compose(words: kaldifst.StdVectorFst, grammar: kaldifst.StdVectorFst) -> kaldifst.StdVectorFst:
    """Compose, determinise and minimise; costs are rounded to the step that the file keeps."""
    kaldifst.arcsort(words, sort_type="olabel")
    kaldifst.arcsort(grammar, sort_type="ilabel")
    both = kaldifst.compose(words, grammar)
    kaldifst.determinize_star(both)
    kaldifst.minimize_encoded(both, delta=COST_STEP)
    return both


def read_arcs(fst: kaldifst.StdVectorFst) -> Arcs:
    """Copy a graph out of OpenFst, marks turned into epsilons."""
    rows: list[tuple[int, int, int, int, float]] = []
    final = np.full(fst.num_states, np.inf)
    for state in kaldifst.StateIterator(fst):
        final[state] = fst.final(state).value
        for arc in kaldifst.ArcIterator(fst, state):
            rows.append((state, arc.nextstate, arc.ilabel, arc.olabel, arc.weight.value))
    source, dest, phone, word = (np.array([row[place] for row in rows], np.int64) for place in range(4))
    cost = np.array([row[4] for row in rows])
    return Arcs(source, dest, np.where(phone >= BACKOFF, 0, phone), word, cost, final, fst.start)


def fold_epsilons(arcs: Arcs) -> Arcs:
    """Skip states whose only way on is an epsilon arc, wherever an arc can carry the word of both."""
    states = len(arcs.final)
    degree = np.bincount(arcs.source, minlength=states)
    only = np.full(states, -1)
    single = (arcs.phone == 0) & (degree[arcs.source] == 1) & ~np.isfinite(arcs.final[arcs.source])
    only[arcs.source[single]] = np.flatnonzero(single)
    dest, word, cost = arcs.dest.copy(), arcs.word.copy(), arcs.cost.copy()
    while True:
        step = only[dest]
        fits = step >= 0
        fits[fits] = (word[fits] == 0) | (arcs.word[step[fits]] == 0)
        if not fits.any():
            return Arcs(arcs.source, dest, arcs.phone, word, cost, arcs.final, arcs.start)
        taken = step[fits]
        cost[fits] += arcs.cost[taken]
        word[fits] |= arcs.word[taken]
        dest[fits] = arcs.dest[taken]


def lay_out(arcs: Arcs, lexicon: WordLexicon) -> SearchGraph:
    """Number reachable states breadth-first and sort arcs by state and phone."""
    order = _breadth_first(arcs)
    number = np.full(len(arcs.final), -1)
    number[order] = np.arange(len(order))
    used = number[arcs.source] >= 0
    source, dest = number[arcs.source[used]], number[arcs.dest[used]]
    phone, word, cost = arcs.phone[used], arcs.word[used], arcs.cost[used]
    by = np.lexsort((dest, phone, source))
    return SearchGraph(
        offsets=np.concatenate([[0], np.cumsum(np.bincount(source, minlength=len(order)))]).astype(np.int32),
        dest=dest[by].astype(np.int32),
        phone=phone[by].astype(np.uint8),
        word=word[by].astype(np.int32),
        cost=_rounded(cost[by]),
        final=np.where(np.isfinite(arcs.final[order]), _rounded(arcs.final[order]), NOT_FINAL),
        lexicon=lexicon,
    )


def _rounded(cost: NDArray[np.float64]) -> NDArray[np.float32]:
    return (np.rint(cost / COST_STEP) * COST_STEP).astype(np.float32)


def _breadth_first(arcs: Arcs) -> NDArray[np.int64]:
    by = np.argsort(arcs.source, kind="stable")
    dest = arcs.dest[by].tolist()
    ends = np.concatenate([[0], np.cumsum(np.bincount(arcs.source, minlength=len(arcs.final)))]).tolist()
    seen = bytearray(len(arcs.final))
    seen[arcs.start] = 1
    order = [arcs.start]
    for state in order:  # grows while it is walked
        for next_state in dest[ends[state] : ends[state + 1]]:
            if not seen[next_state]:
                seen[next_state] = 1
                order.append(next_state)
    return np.array(order)


def _marked(lexicon: WordLexicon) -> Iterator[tuple[int, Pronunciation, int]]:
    """Every word and variant with the number of its mark; 0 where no other spelling equals or continues it."""
    every = [(word, variant) for word, variants in enumerate(lexicon.pronunciations) for variant in variants]
    same = Counter(variant for _, variant in every)
    prefixes = {variant[:end] for variant in same for end in range(1, len(variant))}
    given: Counter[Pronunciation] = Counter()
    for word, variant in every:
        if same[variant] == 1 and variant not in prefixes:
            yield word, variant, 0
        else:
            given[variant] += 1
            yield word, variant, given[variant]
