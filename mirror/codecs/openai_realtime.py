"""The OpenAI realtime transcription wire as a codec: base64 audio in JSON, deltas and completed items out.

Source: developers.openai.com, api/reference/resources/realtime, and the event types of the openai package 3.54.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
from numpy.typing import NDArray

from mirror.codecs import Frame, Said, Target, Traits, What
from mirror.codecs.reading import bearer, json_object, mapping, storable, untimed, violation
from testsets.case import Case
from testsets.encoding import Encoding, encode
from testsets.events import Event, Kind

RATE = 24_000  # the only rate of audio/pcm
MODEL = "gpt-4o-transcribe"
_OURS = ("model", "turn_detection")  # of the URL's query these go into the session, not onto the wire
_ITEM = "conversation.item.input_audio_transcription"
_NOTHING_LEFT = "input_audio_buffer_commit_empty"


class OpenAIRealtimeCodec:
    """One transcription session; ``rate`` is that of the event log's samples."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._options: dict[str, str] = {}
        self._partial: dict[str, str] = {}  # item id -> text so far
        self._waiting: set[str] = set()  # items committed and not transcribed
        self._end_sent = self._all_committed = self._told = False
        self._overheard = self._clears = False  # a captured client speaks, and clears behind its last commit as we do

    @property
    def traits(self) -> Traits:
        return Traits(wire_rate=RATE)

    def target(self, url: str, case: Case | None, token: str | None) -> Target:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        self._options = {key: query.pop(key) for key in _OURS if key in query}
        query.setdefault("intent", "transcription")
        return Target(urlunsplit(parts._replace(query=urlencode(query))), bearer(token))

    def begin(self, case: Case) -> tuple[Frame, ...]:
        asked = {"model": self._options.get("model", MODEL), "language": str(case.config.get("language", "en"))}
        vad = None if self._options.get("turn_detection") == "none" else {"type": "server_vad"}
        heard = {"format": {"type": "audio/pcm", "rate": RATE}, "transcription": asked, "turn_detection": vad}
        session = {"type": "transcription", "audio": {"input": heard}}
        return (json.dumps({"type": "session.update", "session": session}),)

    def plain(self, case: Case) -> Encoding | None:
        return None  # base64 within JSON

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        data = base64.b64encode(encode(samples, "pcm_s16le")).decode("ascii")
        return json.dumps({"type": "input_audio_buffer.append", "audio": data})

    def end(self, packets: int) -> tuple[Frame, ...]:
        """Commit what is left; the answer to the clear behind it says that no further item will come."""
        self._end_sent = True
        return tuple(json.dumps({"type": f"input_audio_buffer.{what}"}) for what in ("commit", "clear"))

    def heard(self, frame: Frame, at_ns: int) -> tuple[Event, ...]:
        body = json_object(frame)
        if isinstance(body, str):
            return violation(body, at_ns)
        event = self._event(body, at_ns)
        if self._overheard and not self._clears and body.get("type") == "input_audio_buffer.committed":
            self._all_committed = self._end_sent
        done = self._all_committed and not self._waiting and not self._told
        self._told = self._told or done
        return (event, Event(Kind.ENDED, at_ns)) if done else (event,)

    def said(self, frame: Frame) -> Said:
        body = json_object(frame)
        name = body.get("type") if isinstance(body, dict) else None
        self._overheard, self._clears = True, name == "input_audio_buffer.clear"
        if isinstance(body, dict) and name == "input_audio_buffer.append":
            try:
                return Said(What.AUDIO, audio=base64.b64decode(body.get("audio", ""), validate=True))
            except (ValueError, TypeError):
                return Said(What.OTHER, detail={"message": "audio that is no base64"})
        if isinstance(body, dict) and name == "session.update":
            return Said(What.START, config=_config(mapping(body.get("session"))))
        # With turn detection on the wire knows no end, without it the client commits once.
        return Said(What.END if name == "input_audio_buffer.commit" else What.OTHER, detail={"message": storable(name)})

    def _event(self, body: Mapping[str, Any], at_ns: int) -> Event:
        name, item = storable(body.get("type")), storable(body.get("item_id", ""))
        match name:
            case "session.updated":
                return Event(Kind.STARTED, at_ns)
            case "input_audio_buffer.committed":
                self._waiting.add(item)
            case "input_audio_buffer.cleared":
                self._all_committed = self._end_sent
            case "input_audio_buffer.speech_stopped":
                return Event(Kind.UTTERANCE_END, at_ns)
            case "error":
                return self._error(mapping(body.get("error")), at_ns)
        if name == f"{_ITEM}.delta":
            self._partial[item] = self._partial.get(item, "") + storable(body.get("delta", ""))
            return Event(Kind.PARTIAL, at_ns, words=untimed(self._partial[item]))
        if name in (f"{_ITEM}.completed", f"{_ITEM}.failed"):
            self._waiting.discard(item)
            self._partial.pop(item, None)
        if name == f"{_ITEM}.completed":
            text = storable(body.get("transcript", ""))
            return Event(Kind.FINAL, at_ns, words=untimed(text), detail={"transcript": text})
        if name == f"{_ITEM}.failed":
            return self._error(mapping(body.get("error")), at_ns)
        return Event(Kind.OTHER, at_ns, detail={"message": name})

    def _error(self, error: Mapping[str, Any], at_ns: int) -> Event:
        kind = storable(error.get("code") or error.get("type") or "error")
        if kind == _NOTHING_LEFT and self._end_sent:
            return Event(Kind.OTHER, at_ns, detail={"message": kind})
        return Event(Kind.ERROR, at_ns, detail={"type": kind, "reason": storable(error.get("message", ""))})


def _config(session: Mapping[str, Any]) -> dict[str, Any]:
    heard = mapping(mapping(session.get("audio")).get("input"))
    raw = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}
    language = mapping(heard.get("transcription")).get("language")
    return {"audio_format": raw, **({"language": storable(language)} if language else {})}
