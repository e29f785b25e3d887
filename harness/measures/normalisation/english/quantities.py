"""Units, money and dates around numbers: the words that are written short, or said in another order than written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from harness.measures.normalisation.english.cardinals import Words
from harness.measures.normalisation.english.figures import Figures
from harness.measures.normalisation.english.number_words import LARGE, PARTS
from harness.measures.normalisation.english.numbers import Number, read_number
from harness.measures.normalisation.english.token import Token, figure

MAJOR: Mapping[str, str] = MappingProxyType({"dollar": "cent", "euro": "cent", "pound": "penny"})  # and its hundredth
SIGNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"$": ("dollar",), "us$": ("us", "dollar"), "€": ("euro",), "£": ("pound",), "¥": ("yen",), "₹": ("rupee",)}
)
PLURALS: Mapping[str, str] = MappingProxyType(
    {"dollar": "dollars", "euro": "euros", "pound": "pounds", "yen": "yen", "rupee": "rupees", "cent": "cents"}
    | {"penny": "pence", "kilometer": "kilometers", "kilogram": "kilograms", "centimeter": "centimeters"}
    | {"millimeter": "millimeters", "milligram": "milligrams", "milliliter": "milliliters", "ounce": "ounces"}
    | {"foot": "feet", "hour": "hours", "minute": "minutes"}
)
_MONEY = ("dollar", "euro", "pound", "cent", "penny")
_SHORT = {
    "buck": "dollar",
    "bucks": "dollar",
    "p": "penny",
    "km": "kilometer",
    "kg": "kilogram",
    "cm": "centimeter",
    "mg": "milligram",
    "ml": "milliliter",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "ft": "foot",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
}
UNITS: Mapping[str, str] = MappingProxyType(
    {**{unit: unit for unit in PLURALS}, **_SHORT, **{many: one for one, many in PLURALS.items() if one in _MONEY}}
)
FIXED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sec": ("seconds",),
        "secs": ("seconds",),
        "mph": ("miles", "per", "hour"),
        "kph": ("kilometers", "per", "hour"),
        "bps": ("basis", "points"),
        "pct": ("percent",),
    }
)
_MONTHS = "january february march april may june july august september october november december"
MONTHS = frozenset(_MONTHS.split())
SHORT_MONTHS: Mapping[str, str] = MappingProxyType(
    {month[:3]: month for month in MONTHS if month != "may"} | {"sept": "september"}
)
_NO_DAY = frozenset(
    {
        *PLURALS,
        *PLURALS.values(),
        *FIXED,
        *_SHORT,
        *(words[0] for words in FIXED.values()),
        "us",
        "percent",
        "am",
        "pm",
        "point",
    }
)
_NO_CENTS = _NO_DAY | PARTS | {"and", "half", "quarter", "past", "a"}


def said_order(tokens: Sequence[Token]) -> list[Token]:
    """Signs of currencies as words, where they are said: "5 $ million" is five million dollars, "5 point 20 $" a price.

    Args:
        tokens: each sign stands behind the digits that it was written before.
    """
    out: list[Token] = []
    pending: Token | None = None
    for token in tokens:
        if pending is not None and token.word not in LARGE:
            _put_unit(out, pending)
            pending = None
        if token.word in SIGNS:
            pending = token
        else:
            out.append(token)
    if pending is not None:
        _put_unit(out, pending)
    return out


def _put_unit(out: list[Token], sign: Token) -> None:
    sign = Token(sign.word, max(sign.place, out[-1].place if out else 0))  # places rise
    *before, unit = (Token(word, sign.place) for word in SIGNS[sign.word])
    many = Token(PLURALS[unit.word], sign.place)
    price = unit.word in MAJOR and len(out) > 2 and out[-2].word == "point" and figure(out[-1].word + out[-3].word)
    if not price or len(out[-1].word) != 2:
        out += [*before, many]
        return
    cents = out.pop()
    out[-1:] = [*before, many]
    amount = cents.word.lstrip("0")
    if amount and not out[-2 - len(before)].word.strip("0"):
        del out[-2 - len(before) :]
    if amount:
        out += [Token(amount, cents.place), Token(MAJOR[unit.word], sign.place)]


def unit_behind(words: Words, at: int, number: Number) -> list[Token]:
    """The unit that stands behind a number, written out and agreeing with it; nothing where there is none."""
    unit = UNITS.get(words[at])
    if unit is not None:
        one = number.simple and number.whole.digits == ["1"]
        return [Token(unit if one else PLURALS[unit], words.place(at))]
    return [Token(word, words.place(at)) for word in FIXED.get(words[at], ())]


def hundredths_behind(words: Words, at: int) -> tuple[Number, bool] | None:
    """The hundredths that were said behind whole units: "[five dollars] and twenty cents", "[five dollars] twenty".

    Args:
        at: the position of the whole unit.

    Returns:
        The number, and whether its unit was left out.
    """
    unit = UNITS.get(words[at], "")
    begin = at + 2 if words[at + 1] == "and" else at + 1
    number = read_number(words, begin) if unit in MAJOR else None
    if number is None or not number.simple:
        return None
    behind = words[number.end]
    if UNITS.get(behind) == MAJOR[unit]:
        return number, False
    bare = begin == at + 1 and len(number.whole.digits) == 2 and number.whole.digits[0] != "0"
    return (number, True) if bare and behind not in _NO_CENTS and not figure(behind) else None


def day_of(words: Words, month: str, number: Number) -> tuple[Figures, Figures] | None:
    """A day, and the year behind it if any, of the digits behind a month: "may | fifth", "may | 5 2020"."""
    digits = str(number.whole)
    if month not in MONTHS or not number.simple or words[number.end] in _NO_DAY or (month, digits) == ("may", "1"):
        return None
    length = len(digits) - 4 if len(digits) > 4 and digits[-4:-2] in ("19", "20") else len(digits)
    if length > 2 or not 0 < int(digits[:length]) < 32:
        return None
    day, year = Figures(str(int(digits[:length])), number.whole.places[0]), Figures()
    year.digits, year.places = number.whole.digits[length:], number.whole.places[length:]
    return day, year
