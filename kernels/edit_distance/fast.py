"""The plain alignments of networks and of timed words, compiled by numba."""

from __future__ import annotations

from kernels.compiled import compiled
from kernels.edit_distance import network, timed

fill_network = compiled(network.fill_network)
trace_network = compiled(network.trace_network)
fill_timed = compiled(timed.fill_timed)
trace_timed = compiled(timed.trace_timed)
