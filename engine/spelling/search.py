"""Beam search for the pronunciations of a word: hypotheses side by side, letter by letter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.spelling.graphones import BEGIN, END, PHONE_BASE, Graphones, Numbers
from engine.spelling.joint import JointModel
from kernels.compiled import compiled, inner

Indices = NDArray[np.int32]
Scores = NDArray[np.float32]
Floats = NDArray[np.float64]
ROOM = 2048  # hypotheses that may wait at one letter


class Network(NamedTuple):
    """A model laid out for the search."""

    first: Indices  # (N + 1,) where a node's children begin
    symbol: NDArray[np.int16]  # (N,)
    suffix: Indices  # (N,)
    landing: Indices  # (N,) the longest history that remains after a node: itself or the nearest suffix with children
    log_prob: Scores  # (N,)
    backoff: Scores  # (N,)
    ranges: Numbers  # first symbol of every letter, and of none
    sound: Numbers  # (symbols,) sound of every symbol, 0 for the marks


def lay_out(model: JointModel, graphones: Graphones) -> Network:
    """Lay a model out for the search."""
    trie = model.trie
    first = trie.first_child()
    childless = first[1:] == first[:-1]
    landing = np.arange(len(trie.parent))
    for order in range(1, trie.order + 1):
        here = np.arange(trie.levels[order], trie.levels[order + 1])
        landing[here] = np.where(childless[here], landing[trie.suffix[here]], here)
    return Network(
        first.astype(np.int32), trie.symbol.astype(np.int16), trie.suffix.astype(np.int32), landing.astype(np.int32),
        model.log_prob.astype(np.float32), model.backoff.astype(np.float32), graphones.ranges(), graphones.sounds,
    )  # fmt: skip


class Waiting(NamedTuple):
    """The hypotheses after a letter."""

    state: Indices  # (ROOM,) a node, what remains of the history
    score: Floats  # log probability
    said: NDArray[np.uint64]  # hash of the phones so far
    back: Indices  # the hypothesis this one continues
    by: Indices  # with this symbol


class Found(NamedTuple):
    """What a search gives, the likeliest phones first; a token's way back spells its phones."""

    score: Floats  # (P,) log probability of letters and phones together
    last: Numbers  # (P,) last token
    back: Indices  # (K,) the token before each token; token 0 is the beginning
    by: Indices  # (K,) its symbol


@inner
def _waiting() -> Waiting:
    return Waiting(
        np.empty(ROOM, np.int32), np.empty(ROOM), np.empty(ROOM, np.uint64), np.empty(ROOM, np.int32),
        np.empty(ROOM, np.int32),
    )  # fmt: skip


@inner
def _add_logs(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return float(high + np.log1p(np.exp(low - high)))


@inner
def _seek(symbols: NDArray[np.int16], low: int, high: int, wanted: int) -> int:
    """Where a symbol stands, or would, among the ascending ones from low to high."""
    while low < high:
        middle = (low + high) // 2
        if symbols[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _hashed(said: np.uint64, sound: int) -> np.uint64:
    """Hash some more phones (FNV-1a)."""
    prime = np.uint64(1099511628211)
    if sound >= PHONE_BASE:
        said = (said ^ np.uint64(sound // PHONE_BASE)) * prime
        sound %= PHONE_BASE
    if sound > 0:
        said = (said ^ np.uint64(sound)) * prime
    return said


@inner
def _extend(net: Network, now: Waiting, spot: int, token: int, letter: int, after: Waiting, used: int, best: float,
            beam: float, seen: Numbers, stamp: int) -> tuple[int, float]:  # fmt: skip
    """Continue a hypothesis by every graphone of a letter, backing off from its history step by step.

    Returns:
        How many wait after the letter, and the best of their scores.
    """
    node, score = now.state[spot], now.score[spot]
    low, high = net.ranges[letter], net.ranges[letter + 1]
    while score >= best - beam:
        end = net.first[node + 1]
        at = _seek(net.symbol, net.first[node], end, low)
        while at < end and net.symbol[at] < high:
            symbol, reached = net.symbol[at], score + net.log_prob[at]
            if seen[symbol] != stamp and reached >= best - beam and used < ROOM:
                after.state[used], after.score[used] = net.landing[at], reached
                after.said[used] = _hashed(now.said[spot], net.sound[symbol])
                after.back[used], after.by[used] = token, symbol
                used += 1
                best = max(best, reached)
            seen[symbol] = stamp
            at += 1
        if node == 0:
            break
        score += net.backoff[node]
        node = net.suffix[node]
    return used, best


@inner
def _merge(wait: Waiting, used: int, beam: float, chosen: Numbers) -> int:
    """Choose the best hypotheses; those with the same phones and the same history are one, with their sum.

    Returns:
        How many are chosen.
    """
    many = 0
    order = np.argsort(-wait.score[:used])
    for spot in order:
        if wait.score[spot] < wait.score[order[0]] - beam:
            break
        same = -1
        for kept in chosen[:many]:
            if wait.said[kept] == wait.said[spot] and wait.state[kept] == wait.state[spot]:
                same = kept
        if same >= 0:
            wait.score[same] = _add_logs(wait.score[same], wait.score[spot])
        elif many < len(chosen):
            chosen[many] = spot
            many += 1
    return many


@inner
def _finish(net: Network, node: int, score: float) -> float:
    """A hypothesis' score with the end of the word."""
    while True:
        at = _seek(net.symbol, net.first[node], net.first[node + 1], END)
        if at < net.first[node + 1] and net.symbol[at] == END:
            return float(score + net.log_prob[at])
        score += net.backoff[node]
        node = net.suffix[node]


@compiled
def search(net: Network, letters: Numbers, beam: float, limit: int) -> Found:
    """Find the likely phones of a word.

    Args:
        letters: (n,) numbers of its letters.
        beam: a hypothesis this much (nats) below the best of its letter is dropped.
        limit: hypotheses kept after a letter.
    """
    now, after = _waiting(), _waiting()
    size = len(letters) * limit + 1
    back, by = np.zeros(size, np.int32), np.zeros(size, np.int32)
    seen, chosen = np.zeros(len(net.sound), np.int64), np.zeros(limit, np.int64)
    now.state[0], now.score[0], now.said[0] = net.landing[1 + BEGIN], 0.0, np.uint64(14695981039346656037)
    tokens, many, stamp = 0, 1, 0
    for letter in letters:
        used, best = 0, -np.inf
        for other in range(many):
            stamp += 1
            used, best = _extend(net, now, chosen[other], tokens + other, letter, after, used, best, beam, seen, stamp)
        tokens += many
        now, after = after, now
        many = _merge(now, used, beam, chosen)
        back[tokens : tokens + many], by[tokens : tokens + many] = now.back[chosen[:many]], now.by[chosen[:many]]
    score, last, said, distinct = np.zeros(many), np.zeros(many, np.int64), np.zeros(many, np.uint64), 0
    for other in range(many):
        spot = chosen[other]
        whole = _finish(net, now.state[spot], now.score[spot])
        same = -1
        for known in range(distinct):
            if said[known] == now.said[spot]:
                same = known
        if same >= 0:
            score[same] = _add_logs(score[same], whole)
        else:
            score[distinct], last[distinct], said[distinct] = whole, tokens + other, now.said[spot]
            distinct += 1
    order = np.argsort(-score[:distinct])
    return Found(score[:distinct][order], last[:distinct][order], back, by)


def ways_back(found: Found, most: int) -> list[list[int]]:
    """The symbols that led to each of the likeliest, first to last."""
    back, by = found.back.tolist(), found.by.tolist()
    ways: list[list[int]] = []
    for token in found.last[:most].tolist():
        symbols: list[int] = []
        while token > 0:
            symbols.append(by[token])
            token = back[token]
        ways.append(symbols[::-1])
    return ways
