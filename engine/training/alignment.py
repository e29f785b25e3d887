"""Forced alignment: where a body hears each word of a transcript, by the best CTC path through its pronunciations.

A word is taken from the first frame that emits its first phone to the last that emits its last one, as the decoder
times its words, so both can be compared. Every pronunciation of a word may be taken.

Source: Graves et al. (ICML 2006) for the CTC topology; Viterbi (1967) for the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.phones import Lexicon

Pronunciation = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """Where one word was heard, in frames of 40 ms; ``last`` is exclusive."""

    first: int
    last: int


@dataclass(slots=True)
class _Network:
    """States of a transcript; each emits one token and may be entered from itself and from ``before``."""

    token: list[int] = field(default_factory=list)
    word: list[int] = field(default_factory=list)  # -1 for blanks
    before: list[list[int]] = field(default_factory=list)
    opens: list[bool] = field(default_factory=list)  # a path may begin here

    def add(self, token: int, word: int, before: Sequence[int], *, opens: bool = False) -> int:
        self.token.append(token)
        self.word.append(word)
        self.before.append([*before])
        self.opens.append(opens)
        return len(self.token) - 1


def align_words(
    log_probs: npt.NDArray[np.float32], pronunciations: Sequence[Sequence[Pronunciation]]
) -> tuple[AlignedWord, ...] | None:
    """Place every word of a transcript.

    Args:
        log_probs: (T, V) natural log posteriors, blank first.
        pronunciations: of each word, at least one.

    Returns:
        None where the recording is too short to say all of it.
    """
    if not pronunciations:
        return ()
    network, closing = _network(pronunciations)
    path = _best_path(log_probs, network, closing)
    if path is None:
        return None
    spoken = np.asarray(network.word)[path]
    placed = [np.flatnonzero(spoken == word) for word in range(len(pronunciations))]
    return tuple(AlignedWord(int(frames[0]), int(frames[-1]) + 1) for frames in placed)


def align_text(
    log_probs: npt.NDArray[np.float32], words: Sequence[str], lexicon: Lexicon
) -> tuple[AlignedWord, ...] | None:
    """Place every word of a text; None where the lexicon lacks a word or the recording is too short."""
    spelt = [lexicon.get(word) or lexicon.get(word.strip("'")) for word in words]
    known = [variants for variants in spelt if variants]
    return align_words(log_probs, known) if len(known) == len(spelt) else None


def _network(pronunciations: Sequence[Sequence[Pronunciation]]) -> tuple[_Network, list[int]]:
    """The states of all words in order, and those in which a path may end."""
    network = _Network()
    between = network.add(0, -1, [], opens=True)
    ends: list[int] = []
    for word, variants in enumerate(pronunciations):
        here = [_variant(network, word, variant, ends, between) for variant in dict.fromkeys(variants)]
        between = network.add(0, -1, here)
        ends = here
    return network, [between, *ends]


def _variant(network: _Network, word: int, variant: Pronunciation, ends: Sequence[int], blank: int) -> int:
    """Add one pronunciation of a word; its last state."""
    opens = word == 0
    before = [blank, *ends]
    state = -1
    for place, phone in enumerate(variant):
        # CTC merges repeats: a phone follows its like only through a blank.
        allowed = [one for one in before if network.token[one] != phone]
        state = network.add(phone, word, allowed, opens=opens and place == 0)
        if place + 1 < len(variant):
            before = [state, network.add(0, -1, [state])]
    return state


def _best_path(
    log_probs: npt.NDArray[np.float32], network: _Network, closing: list[int]
) -> npt.NDArray[np.int64] | None:
    """The state of every frame on the best path."""
    states, frames = len(network.token), len(log_probs)
    if not frames:
        return None
    widest = max(map(len, network.before)) + 1
    before = np.full((states, widest), states)  # the place behind the last state scores -inf
    for state, others in enumerate(network.before):
        before[state, : len(others) + 1] = [state, *others]
    emitted = log_probs[:, network.token].astype(np.float64)
    score = np.append(np.where(network.opens, emitted[0], -np.inf), -np.inf)
    chosen = np.zeros((frames, states), np.int16)
    rows = np.arange(states)
    for frame in range(1, frames):
        reached = score[before]
        chosen[frame] = reached.argmax(axis=1)
        score[:-1] = reached[rows, chosen[frame]] + emitted[frame]
    last = max(closing, key=lambda state: score[state])
    if not np.isfinite(score[last]):
        return None
    path = np.empty(frames, np.int64)
    path[-1] = last
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = before[path[frame], chosen[frame, path[frame]]]
    return path
