"""What the settings of a search do to its graph, to its scores, and to its name."""

from __future__ import annotations

import hashlib
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from engine.decoder.options import DecodeOptions
from engine.graph.store import SearchGraph
from engine.phones import TOKENS
from kernels.token_passing import Graph, interleaved

Floats = NDArray[np.float32]


def search_arrays(graph: SearchGraph, options: DecodeOptions, room: int = 0) -> Graph:
    """The graph as the search wants it, every word dearer by the word penalty.

    Args:
        room: places to leave free behind it for the words of sessions.
    """
    penalty = (graph.word != 0).astype(np.float32) * np.float32(options.word_penalty)
    dear = Graph(graph.offsets, graph.dest, graph.phone, graph.word, np.asarray(graph.cost + penalty), graph.final)
    return interleaved(dear, room)


def score_shift(options: DecodeOptions, log_prior: Floats | None) -> Floats:
    """What is added to scaled log-probs: blank penalty and prior removal, scaled alike.

    Args:
        log_prior: (V,) log prior of every token; None removes no prior.
    """
    shift = np.zeros(len(TOKENS) if log_prior is None else len(log_prior), np.float32)
    if log_prior is not None:
        shift[1:] = -options.prior_scale * log_prior[1:]
    shift[0] = -options.blank_penalty
    return shift * np.float32(options.acoustic_scale)


def search_digest(graph: str, options: DecodeOptions, shift: Floats, second: str = "") -> str:
    """sha256 over the digest of the graph's file and everything else that decides what a search says.

    Args:
        second: digest of the second pass, if there is one.
    """
    text = f"{graph} {astuple(options)!r} {second}".encode()
    return hashlib.sha256(text + shift.tobytes()).hexdigest()
