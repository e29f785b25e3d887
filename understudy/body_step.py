"""Whose step of a body is meant."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """The two ways a body is stepped."""

    OWN = "own"  # our compiled step, phase by phase
    GRAPH = "graph"  # the ONNX graph, op by op
