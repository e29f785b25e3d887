"""Paired bootstrap of two recognisers' WER: 100,000 utterances, 10,000 resamples, whole clusters or one by one."""

from __future__ import annotations

import functools
import importlib.util
import time
from collections.abc import Callable

import numpy as np

from benchmarks.race import Row, race
from harness.statistics.ratio import ClusterSums, compare_ratios

UTTERANCES, WORDS, RESAMPLES = 100_000, 12, 10_000
JOB = "paired bootstrap of WER, 100,000 utterances, 10,000 resamples"


def rows() -> list[Row]:
    """Check the interval against plain resampling, then time."""
    rng = np.random.default_rng(1)
    first, second = rng.binomial(WORDS, 0.1, UTTERANCES), rng.binomial(WORDS, 0.101, UTTERANCES)
    clustered, alone = _sums(first, second, 500), _sums(first, second, UTTERANCES)
    agreement = _agreement(clustered)
    contestants: dict[str, Callable[[], object] | None] = {
        "understudy, 500 clusters": lambda: compare_ratios(clustered, np.random.default_rng(1), resamples=RESAMPLES),
        "understudy, 100,000 clusters of one": lambda: compare_ratios(alone, np.random.default_rng(1)),
        "numpy, 500 clusters: multinomial and a product": lambda: _plain(clustered, RESAMPLES),
    }
    notes = {
        "understudy, 500 clusters": f"bootstrap-t; its 95 % interval {agreement}",
        "understudy, 100,000 clusters of one": "Student's t, as above 2,000 clusters",
        "numpy, 500 clusters: multinomial and a product": "percentile bootstrap",
    }
    found = race(JOB, contestants, notes=notes)
    return [*found, _kaldialign(first, second)]


def _sums(first: np.ndarray, second: np.ndarray, clusters: int) -> ClusterSums:
    a, b = (errors.reshape(clusters, -1).sum(axis=1) for errors in (first, second))
    words = np.full(clusters, UTTERANCES // clusters * WORDS)
    return ClusterSums(np.stack([a, words, b, words], axis=1).astype(np.float64))


def _plain(sums: ClusterSums, resamples: int) -> np.ndarray:
    rng, k = np.random.default_rng(1), sums.clusters
    drawn = rng.multinomial(k, np.full(k, 1 / k), size=resamples).astype(np.float64) @ sums.table
    difference: np.ndarray = drawn[:, 2] / drawn[:, 3] - drawn[:, 0] / drawn[:, 1]
    return difference


def _agreement(sums: ClusterSums) -> str:
    ours = compare_ratios(sums, np.random.default_rng(1), resamples=RESAMPLES)
    if ours is None:
        raise AssertionError("no inference on 500 clusters")
    width = ours.upper(0.025) - ours.lower(0.025)
    low, high = np.quantile(_plain(sums, RESAMPLES), [0.025, 0.975])
    ratio = width / float(high - low)
    if not 0.95 <= ratio <= 1.05:
        raise AssertionError(f"our interval is {ratio:.3f} times as wide as plain resampling's")
    return f"{ratio:.3f} times as wide as numpy's"


def _kaldialign(first: np.ndarray, second: np.ndarray) -> Row:
    tool = "kaldialign.bootstrap_wer_ci, utterances one by one"
    if importlib.util.find_spec("kaldialign") is None:
        return Row(JOB, tool, None, "not installed")
    import kaldialign

    truth = ["w"] * WORDS
    sides = [[["x"] * int(e) + ["w"] * (WORDS - int(e)) for e in errors] for errors in (first, second)]
    run = functools.partial(kaldialign.bootstrap_wer_ci, [truth] * UTTERANCES, sides[0], sides[1])
    seconds = []
    for resamples in (2, RESAMPLES):  # aligning is not part of this job: what 2 resamples take is taken off
        begin = time.perf_counter()
        run(replications=resamples)
        seconds.append(time.perf_counter() - begin)
    return Row(JOB, tool, seconds[1] - seconds[0], f"aligning ({seconds[0]:.1f} s) taken off")
