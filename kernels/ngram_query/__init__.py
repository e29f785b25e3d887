"""Scores of a few next words for many histories, from the tables of a back-off language model.

Contract (V words of a vocabulary, N nodes: one for every n-gram, those of one order after those of the order below, an
order's sorted by their words, so that nodes 0 to V - 1 are the words; Q queries of K words each):

    first     (N + 1,) int32    the n-grams one word longer than node i's are nodes first[i] to first[i + 1] - 1
    word      (N,) uint16       their last word, ascending among those of one node
    log_prob  (N,) float32      natural log probability of the last word after the others
    backoff   (N,) float32      natural log weight of what is not listed, 0 where nothing is
    shorter   (N,) int32        the node of the longest listed n-gram that ends as this one does; -1 for single words
    longest                     words of the longest n-gram
    state     (Q,) int32        the node of the longest listed n-gram that a history ends with, of fewer words than
                                ``longest``; -1 for a history of nothing
    words     (Q, K) int32      in [0, V), or -1: not asked
    score     (Q, K) float32    out: natural log probability of each word after the history; -inf where not asked
    next      (Q, K) int32      out: the state after the word; the state as it was where not asked

Only the words that a decoder asks for are looked up, K of a vocabulary of V: a search by halving among the children of
a few nodes each, longest history first. ``links`` makes ``shorter`` once a model; with it a state is one number, and no
query walks a history from its beginning.

``reference`` is the truth, by lists of words; ``cpu`` is compiled by numba; ``gpu`` by Triton, one lane a word.

Source: Katz, "Estimation of probabilities from sparse data" (IEEE Trans. ASSP 35, 1987) for back-off; Pauls and Klein,
"Faster and Smaller N-Gram Language Models" (ACL 2011) for sorted tries; Bataev et al., "NGPU-LM" (arXiv 2505.22857)
for queries of many hypotheses on GPUs, of the whole vocabulary there.

Notes
-----
Floor: a query reads two ends of a node's children, about log2(children) words, and a probability, in sectors of 32
bytes each: ``moved_bytes`` for given depths. Scoring all V words instead writes Q V numbers: at V = 1024 and K = 16
64 times as many.
"""

from __future__ import annotations

SECTOR = 32  # bytes that GPUs read at once

Size = tuple[int, ...]


def check(
    first: Size,
    word: Size,
    log_prob: Size,
    backoff: Size,
    shorter: Size,
    state: Size,
    words: Size,
    score: Size,
    next: Size,
) -> None:
    """Hold the shapes of all arrays to the contract.

    Raises:
        ValueError: one does not fit.
    """
    if len(word) != 1 or not word[0]:
        raise ValueError(f"n-grams: word has shape {word}; give one number for each of N nodes")
    if len(words) != 2:
        raise ValueError(f"n-grams: words have shape {words}; give (Q, K)")
    wanted = {
        "first": (first, (word[0] + 1,)),
        "log_prob": (log_prob, word),
        "backoff": (backoff, word),
        "shorter": (shorter, word),
        "state": (state, (words[0],)),
        "score": (score, words),
        "next": (next, words),
    }
    for name, (given, right) in wanted.items():
        if given != right:
            raise ValueError(f"n-grams: {name} has shape {given}; give {right}")


def moved_bytes(queries: int, words: int, levels: float, halvings: float) -> float:
    """Bytes that a query of this layout moves at least: the floor of its time, over the bandwidth of the memory.

    Args:
        levels: histories that a word is looked for in, on average.
        halvings: words read in each of them, on average.
    """
    return queries * words * (levels * (1 + halvings) * SECTOR + 2 * SECTOR + 12)
