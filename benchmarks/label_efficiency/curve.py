"""Error rate against labelled minutes, and how many times fewer labels do as well.

Rates are pooled over speakers and seeds. Between two sizes the rate is taken to fall evenly with the logarithm of the
minutes; where noise lets it rise, isotonic regression evens it out. Intervals come from resampling speakers and seeds
together, both arms alike. Source: Efron & Tibshirani (1993), chapter 13, for percentile intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from benchmarks.label_efficiency.cells import Finished
from benchmarks.label_efficiency.recipe import ARMS
from harness.statistics.inference import Inference
from harness.statistics.ratio import ClusterSums, compare_ratios, one_rate

LEVELS = 101
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counted:
    """Errors and totals of every finished pair of cells.

    Attributes:
        minutes: (sizes,) labelled, ascending.
        seeds: of the axis of seeds.
        errors: (2 arms, sizes, seeds, speakers).
        totals: (2 arms, sizes, seeds, speakers).
    """

    minutes: Floats
    seeds: tuple[int, ...]
    errors: Floats
    totals: Floats

    def rates(self) -> Floats:
        """(2, sizes), seeds and speakers pooled."""
        return np.asarray(self.errors.sum(axis=(2, 3)) / self.totals.sum(axis=(2, 3)))

    def rates_by_seed(self) -> Floats:
        """(2, sizes, seeds), speakers pooled."""
        return np.asarray(self.errors.sum(axis=3) / self.totals.sum(axis=3))

    def interval(self, arm: int, size: int) -> Inference | None:
        """The rate of one point with the uncertainty of its speakers."""
        columns = [self.errors[arm, size].sum(axis=0), self.totals[arm, size].sum(axis=0)]
        return one_rate(np.stack(columns, axis=1))

    def difference(self, size: int, rng: np.random.Generator) -> Inference | None:
        """The pretrained rate less the other at one size, paired by speaker."""
        pairs = [(self.errors[arm, size].sum(axis=0), self.totals[arm, size].sum(axis=0)) for arm in (0, 1)]
        return compare_ratios(ClusterSums(np.stack([*pairs[0], *pairs[1]], axis=1)), rng)


def count(finished: Iterable[Finished], *, words: bool) -> Counted | None:
    """Gather the seeds of which every size has both arms; or, before there is one, the sizes that one seed has.

    Args:
        finished: cells.
        words: count words, else phones.

    Returns:
        None where no size has both arms.
    """
    cells = {(done.cell.arm, done.cell.minutes, done.cell.seed): done for done in finished}
    sizes = sorted({minutes for _, minutes, _ in cells})
    seeds = sorted({seed for _, _, seed in cells})

    def paired(minutes: int, seed: int) -> bool:
        return all((arm, minutes, seed) in cells for arm in ARMS)

    whole = [seed for seed in seeds if all(paired(minutes, seed) for minutes in sizes)]
    if not whole:
        whole = seeds[:1]
        sizes = [minutes for minutes in sizes if paired(minutes, whole[0])]
    if not sizes:
        return None
    speakers = sorted(next(iter(cells.values())).counts)
    first = 0 if words else 2
    table = np.asarray(
        [
            [[[cells[arm, size, seed].counts[who][first : first + 2] for who in speakers] for seed in whole]
             for size in sizes]
            for arm in ARMS
        ],
        np.float64,
    )  # fmt: skip
    labelled = [float(np.mean([cells[ARMS[0], size, seed].labelled for seed in whole])) for size in sizes]
    return Counted(np.asarray(labelled), tuple(whole), table[..., 0], table[..., 1])


def labels_for(levels: Floats, minutes: Floats, rates: Floats) -> Floats:
    """The minutes at which a curve reaches error rates that lie between its first and its last.

    Args:
        levels: (n,) error rates.
        minutes: (sizes,) ascending.
        rates: (sizes,) never rising.
    """
    return np.asarray(np.exp(np.interp(-levels, -rates, np.log(minutes))))


def labels_ratio(minutes: Floats, rates: Floats) -> float | None:
    """How many times more labels the fresh body needs, on average over the error rates that both curves reach.

    Args:
        minutes: (sizes,) ascending.
        rates: (2, sizes) of the fresh and of the pretrained body.

    Returns:
        The geometric mean; below 1 where pretraining harms, None where no rate is reached by both.
    """
    fresh, pretrained = (isotonic_regression(row, increasing=False).x for row in rates)
    low, high = max(fresh[-1], pretrained[-1]), min(fresh[0], pretrained[0])
    if not low < high:
        return None
    levels = low + (high - low) * (np.arange(LEVELS) + 0.5) / LEVELS
    logs = np.log(labels_for(levels, minutes, fresh) / labels_for(levels, minutes, pretrained))
    return float(np.exp(logs.mean()))


@dataclass(frozen=True, slots=True)
class Saving:
    """The ratio of labels at equal error rate with its 95 % interval, and the share of draws that had none."""

    ratio: float | None
    low: float | None
    high: float | None
    undefined: float


def saving(counted: Counted, rng: np.random.Generator, draws: int = 1000) -> Saving:
    """Estimate the ratio and resample speakers and seeds."""
    found: list[float] = []
    seeds, speakers = counted.errors.shape[2:]
    for _ in range(draws):
        who, which = rng.integers(speakers, size=speakers), rng.integers(seeds, size=seeds)
        errors, totals = (table[:, :, which][..., who].sum(axis=(2, 3)) for table in (counted.errors, counted.totals))
        ratio = labels_ratio(counted.minutes, errors / totals)
        if ratio is not None:
            found.append(ratio)
    low, high = np.quantile(found, [0.025, 0.975]) if found else (None, None)
    return Saving(
        labels_ratio(counted.minutes, counted.rates()),
        None if low is None else float(low),
        None if high is None else float(high),
        1 - len(found) / draws,
    )


def spread(values: Sequence[float]) -> float | None:
    """Standard deviation between seeds; None of fewer than two."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
