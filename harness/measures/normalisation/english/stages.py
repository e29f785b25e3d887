"""The pack ``english-1`` rule by rule, to see what each of its groups of rules does to a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.measures.normalisation.english import short_forms
from harness.measures.normalisation.english.pack import CONTEXT, whole_prices
from harness.measures.normalisation.english.spelling import SPELLING
from harness.measures.normalisation.english.token import Token
from harness.measures.normalisation.english.written import words_of
from harness.measures.normalisation.folding import basic

_ALONE: tuple[tuple[str, Callable[[str], tuple[str, ...]]], ...] = (
    ("fillers", short_forms.without_fillers),
    ("contractions", short_forms.uncontracted),
    ("abbreviations", short_forms.expand),
    ("spelling", lambda word: (SPELLING.get(word, word),)),
)


def stages(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words of a text after each group of rules, beginning with ``basic``; the last are those of the pack.

    Yields:
        Name of the group, and the words; a name may come twice.
    """
    yield "basic", basic(text)
    words = tuple(word for chunk in whole_prices(text.split()) for word in words_of(chunk))
    yield "symbols", words
    for name, rule in _ALONE:
        words = tuple(part for word in words for part in rule(word))
        yield name, words
    tokens = [Token(word, 0) for word in words]
    for name, context in CONTEXT:
        tokens = list(context(tokens))
        yield name, tuple(token.word for token in tokens)
