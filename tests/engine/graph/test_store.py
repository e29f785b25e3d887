"""The graph's file."""

import numpy as np
import pytest

from engine.errors import ModelError
from engine.graph.store import COST_STEP, FORMAT_VERSION, SearchGraph, load_graph, save_graph
from engine.lexicon import WordLexicon

GRAPH = SearchGraph(
    offsets=np.array([0, 2, 3, 3], np.int32),
    dest=np.array([1, 2, 0], np.int32),
    phone=np.array([3, 39, 0], np.uint8),
    word=np.array([1, 40_000, 0], np.int32),
    cost=np.array([-1.5, 200 * COST_STEP, 22.25], np.float32),
    final=np.array([np.inf, 0.5, 0.0], np.float32),
    lexicon=WordLexicon(("", "hi"), ((), ((3, 4),))),
)


def test_what_is_saved_is_loaded(tmp_path):
    save_graph(GRAPH, tmp_path / "graph.npz")
    loaded = load_graph(tmp_path / "graph.npz")
    for name in ("offsets", "dest", "phone", "word", "cost", "final"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(GRAPH, name))
        assert getattr(loaded, name).dtype == getattr(GRAPH, name).dtype
    assert loaded.lexicon == GRAPH.lexicon


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ModelError, match=r"engine\.graph\.build"):
        load_graph(tmp_path / "graph.npz")


@pytest.mark.parametrize("content", [b"", b"not a zip at all", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "graph.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        load_graph(path)


def test_half_a_file_is_named(tmp_path):
    path = tmp_path / "graph.npz"
    save_graph(GRAPH, path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(ModelError, match="damaged"):
        load_graph(path)


def test_another_version_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "graph.npz", format=np.array([FORMAT_VERSION + 1]))
    with pytest.raises(ModelError, match="format"):
        load_graph(tmp_path / "graph.npz")
