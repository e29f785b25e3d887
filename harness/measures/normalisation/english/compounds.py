"""Words written as one, with a hyphen or as two, and letters that are spelt out: one word each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from harness.measures.normalisation.english.number_words import PARTS
from harness.measures.normalisation.english.short_forms import expand
from harness.measures.normalisation.english.token import Token

_LETTER_PAIRS = (
    "e mail, e mails, e mailed, e mailing, e commerce, e book, e books, e reader, e learning, e bike, e bikes, x ray,"
    " x rays, t shirt, t shirts, u turn, u turns, v neck, d day, i phone, i phones, i pad, i pads, i pod, g mail, o"
    " clock"
)
_PAIRS = (
    "web site, web sites, web page, web pages, web cam, on line, off line, on site, off site, on going, on board,"
    " data base, data bases, data set, data sets, health care, day care, child care, home page, home work, home made,"
    " life style, life styles, life time, time line, time lines, time frame, time frames, dead line, dead lines, head"
    " line, head lines, head count, under way, work place, work force, work flow, work flows, work load, work shop,"
    " work shops, pay roll, pay check, pay day, book store, book stores, class room, class rooms, bed room, bed rooms,"
    " bath room, bath rooms, back up, back ups, set up, set ups, start up, start ups, follow up, follow ups, check"
    " out, check list, check lists, log in, log out, sign up, pick up, break down, break through, break throughs, shut"
    " down, shut downs, count down, slow down, lock down, lock downs, turn around, turn over, take over, take away,"
    " wrap up, mark up, mark down, pull back, pay back, roll out, roll outs, build out, run way, run rate, draw down,"
    " write off, any body, any thing, any where, some thing, some what, some where, some how, every body, every thing,"
    " every where, every day, no body, no where, there fore, how ever, never theless, mean while, mean time, after"
    " noon, week end, week ends, week day, week days, birth day, north east, north west, south east, south west, mid"
    " west, mid day, mid term, mid point, mid size, mid week, mid night, co worker, co workers, co founder, co"
    " founders, co operate, co operation, co ordinate, co ordinated, co ordination, co ordinator, co pilot, co author,"
    " co exist, co owner, high light, high lights, high way, out side, in side, in put, out put, out look, out come,"
    " out comes, in come, out standing, out reach, out source, out sourcing, over all, over head, over view, over"
    " night, over time, over due, over come, over seas, under stand, under stood, under lying, under line, up date, up"
    " dates, up dated, up grade, up grades, up side, down side, up stream, down stream, down time, down turn, up"
    " coming, up front, up load, down load, down loads, through put, through out, with out, with in, foot print, foot"
    " ball, base ball, basket ball, play ground, air port, air line, air lines, air craft, news paper, news letter,"
    " smart phone, smart phones, cell phone, voice mail, broad band, key word, key words, pass word, pass words, user"
    " name, land mark, bench mark, bench marks, trade mark, white paper, policy holder, share holder, share holders,"
    " stake holder, stake holders, house hold, house holds, ware house, cross over, spin off, trade off, trade offs,"
    " pay off, best seller, bottle neck, bottle necks, pipe line, pipe lines, cash flow, cash flows, year end"
)
_KNOWN_LETTERS = (
    "ceo cfo coo cto cio cpo vp svp evp dvd cd tv pc gps pdf usb url dj phd mba mri sec fda us uk eu un vip hr pr rv"
    " suv gpu cpu led nda pcr dna gdp roi kpi rfp spac reit bbc nhs nfl nba"
)
_INITIALISMS = frozenset(_KNOWN_LETTERS.split())
_MOST_LETTERS = 64
PREFIXES = frozenset(["non", "pre", "multi", "anti", "semi", "inter", "intra", "pseudo"])  # no words of their own
_FUNCTION_WORDS = "and or to the a an of in on for is was but as at by i s half quarter no number point minus"
_NOTPREFIXES_TO = PARTS | frozenset(_FUNCTION_WORDS.split())


def _pairs(text: str) -> dict[tuple[str, str], str]:
    listed = (pair.split() for pair in text.split(","))
    return {(pair[0], pair[1]): "".join(pair) for pair in listed if len(pair) == 2}


PAIRS: Mapping[tuple[str, str], str] = MappingProxyType(
    {**_pairs(_LETTER_PAIRS), **_pairs(_PAIRS), ("o", "clock"): "o'clock", ("per", "cent"): "percent"}
)
_KNOWN_PAIRS = frozenset(PAIRS)
_LETTERED = frozenset(pair for pair in PAIRS if len(pair[0]) == 1)
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz") - {"a", "i"}  # and "a i": where none is, no letters are spelt out


def may_join(words: Sequence[str]) -> bool:
    """Whether any pair or prefix is among these words."""
    return not (_KNOWN_PAIRS.isdisjoint(pairwise(words)) and PREFIXES.isdisjoint(words))


def join_letters(tokens: Sequence[Token]) -> list[Token]:
    """Single letters that follow each other as one word: "u s a" as "usa", and as what it is short for."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        if len(tokens[at].word) > 1:
            out.append(tokens[at])
            at += 1
            continue
        end = _letters(tokens, at)
        if end - at > 2 and _article(tokens, at, end):
            out.append(tokens[at])
            at += 1
        if end - at > 1:
            joined = "".join(token.word for token in tokens[at:end])
            out += [Token(word, tokens[at].place) for word in expand(joined)]
        else:
            out += tokens[at:end]
        at = end
    return out


def join_pairs(tokens: Sequence[Token]) -> list[Token]:
    """Listed pairs as one word, and prefixes with the word behind them: "web site", "non profit"."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        word, place = tokens[at]
        behind = tokens[at + 1].word if at + 1 < len(tokens) else ""
        joined = PAIRS.get((word, behind))
        if joined is None and word in PREFIXES and behind.isalpha() and behind not in _NOTPREFIXES_TO:
            joined = word + behind
        out.append(Token(joined or word, place))
        at += 2 if joined else 1
    return out


def _letters(tokens: Sequence[Token], at: int) -> int:
    """The position behind the letters that start here; at least one word on. "i i" and "a a" are words, said twice."""
    end = at
    while end < min(len(tokens), at + _MOST_LETTERS) and _letter(tokens[end].word) and not _starts_pair(tokens, end):
        end += 1
    if at < end < len(tokens) and tokens[end].word[1:] == "'s" and _letter(tokens[end].word[0]):
        end += 1
    said = {token.word for token in tokens[at:end]}
    if said <= {"a", "i"} and [token.word for token in tokens[at:end]] != ["a", "i"]:
        return at + 1
    return max(end, at + 1)


def _letter(word: str) -> bool:
    return len(word) == 1 and "a" <= word <= "z"


def _starts_pair(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and (tokens[at].word, tokens[at + 1].word) in _LETTERED


def _article(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the first letter is the article: "a c e o"."""
    return tokens[at].word == "a" and "".join(token.word for token in tokens[at + 1 : end]) in _INITIALISMS
