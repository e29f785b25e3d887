"""A recogniser over whole recordings: all the look-ahead it was trained for, and words only once they are settled."""

from __future__ import annotations

from engine.audio.intake import ENGINE_RATE
from engine.jobs.audio import Samples
from engine.recogniser import RecognisedWord, Recogniser, Stream, StreamOptions
from engine.session_config import SessionConfig

CONTEXT = 10 * ENGINE_RATE  # samples heard after a word before it is settled


class SettledStream:
    """A stream of the reference recogniser: final words leave it as it goes, so that its memory stays small."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def step(self, pcm: Samples) -> tuple[RecognisedWord, ...]:
        """Take samples and give the words that ended long enough ago."""
        self._stream.step(pcm)
        until = self._stream.decoded_samples - CONTEXT
        return self._stream.finals(until) if until > 0 else ()

    def end(self) -> tuple[RecognisedWord, ...]:
        """The other words."""
        return self._stream.end()


class OfflineRecogniser:
    """The reference recogniser for recordings."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._options = StreamOptions(max(recogniser.body.card.chunk_ms))

    @property
    def digest(self) -> str:
        """Of body, graph and decode options."""
        return self._recogniser.digest

    def begin(self, config: SessionConfig) -> SettledStream:
        """Start a recording.

        Args:
            config: what a live session would be asked for; its vocabulary is listened for.

        Raises:
            MessageError: quota_exceeded, when the dictionaries in use leave no room for this one.
        """
        return SettledStream(self._recogniser.begin(self._options, self._recogniser.dictionary(config.vocabulary)))
