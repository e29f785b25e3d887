"""The pattern search finds the settings with the fewest errors, and stops when it may not try more."""

from dataclasses import replace
from itertools import pairwise

from benchmarks.recogniser.tune_decoding import pattern_search
from engine.decoder.options import DecodeOptions


def errors(options: DecodeOptions) -> int:
    wrong = abs(options.acoustic_scale - 0.8) + abs(options.blank_penalty - 1.1) + abs(options.prior_scale - 0.2)
    return round(1000 * (wrong + abs(options.word_penalty + 0.45)))


def test_every_step_makes_fewer_errors_and_the_last_is_near_the_best():
    steps = list(pattern_search(DecodeOptions(), errors, lambda: False))
    assert steps[0] == (DecodeOptions(), errors(DecodeOptions()))
    assert all(one > other for (_, one), (_, other) in pairwise(steps))
    assert steps[-1][1] <= 150


def test_what_is_not_tuned_stays():
    *_, (last, _) = pattern_search(DecodeOptions(beam=7.0, max_active=900), errors, lambda: False)
    assert (last.beam, last.max_active) == (7.0, 900)


def test_a_spent_budget_ends_it():
    assert len(list(pattern_search(DecodeOptions(), errors, lambda: True))) == 1
    tries = iter(range(100))
    few = list(pattern_search(DecodeOptions(), errors, lambda: next(tries) >= 3))
    assert few[0][0] == replace(DecodeOptions())
