"""What several looks save and keep, by simulation: ``python -m benchmarks.looks [TRIALS]`` prints one Markdown table.

Speakers of 8 cases with 80 words; 10 % WER on average, beta-distributed over speakers; 70 % of errors shared; the
candidate's rate varies by 10 % from speaker to speaker. The margin is 10 % relative, alpha 0.05.
"""

from __future__ import annotations

import sys

import numpy as np

from harness.gate.policy import Policy
from harness.gate.policy_file import parse_policy
from harness.gate.sequential import Decision, decide_look, planned_looks
from harness.measures.counts import WordErrors
from harness.results import Arm, LookRecord, UnitResult

POLICY = 'version = 1\nname = "looks"\nresamples = 500\n[margins]\nwer = { relative = 0.10 }\n'
LOOKS = "[looks]\nfractions = [0.25, 0.5, 0.75]\n"
ONCE = LookRecord(1, 1, 1.0, 0.05)
CANDIDATES = (("20 % fewer errors", 0.8), ("equal", 1.0), ("10 % more: at the margin", 1.1), ("30 % more", 1.3))


def main(trials: int) -> int:
    """Print the table."""
    looking = parse_policy(POLICY + LOOKS, "looks")
    print("| speakers | candidate | PASS, one look | FAIL, one look | PASS, four | FAIL, four | replayed |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for clusters in (16, 60):
        for name, factor in CANDIDATES:
            rng = np.random.default_rng(6)
            once, four, asked = [], [], 0.0
            for _ in range(trials):
                found = _units(rng, factor, clusters)
                once.append(decide_look(_joined(found), looking, ONCE, rng))
                decision, share = _replayed(found, looking, rng)
                four.append(decision)
                asked += share / trials
            cells = [f"{kind.count(d) / trials:.1%}" for kind in (once, four) for d in (Decision.PASS, Decision.FAIL)]
            print(f"| {clusters} | {name} | {' | '.join(cells)} | {asked:.0%} |", flush=True)
    return 0


def _replayed(found: list[list[UnitResult]], policy: Policy, rng: np.random.Generator) -> tuple[Decision, float]:
    for look in planned_looks(policy):
        decision = decide_look(_joined(found[: round(look.share * len(found))]), policy, look, rng)
        if decision is not Decision.CONTINUE:
            return decision, look.share
    return Decision.CONTINUE, 1.0


def _joined(found: list[list[UnitResult]]) -> list[UnitResult]:
    return [unit for pair in found for unit in pair]


def _units(rng: np.random.Generator, factor: float, clusters: int) -> list[list[UnitResult]]:
    found = []
    for cluster in range(clusters):
        rate = rng.beta(5, 45)
        other = min(max(rate * factor * (1 + 0.1 * rng.standard_normal()), 0.0), 0.9)
        common = min(rate, other) * 0.7
        for i in range(8):
            shared = rng.binomial(80, common)
            pair = []
            for arm, each in ((Arm.CHAMPION, rate), (Arm.CANDIDATE, other)):
                errors = shared + rng.binomial(80 - shared, (each - common) / (1 - common))
                measures = {"wer": WordErrors(int(errors), reference=80)}
                pair.append(UnitResult(arm, f"{cluster}-{i}", str(cluster), {}, measures))
            found.append(pair)
    return [found[place] for place in rng.permutation(len(found))]


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
