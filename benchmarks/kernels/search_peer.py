"""kaldi-decoder over the composed graph, in a process of its own: ``python -m benchmarks.kernels.search_peer FOLDER``.

FOLDER holds LG.txt (OpenFst's text form, tokens as labels, 0 epsilon), scores.npy (recordings one after the other, a
row a frame) and frames.npy (how many rows each has). The CTC topology, which our search makes by itself, is composed in
here by the textbook construction. Prints a JSON line of the graph's size; then reads orders, ``{"arm", "row", "beam",
"max_active", "lattice_beam"}`` as JSON lines, and answers each with ``{"seconds", "cost"}``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import kaldi_decoder
import kaldifst
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Order = dict[str, Any]


def topology(tokens: int) -> kaldifst.StdVectorFst:
    """States: 0 after a blank, k after token k; inputs are token + 1, outputs the tokens without repeats."""
    stay = ["0 0 1 0", *(f"{token} {token} {token + 1} 0" for token in range(1, tokens))]
    blank = [f"{token} 0 1 0" for token in range(1, tokens)]
    pairs = ((state, token) for state in range(tokens) for token in range(1, tokens) if state != token)
    enter = [f"{state} {token} {token + 1} {token}" for state, token in pairs]
    ends = [f"{state} 0.0" for state in range(tokens)]
    return kaldifst.compile("\n".join([*stay, *enter, *blank, *ends]) + "\n", acceptor=False)


def composed(text: str, tokens: int) -> kaldifst.StdConstFst:
    """The CTC topology composed with a graph of words over tokens."""
    ctc, words = topology(tokens), kaldifst.compile(text, acceptor=False)
    kaldifst.arcsort(ctc, sort_type="olabel")
    kaldifst.arcsort(words, sort_type="ilabel")
    return kaldifst.StdConstFst(kaldifst.compose(ctc, words))


def size(graph: kaldifst.StdConstFst, folder: Path) -> dict[str, int]:
    """States, arcs, and bytes: a ConstFst lies in a file as it does in memory."""
    path = folder / "HLG.fst"
    graph.write(str(path))
    arcs = sum(graph.num_arcs(state) for state in range(graph.num_states))
    return {"states": graph.num_states, "arcs": arcs, "bytes": path.stat().st_size}


def best_path(graph: kaldifst.StdConstFst, scores: F32, order: Order) -> Callable[[], float]:
    """``FasterDecoder``: a beam, a limit of active tokens, no lattice."""
    options = kaldi_decoder.FasterDecoderOptions(beam=order["beam"], max_active=order["max_active"])
    decoder = kaldi_decoder.FasterDecoder(graph, options)

    def search() -> float:
        decoder.init_decoding()
        decoder.advance_decoding(kaldi_decoder.DecodableCtc(scores))
        return cost_of(decoder.get_best_path()[1])

    return search


def lattice(graph: kaldifst.StdConstFst, scores: F32, order: Order) -> Callable[[], float]:
    """``LatticeSimpleDecoder``: a beam and the raw lattice; it knows no limit of active tokens."""
    config = kaldi_decoder.LatticeSimpleDecoderConfig(beam=order["beam"], lattice_beam=order["lattice_beam"])
    decoder = kaldi_decoder.LatticeSimpleDecoder(graph, config)

    def search() -> float:
        decoder.decode(kaldi_decoder.DecodableCtc(scores))
        decoder.get_raw_lattice()
        return cost_of(decoder.get_best_path()[1])

    return search


def cost_of(path: kaldifst.Lattice) -> float:
    """Graph and acoustic costs of a path."""
    weight = kaldifst.get_linear_symbol_sequence(path)[3]
    return float(weight.value1 + weight.value2)


ARMS = {"best path": best_path, "lattice": lattice}


def main(folder: Path) -> None:
    """Answer orders until there are no more."""
    scores = np.load(folder / "scores.npy")
    rows = np.split(scores, np.cumsum(np.load(folder / "frames.npy"))[:-1])
    graph = composed((folder / "LG.txt").read_text(encoding="ascii"), scores.shape[1])
    print(json.dumps(size(graph, folder)), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        search = ARMS[order["arm"]](graph, np.ascontiguousarray(rows[order["row"]]), order)
        before = perf_counter()
        cost = search()
        print(json.dumps({"seconds": perf_counter() - before, "cost": cost}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
