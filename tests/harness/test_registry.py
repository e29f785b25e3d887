"""The champion moves only with a PASS for exactly that pair, and the history cannot be rewritten unnoticed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.errors import EvidenceError, RegistryError
from harness.registry import Registry
from harness.results import Arm, ArmRecord, Comparison, Outcome, Role, Run, RunRecord, Verdict
from harness.run_folder import read_run, read_verdict, write_results, write_verdict

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's and SQLAlchemy's own deprecations

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def a_run(folder: Path, champion: str = "d1", candidate: str = "d2", outcome: Outcome = Outcome.PASS) -> Path:
    """A run folder whose verdict follows from its one comparison."""
    reason = "no worse than the margins allow in the only gating comparison"
    comparison = Comparison(
        "wer", "rate", "all", Role.GATING, "ratio", 0.1, 0.1, 0.0, 0.0, None, None, None, 0.01, "0.01 absolute", 0.0,
        0.0, 0.0, 1.0, 1.0, 100, 12, {}, 0, "t", outcome, False, "worse",
    )  # fmt: skip
    arms = (ArmRecord(Arm.CHAMPION, "one", champion), ArmRecord(Arm.CANDIDATE, "two", candidate))
    record = RunRecord("run-1", "2026-11-22T09:00:00Z", 1, "basic-1", {}, "p", arms, (), {})
    reasons = (reason,) if outcome is Outcome.PASS else ("worse",)
    verdict = Verdict(outcome, reasons, (), champion, candidate, "p", "v1|wer")
    write_results(folder, Run(record, (), (comparison,), (), verdict))
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with versions 1 (champion), 2 and 3; made once, for MLflow takes its time."""
    folder = tmp_path_factory.mktemp("registry")
    made = Registry(folder, lambda: NOW)
    for number in (1, 2, 3):
        made.register("reference", folder / f"model-{number}", f"d{number}")
    made.appoint("reference", 1, who="ada", why="the first")
    return folder


@pytest.fixture
def registry(template: Path, tmp_path: Path) -> Registry:
    for name in ("mlflow.db", "history.jsonl"):
        (tmp_path / "registry").mkdir(exist_ok=True)
        (tmp_path / "registry" / name).write_bytes((template / name).read_bytes())
    return Registry(tmp_path / "registry", lambda: NOW)


def champion_of(registry: Registry) -> int:
    found = registry.champion("reference")
    assert found is not None
    return found.version


def test_a_pass_promotes_and_is_written_down(registry: Registry, tmp_path: Path) -> None:
    entry = registry.promote("reference", a_run(tmp_path / "run"), who="ada", why="better on noise")
    assert champion_of(registry) == 2
    assert registry.history("reference")[-1] == entry
    assert (entry.action, entry.who, entry.why, entry.run) == ("promote", "ada", "better on noise", "run-1")
    assert (entry.from_digest, entry.to_digest, entry.at) == ("d1", "d2", "2026-11-22T10:00:00+00:00")
    assert entry.evidence is not None
    assert len(entry.evidence) == 64


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.HOLD])
def test_no_pass_no_promotion(registry: Registry, tmp_path: Path, outcome: Outcome) -> None:
    with pytest.raises(RegistryError, match="not PASS: worse") as caught:
        registry.promote("reference", a_run(tmp_path / "run", outcome=outcome), who="ada", why="")
    assert caught.value.outcome == outcome
    assert champion_of(registry) == 1
    assert len(registry.history()) == 1


@pytest.mark.parametrize(
    ("champion", "candidate", "version", "message"),
    [
        ("d9", "d2", None, "judged against champion d9, but now the champion is version 1"),
        ("d1", "d9", None, "is no registered version of 'reference'"),
        ("d1", "d2", 3, "passed another candidate"),
        ("d1", "d2", 7, "has no version 7; registered versions: 1, 2, 3"),
        ("d1", "d1", None, "is the champion already"),
    ],
)
def test_the_pass_must_be_for_exactly_this_pair(
    registry: Registry, tmp_path: Path, champion: str, candidate: str, version: int | None, message: str
) -> None:
    with pytest.raises(RegistryError, match=message):
        registry.promote("reference", a_run(tmp_path / "r", champion, candidate), who="a", why="", version=version)
    assert champion_of(registry) == 1


def test_a_verdict_edited_by_hand_is_refused(registry: Registry, tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", outcome=Outcome.FAIL)
    passed = a_run(tmp_path / "other")
    (folder / "verdict.json").write_bytes((passed / "verdict.json").read_bytes())
    with pytest.raises(RegistryError, match="does not follow from the run"):
        registry.promote("reference", folder, who="a", why="")
    write_verdict(passed, replace(read_verdict(passed), candidate_digest="d3"))
    with pytest.raises(RegistryError, match="does not follow from the run"):
        registry.promote("reference", passed, who="a", why="")


def test_no_run_no_promotion(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="does not exist"):
        registry.promote("reference", tmp_path / "nothing", who="a", why="")


def test_rollback_goes_back_one_promotion_at_a_time(registry: Registry, tmp_path: Path) -> None:
    registry.promote("reference", a_run(tmp_path / "one"), who="a", why="")
    registry.promote("reference", a_run(tmp_path / "two", "d2", "d3"), who="a", why="")
    assert [registry.rollback("reference", who="b", why="alarm").to_version for _ in range(2)] == [2, 1]
    assert champion_of(registry) == 1
    with pytest.raises(RegistryError, match="no earlier champion"):
        registry.rollback("reference", who="b", why="")
    assert [e.action for e in registry.history()] == ["appoint", "promote", "promote", "rollback", "rollback"]


def test_only_the_first_champion_needs_no_run(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="already has version 1 as champion"):
        registry.appoint("reference", 2, who="a", why="")


def test_unknown_models_and_aliases(registry: Registry, tmp_path: Path) -> None:
    assert registry.champion("nobody") is None
    with pytest.raises(RegistryError, match="'nobody' has no champion"):
        registry.promote("nobody", a_run(tmp_path / "r"), who="a", why="")
    with pytest.raises(RegistryError, match="has no alias 'canary'; registered versions: 1, 2, 3"):
        registry.find("reference", alias="canary")
    assert registry.find("reference", alias="champion").digest == "d1"


def test_registering_the_same_content_again_makes_no_version_and_follows_a_move(
    registry: Registry, tmp_path: Path
) -> None:
    moved = registry.register("reference", tmp_path / "else where", "d2")
    assert (moved.version, moved.folder) == (2, tmp_path / "else where")
    assert registry.find("reference", version=2).folder == tmp_path / "else where"
    assert len(registry.versions("reference")) == 3


def test_a_run_is_kept_with_its_folder(registry: Registry, tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run")
    number = registry.log_run(read_run(folder), folder)
    kept = list((tmp_path / "registry" / "artifacts").rglob("verdict.json"))
    assert len(kept) == 1
    assert number in str(kept[0])


@pytest.mark.parametrize("damage", ["edit", "remove", "garbage", "version"])
def test_a_changed_history_is_noticed(registry: Registry, tmp_path: Path, damage: str) -> None:
    registry.promote("reference", a_run(tmp_path / "run"), who="ada", why="")
    path = tmp_path / "registry" / "history.jsonl"
    lines = path.read_text().splitlines()
    changed: dict[str, Any] = {
        "edit": [lines[0].replace("ada", "bob"), lines[1]],
        "remove": lines[1:],
        "garbage": [lines[0], "{"],
        "version": [json.dumps({"version": 9})],
    }
    path.write_text("\n".join(changed[damage]) + "\n")
    with pytest.raises(RegistryError, match=r"history\.jsonl:[12]:"):
        registry.history()
    with pytest.raises(RegistryError):
        registry.rollback("reference", who="a", why="")
