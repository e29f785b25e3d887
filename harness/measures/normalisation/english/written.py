"""What only writing has, as words: digits with their points and colons, signs of currencies, symbols, addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from harness.measures.normalisation.folding import fold, plain_words

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_LATIN = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_ELIDED = {"'em": "them", "'cause": "because", "'til": "until", "'tis": "it is", "'twas": "it was"}
_AROUND = '.,;:!?"()'
_OUTER = re.compile(r"^[^\w']+|[^\w']+$")
_KEPT = re.compile(r"[$€£¥₹½¼¾]")

_SYMBOLS: tuple[tuple[str, str], ...] = (
    ("%", " percent "),
    ("&", " and "),
    ("@", " at "),
    ("+", " plus "),
    ("°c", " degrees celsius "),
    ("°f", " degrees fahrenheit "),
    ("°", " degrees "),
    ("¢", " cents "),
)

_DOMAIN = re.compile(r"[a-z0-9]\.(?:com|org|net|gov|edu|io|info|biz|co\.uk)(?![a-z0-9])")

_DOTTED = re.compile(r"(?<![a-z0-9.])(?:[a-z]\.){2,}[a-z]?(?![a-z0-9])|(?<![a-z0-9.])[a-z]\.[a-z](?![a-z0-9.])")
_FRACTION_WORDS = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "1 third", "2/3": "2 thirds"}
_LETTERS_OF_SCALES = {"k": "thousand", "m": "million", "mm": "million", "mn": "million", "b": "billion"}
_SCALES = {**_LETTERS_OF_SCALES, "bn": "billion", "t": "trillion", "tn": "trillion"}


def _time(match: re.Match[str]) -> str:
    hour, minutes = match[1], match[2]
    if minutes == "00" and 0 < int(hour) < 13:
        return str(int(hour))
    return f"{hour if int(hour) in (0, *range(13, 25)) else int(hour)}{minutes}"


def _range(match: re.Match[str]) -> str:
    """ "10-12" as ten to twelve where it rises; other hyphens between digits are not said ("555-1212")."""
    first, second = match[1], match[2]
    years = len(first) == len(second) == 4 and first[:2] in ("19", "20")
    rises = int(first) < int(second) and not first.startswith("0")
    return f"{first} to {second}" if rises and (years or len(second) < 4) else match[0]


def _price(match: re.Match[str]) -> str:
    sign, amount, scale = match[1], match[2], match[3]
    return f" {amount} {_SCALES.get(scale or '', '')} {sign} "


_FIGURES: tuple[Rule, ...] = (
    (re.compile(r"(?<![0-9,.])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])"), lambda m: m[0].replace(",", "")),
    (re.compile(r"(?<![0-9/])(?:[13]/4|[12]/3|1/2)(?![0-9/])"), lambda m: f" {_FRACTION_WORDS[m[0]]} "),
    (re.compile(r"(?<![0-9:.])([0-9]{1,2}):([0-5][0-9])(?![0-9:])"), _time),
    (re.compile(r"(?<=[0-9])\.(?=[0-9])"), " point "),
    (re.compile(r"(?<![0-9a-z])\.(?=[0-9])"), "0 point "),
    (re.compile(r"(?<=[0-9])–(?=[$€£]?[0-9])"), " to "),
    (re.compile(r"(?<![0-9a-z.,-])([0-9]{1,4})-([0-9]{1,4})(?![0-9a-z.,-])"), _range),
    (re.compile(r"^\(?[-−](?=[$€£]?[0-9])"), " minus "),
    (re.compile(r"#(?=[0-9])"), " number "),
    (re.compile(r"((?:us)?[$€£¥₹])([0-9]+(?: point [0-9]+)?)(?:(k|m|mm|mn|b|bn|t|tn)(?![a-z]))?"), _price),
    (re.compile(r"([0-9])([€£¥₹$])(?![0-9])"), r"\1 \2 "),
    (re.compile(r"(?<=[0-9])(mn|bn|tn)(?![a-z])"), lambda m: f" {_SCALES[m[1]]}"),
    (re.compile(r"(?<=[0-9])mm(?![a-z])"), " millimeters"),
    (re.compile(r"(?<=[0-9])km/h(?![a-z])"), " kph"),
    (re.compile(r"(?<=[0-9])'|'(?=[0-9])"), " "),
    (
        re.compile(r"((?<![0-9])[0-9]++(?:st|nd|rd|th)(?![a-z]))|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])"),
        lambda m: m[1] or " ",
    ),
)


def words_of(chunk: str) -> tuple[str, ...]:
    """The words of what stands between two white spaces; numbers as digits, a currency's sign behind its number."""
    word = chunk.strip(_AROUND)
    if word.isalpha() and word.isascii() and chunk.casefold() != "no.":
        return (word.lower(),)  # the short way for most
    text = chunk if chunk.isascii() else _vulgar_fractions(chunk)
    text = _latin(fold(text))
    if text in _ELIDED or _OUTER.sub("", text) in _ELIDED:
        return tuple(_ELIDED[_OUTER.sub("", text)].split())
    if text == "no.":
        return (text,)
    if _DOMAIN.search(text):
        text = text.strip(".,;:!?()").replace(".", " dot ").replace("/", " slash ")
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    if any("0" <= character <= "9" for character in text):
        text = _spaced(text)
    for symbol, spoken in _SYMBOLS:
        if symbol in text:
            text = text.replace(symbol, spoken)
    return _plain_with_signs(text)


def _spaced(text: str) -> str:
    for pattern, spoken in _FIGURES:
        text = pattern.sub(spoken, text)
    return text


def _plain_with_signs(text: str) -> tuple[str, ...]:
    """The plain words; signs that a rule has set apart between spaces stay."""
    if not _KEPT.search(text):
        return plain_words(text)
    words: list[str] = []
    for part in text.split():
        sign = part.removeprefix("us") if part.startswith("us") else part
        words += (part,) if len(sign) == 1 and _KEPT.match(sign) and words else plain_words(part)
    return tuple(words)


def _vulgar_fractions(chunk: str) -> str:
    """Written fractions set apart, so that 5½ does not become 51/2."""
    return "".join(
        f" {unicodedata.normalize('NFKC', c).replace('⁄', '/')} " if "VULGAR FRACTION" in unicodedata.name(c, "") else c
        for c in chunk
    )


def _latin(text: str) -> str:
    """Latin letters without their marks, for in English they are optional; other scripts keep theirs."""
    if text.isascii():
        return text
    plain: list[str] = []
    latin = False
    for character in unicodedata.normalize("NFD", "".join(_LATIN.get(c, c) for c in text)):
        mark = unicodedata.category(character) == "Mn"
        if not (mark and latin):
            plain.append(character)
        latin = latin if mark else unicodedata.name(character, "").startswith("LATIN ")
    return unicodedata.normalize("NFKC", "".join(plain))
