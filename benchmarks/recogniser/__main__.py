"""Measure the recogniser: ``python -m benchmarks.recogniser --arm NAME=FOLDER[,setting=value ...] [TABLE ...]``.

Every table is printed as Markdown and kept as NAME.json and NAME.md in ``--out``, with the command that made it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.recogniser import confidence, lattices, noise, searching, times, words
from benchmarks.recogniser.arms import Arm, with_table
from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.drawing import look_ahead_plot, reliability_plot
from benchmarks.recogniser.findings import Findings

TABLES: Mapping[str, Callable[[Bench], Findings]] = {
    "words": words.by_set,
    "noise": noise.words_a_minute,
    "confidence": confidence.calibration,
    "times": times.beside_truth,
    "search": searching.cost,
    "lattices": lattices.best_possible,
    "look-ahead": words.by_look_ahead,
    "arms": words.against_first,
    "peer": words.against_peer,
}
_PLAIN = ("words", "noise", "confidence", "times", "search")


def main() -> int:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "tables", nargs="*", default=_PLAIN, help=f"of {', '.join(TABLES)}; default: {', '.join(_PLAIN)}"
    )
    parser.add_argument("--arm", action="append", required=True, type=Arm.parse, help="the first one is described")
    parser.add_argument("--speech", type=Path, default=os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))
    parser.add_argument("--cache", type=Path, help="keep log-probabilities here")
    parser.add_argument("--kept", type=Path, help="folder of what the peer said")
    parser.add_argument("--every", type=int, default=1, help="every n-th recording only")
    parser.add_argument(
        "--write", action="store_true", help="write the map of confidence into the first arm's model.toml"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/recogniser"))
    asked = parser.parse_args()
    unknown = sorted(set(asked.tables) - set(TABLES))
    if unknown:
        parser.error(f"no such table: {', '.join(unknown)}; there are {', '.join(TABLES)}")
    bench = Bench(Path(asked.speech), asked.arm, asked.cache, asked.every, asked.kept)
    for name in asked.tables:
        command = shlex.join(
            ["python", "-m", "benchmarks.recogniser", *_without_folders(sys.argv[1:], asked.tables), name]
        )
        found = replace(TABLES[name](bench), command=command)
        found.save(asked.out)
        print(found.markdown(), flush=True)
        if name == "look-ahead":
            (asked.out / "look-ahead.svg").write_text(look_ahead_plot(found), encoding="utf-8")
        if name == "confidence":
            (asked.out / "reliability.svg").write_text(reliability_plot(found), encoding="utf-8")
            if asked.write:
                toml = bench.arm.folder / "model.toml"
                text = with_table(toml.read_text(encoding="utf-8"), "confidence", str(found.data["table"]))
                toml.write_text(text, encoding="utf-8")
    return 0


def _without_folders(arguments: list[str], tables: list[str]) -> list[str]:
    """The options that decide the figures; where things are kept is left out."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip or argument in ("--cache", "--kept", "--out", "--speech"):
            skip = not skip
        elif argument not in tables:
            kept.append(argument)
    return kept


if __name__ == "__main__":
    raise SystemExit(main())
