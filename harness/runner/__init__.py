"""Runs every case on every arm; knows a recogniser only through a protocol."""

from harness.runner.recogniser import Recogniser
from harness.runner.run import Progress, run_arms

__all__ = ["Progress", "Recogniser", "run_arms"]
