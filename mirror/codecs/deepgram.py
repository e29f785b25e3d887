"""The Deepgram live wire (/v1/listen) as a codec: the config is in the URL, a Metadata message ends the session.

Source: developers.deepgram.com, reference/speech-to-text/listen-streaming, and the messages of deepgram-sdk 7.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
from numpy.typing import NDArray

from mirror.codecs import Frame, Said, Target, Traits, What
from mirror.codecs.reading import json_object, mapping, mappings, share, span, storable, violation
from mirror.codecs.speechmatics import encoding_of
from testsets.case import Case
from testsets.encoding import Encoding, encode
from testsets.events import Event, Kind
from testsets.transcript import Word

ENCODINGS: Mapping[Encoding, str] = {"pcm_s16le": "linear16", "pcm_f32le": "linear32", "mulaw": "mulaw"}
KEEP_ALIVE_NS = 4_000_000_000  # the server closes after 10 s without audio or this


class DeepgramCodec:
    """One session with a Deepgram live endpoint; ``rate`` is that of the event log's samples."""

    def __init__(self, rate: int) -> None:
        self.rate = rate

    @property
    def traits(self) -> Traits:
        return Traits(greets=False, keep_alive=json.dumps({"type": "KeepAlive"}), keep_alive_ns=KEEP_ALIVE_NS)

    def target(self, url: str, case: Case | None, token: str | None) -> Target:
        """What the user wrote into the URL (model, smart_format, ...) wins over what the case says."""
        parts = urlsplit(url)
        query = {**({} if case is None else _options(case)), **dict(parse_qsl(parts.query, keep_blank_values=True))}
        headers = {} if token is None else {"Authorization": f"Token {token}"}
        return Target(urlunsplit(parts._replace(query=urlencode(query))), headers)

    def begin(self, case: Case) -> tuple[Frame, ...]:
        return ()

    def plain(self, case: Case) -> Encoding | None:
        return encoding_of(case)

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        return encode(samples, encoding_of(case))

    def end(self, packets: int) -> tuple[Frame, ...]:
        return (json.dumps({"type": "CloseStream"}),)

    def heard(self, frame: Frame, at_ns: int) -> tuple[Event, ...]:
        body = json_object(frame)
        if isinstance(body, str):
            return violation(body, at_ns)
        match body.get("type"):
            case "Results":
                return tuple(self._results(body, at_ns))
            case "UtteranceEnd":
                return (Event(Kind.UTTERANCE_END, at_ns),)
            case "Metadata":
                return (Event(Kind.ENDED, at_ns),)
            case "Error":
                reason = body.get("description") or body.get("message") or "no reason given"
                detail = {"type": storable(body.get("variant") or body.get("code")), "reason": storable(reason)}
                return (Event(Kind.ERROR, at_ns, detail=detail),)
            case name:
                return (Event(Kind.OTHER, at_ns, detail={"message": storable(name)}),)

    def said(self, frame: Frame) -> Said:
        if isinstance(frame, bytes):
            return Said(What.AUDIO, audio=frame)
        body = json_object(frame)
        name = body.get("type") if isinstance(body, dict) else None
        if name == "CloseStream":
            return Said(What.END)
        return Said(What.OTHER, detail={"message": storable(name)})

    def _results(self, body: Mapping[str, Any], at_ns: int) -> Iterator[Event]:
        best = next(mappings(mapping(body.get("channel")).get("alternatives")), {})
        sure = body.get("is_final") is True
        words = tuple(self._words(best.get("words"), sure))
        if not sure:
            yield Event(Kind.PARTIAL, at_ns, words=words)
        elif words:
            yield Event(Kind.FINAL, at_ns, words=words, detail={"transcript": storable(best.get("transcript", ""))})
        if sure and body.get("speech_final") is True:
            yield Event(Kind.UTTERANCE_END, at_ns)

    def _words(self, entries: object, sure: bool) -> Iterator[Word]:
        for entry in mappings(entries):
            start, end = span(entry.get("start"), entry.get("end"), self.rate)
            speaker = None if entry.get("speaker") is None else storable(entry["speaker"])
            yield Word(
                storable(entry.get("word", "")), start, end, share(entry.get("confidence")) if sure else None, speaker
            )


def config_of(query: Mapping[str, str]) -> dict[str, Any]:
    """A case's config from the query of a captured request; audio without an encoding is a file that was streamed."""
    config: dict[str, Any] = {"enable_partials": query.get("interim_results") == "true"}
    config |= {"language": query["language"]} if "language" in query else {}
    speakers = query.get("diarize") == "true" or "diarize_model" in query
    config |= {"diarization": "speaker"} if speakers else {}
    encodings = {name: encoding for encoding, name in ENCODINGS.items()}
    encoding, rate = encodings.get(query.get("encoding", "")), query.get("sample_rate", "")
    if encoding is None or not rate.isdecimal():
        return {**config, "audio_format": {"type": "file"}}
    return {**config, "audio_format": {"type": "raw", "encoding": encoding, "sample_rate": int(rate)}}


def _options(case: Case) -> dict[str, str]:
    asked = {
        "encoding": ENCODINGS[encoding_of(case)],
        "sample_rate": str(case.audio.rate),
        "channels": "1",
        "interim_results": "true" if case.config.get("enable_partials", True) else "false",
        "language": str(case.config.get("language", "en")),
    }
    return {**asked, "diarize_model": "latest"} if case.config.get("diarization") == "speaker" else asked
