"""The end of a turn: how soon after someone stops speaking the recogniser has answered, and says that it is over.

A turn is a stretch of speech between pauses. A dialogue system can only reply once its last word is final, and knows
that it may when the recogniser sends the end of the utterance.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.measures.counts import Delays, Share
from harness.measures.times.arrivals import Arrivals
from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import completed
from harness.measures.times.shown import final_words
from testsets.events import EventLog, Kind

PAUSE_NS = 500_000_000  # silence that ends a turn, where the session asks for no other

Spans = tuple[tuple[int, int], ...]  # (start, end) samples, ascending, apart by at least the pause


def pause_ns(config: Mapping[str, Any]) -> int:
    """The silence that ends a turn: what the session asks the recogniser for, else half a second.

    Args:
        config: a case's config, or one that holds it under ``transcription_config``.
    """
    inner = config.get("transcription_config")
    conversation = (inner if isinstance(inner, Mapping) else config).get("conversation_config")
    asked = conversation.get("end_of_utterance_silence_trigger") if isinstance(conversation, Mapping) else None
    usable = isinstance(asked, int | float) and not isinstance(asked, bool) and 0 < asked < float("inf")
    return round(asked * 1_000_000_000) if usable and asked is not None else PAUSE_NS


def turns(speech: Iterable[tuple[int, int]], rate: int, pause: int) -> Spans:
    """Join stretches of speech, of whichever speaker, into turns.

    Args:
        speech: (start, end) of reference turns or words, samples at ``rate``, in any order.
        rate: samples a second.
        pause: nanoseconds of silence that end a turn.
    """
    least = pause * rate // 1_000_000_000
    found: list[tuple[int, int]] = []
    for start, end in sorted(speech):
        if found and start - found[-1][1] < least:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def recognised_speech(log: EventLog) -> tuple[tuple[int, int], ...]:
    """Where the recogniser placed its final words: the speech, where there is no reference."""
    words = (word for word, _ in final_words(log))
    return tuple((word.start, word.end) for word in words if word.start is not None and word.end is not None)


def turn_latency(log: EventLog, clock: AudioClock, spans: Spans) -> Delays | None:
    """Time from the end of a turn being spoken until the last of its words is final; None where words have no times.

    Turns in which nothing was recognised are left to the word errors; in a session that did not complete, turns from
    the last answered one on are censored.

    Args:
        spans: turns, samples at the log's rate.
    """
    arrivals = turn_arrivals(log, spans)
    return None if arrivals is None else arrivals.delays(clock)


def turn_arrivals(log: EventLog, spans: Spans) -> Arrivals | None:
    """Ends of turns and when the last of their words became final."""
    finals = final_words(log)
    if not spans or (finals and all(word.start is None for word, _ in finals)):
        return None
    starts = [start for start, _ in spans]
    closed: dict[int, int] = {}
    for word, arrived in finals:
        if word.start is not None and word.end is not None:
            turn = max(bisect_right(starts, (word.start + word.end) // 2) - 1, 0)
            closed[turn] = max(arrived, closed.get(turn, arrived))
    censored = 0
    if not completed(log):
        last = max(closed, default=0)
        closed.pop(last, None)  # more of its words may have been on their way
        censored = len(spans) - last
    return Arrivals.of(((spans[turn][1], at) for turn, at in closed.items()), censored)


def utterance_end_latency(log: EventLog, clock: AudioClock, spans: Spans, pause: int) -> Delays | None:
    """Time from the end of a turn being spoken until the recogniser says so; None where it never says so.

    The answer to a turn is the first UTTERANCE_END between its end and the start of the next. A turn without one is
    censored, if the audio goes on for at least the pause.

    Args:
        spans: turns, samples at the log's rate.
        pause: nanoseconds of silence that the recogniser needs.
    """
    said = _utterance_ends(log)
    if not said or not spans:
        return None
    enough = pause * clock.rate // 1_000_000_000
    delays: list[int] = []
    censored = 0
    for k, (_, end) in enumerate(spans):
        ended_ns = clock.spoken_ns(end)
        until_ns = clock.spoken_ns(spans[k + 1][0]) if k + 1 < len(spans) else None
        at_ns = next((ns for ns in said if ns >= ended_ns and (until_ns is None or ns < until_ns)), None)
        if at_ns is not None:
            delays.append(at_ns - ended_ns)
        else:
            censored += clock.samples[-1] - end >= enough
    return Delays.of(delays, censored)


def false_utterance_ends(log: EventLog, clock: AudioClock, spans: Spans) -> Share | None:
    """Ends of utterances that came while someone spoke, over all of them; None where the recogniser sends none.

    Args:
        spans: turns, samples at the log's rate.
    """
    said = _utterance_ends(log)
    if not said or not spans:
        return None
    spoken = [(clock.spoken_ns(start), clock.spoken_ns(end)) for start, end in spans]
    starts = [start for start, _ in spoken]
    within = 0
    for at_ns in said:
        turn = bisect_right(starts, at_ns) - 1
        within += turn >= 0 and at_ns < spoken[turn][1]
    return Share(within, len(said))


def _utterance_ends(log: EventLog) -> Sequence[int]:
    return [event.wall_ns for event in log.events if event.kind is Kind.UTTERANCE_END]
