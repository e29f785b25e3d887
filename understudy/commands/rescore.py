"""``understudy rescore``: compute a run's numbers and verdict again from its events."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from harness import run_folder
from harness.gate.evaluate import evaluate
from harness.serial import to_dict
from understudy.erased import with_erasures
from understudy.policies import load_policy, recorded_policy
from understudy.run_files import read_inputs, write_results
from understudy.verdict_display import show


def rescore(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
    policy: Annotated[Path | None, typer.Option(help="Judge by this policy; else by the run's own.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write there instead of into the run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compute units, comparisons and verdict again from a run's event logs; exits like `understudy gate`."""
    cases, logs = read_inputs(run)
    record = run_folder.read_record(run)
    judged_by = recorded_policy(record) if policy is None else load_policy(policy)
    changed = dataclasses.replace(record, policy=to_dict(judged_by), policy_digest=judged_by.digest)
    result = with_erasures(evaluate(cases, logs, judged_by, changed, np.random.default_rng(judged_by.seed)), run)
    folder = out or run
    folder.mkdir(parents=True, exist_ok=True)
    write_results(folder, result)
    show(result, folder, as_json)
