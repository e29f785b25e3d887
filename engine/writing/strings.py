"""Strings said sign by sign: telephone and card numbers, codes of letters and digits, addresses of the internet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from engine.writing.cardinals import DIGITS, TEENS, TENS
from engine.writing.entity import Entity, Written, has, single

_TIMES = {"double": 2, "triple": 3}
_NAMES = "com|org|net|edu|gov|info|io|ai|uk|de|fr|eu|us|ca|au|co"
_TOP = frozenset(_NAMES.split("|"))
_JOINS = {"dot": ".", "underscore": "_", "dash": "-", "hyphen": "-"}
_LONGEST = 24  # signs


def read_digits(words: Sequence[str], at: int) -> Entity | None:
    """ "five five five four two nine two two two eight" -> (555) 429-2228; four to six digits are a code."""
    if at > 0 and (words[at - 1] in DIGITS or words[at - 1] in _TIMES or words[at - 1] == "point"):
        return None
    signs, ends = _signs(words, at, letters=False)
    if len(signs) < 4 or _counting(signs) or (ends[-1] < len(words) and words[ends[-1]] in _CONTINUES):
        return None
    digits, end = "".join(signs), ends[-1]
    if len(digits) == 16:
        groups = [digits[place : place + 4] for place in range(0, 16, 4)]
        return Entity("credit card", at, end, _shares(groups, signs, ends, at))
    if len(digits) < 7:
        return single("alphanum", at, end, digits)
    return Entity("telephone", at, end, _shares(_telephone(digits), signs, ends, at))


def read_code(words: Sequence[str], at: int) -> Entity | None:
    """ "a z triple seven five four" -> AZ77754: three signs or more, two of them letters."""
    if at > 0 and _letter(words[at - 1]):
        return None
    signs, ends = _signs(words, at, letters=True)
    letters = sum(sign.isalpha() for sign in signs)
    if len(signs) < 3 or letters < 2 or (ends[-1] < len(words) and words[ends[-1]] in _CONTINUES):
        return None
    if "".join(signs[-2:]) in ("AM", "PM") and signs[-3].isdigit():
        return None  # a time of day
    return single("alphanum", at, ends[-1], "".join(signs))


def read_electronic(words: Sequence[str], at: int) -> Entity | None:
    """ "bob at speechmatics dot com" -> bob@speechmatics.com; "w w w dot example dot org" -> www.example.org."""
    if has(words, at, "w", "w", "w", "dot"):
        host = _host(words, at + 4)
        return None if host is None else single("electronic", at, host[1], f"www.{host[0]}")
    user, place = _joined(words, at)
    if has(words, place, "at"):
        host = _host(words, place + 1)
        return None if host is None else single("electronic", at, host[1], f"{user}@{host[0]}")
    host = _host(words, at)
    return None if host is None else single("electronic", at, host[1], host[0])


_CONTINUES = frozenset(TEENS) | frozenset(TENS) | {"hundred", "thousand", "million", "billion", "trillion", "point"}


def _signs(words: Sequence[str], at: int, letters: bool) -> tuple[list[str], list[int]]:
    """Signs said one by one from a word on, and one past the last word of each."""
    signs: list[str] = []
    ends: list[int] = []
    while at < len(words) and len(signs) < _LONGEST:
        times = _TIMES.get(words[at], 1)
        word = words[at + 1] if times > 1 and at + 1 < len(words) else words[at]
        sign = str(DIGITS[word]) if word in DIGITS else _letter(word) if letters else ""
        if not sign or (times > 1 and word == words[at]):
            break
        at += 1 if times == 1 else 2
        signs += [sign] * times
        ends += [at] * times
    return signs, ends


def _letter(word: str) -> str:
    bare = word.removesuffix(".")
    return bare.upper() if len(bare) == 1 and bare.isalpha() else ""


def _counting(signs: Sequence[str]) -> bool:
    """ "one two three four" is counting, not a code."""
    return all(int(second) == int(first) + 1 for first, second in pairwise(signs))


def _telephone(digits: str) -> list[str]:
    if len(digits) == 10 and digits[0] not in "01":
        return [f"({digits[:3]})", f"{digits[3:6]}-{digits[6:]}"]
    if len(digits) == 11 and digits[0] == "1":
        return ["1", f"({digits[1:4]})", f"{digits[4:7]}-{digits[7:]}"]
    if len(digits) == 11 and digits[0] == "0":
        return [digits[:5], digits[5:]]
    return [f"{digits[:3]}-{digits[3:]}"] if len(digits) == 7 else [digits]


def _shares(groups: Sequence[str], signs: Sequence[str], ends: Sequence[int], at: int) -> tuple[Written, ...]:
    """Each group with the spoken words of its digits; a "double" across two groups stays in the first."""
    written, taken, begin = [], 0, at
    for group in groups:
        taken += len(re.sub(r"\D", "", group))
        end = ends[taken - 1]
        written.append(Written(group, end - begin))
        begin = end
    return tuple(written)


def _joined(words: Sequence[str], at: int) -> tuple[str, int]:
    """Words joined by spoken signs: "bob dot smith"."""
    if at >= len(words) or not re.fullmatch(r"[a-z]{2,}", words[at]):
        return "", at
    text, at = words[at], at + 1
    while at + 1 < len(words) and words[at] in _JOINS and re.fullmatch(r"[a-z]+", words[at + 1]):
        text, at = text + _JOINS[words[at]] + words[at + 1], at + 2
    return text, at


def _host(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """A name of the internet, up to its top level, which must be a usual one."""
    text, end = _joined(words, at)
    if "." not in text or text.rsplit(".", 1)[1] not in _TOP:
        return None
    return text, end
