"""When a word was spoken, given when the body heard it: a CTC body says a phone as a short peak, after it began.

Beside the times that a synthesiser gives of its own phones, words begin and end later by about two frames and one and a
half (``python -m benchmarks.recogniser times``); what is a steady lateness is taken off here.
Source: Zeyer, Schlueter and Ney, "Why does CTC result in peaky behavior?" (arXiv 2105.14849).
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.decoder.words import DecodedWord

FRAME_SAMPLES = 640  # one frame of log-probs: 40 ms
START_LATE = 2 * FRAME_SAMPLES
END_LATE = FRAME_SAMPLES


def spoken_times(
    words: Iterable[DecodedWord], since: int, earliest: int, limit: int | None = None
) -> list[tuple[int, int]]:
    """Start and end of words in samples of their stream: never overlapping, never empty inside the stream.

    Args:
        words: in order, in frames.
        since: samples of the stream before frame 0.
        earliest: where the word before them ended.
        limit: length of the stream, if known.
    """
    times: list[tuple[int, int]] = []
    for word in words:
        start = max(since + word.start_frame * FRAME_SAMPLES - START_LATE, earliest)
        end = max(since + word.end_frame * FRAME_SAMPLES - END_LATE, start + FRAME_SAMPLES)
        if limit is not None:
            start, end = min(start, limit), min(end, limit)
        times.append((start, end))
        earliest = end
    return times
