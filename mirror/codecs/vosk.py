"""The vosk-server WebSocket wire as a codec: one reply for each packet, and one more for the end.

Source: alphacep/vosk-server, websocket/asr_server.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.codecs import Frame, Said, Target, Traits, What
from mirror.codecs.reading import bearer, json_object, mappings, samples_of, share, span, storable, untimed, violation
from testsets.case import Case
from testsets.encoding import Encoding, encode
from testsets.events import Event, Kind
from testsets.transcript import Word

DEFAULT_RATE = 8_000  # of a server that was told nothing
END = '{"eof" : 1}'  # the server compares it as a string, blanks included


class VoskCodec:
    """One session with a vosk-server; ``rate`` is that of the event log's samples."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._replies = 0
        self._packets: int | None = None  # sent before the end; None while audio flows

    @property
    def traits(self) -> Traits:
        return Traits(greets=False, acks=True)

    def target(self, url: str, case: Case | None, token: str | None) -> Target:
        return Target(url, bearer(token))

    def begin(self, case: Case) -> tuple[Frame, ...]:
        return (json.dumps({"config": {"sample_rate": case.audio.rate, "words": True}}),)

    def plain(self, case: Case) -> Encoding | None:
        return "pcm_s16le"

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        return encode(samples, "pcm_s16le")

    def end(self, packets: int) -> tuple[Frame, ...]:
        self._packets = packets
        return (END,)

    def heard(self, frame: Frame, at_ns: int) -> tuple[Event, ...]:
        body = json_object(frame)
        if isinstance(body, str):
            return violation(body, at_ns)
        self._replies += 1
        events = list(self._events(body, at_ns))
        if self._packets is None or self._replies <= self._packets:
            return (Event(Kind.ACK, at_ns, detail={"packets": self._replies}), *events)
        return (*events, Event(Kind.ENDED, at_ns))

    def said(self, frame: Frame) -> Said:
        if isinstance(frame, bytes):
            return Said(What.AUDIO, audio=frame)
        if frame == END:
            return Said(What.END)
        body = json_object(frame)
        config = body.get("config") if isinstance(body, dict) else None
        if not isinstance(config, Mapping):
            return Said(What.OTHER)
        rate = samples_of(config.get("sample_rate"), 1) or DEFAULT_RATE
        return Said(What.START, config={"audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": rate}})

    def _events(self, body: Mapping[str, Any], at_ns: int) -> Iterator[Event]:
        if "partial" in body:
            yield Event(Kind.PARTIAL, at_ns, words=untimed(body["partial"]))
            return
        best = next(mappings(body.get("alternatives")), body)
        if text := storable(best.get("text", "")).strip():
            words = tuple(self._words(best.get("result"))) or untimed(text)
            yield Event(Kind.FINAL, at_ns, words=words, detail={"transcript": text})
            yield Event(Kind.UTTERANCE_END, at_ns)

    def _words(self, result: object) -> Iterator[Word]:
        for entry in mappings(result):
            start, end = span(entry.get("start"), entry.get("end"), self.rate)
            yield Word(storable(entry.get("word", "")), start, end, share(entry.get("conf")))
