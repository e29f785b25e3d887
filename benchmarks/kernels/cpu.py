"""Kernels on one CPU core, beside plain torch and what else does the job: ``python -m benchmarks.kernels.cpu``.

Results are compared first; then contestants take turns, and the shortest time of each counts: what else the machine
does only ever adds. Sizes are the shipped body's; a chunk of 320 ms is 8 tokens in its fine blocks.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.kernels import cases, plain
from engine.acoustic.frontend import features_of
from engine.ngram.compact import TrieArrays
from engine.ngram.query import word_scores
from kernels.attention_ring import cpu as attention
from kernels.convolution_ring import cpu as convolution
from kernels.log_mel import BINS
from kernels.log_mel import cpu as log_mel
from kernels.log_mel.tables import triangles, window
from kernels.ngram_query import cpu as ngrams

Array = NDArray[Any]
Contestants = dict[str, Callable[[], Any]]

FLOOR = 6.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows: list[dict[str, object]] = []
    with torch.inference_mode():
        for job, contestants in jobs().items():
            taken = shortest(contestants, given.rounds)
            rows += [
                {"job": job, "tool": tool, "us": us, "times_ours": us / taken["ours"]} for tool, us in taken.items()
            ]
    print("| job | tool | us | times ours |\n|---|---|---:|---:|")
    for row in rows:
        print(f"| {row['job']} | {row['tool']} | {row['us']:.1f} | {row['times_ours']:.1f} |")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def shortest(contestants: Contestants, rounds: int) -> dict[str, float]:
    """Microseconds of each contestant's shortest round, after one that is not counted."""
    best = dict.fromkeys(contestants, float("inf"))
    for turn in range(rounds + 1):
        for tool, work in contestants.items():
            begin = perf_counter_ns()
            work()
            if turn:
                best[tool] = min(best[tool], (perf_counter_ns() - begin) / 1000)
    return best


def jobs() -> dict[str, Contestants]:
    """Every job and who does it, ours first."""
    found: dict[str, Contestants] = {}
    for streams in (1, 8):
        found[f"attention, {streams} x 8 tokens"] = attention_job(streams, 8)
    for streams in (1, 8):
        found[f"convolution, {streams} x 8 tokens"] = convolution_job(streams, 8)
    found["trigrams, 64 histories x 16 words"] = query_job(64, 16)
    found["log-mel, 32 frames"] = log_mel_job(5_360)
    return found


def attention_job(streams: int, fresh: int) -> Contestants:
    """One layer's attention."""
    case = cases.attention_case(streams, fresh)
    memory = attention.scratch(cases.LEFT, fresh, cases.WIDTH // cases.HEADS)
    out = np.empty((streams, fresh, cases.WIDTH), np.float32)
    given = tensors(case._replace(keys=cases.in_time(case.keys, case), values=cases.in_time(case.values, case)))
    projected, slot, _, keys, values, cosines, sines = given

    def ours() -> Array:
        attention.attend(*case, cases.HEADS, memory, out)
        return out

    def eager() -> Array:
        return plain.attend(projected, slot, keys, values, cosines, sines, cases.HEADS).numpy()

    agree(ours, eager, 1e-4)
    return {"ours": ours, "torch eager": eager}


def convolution_job(streams: int, fresh: int) -> Contestants:
    """One layer's convolution."""
    case = cases.convolution_case(streams, fresh)
    memory = convolution.scratch(cases.TAPS, fresh, cases.WIDTH)
    out = np.empty((streams, fresh, cases.WIDTH), np.float32)
    entered, slot, _, state, *weights = tensors(case._replace(ring=cases.in_time(case.ring, case)))

    def ours() -> Array:
        convolution.convolve(*case, memory, out)
        return out

    def eager() -> Array:
        return plain.convolve(entered, slot, state, *weights).numpy()

    agree(ours, eager, 1e-4)
    return {"ours": ours, "torch eager": eager}


def query_job(queries: int, words: int) -> Contestants:
    """Scores of a few words after many histories."""
    case = cases.query_case(queries, words)
    score, following = np.empty(case.words.shape, np.float32), np.empty(case.words.shape, np.int32)
    tables = case.tables
    arrays = tensors((tables.first, tables.word.astype(np.int32), tables.log_prob, tables.backoff, tables.shorter))
    state, asked = tensors((case.state, case.words))
    halvings = int(np.diff(tables.first).max()).bit_length()
    trie = TrieArrays(*tables[:4], tables.longest)
    histories, used = histories_of(case)

    def ours() -> Array:
        ngrams.query(tables, case.state, case.words, score, following)
        return score

    def eager() -> Array:
        return plain.query(*arrays, tables.longest, halvings, state, asked).numpy()

    def by_history() -> Array:
        return word_scores(trie, histories, used, case.words.ravel()).reshape(case.words.shape)

    agree(ours, eager, 1e-5)
    agree(ours, by_history, 0.0)
    return {"ours": ours, "engine.ngram, by history": by_history, "torch eager": eager}


def histories_of(case: cases.Query) -> tuple[Array, Array]:
    """The words of every state's n-gram, once for each word asked for, and how many they are."""
    tables, room = case.tables, case.tables.longest - 1
    parent = np.repeat(np.arange(len(tables.word)), np.diff(tables.first))
    histories, used = np.zeros((len(case.state), room), np.int32), np.zeros(len(case.state), np.int32)
    for row, state in enumerate(case.state.tolist()):
        node, place = state, room
        while node >= 0:
            place -= 1
            histories[row, place] = tables.word[node]
            node = int(parent[node - tables.vocabulary]) if node >= tables.vocabulary else -1
        used[row] = room - place
    each = case.words.shape[1]
    return np.repeat(histories, each, axis=0), np.repeat(used, each)


def log_mel_job(samples: int) -> Contestants:
    """All frames of a recording; the engine's front end takes floats, in a list."""
    case = cases.log_mel_case(1, samples)
    table, memory, out = log_mel.tables(), log_mel.scratch(), np.empty((len(case.slot), BINS), np.float32)
    pcm, shape, weights = tensors((case.pcm, window().astype(np.float32), triangles().astype(np.float32)))
    floats = (case.pcm[0] / 32768).astype(np.float32)

    def ours() -> Array:
        log_mel.log_mel(case.pcm, case.slot, case.number, FLOOR, table, memory, out)
        return out

    def eager() -> Array:
        return plain.log_mel(pcm, shape, weights, float(np.exp(FLOOR)))[0].numpy()

    def native() -> Array:
        return features_of(floats)

    agree(ours, eager, 1e-3)
    agree(ours, native, 1e-3)
    return {"ours": ours, "kaldi-native-fbank, by the engine": native, "torch eager": eager}


def tensors(arrays: Sequence[Array]) -> list[torch.Tensor]:
    """Copies for torch."""
    return [torch.from_numpy(array.copy()) for array in arrays]


def agree(ours: Callable[[], Array], theirs: Callable[[], Array], near: float) -> None:
    """Stop where results differ: what is wrong is not timed."""
    difference = np.abs(np.nan_to_num(ours(), nan=np.inf) - theirs()).max()
    if not difference <= near:
        raise AssertionError(f"results differ by {difference:g}")


if __name__ == "__main__":
    main()
