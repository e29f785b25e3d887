"""The words that English numbers are made of, each with its digits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_DIGITS = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ORDINAL_TEENS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
_ORDINAL_TENS = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"

DIGIT_WORDS: Mapping[str, str] = MappingProxyType({str(n): word for n, word in enumerate(_DIGITS)})
UNITS: Mapping[str, str] = MappingProxyType({word: digit for digit, word in DIGIT_WORDS.items()})
TEENS: Mapping[str, str] = MappingProxyType({word: str(n) for n, word in enumerate(_TEENS.split(), 10)})
TENS: Mapping[str, str] = MappingProxyType({word: f"{n}0" for n, word in enumerate(_TENS.split(), 2)})
SCALES: Mapping[str, int] = MappingProxyType(
    {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "quadrillion": 15}
)
LARGE: Mapping[str, int] = MappingProxyType({"hundred": 2, **SCALES})

ORDINAL_UNITS: Mapping[str, str] = MappingProxyType({word: str(n) for n, word in enumerate(_ORDINAL_DIGITS)})
ORDINAL_TWO: Mapping[str, str] = MappingProxyType(
    {word: str(n) for n, word in enumerate(_ORDINAL_TEENS.split(), 10)}
    | {word: f"{n}0" for n, word in enumerate(_ORDINAL_TENS.split(), 2)}
)
ORDINAL_LARGE: Mapping[str, int] = MappingProxyType({f"{word}th": zeros for word, zeros in LARGE.items()})

ORDINAL_OF: Mapping[str, str] = MappingProxyType(
    {n: word for word, n in (*ORDINAL_UNITS.items(), *ORDINAL_TWO.items())}
)
TENS_OF: Mapping[str, str] = MappingProxyType({n[0]: word for word, n in TENS.items()})
SCALE_OF: Mapping[int, str] = MappingProxyType({zeros: word for word, zeros in SCALES.items()})

OH = frozenset({"oh", "o"})  # a zero, between two numbers
REPEATS: Mapping[str, int] = MappingProxyType({"double": 2, "triple": 3})

# Any of these can be part of a number; a lone digit word or a lone ordinal below ten says the same either way.
LONE = (frozenset(UNITS) | frozenset(ORDINAL_UNITS)) - {"zero", "zeroth"}
PARTS = frozenset({*UNITS, *TEENS, *TENS, *LARGE, *ORDINAL_UNITS, *ORDINAL_TWO, *ORDINAL_LARGE, *OH, *REPEATS})


def scale_words(zeros: int) -> tuple[str, ...]:
    """The words that stand for so many zeros, a multiple of three: 6 is "million", 18 "thousand quadrillion"."""
    most, rest = divmod(zeros, max(SCALE_OF))
    return ((SCALE_OF[rest],) if rest else ()) + (SCALE_OF[max(SCALE_OF)],) * most
