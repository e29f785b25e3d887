"""One stream inside the engine: audio in, the moment of every final decided, no threads and no clock.

The clock is the audio itself: when every sample arrives in real time, having read n samples means that n / 16,000
seconds have passed, so a word is due when ``read >= its end + max_delay``. The decision falls once a step, hence a
word that would come due before the next step is made final in this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.hearing import Hearing
from engine.intake import ENGINE_RATE, NO_SAMPLES, Intake
from engine.report import Report, UtteranceEnd
from engine.session_config import SessionConfig

if TYPE_CHECKING:  # the recogniser loads ONNX Runtime; this module must not
    from engine.recogniser import RecognisedWord

SLACK = round(0.2 * ENGINE_RATE)  # samples kept for computing and for the way back to the client
FRAME = 640  # samples of one decoder frame: finals are cut at multiples of it
TAIL = 880  # samples at the end of what was read that no step can decode: a frame and the last window's overhang


class Channel:
    """The state of one stream between two steps."""

    def __init__(self, hearing: Hearing, config: SessionConfig) -> None:
        self.hearing = hearing
        self._config = config
        self._intake = Intake(config.audio_format)
        self._pending: list[NDArray[np.float32]] = []
        self._waiting = 0  # samples in pending
        self._read = 0  # samples given to the hearing
        self._flush_at: int | None = None
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

    def take(self, data: bytes) -> None:
        """Take in the client's bytes.

        Raises:
            MessageError: they are not audio of the announced format.
        """
        self._add(self._intake.step(data))
        self._hasten()

    def configure(self, config: SessionConfig) -> None:
        """Change delays and partials from the next step on."""
        self._config = config
        self.hearing.tune(config)

    def flush(self, until: int | None) -> None:
        """Make words up to a sample (None: all that was taken) final as soon as they can be."""
        self._flush_at = self._read + self._waiting if until is None else until
        self._hasten()

    def finish(self) -> None:
        """No more audio comes.

        Raises:
            MessageError: the audio ended before it began.
        """
        self._add(self._intake.end())
        self._ended = True

    def next_step(self) -> NDArray[np.float32]:
        """The samples that the hearing wants next; only when ready."""
        return self._cut(self.hearing.wanted)

    def rest(self) -> NDArray[np.float32]:
        """The samples left at the end, fewer than a step."""
        return self._cut(self._waiting)

    def news(self) -> Report:
        """What became final by now, and what is said but not final."""
        decoded = self.hearing.decoded
        due = self._read + self.hearing.chunk + SLACK - self._config.max_delay
        finals = self.hearing.finals(min(due, decoded)) if due > 0 else ()
        utterance_end = None
        if self._flush_at is not None and self.owes_answer:
            finals += self.hearing.finals(-(-self._flush_at // FRAME) * FRAME)
            utterance_end, self._flush_at = UtteranceEnd(self._flush_at, forced=True), None
        self._note(finals)
        partials = self._partials()
        if utterance_end is None and self._paused(decoded):
            finals, partials = finals + self.hearing.finals(decoded), ()
            utterance_end = UtteranceEnd(decoded, forced=False)
        if utterance_end is not None:
            self._utterance_open = False
        return Report(finals, utterance_end, partials, decoded)

    def after_end(self, words: tuple[RecognisedWord, ...]) -> Report:
        """The last report: every word that was not final yet."""
        forced = UtteranceEnd(self._read, forced=True) if self._flush_at is not None else None
        return Report(words, forced, (), self._read, ended=True)

    def _hasten(self) -> None:
        """A client that wants an answer now does not wait for a whole chunk."""
        if self._flush_at is not None and not self.ready and self._read + self._waiting >= self._flush_at:
            self.hearing.shorten(self._waiting)

    def _partials(self) -> tuple[RecognisedWord, ...]:
        if not (self._config.enable_partials or self._config.silence_trigger):
            return ()
        words = self.hearing.partials()
        self._note(words)
        return words if self._config.enable_partials else ()

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
