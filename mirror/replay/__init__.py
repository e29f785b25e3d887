"""Replay: a case played to a recogniser on an absolute schedule, with causal gates and measured lateness."""

from mirror.replay.client import probe, replay
from mirror.replay.driver import Limits
from mirror.replay.lateness import Lateness, lateness
from mirror.replay.recogniser import ReplayRecogniser

__all__ = ["Lateness", "Limits", "ReplayRecogniser", "lateness", "probe", "replay"]
