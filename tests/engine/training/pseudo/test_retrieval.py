"""A passage that was read is found and cut out; one that was not is refused."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.training.pseudo.books import Books, spell_books
from engine.training.pseudo.label import Heard
from engine.training.pseudo.matching import Match
from engine.training.pseudo.retrieval import PassageLimits, believed, passage_labels

Lexicon = dict[str, tuple[tuple[int, ...], ...]]
PASSAGE = "yellow bird on the window and the morning river with a stone house"


@pytest.fixture
def books(lexicon: Lexicon) -> Books:
    rng = np.random.default_rng(3)
    words = sorted(lexicon)
    before, after = (" ".join(words[int(rng.integers(len(words)))] for _ in range(3000)) for _ in range(2))
    return spell_books([before, PASSAGE, after], lexicon)


def test_a_passage_is_found_although_a_third_is_misheard(books: Books, hear: Callable[..., Heard]) -> None:
    heard = hear(PASSAGE)
    spoken = np.flatnonzero(heard.log_probs.argmax(axis=1) > 0)
    for frame in spoken[5:-5:3]:
        heard.log_probs[frame] = np.roll(heard.log_probs[frame], 7)
    (place, label), *more = passage_labels([heard], books)
    assert (place, label.text, label.method, more) == (0, PASSAGE, "book", [])
    assert (label.first, label.last) == (0, len(heard.log_probs))
    assert 0.6 < label.confidence < 0.8


def test_words_outside_the_book_are_cut_off(books: Books, hear: Callable[..., Heard]) -> None:
    inside, strange = hear(PASSAGE), hear("sugar coffee")
    heard = replace(inside, log_probs=np.concatenate([strange.log_probs, inside.log_probs]))
    ((_, label),) = passage_labels([heard], books)
    assert label.text == PASSAGE
    assert abs(label.first - len(strange.log_probs)) <= 4
    assert label.last == len(heard.log_probs)


def test_what_is_in_no_book_gets_no_label(books: Books, hear: Callable[..., Heard]) -> None:
    heard = hear("milk sugar milk sugar coffee small mocha want give me the large coffee i want milk")
    silence = replace(heard, log_probs=heard.log_probs[:3])
    assert list(passage_labels([heard, silence], books)) == []


def test_a_lead_over_other_words_is_required() -> None:
    text = np.array([*range(1, 41), *range(40, 0, -1), *range(1, 41)], np.uint8)
    query, limits = text[:40], PassageLimits()
    first, other, again = Match(0, 40, 2), Match(40, 80, 5), Match(80, 120, 2)
    assert not believed(query, text, [first, other], limits)
    assert believed(query, text, [first, again, Match(40, 80, 30)], limits)
    assert not believed(query, text, [Match(0, 40, 30), Match(40, 80, 40)], limits)
    assert not believed(query, text, [], limits)
