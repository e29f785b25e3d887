"""`understudy promote`, `rollback`, `history`: exit codes and one line for every mistake."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from harness.results import Arm, ArmRecord, Comparison, Outcome, Role, Run, RunRecord, Verdict
from harness.run_folder import read_verdict, write_results, write_verdict
from understudy.cli import main
from understudy.commands.registry import open_registry

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's and SQLAlchemy's own deprecations


def understudy(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["understudy", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
    return int(done.value.code or 0), out.getvalue(), err.getvalue()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    return tmp_path


def passed_run(folder: Path) -> Path:
    comparison = Comparison(
        "wer", "rate", "all", Role.GATING, "ratio", 0.1, 0.1, 0.0, 0.0, None, None, None, 0.01, "0.01 absolute", 0.0,
        0.0, 0.0, 1.0, 1.0, 100, 12, {}, 0, "t", Outcome.PASS, False, "no worse",
    )  # fmt: skip
    arms = (ArmRecord(Arm.CHAMPION, "one", "d1"), ArmRecord(Arm.CANDIDATE, "two", "d2"))
    record = RunRecord("run-1", "2026-11-22T09:00:00Z", 1, "basic-1", {}, "p", arms, (), {})
    reason = "no worse than the margins allow in the only gating comparison"
    write_results(
        folder, Run(record, (), (comparison,), (), Verdict(Outcome.PASS, (reason,), (), "d1", "d2", "p", "v1"))
    )
    return folder


def test_the_life_of_a_champion(home: Path) -> None:
    for number in (1, 2):
        open_registry().register("reference", home / f"m{number}", f"d{number}")
    run = passed_run(home / "run")
    assert understudy("promote", "reference", "--run", run)[0] == 2
    code, out, err = understudy("promote", "reference/1", "--first", "--who", "ada", "--why", "start")
    assert (code, err) == (0, "")
    assert "the champion is now version 1 (d1), was nothing" in out
    code, out, _ = understudy("promote", "models:/reference/2", "--run", run, "--who", "ada", "--json")
    assert code == 0
    assert json.loads(out)["to_version"] == 2
    assert understudy("rollback", "reference", "--why", "alarm", "--who", "bob")[0] == 0
    code, out, _ = understudy("history", "--json")
    actions = [(e["action"], e["who"]) for e in json.loads(out)["history"]]
    assert actions == [("appoint", "ada"), ("promote", "ada"), ("rollback", "bob")]
    assert "alarm" in understudy("history", "reference")[1]


@pytest.mark.parametrize(("outcome", "expected"), [(Outcome.FAIL, 1), (Outcome.HOLD, 3)])
def test_a_verdict_that_is_not_pass_exits_like_the_gate(home: Path, outcome: Outcome, expected: int) -> None:
    run = passed_run(home / "run")
    write_verdict(run, replace(read_verdict(run), outcome=outcome))
    code, out, err = understudy("promote", "reference", "--run", run)
    assert (code, out) == (expected, "")
    assert f"the verdict is {outcome}, not PASS" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["promote", "reference"], "promote needs --run RUN"),
        (["promote", "reference", "--first"], "--first takes a model with its version"),
        (["promote", "reference/two", "--run", "x"], "give a name or name/version"),
        (["promote", "reference", "--run", "nowhere"], "does not exist; is this a run folder"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(home: Path, arguments: list[str], message: str) -> None:
    code, out, err = understudy(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_an_empty_history_says_so(home: Path) -> None:
    assert understudy("history") == (0, "no champion was appointed yet\n", "")
