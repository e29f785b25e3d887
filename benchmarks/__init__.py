"""Reproducible timings and figures, peers in the same run."""
