"""Our search against kaldi-decoder's on the same graph: equal words and equal scores."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from kernels.token_passing.cpu import best_token

SENTENCES = ["the cat sat", "two red cats saw a reed", "a cat read too", "cats", "two cats read to the cat"]


def as_text(graph) -> str:
    """OpenFst's text form; its first state is the start."""
    sources = np.repeat(np.arange(graph.states), np.diff(graph.offsets))
    rows = zip(sources, graph.dest, graph.phone, graph.word, graph.cost, strict=True)
    arcs = [f"{s} {d} {p} {w} {c:.8f}" for s, d, p, w, c in rows]
    return "\n".join([*arcs, *(f"{s} {c:.8f}" for s, c in enumerate(graph.final) if np.isfinite(c))]) + "\n"


def test_equal_words_and_scores(small_graph, voice, tmp_path):
    pytest.importorskip("kaldi_decoder", reason="kaldi-decoder, the oracle, is not installed")
    spoken = [voice(seed).say(text, noise=2.0) for seed, text in enumerate(SENTENCES)]
    frames = min(len(one) for one in spoken)
    scores = np.stack([one[:frames] for one in spoken])
    np.save(tmp_path / "scores.npy", scores)
    (tmp_path / "LG.txt").write_text(as_text(small_graph))
    program = Path(__file__).with_name("oracle.py")
    told = subprocess.run([sys.executable, str(program), str(tmp_path)], capture_output=True, text=True, check=True)
    decoder = Decoder(small_graph, DecodeOptions(1.0, 0.0, 0.0, 0.0, beam=60.0, max_active=4000))
    for line, one in zip(told.stdout.splitlines(), scores, strict=True):
        cost, words = json.loads(line)
        stream = decoder.begin()
        stream.step(one)
        token = best_token(decoder.arrays, stream._channel, True)
        final = decoder.arrays.final[stream._channel.tokens[token]["position"] >> 6]
        ours = -(float(stream._channel.tokens[token]["score"]) + float(stream._channel.offset[0])) + float(final)
        assert ours == pytest.approx(cost, abs=1e-3 * frames)
        assert [stream_word for stream_word in _numbers(stream, token)] == words


def _numbers(stream, token) -> list[int]:
    return stream._tail(token).words
