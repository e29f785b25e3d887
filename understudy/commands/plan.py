"""``understudy plan``: how many words, cases, clusters and minutes of audio a margin needs."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from harness import run_folder
from harness.gate.policy_file import default_policy
from harness.results import ALL
from testsets import manifest
from understudy.errors import UsageError
from understudy.planning import Plan, Rates, plan_rates, plan_run
from understudy.planning_display import draw
from understudy.planning_svg import curve_svg
from understudy.policies import load_policy, recorded_policy
from understudy.run_files import CASES


def plan(
    run: Annotated[Path | None, typer.Argument(help="A finished run to scale; or give --rate.")] = None,
    measure: Annotated[
        list[str] | None, typer.Option(help='As a policy calls it, e.g. "wer"; may be repeated.  [default: what gates]')
    ] = None,
    slice_name: Annotated[str, typer.Option("--slice", help='"all" or "tag=value".')] = ALL,
    margin: Annotated[
        list[str] | None,
        typer.Option(help='"5%" of the champion\'s value, "0.5pp" or "50ms"; may be repeated.'),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Plan for this policy; else for the run's own.")] = None,
    rate: Annotated[float | None, typer.Option(help="Without a run: the champion's WER, e.g. 0.1.")] = None,
    shared: Annotated[float, typer.Option(help="Share of the champion's errors that the candidate repeats.")] = 0.7,
    design_effect: Annotated[float, typer.Option(help="Variance against that of independent words.")] = 1.5,
    words_per_minute: Annotated[float, typer.Option(help="Of audio.")] = 150.0,
    words_per_case: Annotated[float, typer.Option(help="Words of one utterance or session.")] = 20.0,
    words_per_cluster: Annotated[float, typer.Option(help="Words of one speaker.")] = 500.0,
    svg: Annotated[Path | None, typer.Option(help="Also draw the curve of the first plan into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how much evidence it takes to tell a difference, from a past RUN or from --rate."""
    if (run is None) == (rate is None):
        raise UsageError("give either the folder of a run or --rate, e.g. `understudy plan --rate 0.1 --shared 0.7`")
    if run is not None:
        if not (run / CASES).is_file():
            raise UsageError(f"{run}: no run folder (it has no {CASES}); give the folder that `understudy gate` wrote")
        found, cases = run_folder.read_run(run), manifest.load(run / CASES, check_audio=False).cases
        rules = recorded_policy(found.record) if policy is None else load_policy(policy)
        plans, left_out = plan_run(found, cases, rules, measure or [], slice_name, margin or [])
    else:
        rules = default_policy() if policy is None else load_policy(policy)
        known = Rates(rate or 0.0, shared, design_effect, words_per_minute, words_per_case, words_per_cluster)
        _check(known)
        plans, left_out = (plan_rates(known, rules, margin or []),), ()
    if svg is not None:
        _write(svg, plans[0])
    if as_json:
        plain = {
            "alpha": rules.alpha,
            "power": rules.power,
            "plans": [as_plain(p) for p in plans],
            "left_out": left_out,
        }
        typer.echo(json.dumps(plain))
        return
    for one in plans:
        draw(one, rules.alpha, rules.power)
    for why in left_out:
        typer.echo(f"not planned: {why}", err=True)


def _write(svg: Path, one: Plan) -> None:
    try:
        svg.write_text(curve_svg(one), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--svg {svg}: cannot be written ({error.strerror}); give another file") from None


def as_plain(one: Plan) -> dict[str, object]:
    """A plan as ``--json`` prints it; what is unknown, or would never suffice, is null."""
    return asdict(one)


def _check(known: Rates) -> None:
    if not 0 < known.rate < 1:
        raise UsageError(f"--rate {known.rate}: a WER between 0 and 1, e.g. 0.1 for 10 %")
    if not -math.inf < known.shared < 1:
        raise UsageError(f"--shared {known.shared}: below 1; where all errors are shared there is nothing to tell")
    for name in ("design_effect", "words_per_minute", "words_per_case", "words_per_cluster"):
        if not 0 < getattr(known, name) < math.inf:
            raise UsageError(f"--{name.replace('_', '-')} {getattr(known, name)}: needs a number above 0")
