"""Measures, statistics, gate, runner, registry: numbers and verdicts. No sockets, no tensors."""
