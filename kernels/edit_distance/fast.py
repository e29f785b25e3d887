"""The plain alignments of networks and of timed words, compiled by numba."""

from __future__ import annotations

from kernels.compiled import compiled
from kernels.edit_distance import network

fill_network = compiled(network.fill)
trace_network = compiled(network.trace)
