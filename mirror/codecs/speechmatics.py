"""The Speechmatics real-time v2 wire as a codec.

Source: speechmatics/docs, spec/realtime.yaml; the messages themselves are ``engine.protocol``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine import protocol
from mirror.codecs import VIOLATION, Frame, Said, Target, Traits, What
from mirror.codecs.reading import bearer, span, storable
from testsets.case import Case
from testsets.encoding import Encoding, encode
from testsets.events import Event, Kind
from testsets.transcript import Word

# Of a case's config these stand beside transcription_config on the wire; everything else goes into it.
_BESIDE = ("audio_format", "translation_config", "audio_events_config")
# What a case that says nothing is asked with: partials are wanted, for their latency is measured.
_DEFAULTS: Mapping[str, Any] = {"language": "en", "enable_partials": True}


@dataclass(frozen=True, slots=True)
class SpeechmaticsCodec:
    """Speechmatics real-time v2; ``rate`` is that of the event log's samples."""

    rate: int

    @property
    def traits(self) -> Traits:
        return Traits(acks=True)

    def target(self, url: str, case: Case | None, token: str | None) -> Target:
        return Target(url, bearer(token))

    def begin(self, case: Case) -> tuple[Frame, ...]:
        inner = {key: value for key, value in case.config.items() if key not in _BESIDE}
        start = protocol.StartRecognition(
            audio_format={"type": "raw", "encoding": encoding_of(case), "sample_rate": case.audio.rate},
            transcription_config={**_DEFAULTS, **inner},
            translation_config=case.config.get("translation_config"),
            audio_events_config=case.config.get("audio_events_config"),
        )
        return (protocol.encode(start),)

    def plain(self, case: Case) -> Encoding | None:
        return encoding_of(case)

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        return encode(samples, encoding_of(case))

    def end(self, packets: int) -> tuple[Frame, ...]:
        return (protocol.encode(protocol.EndOfStream(last_seq_no=packets)),)

    def said(self, frame: Frame) -> Said:
        try:
            message = protocol.parse_client(frame)
        except protocol.MessageError as error:
            return Said(What.OTHER, detail={VIOLATION: storable(str(error))})
        match message:
            case protocol.StartRecognition():
                return Said(What.START, config=_config(message))
            case protocol.AddAudio(data):
                return Said(What.AUDIO, audio=data)
            case protocol.EndOfStream():
                return Said(What.END)
            case protocol.Unknown(name, _):
                return Said(What.OTHER, detail={"message": storable(name)})
            case _:
                return Said(What.OTHER, detail={"message": type(message).__name__})

    def heard(self, frame: Frame, at_ns: int) -> tuple[Event, ...]:
        packets = _plain_ack(frame)
        return (self._event(frame, at_ns) if packets is None else Event(Kind.ACK, at_ns, detail={"packets": packets}),)

    def _event(self, frame: Frame, at_ns: int) -> Event:
        try:
            message = protocol.parse_server(frame)
        except protocol.MessageError as error:
            return Event(Kind.OTHER, at_ns, detail={VIOLATION: storable(str(error))})
        match message:
            case protocol.AudioAdded(seq_no):
                return Event(Kind.ACK, at_ns, detail={"packets": seq_no})
            case protocol.AddPartialTranscript(results=results):
                return Event(Kind.PARTIAL, at_ns, words=tuple(self._words(results, sure=False)))
            case protocol.AddTranscript(metadata, results):
                words = tuple(self._words(results, sure=True))
                return Event(Kind.FINAL, at_ns, words=words, detail={"transcript": storable(metadata.transcript)})
            case protocol.RecognitionStarted(session):
                return Event(Kind.STARTED, at_ns, detail={} if session is None else {"session": storable(session)})
            case protocol.EndOfUtterance():
                return Event(Kind.UTTERANCE_END, at_ns)
            case protocol.EndOfTranscript():
                return Event(Kind.ENDED, at_ns)
            case protocol.Warning() | protocol.Error() | protocol.Info():
                return Event(_TOLD[type(message)], at_ns, detail=_told(message))
            case protocol.Unknown(name, _):
                return Event(Kind.OTHER, at_ns, detail={"message": storable(name)})
            case _:
                return Event(Kind.OTHER, at_ns, detail={"message": type(message).__name__})

    def _words(self, results: tuple[protocol.Result, ...], sure: bool) -> Iterator[Word]:
        """Words and entities, best reading; punctuation is in the transcript only, confidence of partials is void."""
        for result in results:
            if result.type == "punctuation" or not result.alternatives:
                continue
            best = result.alternatives[0]
            start, end = span(result.start_time, result.end_time, self.rate)
            speaker = None if best.speaker is None else storable(best.speaker)
            yield Word(storable(best.content), start, end, best.confidence if sure else None, speaker)


_ACK = re.compile(r'\{"message": ?"AudioAdded", ?"seq_no": ?([0-9]{1,15})\}')
_ACK_SIZE = 60  # characters
_TOLD = {protocol.Warning: Kind.WARNING, protocol.Error: Kind.ERROR, protocol.Info: Kind.OTHER}


def encoding_of(case: Case) -> Encoding:
    """How this case's audio travels: as it was captured, else pcm_s16le."""
    wanted = case.config.get("audio_format")
    if not isinstance(wanted, Mapping) or wanted.get("type") != "raw":
        return "pcm_s16le"
    return cast(Encoding, str(protocol.parse_audio_format(wanted).type))


def _plain_ack(frame: Frame) -> int | None:
    """The number in an acknowledgement; None for all else. One comes for each packet, so it is read the short way."""
    found = _ACK.fullmatch(frame) if isinstance(frame, str) and len(frame) < _ACK_SIZE else None
    return None if found is None else int(found[1])


def _config(start: protocol.StartRecognition) -> dict[str, Any]:
    """A case's config from StartRecognition; what the wire leaves out gets the wire's own default by name."""
    beside = {key: value for key in _BESIDE if (value := getattr(start, key)) is not None}
    return {"enable_partials": False, **start.transcription_config, **beside}


def _told(message: protocol.Warning | protocol.Error | protocol.Info) -> dict[str, Any]:
    known = {
        "type": storable(message.type),
        "reason": storable(message.reason),
        "code": message.code,
        "seq_no": message.seq_no,
    }
    return {key: value for key, value in known.items() if value not in (None, "")}
