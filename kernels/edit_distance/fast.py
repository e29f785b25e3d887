"""The plain alignment of networks, compiled by numba."""

from __future__ import annotations

from kernels.compiled import compiled
from kernels.edit_distance import network

fill_network = compiled(network.fill_network)
trace_network = compiled(network.trace_network)
