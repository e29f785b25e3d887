"""Replay: cases played to a recogniser on an absolute schedule, with causal gates and measured lateness.

``replay`` plays one case, ``play_all`` a whole ledger of them over several processes.
"""

from mirror.replay.client import probe, replay
from mirror.replay.driver import Limits
from mirror.replay.fleet import play_all
from mirror.replay.jobs import Job, Plan, jobs, plan_digest
from mirror.replay.lateness import Lateness, lateness
from mirror.replay.ledger import Ledger, Progress
from mirror.replay.pressure import BackPressure, back_pressure
from mirror.replay.reactions import Reaction, reactions
from mirror.replay.recogniser import ReplayRecogniser
from mirror.replay.shape import Shape, reshape

__all__ = [
    "BackPressure",
    "Job",
    "Lateness",
    "Ledger",
    "Limits",
    "Plan",
    "Progress",
    "Reaction",
    "ReplayRecogniser",
    "Shape",
    "back_pressure",
    "jobs",
    "lateness",
    "plan_digest",
    "play_all",
    "probe",
    "reactions",
    "replay",
    "reshape",
]
