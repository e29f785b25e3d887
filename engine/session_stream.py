"""One stream of a session, its only one or one of its channels: what its reports mean as messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import transcripts
from engine.protocol import EndOfUtterance, ServerMessage, UtteranceMetadata, Warning, WarningType
from engine.report import Report
from engine.session_config import LANGUAGE
from engine.writing.writer import Item, Writer


class SessionStream:
    """What a session knows of a stream.

    Args:
        channel: its label, None of a session without channels.
        writer: writes its words.
    """

    def __init__(self, channel: str | None, writer: Writer) -> None:
        self._channel, self._writer = channel, writer
        self.seq_no = 0  # of the last audio
        self.finished = False  # the client sends no more audio
        self.over = False  # every word of it is final
        self._warned_late_audio = False
        self._shown: Sequence[object] = ()  # the words of the last partial

    def told(self, report: Report, partials: bool) -> Iterator[ServerMessage]:
        """News of the engine as messages: finals, the end of an utterance, partials.

        Args:
            partials: the session wants them.
        """
        heard = transcripts.Heard(report.decoded, LANGUAGE, self._channel, report.volumes)
        end = report.utterance_end
        forced = end is not None and end.forced
        items = self._written(report)
        if items or forced:
            yield transcripts.final(items, heard, forced)
        if end is not None:
            at = transcripts.seconds(end.at)
            yield EndOfUtterance(UtteranceMetadata(at, at), self._channel, True if forced else None)
        if partials and self._has_news(report):
            yield transcripts.partial(self._writer.preview(report.partials, report.decoded), heard)
        self.over = self.over or report.ended

    def late_audio(self, after: str) -> tuple[Warning, ...]:
        """What to say about audio that came after the end, once."""
        if self._warned_late_audio:
            return ()
        self._warned_late_audio = True
        return (Warning(WarningType.ADD_AUDIO_AFTER_EOS, f"audio after {after} was ignored", seq_no=self.seq_no),)

    def _written(self, report: Report) -> tuple[Item, ...]:
        if report.ended or report.utterance_end is not None:
            return self._writer.end(report.finals, report.decoded)
        if not report.finals:
            return ()
        return self._writer.step(report.finals, report.upcoming, report.decoded)

    def _has_news(self, report: Report) -> bool:
        """A final replaces what was shown, so the rest is shown again; otherwise only news is worth a message."""
        unchanged = not report.finals and tuple(report.partials) == tuple(self._shown)
        nothing = not report.partials and not self._shown
        self._shown = report.partials
        return not (unchanged or nothing or report.ended)
