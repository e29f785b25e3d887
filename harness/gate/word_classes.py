"""Which words cost users most when they are wrong: numbers, negations, names."""

from __future__ import annotations

from collections.abc import Iterable

_ONES = "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_TENS = "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth twelfth twentieth thirtieth"
_OTHERS = "billion half quarter double triple point percent dollars pounds euros cents"
NUMBERS = frozenset(f"{_ONES} {_TENS} {_ORDINALS} {_OTHERS}".split())
NEGATIONS = frozenset(["no", "not", "never", "none", "nothing", "nobody", "neither", "nor", "without"])


def is_number(word: str) -> bool:
    return word in NUMBERS or any(character.isdigit() for character in word)


def is_negation(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")


def names_in(text: str) -> frozenset[str]:
    """Words that a cased text writes with a capital although no sentence starts there, folded."""
    found, starts = set(), True
    for token in text.split():
        word = token.strip(".,;:!?\"'()[]")
        if word[:1].isupper() and not starts and word not in ("I", "I'm", "I'll", "I've", "I'd") and not text.isupper():
            found.add(word.casefold())
        starts = token.endswith((".", "!", "?"))
    return frozenset(found)


def word_class(words: Iterable[str], names: frozenset[str]) -> str | None:
    """The costliest class among ``words``: number, negation, name; None where there is none."""
    listed = list(words)
    for kind, belongs in (("number", is_number), ("negation", is_negation), ("name", names.__contains__)):
        if any(belongs(word) for word in listed):
            return kind
    return None
