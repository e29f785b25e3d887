import json
from collections.abc import Callable

from harness.results import Outcome, Run
from reports.verdict_json import verdict_json

KEYS = {
    "version", "run", "outcome", "reasons", "arms", "test_sets", "comparisons", "findings", "edge_cases",
    "policy_digest", "signature",
}  # fmt: skip


def test_the_keys_are_stable_and_the_numbers_unrounded(make_run: Callable[..., Run]) -> None:
    found = json.loads(json.dumps(verdict_json(make_run(Outcome.FAIL)), allow_nan=False))
    assert set(found) == KEYS
    assert found["outcome"] == "FAIL"
    assert found["arms"]["candidate"] == {"name": "models:/reference@candidate", "digest": "b2" * 32}
    assert found["comparisons"][0]["champion"] == 0.123


def test_only_what_decides_is_listed(make_run: Callable[..., Run]) -> None:
    assert len(verdict_json(make_run(Outcome.PASS))["comparisons"]) == 9


def test_a_run_of_nothing(nothing: Run) -> None:
    assert verdict_json(nothing)["comparisons"] == []
