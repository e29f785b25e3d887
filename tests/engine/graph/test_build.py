"""The graph built from a data pack in miniature, by the command."""

import json
import lzma

import numpy as np
import pytest

pytest.importorskip("kaldilm", reason="the train extra, which builds graphs, is not installed")

from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from engine.graph.build import main
from engine.graph.store import load_graph
from engine.ngram.compact import load_compact

DICTIONARY = """the DH AH0
the(2) DH IY0
ship SH IH1 P
sails S EY1 L Z # a comment
home HH OW1 M
hello HH AH0 L OW1
seven S EH1 V AH0 N
"""


@pytest.fixture
def pack(tmp_path):
    (tmp_path / "lm_text").mkdir()
    (tmp_path / "lexicon").mkdir()
    with lzma.open(tmp_path / "lm_text" / "lm_text.txt.xz", "wt") as out:
        out.write("THE SHIP SAILS HOME\nTHE SHIP SAILS\nTHE SHIP'S HOME\n" * 4)
    with lzma.open(tmp_path / "lexicon" / "cmudict.dict.xz", "wt") as out:
        out.write(DICTIONARY)
    rows = [{"text": "Hello, the ship!"}, {"text": None}]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "digits_train.jsonl").write_text(json.dumps({"text": "seven"}) + "\n")
    return tmp_path


def test_the_command_builds_a_graph_that_recognises(pack, tmp_path, capfd):
    arguments = ["--speech", str(pack), "--out", str(tmp_path / "out"), "--prune", "0", "0", "--second", "0", "0", "0"]
    assert main(arguments) == 0
    graph = load_graph(tmp_path / "out" / "graph.npz")
    assert {"the", "ship", "ship's", "sails", "home", "hello", "seven"} <= set(graph.lexicon.words)
    assert graph.lexicon.pronunciations[graph.lexicon.words.index("the")][1:]  # the variant too
    longest = [load_compact(tmp_path / "out" / f"lm-{order}gram.npz").unpacked().longest for order in (3, 4)]
    assert longest == [3, 4]
    tokens = []
    for word in ["hello", "the", "ship", "sails", "home"]:
        for phone in graph.lexicon.pronunciations[graph.lexicon.words.index(word)][0]:
            tokens += [phone, 0]
    log_probs = np.full((len(tokens), 40), np.log(1e-4), np.float32)
    log_probs[np.arange(len(tokens)), tokens] = np.log(1 - 39e-4)
    stream = Decoder(graph, DecodeOptions(1.0, 0.0, 0.0)).begin()
    stream.step(log_probs)
    assert [word.text for word in stream.end()] == ["hello", "the", "ship", "sails", "home"]
