"""Words and characters as integers: what the compiled alignment reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


class Side(NamedTuple):
    """Tokens of many cases, one after the other."""

    tokens: I32
    lengths: I64  # tokens of each case


class Encoded(NamedTuple):
    """Both sides in one numbering."""

    reference: Side
    hypothesis: Side
    vocabulary: int  # every token is below


@dataclass(frozen=True, slots=True)
class Form:
    """How cases are given."""

    parts: Callable[[Any], Sequence[str]]  # one case's tokens
    encode: Callable[[Sequence[Any], Sequence[Any]], Encoded]  # all cases' tokens


def _encode_words(said: Sequence[Sequence[str]], heard: Sequence[Sequence[str]]) -> Encoded:
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    left, right = (
        Side(np.fromiter(map(numbers.__getitem__, chain.from_iterable(side)), np.int32), _lengths(side))
        for side in (said, heard)
    )
    return Encoded(left, right, len(numbers))


def _encode_texts(said: Sequence[str], heard: Sequence[str]) -> Encoded:
    """Split and numbered without an object for each word; the words are those of ``str.split``."""
    import pyarrow

    try:
        (left, left_lengths), (right, right_lengths) = _split(said), _split(heard)
    except UnicodeEncodeError:  # lone surrogates, which Arrow cannot hold
        return _encode_words([text.split() for text in said], [text.split() for text in heard])
    numbered = pyarrow.concat_arrays([left, right]).dictionary_encode()
    tokens = numbered.indices.to_numpy().copy()  # writable, as the other forms: one kernel serves all
    begin = len(left)
    return Encoded(
        Side(tokens[:begin], left_lengths), Side(tokens[begin:], right_lengths), max(len(numbered.dictionary), 1)
    )


def _split(texts: Sequence[str]) -> tuple[Any, I64]:
    import pyarrow
    import pyarrow.compute

    trimmed = pyarrow.compute.utf8_trim_whitespace(pyarrow.array(texts, pyarrow.string()))
    lists = pyarrow.compute.utf8_split_whitespace(trimmed)
    lengths = np.diff(lists.offsets.to_numpy()).astype(np.int64)
    empty = pyarrow.compute.equal(trimmed, "").to_numpy(zero_copy_only=False)
    words = lists.flatten()
    if empty.any():  # Arrow splits nothing into one empty word
        words = words.filter(pyarrow.compute.not_equal(words, ""))
    return words, np.where(empty, 0, lengths)


def _encode_characters(said: Sequence[str], heard: Sequence[str]) -> Encoded:
    left, right = (Side(_code_points(side), _lengths(side)) for side in (said, heard))
    highest = max(int(left.tokens.max(initial=0)), int(right.tokens.max(initial=0)))
    return Encoded(left, right, highest + 1)


def _code_points(texts: Sequence[str]) -> I32:
    joined = bytearray("".join(texts).encode("utf-32-le", "surrogatepass"))
    return np.frombuffer(joined, np.int32)


def _lengths(side: Sequence[Sequence[str]]) -> I64:
    return np.fromiter(map(len, side), np.int64, len(side))


def _as_given(case: Sequence[str]) -> Sequence[str]:
    return case


WORDS = Form(_as_given, _encode_words)  # words of each case
TEXTS = Form(str.split, _encode_texts)  # a text for each case, its words between white space
CHARACTERS = Form(_as_given, _encode_characters)  # a text for each case, its characters
