"""Capture: a tee in front of a recogniser that forwards first and records second."""
