"""The words of one number without its unit."""

from __future__ import annotations

from harness.measures.normalisation.english import quantities
from harness.measures.normalisation.english.cardinals import Words
from harness.measures.normalisation.english.number_words import PARTS
from harness.measures.normalisation.english.numbers import Number
from harness.measures.normalisation.english.token import Token

_HOLDS_ZERO = (
    PARTS
    | {"and", "a", "half", "quarter", "½", "¼", "¾", "point", "past", "o'clock"}
    | frozenset(form for form, unit in quantities.UNITS.items() if unit in quantities.MAJOR)
)


def said(words: Words, number: Number) -> list[Token]:
    """The words of a number without its unit."""
    if number.ordinal is not None and not number.fractions:
        return number.whole.plain() + number.ordinal.ordinal()
    said = [] if _needless_zero(words, number) else number.whole.cardinal()
    for fraction in number.fractions:
        said += [Token("point", fraction.places[0]), *fraction.plain()]
    if number.ordinal is not None:
        said += number.ordinal.ordinal()
    return said if number.part is None else [*said, number.part]


def _needless_zero(words: Words, number: Number) -> bool:
    """Whether the zero of "0.5" goes, as it is often not said; kept where what is left would read otherwise."""
    if number.whole.digits != ["0"] or len(number.fractions) != 1 or number.part or number.ordinal:
        return False
    behind = words[number.end]
    return str(number.fractions[0])[-3:] != "000" and behind not in _HOLDS_ZERO and not behind[:1].isdigit()
