"""The pack ``english-1``: its rules one after the other, and a short way for texts that only few of them touch."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from harness.measures.normalisation.english import compounds, short_forms, spelling_out
from harness.measures.normalisation.english.preparation import AMOUNTS
from harness.measures.normalisation.english.spelling import SPELLING
from harness.measures.normalisation.english.token import Token, figure, tokens_of
from harness.measures.normalisation.english.written import words_of
from harness.measures.normalisation.folding import Memory

_LONGEST = 4096  # characters of a text that is remembered
REVISION = 2  # of what the rules do; a test holds what they make of a list of texts, and fails where it should move

Rule = Callable[[Sequence[Token]], Sequence[Token]]


def _millimetres(tokens: Sequence[Token]) -> list[Token]:
    """ "mm" as a unit behind a number, and elsewhere as the sound that it is, which goes."""
    out: list[Token] = []
    for token in tokens:
        if token.word != "mm":
            out.append(token)
        elif out and (figure(out[-1].word) or out[-1].word in AMOUNTS):
            out.append(Token("millimeters", token.place))
    return out


def _alone(word: str) -> tuple[str, ...]:
    return tuple(SPELLING.get(part, part) for part in short_forms.expand(word))


_LISTED = {word: _alone(word) for table in (short_forms.WORDS, SPELLING) for word in table}


# What a word stands for whatever stands beside it comes first; these look at the words around it, in this order.
CONTEXT: tuple[tuple[str, Rule], ...] = (
    ("fillers", _millimetres),
    ("contractions", short_forms.resolve),
    ("letters", compounds.join_letters),
    ("contractions", short_forms.resolve),  # "i t's" has just become one
    ("compounds", compounds.join_pairs),
    ("numbers", spelling_out.spell_out),
)
_EARLY = compounds.LETTERS | {"mm"}
_OWNED = short_forms.APOSTROPHE_S | short_forms.APOSTROPHE_D
_SIGNS = frozenset({"$", "us$", "£", "€"})
_figures = re.compile(r"[0-9½¼¾]").search


def _chunk(chunk: str) -> tuple[str, ...]:
    words = words_of(chunk)
    if len(words) == 1 and "'" not in words[0]:
        return _LISTED.get(words[0], words)
    return tuple(part for word in words for part in _alone(word))


_CHUNKS = Memory(_chunk)


def forget() -> None:
    """Drop what is remembered of the words and texts met so far; the results stay the same."""
    _CHUNKS.clear()
    forget_texts()


def forget_texts() -> None:
    """Drop the texts only."""
    _remembered.cache_clear()


def split(text: str) -> tuple[str, ...]:
    """The normalised words of a text."""
    return _remembered(text) if len(text) <= _LONGEST else _split(text)


def _split(text: str) -> tuple[str, ...]:
    words: list[str] = []
    for chunk in whole_prices(text.split()):
        words += _CHUNKS[chunk]
    if not _OWNED.isdisjoint(words):
        words = _apply(short_forms.resolve, words)
    joined = f" {' '.join(words)} "
    if not _EARLY.isdisjoint(words) or " a i " in joined:
        return tuple(token.word for token in in_context(tokens_of(words)))
    return tuple(_late(words, _figures(joined) is not None or " a one " in joined))


_remembered = lru_cache(maxsize=1 << 14)(_split)  # every arm of a run brings the same references


def _late(words: list[str], numbers: bool) -> list[str]:
    """What ``in_context`` does where no letters are spelt out: only the rules that have something to do."""
    if compounds.may_join(words):
        words = _apply(compounds.join_pairs, words)
    return _apply(spelling_out.spell_out, words) if numbers or not spelling_out.SIGNALS.isdisjoint(words) else words


def _apply(rule: Rule, words: list[str]) -> list[str]:
    return [token.word for token in rule(tokens_of(words))]


def split_words(spoken: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The normalised words of a sequence of words, each with the position of the first word that it came from."""
    placed = [(chunk, place) for place, text in enumerate(spoken) for chunk in text.split()]
    chunks = whole_prices([chunk for chunk, _ in placed])
    places = [place for (_, place), chunk in zip(placed, chunks, strict=True) if chunk]
    kept = [chunk for chunk in chunks if chunk]
    tokens = [Token(word, place) for chunk, place in zip(kept, places, strict=True) for word in _CHUNKS[chunk]]
    return tuple((token.word, token.place) for token in in_context(tokens))


def in_context(tokens: Sequence[Token]) -> Sequence[Token]:
    """The rules that look at the words around a word, in order."""
    for _, rule in CONTEXT:
        tokens = rule(tokens)
    return tokens


def whole_prices(chunks: list[str]) -> list[str]:
    """Signs of currencies moved to the digits that follow behind a space; the sign's own place becomes empty."""
    if _SIGNS.isdisjoint(chunks):
        return chunks
    moved = list(chunks)
    for at in range(len(chunks) - 1):
        if chunks[at] in _SIGNS and chunks[at + 1][0].isdigit():
            moved[at : at + 2] = ["", chunks[at] + chunks[at + 1]]
    return moved


def rules_as_text() -> str:
    """All tables and the revision of what is done with them, for the hash."""
    tables = {
        "revision": REVISION,
        "fillers": sorted(short_forms.FILLERS),
        "contractions": dict(short_forms.CONTRACTIONS),
        "abbreviations": dict(short_forms.ABBREVIATIONS),
        "spelling": dict(SPELLING),
        "pairs": [f"{first} {second} {joined}" for (first, second), joined in compounds.PAIRS.items()],
        "prefixes": sorted(compounds.PREFIXES),
    }
    return json.dumps(tables, sort_keys=True)
