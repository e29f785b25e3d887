"""Our search beside kaldi-decoder's, frames a second of one core: ``python -m benchmarks.kernels.search``.

Both hear the same log-probabilities of the shipped body (its priors taken off, scaled as shipped), of embedded
rehearsal recordings, and search the shipped graph of words and 3-gram with the same beam. Ours holds that graph alone
and makes the moves of CTC itself; kaldi-decoder, in a process of its own, is given the graph with the CTC topology
composed in.

Arms: ``best path`` (kaldi-decoder's FasterDecoder, with the same limit of active tokens) and ``lattice`` (its
LatticeSimpleDecoder, which knows no such limit, and its raw lattice). Ours is the engine's stream: begin, step, end,
so it has words with their times at the end, and in the second arm the posteriors of the lattice; kaldi-decoder gives
labels and costs. The two take turns recording by recording. What the best path found costs is told too: a search that
finds dearer paths is no peer.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.gpu import rehearsal
from benchmarks.kernels.step import processor
from engine.acoustic.body import hear
from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from engine.graph.store import SearchGraph, load_graph
from engine.recogniser import GRAPH_FOLDER, Recogniser
from kernels.token_passing import ARC, PHONE_BITS
from kernels.token_passing.cpu import best_token
from understudy.errors import UsageError

F32 = NDArray[np.float32]
ROOT = Path(__file__).parents[2]
LATTICE_BEAM = 6.0  # as the shipped enhanced model has it
DEAREST = 1024.0  # nats; no sum on a path of these recordings is larger


class Found(NamedTuple):
    """A recording searched once."""

    seconds: float
    cost: float  # of the best path, nats


@dataclass(frozen=True, slots=True)
class Figures:
    """One arm over all recordings."""

    arm: str
    ours: float  # frames a second of the fastest round
    ours_median: float
    peer: float
    peer_median: float
    equal: int  # recordings whose best paths cost the same
    ours_cheaper: int
    peer_cheaper: int
    furthest: float  # the greatest difference of two costs, nats


class Ours:
    """The engine's search, with and without a lattice."""

    def __init__(self, graph: SearchGraph, options: DecodeOptions, log_prior: F32 | None) -> None:
        beams = {"best path": 0.0, "lattice": LATTICE_BEAM}
        self.decoders = {
            arm: Decoder(graph, replace(options, lattice_beam=beam), log_prior) for arm, beam in beams.items()
        }
        for decoder in self.decoders.values():
            decoder.warm()

    def search(self, arm: str, log_probs: F32) -> Found:
        """Begin, step, end; what the path costs is looked up afterwards."""
        before = perf_counter()
        stream = self.decoders[arm].begin()
        stream.step(log_probs)
        stream.end()
        seconds = perf_counter() - before
        arrays, channel = self.decoders[arm].arrays, stream._channel
        token = int(best_token(arrays, channel, True))
        ending = token >= 0
        best = channel.tokens[token if ending else int(best_token(arrays, channel, False))]
        final = float(arrays.final[int(best["position"]) >> PHONE_BITS]) if ending else 0.0
        return Found(seconds, final - float(best["score"]) - float(channel.offset[0]))


class Peer:
    """kaldi-decoder, in its process."""

    def __init__(self, process: subprocess.Popen[str], options: DecodeOptions) -> None:
        self._process, self._options = process, options
        self.size: dict[str, int] = self._read()

    def search(self, arm: str, row: int) -> Found:
        """Order one search and wait for it."""
        assert self._process.stdin is not None
        order = {"beam": self._options.beam, "max_active": self._options.max_active, "lattice_beam": LATTICE_BEAM}
        self._process.stdin.write(json.dumps({"arm": arm, "row": row, **order}) + "\n")
        self._process.stdin.flush()
        return Found(**self._read())

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise UsageError("kaldi-decoder's process has ended; what it said stands above")
        return dict(json.loads(line))


@contextmanager
def peer(graph: SearchGraph, scores: Sequence[F32], options: DecodeOptions) -> Iterator[Peer]:
    """Start kaldi-decoder on the graph and the weighted scores of recordings.

    Raises:
        UsageError: it is not installed.
    """
    for package, name in (("kaldi_decoder", "kaldi-decoder"), ("kaldifst", "kaldifst")):
        if importlib.util.find_spec(package) is None:
            raise UsageError(f"the peer needs {name}; install it with: pip install 'understudy[dev,train]'")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "LG.txt").write_text(as_text(graph), encoding="ascii")
        np.save(folder / "scores.npy", np.concatenate(scores))
        np.save(folder / "frames.npy", [len(one) for one in scores])
        command = [sys.executable, "-m", "benchmarks.kernels.search_peer", name]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, text=True, cwd=ROOT, **pipes) as process:  # type: ignore[call-overload]
            try:
                yield Peer(process, options)
            finally:
                assert process.stdin is not None
                process.stdin.close()


def as_text(graph: SearchGraph) -> str:
    """OpenFst's text form; its first state is the start."""
    sources = np.repeat(np.arange(graph.states), np.diff(graph.offsets)).tolist()
    columns = (graph.dest.tolist(), graph.phone.tolist(), graph.word.tolist(), graph.cost.tolist())
    arcs = [f"{s} {d} {p} {w} {c:.8f}" for s, d, p, w, c in zip(sources, *columns, strict=True)]
    ends = [f"{s} {c:.8f}" for s, c in enumerate(graph.final.tolist()) if np.isfinite(c)]
    return "\n".join([*arcs, *ends]) + "\n"


def own_size(graph: SearchGraph) -> dict[str, int]:
    """States, arcs and bytes of our graph as it is searched: arcs, and of a state its offset, final cost and rank."""
    arcs = len(graph.dest)
    return {"states": graph.states, "arcs": arcs, "bytes": arcs * ARC.itemsize + graph.states * (4 + 4 + 1)}


def heard(recogniser: Recogniser, most: int) -> list[F32]:
    """Log-probs (T, V) of so many rehearsal recordings, each whole."""
    return [hear(recogniser.body, [spoken.pcm], rehearsal.CHUNK_MS) for spoken in rehearsal.recordings(most)]


def rounding(frames: int) -> float:
    """How far two float32 sums of one path's scores and costs may be apart: two additions a frame in each."""
    return 4 * frames * 2.0**-24 * DEAREST


def figures(
    arm: str, frames: Sequence[int], ours: Sequence[Sequence[Found]], other: Sequence[Sequence[Found]]
) -> Figures:
    """Of all rounds: frames a second, and who found the cheaper paths.

    Args:
        ours, other: a row for each round, a column for each recording.
    """
    apart = np.array([one.cost for one in ours[0]]) - np.array([one.cost for one in other[0]])
    if not np.isfinite(apart).all():
        raise UsageError(f"{arm}: a path's cost is no number; nothing is told")
    near = np.array([rounding(count) for count in frames])
    speeds = []
    for rounds in (ours, other):
        taken = [sum(one.seconds for one in row) for row in rounds]
        speeds += [sum(frames) / min(taken), sum(frames) / median(taken)]
    cheaper, dearer = int((apart < -near).sum()), int((apart > near).sum())
    return Figures(arm, *speeds, len(apart) - cheaper - dearer, cheaper, dearer, float(np.abs(apart).max()))


def measure(own: Ours, other: Peer, log_probs: Sequence[F32], rounds: int) -> list[Figures]:
    """Both arms, recording by recording in turns; a first round is not counted."""
    frames = [len(one) for one in log_probs]
    found = []
    for arm in own.decoders:
        ours: list[list[Found]] = []
        theirs: list[list[Found]] = []
        for _ in range(rounds + 1):
            turns = [(own.search(arm, one), other.search(arm, row)) for row, one in enumerate(log_probs)]
            ours.append([mine for mine, _ in turns])
            theirs.append([its for _, its in turns])
        found.append(figures(arm, frames, ours[1:], theirs[1:]))
    return found


def table(rows: Sequence[Figures]) -> str:
    """Frames a second, fastest round / median, and the costs of the paths."""
    lines = [
        "| search | ours | kaldi-decoder | times as fast | equal cost | ours cheaper | its cheaper | furthest, nats |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        speeds = f"{row.ours:,.0f} / {row.ours_median:,.0f} | {row.peer:,.0f} / {row.peer_median:,.0f}"
        costs = f"{row.equal} | {row.ours_cheaper} | {row.peer_cheaper} | {row.furthest:.2g}"
        lines.append(f"| {row.arm} | {speeds} | {row.ours / row.peer:.2f} | {costs} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--max-active", type=int, help="another limit of active tokens than the shipped one")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    given = parser.parse_args(arguments)
    recogniser = rehearsal.recogniser()
    shipped = recogniser.decoder.options
    options = replace(shipped, max_active=given.max_active or shipped.max_active)
    log_probs, graph = heard(recogniser, given.recordings), load_graph(GRAPH_FOLDER / "graph.npz")
    own = Ours(graph, options, np.array(recogniser.body.card.log_prior, np.float32))
    scores = [rehearsal.scores(own.decoders["best path"], one) for one in log_probs]
    with peer(graph, scores, options) as other:
        sizes = {"ours": own_size(graph), "kaldi-decoder": other.size}
        rows = measure(own, other, log_probs, given.rounds)
    print(processor())
    print(f"{len(log_probs)} recordings, {sum(map(len, log_probs)):,} frames of 40 ms; "
          f"beam {options.beam:g}, max_active {options.max_active:,}, lattice beam {LATTICE_BEAM:g}")  # fmt: skip
    for name, size in sizes.items():
        print(f"graph, {name}: {size['states']:,} states, {size['arcs']:,} arcs, {size['bytes'] / 2**20:.1f} MiB")
    print(table(rows))
    print("frames a second, fastest round / median round")
    if given.json:
        told = {"processor": processor(), "graphs": sizes, "arms": [asdict(row) for row in rows]}
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except UsageError as wrong:
        raise SystemExit(str(wrong)) from None
