"""The sherpa-onnx online WebSocket wire as a codec: 32 bit floats in, one hypothesis of the open segment out.

Source: k2-fsa/sherpa-onnx, sherpa-onnx/csrc/online-websocket-server-impl.cc; the older Python server sends the same
without ``is_final`` and ends a segment by beginning the next, which is understood too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.codecs import Frame, Said, Target, Traits, What
from mirror.codecs.reading import bearer, json_object, samples_of, storable, untimed, violation
from testsets.case import Case
from testsets.encoding import Encoding, encode
from testsets.events import Event, Kind
from testsets.transcript import Word

RATE = 16_000  # what the server takes unless it was started with --input-sample-rate
END, ENDED = "Done", "Done!"
_WORD_BEGINS = (" ", "\u2581")  # how a piece says that it begins a word


class SherpaCodec:
    """One session with a sherpa-onnx online server; ``rate`` is that of the event log's samples."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._segment: object = None
        self._open: tuple[Word, ...] = ()  # the open segment's words so far

    @property
    def traits(self) -> Traits:
        return Traits(greets=False, wire_rate=RATE)

    def target(self, url: str, case: Case | None, token: str | None) -> Target:
        return Target(url, bearer(token))

    def begin(self, case: Case) -> tuple[Frame, ...]:
        return ()

    def plain(self, case: Case) -> Encoding | None:
        return "pcm_f32le"

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        return encode(samples, "pcm_f32le")

    def end(self, packets: int) -> tuple[Frame, ...]:
        return (END,)

    def heard(self, frame: Frame, at_ns: int) -> tuple[Event, ...]:
        if frame in (ENDED, ENDED.encode()):
            return (*self._close(at_ns), Event(Kind.ENDED, at_ns))
        body = json_object(frame)
        if isinstance(body, str):
            return violation(body, at_ns)
        before = self._close(at_ns) if body.get("segment") != self._segment else ()
        self._segment, self._open = body.get("segment"), self._words(body)
        if body.get("is_final") is True:
            return (*before, *self._close(at_ns), Event(Kind.UTTERANCE_END, at_ns))
        return (*before, Event(Kind.PARTIAL, at_ns, words=self._open))

    def said(self, frame: Frame) -> Said:
        if isinstance(frame, bytes):
            return Said(What.AUDIO, audio=frame)
        return Said(What.END if frame == END else What.OTHER)

    def _close(self, at_ns: int) -> tuple[Event, ...]:
        """The open segment is final."""
        words, self._open = self._open, ()
        text = " ".join(word.text for word in words)
        return (Event(Kind.FINAL, at_ns, words=words, detail={"transcript": text}),) if words else ()

    def _words(self, body: Mapping[str, Any]) -> tuple[Word, ...]:
        """Words with the times of their first and last piece; without times where the pieces do not spell the text."""
        text = storable(body.get("text", ""))
        pieces, times = body.get("tokens"), body.get("timestamps")
        if not isinstance(pieces, list) or not isinstance(times, list) or len(pieces) != len(times):
            return untimed(text)
        begin = samples_of(body.get("start_time"), self.rate)
        ends = [
            (storable(piece), begin + samples_of(time, self.rate)) for piece, time in zip(pieces, times, strict=True)
        ]
        words = tuple(_spelled(ends))
        return words if [word.text for word in words] == text.split() else untimed(text)


def _spelled(pieces: list[tuple[str, int]]) -> Iterator[Word]:
    """Words put together from pieces; the server tells when a piece was emitted, so a word ends with its last piece."""
    text, start, end = "", 0, 0
    for piece, at in pieces:
        if text and piece.startswith(_WORD_BEGINS):
            yield Word(text, start, max(start, end))
            text = ""
        start = at if not text else start
        text, end = text + piece.lstrip("".join(_WORD_BEGINS)), at
    if text:
        yield Word(text, start, max(start, end))
