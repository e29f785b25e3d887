"""Find the [decode] settings of a model on dev: ``python -m benchmarks.recogniser.tune_decoding --model FOLDER``.

Pattern search: each setting in turn is moved up and down, a move that makes fewer errors is kept, and when none does
the steps are halved. A third of dev and a few noises (words made up there count as insertions) are searched with a
narrow beam; the settings found are then compared with the model's own on all of dev, paired by speaker. Test decides
nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from benchmarks.recogniser.arms import FULL, Arm, with_decode
from benchmarks.recogniser.deciding import Heard, search
from benchmarks.recogniser.listening import log_probs_of
from benchmarks.recogniser.rates import by_stratum, difference, rate
from benchmarks.recogniser.recordings import Recording, read_set
from engine.acoustic.body import Body, LogProbs
from engine.decoder.options import DecodeOptions, read_decode_options
from engine.decoder.search import Decoder
from engine.graph.store import SearchGraph, load_graph
from engine.recogniser import GRAPH_FOLDER, WordStream
from harness.measures.counts import WordErrors

STEPS = {"acoustic_scale": 0.1, "blank_penalty": 0.4, "prior_scale": 0.15, "word_penalty": 0.3}
_QUICK: Mapping[str, Any] = {"beam": 10.0, "max_active": 1200, "lattice_beam": 0.0}  # best paths, narrowly searched
_HALVINGS = 2
_WORTH = 2  # errors fewer, at least: one is chance
_NOISES = 10  # every so many of the training noises

Objective = Callable[[DecodeOptions], int]


@dataclass(frozen=True, slots=True)
class Dev:
    """Recordings with their log-probabilities."""

    recordings: Sequence[Recording]
    log_probs: Sequence[LogProbs]

    def every(self, n: int) -> Dev:
        """Every n-th one."""
        return Dev(self.recordings[::n], self.log_probs[::n])

    def __add__(self, other: Dev) -> Dev:
        return Dev([*self.recordings, *other.recordings], [*self.log_probs, *other.log_probs])


@dataclass(frozen=True, slots=True)
class Searcher:
    """A graph and a model's prior, to be searched with any settings."""

    graph: SearchGraph
    body: Body
    arm: Arm

    def hear(self, options: DecodeOptions, dev: Dev) -> list[Heard]:
        """Recognise."""
        decoder = Decoder(self.graph, options, self.body.card.log_prior)
        found = []
        for recording, log_probs in zip(dev.recordings, dev.log_probs, strict=True):
            words = search(WordStream(decoder.begin()), log_probs, self.arm)
            found.append(Heard(recording, words, len(log_probs), 0))
        return found


def pattern_search(
    start: DecodeOptions, errors: Objective, spent: Callable[[], bool]
) -> Iterator[tuple[DecodeOptions, int]]:
    """Settings with fewer and fewer errors.

    Args:
        start: where to begin.
        errors: of settings.
        spent: no more settings may be tried.
    """
    best, least = start, errors(start)
    yield best, least
    known = {field.name for field in fields(DecodeOptions)}
    steps = {name: step for name, step in STEPS.items() if name in known}
    for _ in range(_HALVINGS + 1):
        moved = True
        while moved:
            moved = False
            for name, step in steps.items():
                for way in (step, -step):
                    if spent():
                        return
                    tried = _moved(best, name, way)
                    made = errors(tried)
                    if made <= least - _WORTH:
                        best, least, moved = tried, made, True
                        yield best, least
                        break
        steps = {name: step / 2 for name, step in steps.items()}


def _moved(options: DecodeOptions, name: str, by: float) -> DecodeOptions:
    moved: DecodeOptions = replace(options, **{name: round(getattr(options, name) + by, 4)})
    return moved


def main() -> None:
    """Tune one model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--graph", type=Path, default=GRAPH_FOLDER)
    parser.add_argument("--speech", type=Path, default=os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))
    parser.add_argument("--cache", type=Path, help="keep log-probabilities here")
    parser.add_argument("--chunk-ms", default="640", help="look-ahead, or full")
    parser.add_argument("--budget", type=float, default=120.0, help="CPU seconds for the pattern search")
    parser.add_argument("--every", type=int, default=3, help="search with every n-th recording of dev")
    parser.add_argument("--write", action="store_true", help="write what was found into the model's model.toml")
    asked = parser.parse_args()
    chunk_ms = FULL if asked.chunk_ms == "full" else int(asked.chunk_ms)
    body, own = Body.load(asked.model), read_decode_options(asked.model)
    searcher = Searcher(load_graph(asked.graph / "graph.npz"), body, Arm("tuned", asked.model, chunk_ms))
    recordings = read_set("dev", Path(asked.speech))
    noises = [one for one in read_set("noise", Path(asked.speech)) if one.stratum == "noise_train"][::_NOISES]
    dev, quiet = (Dev(chosen, log_probs_of(body, chosen, chunk_ms, asked.cache)) for chosen in (recordings, noises))
    subset = dev.every(asked.every) + quiet
    begin = time.process_time()
    found = own
    for found, made in pattern_search(
        replace(own, **{name: value for name, value in _QUICK.items() if hasattr(own, name)}),
        lambda options: _errors(searcher.hear(options, subset)),
        lambda: time.process_time() - begin > asked.budget,
    ):
        print(f"{made} errors with {_settings(found)}", file=sys.stderr, flush=True)
    changes = {name: getattr(found, name) for name in STEPS if hasattr(found, name)}
    _compare(searcher, own, replace(own, **changes), dev)
    toml = asked.model / "model.toml"
    text = with_decode(toml.read_text(encoding="utf-8"), changes)
    print(text[text.index("[decode]") :])
    if asked.write:
        toml.write_text(text, encoding="utf-8")


def _compare(searcher: Searcher, own: DecodeOptions, tuned: DecodeOptions, dev: Dev) -> None:
    """Print the model's own settings beside the tuned ones, on all of dev."""
    before, after = (by_stratum(searcher.hear(options, dev)) for options in (own, tuned))
    print("| dev | WER % as given | WER % tuned | difference, points |\n|---|---|---|---|")
    for name in before:
        apart = difference(before[name], after[name])
        print(f"| {name} | {rate(before[name]).percent()} | {rate(after[name]).percent()} | {apart.percent(2)} |")
    print()


def _errors(heard: Sequence[Heard]) -> int:
    return sum((one.errors for one in heard), WordErrors()).errors


def _settings(options: DecodeOptions) -> str:
    return ", ".join(f"{name} {value}" for name, value in asdict(options).items() if name in STEPS)


if __name__ == "__main__":
    main()
