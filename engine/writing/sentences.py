"""Where marks stand in a stream of words, decided once for every word, left to right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.writing.entities import Placed
from engine.writing.marks import UNHEARD, Gap, MarkModel
from engine.writing.style import Style

RATE = 16_000  # samples a second
SPREAD = 6.0  # how much the sensitivity weighs, in natural log odds from 0 to 1
EVEN = 0.4  # the sensitivity that takes the model at its word; the default adds a little, for balance (docs/writing.md)
QUESTION = 0.4  # share of the chance of a sentence end from which a question mark is set

_ASKING = "who what where when why how which whose whom what's who's where's how's"
_FINITE = (
    "is are was were do does did have has had can could will would shall should may might am isn't aren't wasn't"
    " weren't don't doesn't didn't haven't hasn't can't couldn't won't wouldn't shouldn't"
)
_PRONOUNS = "i you he she it we they there this that these those anyone anybody everyone"
_QUESTION_WORDS, _VERBS, _SUBJECTS = (frozenset(words.split()) for words in (_ASKING, _FINITE, _PRONOUNS))


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark and how sure it is."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence being written."""

    opening: tuple[str, ...] = ()  # its first two words
    last: tuple[str, str] = ("", "")  # its last two words, "" where there is none
    length: int = 0  # words
    mark: str = ""  # after the last word

    def with_word(self, word: str) -> Sentence:
        """The sentence with one word more."""
        return Sentence((*self.opening, word)[:2], (self.last[1], word), self.length + 1)

    def with_mark(self, mark: Mark | None) -> Sentence:
        """The sentence after a mark, a new one if it ended."""
        if mark is None:
            return self
        if mark.text in (".", "?"):
            return Sentence()
        return Sentence(self.opening, self.last, self.length, mark.text)


def mark_after(
    sentence: Sentence, word: Placed, after: Sequence[Placed], now: int, model: MarkModel, style: Style
) -> Mark | None:
    """The mark after a word, if there is one.

    Args:
        sentence: with the word in it.
        after: the words heard after it.
        now: samples heard so far.
    """
    following = (after[0].text if after else UNHEARD, after[1].text if len(after) > 1 else UNHEARD)
    pause = ((after[0].start if after else max(now, word.end)) - word.end) / RATE
    return mark_in(_gap(sentence, following, pause), model, style)


def mark_in(gap: Gap, model: MarkModel, style: Style) -> Mark | None:
    """The mark in a gap, if there is one."""
    if not style.marks:
        return None
    return _chosen(model.probabilities(gap), style, _asks(gap.opening))


def closing_mark(sentence: Sentence, model: MarkModel, style: Style) -> Mark | None:
    """The mark that ends a sentence because the speaker, or the stream, came to an end."""
    if not sentence.length or sentence.mark:
        return None
    gap = _gap(sentence, (UNHEARD, UNHEARD), 2.0)
    chances = model.probabilities(gap)
    ends = chances["."] + chances["?"]
    asked = "?" in style.marks and (_asks(gap.opening) or chances["?"] >= QUESTION * ends)
    text = "?" if asked else "."
    return Mark(text, 1.0) if text in style.marks else None


def _asks(opening: tuple[str, str]) -> bool:
    """Begins as a question: "what is", "do you"; what the model was learnt from asks too little to teach it that."""
    first, second = opening
    if first in _VERBS:
        return second in _SUBJECTS
    return (first in _QUESTION_WORDS and second in _VERBS) or (first == "how" and second in ("much", "many", "long"))


def _gap(sentence: Sentence, following: tuple[str, str], pause: float) -> Gap:
    opening = (sentence.opening[0], sentence.opening[1] if len(sentence.opening) > 1 else UNHEARD)
    return Gap(sentence.last, following, pause, opening, sentence.length)


def _chosen(chances: Mapping[str, float], style: Style, asks: bool) -> Mark | None:
    question = chances["?"] if "?" in style.marks else 0.0
    ends = chances["."] + chances["?"] if "." in style.marks else question
    comma = chances[","] if "," in style.marks else 0.0
    none = 1 - ends - comma  # a mark that is not permitted is none
    raised = math.exp(SPREAD * (style.sensitivity - EVEN))
    if raised * max(ends, comma) <= none:
        return None
    total = none + raised * (ends + comma)
    if comma >= ends:
        return Mark(",", raised * comma / total)
    asked = "?" in style.marks and (asks or question >= QUESTION * ends)
    return Mark("?" if asked else ".", raised * ends / total)
