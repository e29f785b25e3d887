"""The promise of the whole gate by simulation: equal candidates are rarely called worse, bad ones rarely pass."""

from __future__ import annotations

import numpy as np
import pytest

from harness.gate.compare import compare
from harness.gate.decide import decide
from harness.gate.policy import Policy
from harness.gate.policy_file import parse_policy
from harness.measures.counts import WordErrors
from harness.results import Arm, Outcome, UnitResult

POLICY = """
version = 1
name = "simulated"
resamples = 300
[margins]
wer = { relative = 0.20 }
[slices]
gating = ["all", "group"]
"""


def units(rng: np.random.Generator, factor: float, spread: float, clusters: int = 20) -> list[UnitResult]:
    """Speakers of four groups; the candidate's rate is ``factor`` times the champion's, varying by speaker."""
    found = []
    for cluster in range(clusters * 2):
        rate = rng.beta(5, 45)
        other = min(max(rate * factor * (1 + spread * rng.standard_normal()), 0.0), 0.9)
        for i in range(5):
            errors = {Arm.CHAMPION: rng.binomial(100, rate), Arm.CANDIDATE: rng.binomial(100, other)}
            for arm, count in errors.items():
                measures = {"wer": WordErrors(substitutions=int(count), reference=100)}
                found.append(UnitResult(arm, f"{cluster}-{i}", str(cluster), {"group": str(cluster % 4)}, measures))
    return found


def outcomes(factor: float, spread: float, trials: int, policy: Policy) -> list[Outcome]:
    rng = np.random.default_rng(4)
    found = []
    for _ in range(trials):
        comparisons = compare(units(rng, factor, spread), policy, rng)
        verdict = decide(comparisons, (), champion_digest="", candidate_digest="", policy_digest="", signature="")
        found.append(verdict.outcome)
    return found


def share(found: list[Outcome], outcome: Outcome) -> float:
    return sum(o is outcome for o in found) / len(found)


def bound(trials: int) -> float:
    return 0.05 + 3 * float(np.sqrt(0.05 * 0.95 / trials))


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_an_equal_candidate_is_rarely_called_worse(spread: float) -> None:
    found = outcomes(1.0, spread, 200, parse_policy(POLICY, "gate.toml"))
    assert share(found, Outcome.FAIL) <= bound(200)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_a_candidate_at_the_margin_rarely_passes(spread: float) -> None:
    found = outcomes(1.2, spread, 200, parse_policy(POLICY, "gate.toml"))
    assert share(found, Outcome.PASS) <= bound(200)


def test_much_better_passes_and_much_worse_fails() -> None:
    policy = parse_policy(POLICY, "gate.toml")
    assert set(outcomes(0.5, 0.1, 4, policy)) == {Outcome.PASS}
    assert set(outcomes(2.0, 0.1, 4, policy)) == {Outcome.FAIL}


def test_the_interval_of_a_rate_does_not_go_below_0() -> None:
    found = []
    for cluster in range(9):
        for arm in (Arm.CHAMPION, Arm.CANDIDATE):
            measures = {"wer": WordErrors(substitutions=int(cluster == 0), reference=100)}
            found.append(UnitResult(arm, str(cluster), str(cluster), {}, measures))
    (wer,) = (c for c in compare(found, parse_policy(POLICY, "p"), np.random.default_rng(1)) if c.slice == "all")
    assert wer.champion_interval is not None
    assert wer.champion_interval.lower == 0.0
    assert wer.champion_interval.upper > 0.001
