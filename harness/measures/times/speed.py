"""How fast a recogniser works: real-time factors, the wait after the last audio, and the rhythm of updates."""

from __future__ import annotations

from harness.measures.counts import Delays
from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import completed
from harness.measures.times.values import RealTimeFactor
from testsets.events import EventLog, Kind

_PACED = 0.5  # a schedule of at least this share of the audio's own length is paced: its waiting says nothing of speed


def real_time_factor(log: EventLog, clock: AudioClock) -> RealTimeFactor | None:
    """First audio leaving until the transcript is complete, over the audio: for files and as-fast-as-possible runs.

    None where the audio was paced (the wall time is then the schedule's, not the recogniser's) and where the session
    did not complete.
    """
    ended_ns = _ended_ns(log)
    if ended_ns is None or paced(clock):
        return None
    return RealTimeFactor(ended_ns - clock.sent_ns[0], _audio_ns(clock))


def drain_factor(log: EventLog, clock: AudioClock) -> RealTimeFactor | None:
    """Last audio leaving until the transcript is complete, over the audio: what is visible of it in a paced stream.

    A recogniser that keeps up has little left to do when the audio ends, so this is a lower bound of the real-time
    factor. None where the audio was not paced and where the session did not complete.
    """
    ended_ns = _ended_ns(log)
    if ended_ns is None or not paced(clock):
        return None
    return RealTimeFactor(ended_ns - clock.sent_ns[-1], _audio_ns(clock))


def finish_latency(log: EventLog, clock: AudioClock) -> Delays:
    """Time from the last audio really leaving until the transcript is complete: computing only, nothing to wait for.

    One delay a session; censored where the session did not complete.
    """
    ended_ns = _ended_ns(log)
    return Delays(censored=1) if ended_ns is None else Delays.of([ended_ns - clock.sent_ns[-1]])


def partial_interval(log: EventLog) -> Delays | None:
    """Time from each partial that shows words until the next partial or final; None where no partial shows words.

    Pauses do not count: after a final, or a partial without words, nothing on the screen waits for an update.
    """
    found: list[int] = []
    since: int | None = None
    shown = False
    for event in log.events:
        if event.kind not in (Kind.PARTIAL, Kind.FINAL):
            continue
        if since is not None:
            found.append(event.wall_ns - since)
        since = event.wall_ns if event.kind is Kind.PARTIAL and event.words else None
        shown = shown or since is not None
    return Delays.of(found) if shown else None


def paced(clock: AudioClock) -> bool:
    """Whether the audio was meant to leave in about its own time, and not all at once."""
    audio_ns = (clock.samples[-1] - clock.samples[0]) * 1_000_000_000 // clock.rate
    return audio_ns > 0 and clock.due_ns[-1] - clock.due_ns[0] >= _PACED * audio_ns


def _ended_ns(log: EventLog) -> int | None:
    if not completed(log):
        return None
    return next(e.wall_ns for e in log.events if e.kind is Kind.ENDED)


def _audio_ns(clock: AudioClock) -> int:
    return clock.samples[-1] * 1_000_000_000 // clock.rate
