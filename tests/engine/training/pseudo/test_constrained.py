"""Of the sentences with the right meaning, the one that was said."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.training.pseudo.constrained import SentenceLimits, sentence_label
from engine.training.pseudo.grammar import Grammar
from engine.training.pseudo.label import Heard

Lexicon = dict[str, tuple[tuple[int, ...], ...]]
GRAMMAR = Grammar(
    {
        "order": (
            "[give me, i want, brew] [a, an] $size:size $drink:drink with $milk:milk",
            "[give me, i want, brew] [a, an] $drink:drink $size:size with $milk:milk",
        )
    }
)
SLOTS = {"size": "small", "drink": "mocha", "milk": "milk"}


@pytest.mark.parametrize("said", ["give me a small mocha with milk", "i want a mocha small with milk"])
def test_what_was_said(said: str, hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    label = sentence_label(hear(said, intent="order", slots=SLOTS), GRAMMAR, lexicon)
    assert label is not None
    assert (label.text, label.method) == (said, "grammar")
    assert label.confidence > 0.9


def test_another_meaning_is_refused(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard = hear("yellow bird on the river", intent="order", slots=SLOTS)
    assert sentence_label(heard, GRAMMAR, lexicon) is None


def test_a_close_call_is_refused(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard = hear("give me a small mocha with milk", intent="order", slots=SLOTS)
    flat = replace(heard, log_probs=np.full_like(heard.log_probs, -np.log(40)))
    assert sentence_label(flat, GRAMMAR, lexicon, SentenceLimits(misfit=99)) is None


def test_no_sentence_fits(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    assert sentence_label(hear("a cat", intent="stop", slots={}), GRAMMAR, lexicon) is None
    assert sentence_label(hear("a cat"), GRAMMAR, lexicon) is None
    short = hear("a cat", intent="order", slots=SLOTS)
    assert sentence_label(replace(short, log_probs=short.log_probs[:0]), GRAMMAR, lexicon) is None
    assert sentence_label(replace(short, log_probs=short.log_probs[:2]), GRAMMAR, lexicon) is None
