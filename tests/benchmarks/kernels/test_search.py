"""The search beside kaldi-decoder's: its process, the costs both find, and what the table says of them."""

import numpy as np
import pytest

from benchmarks.kernels import search
from benchmarks.kernels.search import Found, Ours, figures, main, measure, own_size, peer, rounding, table
from engine.decoder.options import DecodeOptions
from engine.graph.store import SearchGraph
from engine.lexicon import WordLexicon
from engine.phones import token_ids
from understudy.errors import UsageError

OPTIONS = DecodeOptions(1.0, 0.0, 0.0, 0.0, beam=60.0, max_active=1000)
K, AE, T, S = token_ids("K AE T S")


@pytest.fixture(scope="module")
def graph() -> SearchGraph:
    """cat, cats and at, in any order; an epsilon arc leads from the end of a word to the start."""
    arcs = [
        [(2, K, 1, 0.75), (4, AE, 3, 1.25)],
        [(0, 0, 0, 0.5), (0, S, 2, 1.0)],
        [(3, AE, 0, 0.0)],
        [(1, T, 0, 0.0)],
        [(1, T, 0, 0.25)],
    ]
    dest, phone, word, cost = zip(*(arc for leaving in arcs for arc in leaving), strict=True)
    return SearchGraph(
        np.cumsum([0, *map(len, arcs)]).astype(np.int32),
        np.array(dest, np.int32),
        np.array(phone, np.uint8),
        np.array(word, np.int32),
        np.array(cost, np.float32),
        np.array([0.125, 0.5, np.inf, np.inf, np.inf], np.float32),
        WordLexicon(("", "cat", "cats", "at"), ((), ((K, AE, T),), ((S,),), ((AE, T),))),
    )


def noise(seed: int, frames: int) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(size=(frames, 40)) * 3
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


def test_both_searches_find_paths_of_equal_cost(graph: SearchGraph) -> None:
    pytest.importorskip("kaldi_decoder", reason="kaldi-decoder, the peer, is not installed")
    pytest.importorskip("kaldifst", reason="kaldifst, which composes the peer's graph, is not installed")
    spoken = [noise(seed, frames) for seed, frames in enumerate((5, 30, 70))]
    with peer(graph, spoken, OPTIONS) as other:
        rows = measure(Ours(graph, OPTIONS, None), other, spoken, rounds=1)
    assert [row.arm for row in rows] == ["best path", "lattice"]
    assert [row.equal for row in rows] == [3, 3]
    assert min(min(row.ours, row.peer) for row in rows) > 0
    assert other.size["states"] > own_size(graph)["states"] == 5
    assert other.size["bytes"] > own_size(graph)["bytes"] == 7 * 16 + 5 * 9


def test_who_found_the_cheaper_path_is_told() -> None:
    near = rounding(100)
    ours = [[Found(2.0, 5.0), Found(2.0, 5.0), Found(2.0, 5.0)], [Found(1.0, 5.0)] * 3]
    other = [[Found(1.0, 5.0 + near / 2), Found(1.0, 6.0), Found(1.0, 4.5)]] * 2
    found = figures("best path", [100] * 3, ours, other)
    assert (found.equal, found.ours_cheaper, found.peer_cheaper, found.furthest) == (1, 1, 1, 1.0)
    assert (found.ours, found.ours_median, found.peer) == (100.0, pytest.approx(300 / 4.5), 100.0)
    assert "| best path | 100 / 67 | 100 / 100 | 1.00 | 1 | 1 | 1 | 1 |" in table([found])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_cost_that_is_no_number_is_refused(wrong: float) -> None:
    with pytest.raises(UsageError, match="lattice: a path's cost is no number"):
        figures("lattice", [10], [[Found(1.0, wrong)]], [[Found(1.0, 0.0)]])


def test_without_the_peer_it_says_what_to_install(graph: SearchGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="install"), peer(graph, [noise(0, 5)], OPTIONS):
        pass


@pytest.mark.slow
def test_on_the_shipped_graph(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("kaldi_decoder", reason="kaldi-decoder, the peer, is not installed")
    pytest.importorskip("kaldifst", reason="kaldifst, which composes the peer's graph, is not installed")
    main(["--recordings", "2", "--rounds", "1"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith(("| best", "| latt"))]
    assert [row[4] for row in rows] == ["2", "2"]
