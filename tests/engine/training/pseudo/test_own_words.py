"""The recogniser's words are kept where the phones agree, between pauses."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.recogniser import RecognisedWord
from engine.training.pseudo.label import Heard
from engine.training.pseudo.own_words import OwnLimits, disagreement, own_labels
from engine.word_times import FRAME_SAMPLES

Lexicon = dict[str, tuple[tuple[int, ...], ...]]
LIMITS = OwnLimits(disagreement=0.4, phones=3, pause=5)
PARTS = ("the cat sat on the mat", "a dog and", "yellow bird")
PAUSE = 8  # frames of nothing


def spoken(hear: Callable[..., Heard], lexicon: Lexicon) -> tuple[Heard, list[RecognisedWord], list[int]]:
    """Three parts with pauses; the words of each and the first frame of each."""
    silence = hear("a").log_probs[:1].repeat(PAUSE, axis=0)
    log_probs, words, firsts = [], [], []
    for part in PARTS:
        firsts.append(sum(map(len, log_probs)))
        frame = firsts[-1] + 3
        for word in part.split():
            end = frame + 3 * len(lexicon[word][0])
            words.append(RecognisedWord(word, frame * FRAME_SAMPLES, (end - 2) * FRAME_SAMPLES, 0.5))
            frame = end
        log_probs += [hear(part).log_probs, silence]
    whole = np.concatenate(log_probs)
    return replace(hear("a"), log_probs=whole, samples=len(whole) * FRAME_SAMPLES), words, firsts


def test_all_right_stays_whole(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard, words, _ = spoken(hear, lexicon)
    (label,) = own_labels(heard, words, lexicon, LIMITS)
    assert (label.text, label.first, label.last) == (" ".join(PARTS), 0, len(heard.log_probs))
    assert (label.method, label.confidence) == ("self", 1.0)


def test_a_wrong_part_is_cut_out(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard, words, firsts = spoken(hear, lexicon)
    words[6] = replace(words[6], text="coffee")
    words[7] = replace(words[7], text="milk")
    before, after = own_labels(heard, words, lexicon, LIMITS)
    assert (before.text, after.text) == (PARTS[0], PARTS[2])
    assert before.first == 0
    assert firsts[1] - PAUSE <= before.last <= firsts[1] + 3
    assert firsts[2] - PAUSE <= after.first <= firsts[2] + 3
    assert after.last == len(heard.log_probs)


def test_a_bad_recording_and_a_short_part_give_nothing(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard, words, _ = spoken(hear, lexicon)
    wrong = [replace(word, text="coffee") for word in words]
    assert list(own_labels(heard, wrong, lexicon, LIMITS)) == []
    assert list(own_labels(heard, words, lexicon, OwnLimits(phones=99))) == []
    assert list(own_labels(heard, [], lexicon, LIMITS)) == []


def test_a_word_outside_the_lexicon_is_not_believed(hear: Callable[..., Heard], lexicon: Lexicon) -> None:
    heard, words, _ = spoken(hear, lexicon)
    assert disagreement(heard, [replace(words[0], text="zanzibar")], 0, 20, lexicon) == 1.0
