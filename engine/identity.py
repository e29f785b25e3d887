"""Which recogniser a model folder is, without loading it: the digest that a running one tells of itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.acoustic.body import body_content, read_card
from engine.acoustic.executor_choice import Choice
from engine.acoustic.executors import body_digest, decide
from engine.decoder.options import read_decode_options
from engine.decoder.weighting import score_shift, search_digest
from engine.graph.store import file_digest
from engine.rescoring.options import files_digest, model_files, read_rescoring, second_digest


def recogniser_digest(body: str, search: str) -> str:
    """sha256 over what hears and what searches: equal digests recognise equally.

    Args:
        body: digest of the model's ``body.onnx`` and of what computes it (``engine.acoustic.executors.body_digest``).
        search: digest of graph and decode options (``engine.decoder.weighting.search_digest``).
    """
    return hashlib.sha256(f"{body}\n{search}".encode()).hexdigest()


def folder_digest(model: Path, graph: Path, executor: Choice = Choice.AUTO) -> str:
    """The digest of the recogniser that a model folder and a graph folder make on this machine.

    Args:
        executor: what is to compute the body.

    Raises:
        ModelError: a file is missing, damaged, or of an unknown version.
    """
    card, options = read_card(model), read_decode_options(model)
    rescoring = read_rescoring(model)
    second = second_digest(files_digest(model_files(graph, rescoring)), rescoring) if rescoring else ""
    search = search_digest(file_digest(graph / "graph.npz"), options, score_shift(options, card.log_prior), second)
    chosen = decide(body_content(model, card), executor)
    return recogniser_digest(body_digest(card.digest, chosen), search)
