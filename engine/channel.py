"""One stream inside the engine: audio in, the moment of every final decided, no threads and no clock.

The clock is the audio itself: when every sample arrives in real time, having read n samples means that n / 16,000
seconds have passed, so a word is due when ``read >= its end + max_delay``. The decision falls once a step, hence a
word that would come due before the next step is decided in this one. ``flexible`` streams are told it at once;
``fixed`` ones when it is due, to the sample, so that every word has the same delay. Where words are written, not only
spelt, ``flexible`` streams wait for the end of a number or a date that has begun.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.audio.intake import ENGINE_RATE, NO_SAMPLES, Intake
from engine.audio.volume import VolumeGate
from engine.hearing import Hearing
from engine.recognised import RecognisedWord
from engine.report import Report, UtteranceEnd
from engine.session_config import SessionConfig
from engine.writing.entities import release

SLACK = round(0.2 * ENGINE_RATE)  # samples kept for computing and for the way back to the client
FRAME = 640  # samples of one decoder frame: finals are cut at multiples of it
TAIL = 880  # samples at the end of what was read that no step can decode: a frame and the last window's overhang


class Channel:
    """The state of one stream between two steps."""

    def __init__(self, hearing: Hearing, config: SessionConfig) -> None:
        self.hearing = hearing
        self._config = config
        self._intake = Intake(config.audio_format)
        self._volume = None if config.volume_threshold is None else VolumeGate(config.volume_threshold)
        self._pending: list[NDArray[np.float32]] = []
        self._waiting = 0  # samples in pending
        self._read = 0  # samples given to the hearing
        self._flush_at: int | None = None
        self._decided: deque[RecognisedWord] = deque()  # words that will not change, and are not told yet
        self._settled = 0  # samples whose words are decided
        self._placed_until = 0  # where the last decided word ended
        self._upcoming: tuple[RecognisedWord, ...] = ()  # the best guess of the words after them
        self._last_word_end = 0
        self._utterance_open = False
        self._ended = False

    @property
    def ready(self) -> bool:
        """A whole step's samples are here."""
        return self._waiting >= self.hearing.wanted

    @property
    def owes_answer(self) -> bool:
        """A flush can be answered without another step."""
        return self._flush_at is not None and self.hearing.decoded + TAIL > self._flush_at

    @property
    def at_end(self) -> bool:
        """All audio has come and less than a step of it is left."""
        return self._ended and not self.ready

    @property
    def reach(self) -> int:
        """Samples read once the next step, or the end, is done."""
        return self._read + min(self._waiting, self.hearing.wanted)

    @property
    def deadline(self) -> int:
        """Samples: the next step, or the end, must be done when the stream's clock shows this.

        The oldest word that is not decided may have ended at once after those that are; a client that watches partials
        or waits for an answer is not made to wait until a word would be late.
        """
        word = self._settled + self._config.max_delay
        hurried = self._config.enable_partials or self._config.silence_trigger or self._flush_at is not None
        return min(word, self.reach + SLACK) if hurried else word

    def take(self, data: bytes) -> None:
        """Take in the client's bytes.

        Raises:
            MessageError: they are not audio of the announced format.
        """
        pcm = self._intake.step(data)
        self._add(pcm if self._volume is None else self._volume.step(pcm))
        self._hasten()

    def configure(self, config: SessionConfig) -> None:
        """Change delays, partials, the model and the volume threshold from here on."""
        patience = max(self._config.max_delay, config.max_delay)
        self._config = config
        self.hearing.tune(config)
        if config.volume_threshold is not None:
            self._volume = self._volume or VolumeGate(config.volume_threshold, self._read + self._waiting)
            self._volume.threshold = config.volume_threshold
        self._decide(self._horizon(), patience)  # the next step may now be further away than a word may wait
        self._look_ahead()

    def flush(self, until: int | None) -> None:
        """Make words up to a sample (None: all that was taken) final as soon as they can be."""
        self._flush_at = self._read + self._waiting if until is None else until
        self._hasten()

    def finish(self) -> None:
        """No more audio comes.

        Raises:
            MessageError: the audio ended before it began.
        """
        pcm = self._intake.end()
        self._add(pcm if self._volume is None else np.concatenate([self._volume.step(pcm), self._volume.end()]))
        self._ended = True

    def close(self) -> None:
        """Free what the stream holds outside; nothing more is asked of it."""
        self._intake.close()

    def next_step(self) -> NDArray[np.float32]:
        """The samples that the hearing wants next; only when ready."""
        return self._cut(self.hearing.wanted)

    def rest(self) -> NDArray[np.float32]:
        """The samples left at the end, fewer than a step."""
        return self._cut(self._waiting)

    def news(self) -> Report:
        """What the last step brought: finals, the end of an utterance, partials."""
        self._decide(self._horizon(), self._config.max_delay)
        end: UtteranceEnd | None = None
        if self._flush_at is not None and self.owes_answer:
            end, self._flush_at = UtteranceEnd(self._flush_at, forced=True), None
            self._decide(_whole_frames(end.at), self._config.max_delay)
        self._look_ahead()
        decoded = self.hearing.decoded
        if end is None and self._paused(decoded):
            end = UtteranceEnd(decoded, forced=False)
            self._decide(decoded, self._config.max_delay)
            self._upcoming = ()
        if end is None:
            return self._report(self._leave(self._read))
        self._utterance_open = False
        return self._report(self._leave_before(_whole_frames(end.at)), end)

    def due(self) -> Iterator[Report]:
        """What must be told before the next step: decided words whose time has come, and an answer to a flush."""
        clock = min(self._read + self._waiting, self._read + self.hearing.wanted)
        while leaving := self._leave_first(clock):
            yield self._report(leaving)
        if self.owes_answer and not self.ready:
            yield self.news()

    def after_end(self, words: tuple[RecognisedWord, ...]) -> Report:
        """The last report: every word that was not final yet."""
        forced = UtteranceEnd(self._read, forced=True) if self._flush_at is not None else None
        self._decided += self._on_time(words, self._config.max_delay)
        left = self._leave_before(None)
        return Report(left, forced, decoded=self._read, ended=True, volumes=self._volumes(left))

    def _horizon(self) -> int:
        """Words that end before this sample come due before another step could decide about them."""
        return self._read + self.hearing.chunk + SLACK - self._config.max_delay

    def _decide(self, until: int, patience: int) -> None:
        """Commit the words that end at or before a sample."""
        until = min(until, self.hearing.decoded)
        self._settled = max(self._settled, until)
        if until > 0:
            words = self._on_time(self.hearing.finals(until), patience)
            self._note(words)
            self._decided += words

    def _on_time(self, words: tuple[RecognisedWord, ...], patience: int) -> tuple[RecognisedWord, ...]:
        """Words in order and, where a change of mind put one into what is past already, placed where it is not late."""
        past = min(self._read + SLACK - patience, self.hearing.decoded)
        placed = []
        for word in words:
            start = max(word.start, self._placed_until)
            end = max(word.end, start, past)
            placed.append(_moved(word, start, end))
            self._placed_until = end
        return tuple(placed)

    def _leave(self, clock: int) -> tuple[RecognisedWord, ...]:
        """Take out the decided words that are to be told by a time."""
        if not self._decided or self._config.max_delay_mode == "fixed":
            return self._leave_before(clock - self._config.max_delay)
        last = self._decided[-1].end
        if self._config.style.spoken:
            return self._leave_before(last)
        return self._leave_before(release((*self._decided, *self._upcoming), last, self.hearing.decoded))

    def _leave_first(self, clock: int) -> tuple[RecognisedWord, ...]:
        """Take out the decided words that are told together next, if their time has come."""
        if not self._decided or self._config.max_delay_mode != "fixed":
            return self._leave(clock)
        return self._leave(min(clock, self._decided[0].end + self._config.max_delay))

    def _leave_before(self, end: int | None) -> tuple[RecognisedWord, ...]:
        """Take out the decided words up to an end, None for all."""
        leaving: list[RecognisedWord] = []
        while self._decided and (end is None or self._decided[0].end <= end):
            leaving.append(self._decided.popleft())
        return tuple(leaving)

    def _report(self, finals: tuple[RecognisedWord, ...], end: UtteranceEnd | None = None) -> Report:
        rest = (*self._decided, *self._upcoming)
        return Report(
            finals, end, rest if self._config.enable_partials else (), self.hearing.decoded, upcoming=rest,
            volumes=self._volumes((*finals, *rest)),
        )  # fmt: skip

    def _volumes(self, words: tuple[RecognisedWord, ...]) -> dict[int, float]:
        if self._volume is None:
            return {}
        heard = {word.start: self._volume.volume(word.start, word.end) for word in words}
        return {start: round(volume, 2) for start, volume in heard.items() if volume is not None}

    def _hasten(self) -> None:
        """A client that wants an answer now does not wait for a whole chunk."""
        if self._flush_at is not None and not self.ready and self._read + self._waiting >= self._flush_at:
            self.hearing.shorten(self._waiting)

    def _look_ahead(self) -> None:
        """Ask for the words that are not decided yet."""
        config = self._config
        if config.style.spoken and not (config.enable_partials or config.silence_trigger or self.hearing.changing):
            self._upcoming = ()
            return
        words, at = self.hearing.partials(), self._placed_until
        if self.hearing.changing and not words:
            self.hearing.turn()
        placed = []
        for word in words:
            start = max(word.start, at)
            at = max(word.end, start)
            placed.append(_moved(word, start, at))
        self._upcoming = tuple(placed)
        self._note(self._upcoming)

    def _note(self, words: tuple[RecognisedWord, ...]) -> None:
        """Remember where speech last ended; a partial may be revised backwards, an utterance opens only forwards."""
        if words:
            if words[-1].end > self._last_word_end:
                self._utterance_open = True
            self._last_word_end = words[-1].end

    def _paused(self, decoded: int) -> bool:
        trigger = self._config.silence_trigger
        return trigger > 0 and self._utterance_open and decoded - self._last_word_end >= trigger

    def _add(self, pcm: NDArray[np.float32]) -> None:
        if len(pcm):
            self._pending.append(pcm)
            self._waiting += len(pcm)

    def _cut(self, count: int) -> NDArray[np.float32]:
        # One piece (a client's huge frame) is cut without copying it again at every step.
        joined = self._pending[0] if len(self._pending) == 1 else np.concatenate([NO_SAMPLES, *self._pending])
        self._pending = [joined[count:]] if len(joined) > count else []
        self._waiting = max(len(joined) - count, 0)
        self._read += min(count, len(joined))
        return joined[:count]


def _whole_frames(at: int) -> int:
    return -(-at // FRAME) * FRAME


def _moved(word: RecognisedWord, start: int, end: int) -> RecognisedWord:
    return word if (start, end) == (word.start, word.end) else replace(word, start=start, end=end)
