"""The Speechmatics batch REST v2 wire as an exchange: submit, poll, fetch the transcript, delete the job.

Source: speechmatics/docs, spec/batch.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mirror.codecs import Target
from mirror.codecs.exchange import Answer, Request, Step, Upload
from mirror.codecs.reading import bearer, json_object, mapping, storable, violation
from mirror.codecs.speechmatics import SpeechmaticsCodec
from testsets.case import Case
from testsets.events import Event, Kind

POLL_NS = 500_000_000
# Real-time settings that the batch schema does not know.
_STREAMING = ("max_delay", "enable_partials", "conversation_config", "audio_format")
_BESIDE = ("translation_config", "audio_events_config")


class SpeechmaticsBatch:
    """One case as one job; ``rate`` is that of the event log's samples."""

    def __init__(self, rate: int, poll_ns: int = POLL_NS) -> None:
        self._codec, self._poll_ns = SpeechmaticsCodec(rate), poll_ns
        self._url, self._job = "", ""
        self._token: str | None = None
        self._next = self._submitted

    def begin(self, url: str, case: Case, wav: bytes, token: str | None) -> Request:
        self._url, self._token = url.rstrip("/"), token
        inner = {key: value for key, value in case.config.items() if key not in (*_STREAMING, *_BESIDE)}
        beside = {key: case.config[key] for key in _BESIDE if key in case.config}
        config = {"type": "transcription", "transcription_config": {"language": "en", **inner}, **beside}
        upload = Upload("data_file", f"{quote(case.id, safe='')}.wav", wav, "audio/wav")
        return Request("POST", Target(f"{self._url}/jobs", bearer(token)), {"config": json.dumps(config)}, upload)

    def step(self, answer: Answer) -> Step:
        return self._next(answer)

    def _submitted(self, answer: Answer) -> Step:
        body = json_object(answer.body)
        job = mapping(body).get("id")
        if answer.status != 201 or not isinstance(job, str):
            return Step((_refused(answer, body),))
        self._job, self._next = quote(job, safe=""), self._polled
        return Step((), self._ask("GET", "", after_ns=self._poll_ns))

    def _polled(self, answer: Answer) -> Step:
        body = json_object(answer.body)
        job = mapping(mapping(body).get("job"))
        match job.get("status"):
            case "running":
                return Step((), self._ask("GET", "", after_ns=self._poll_ns))
            case "done":
                self._next = self._transcribed
                return Step((), self._ask("GET", "/transcript", {"format": "json-v2"}))
            case str(status):
                errors = job.get("errors") or ["no reason given"]
                detail = {"type": f"job {storable(status)}", "reason": storable(errors)}
                return Step((Event(Kind.ERROR, answer.at_ns, detail=detail),))
            case _:
                return Step((_refused(answer, body),))

    def _transcribed(self, answer: Answer) -> Step:
        body = json_object(answer.body)
        if answer.status != 200:
            return Step((_refused(answer, body),))
        if isinstance(body, str):
            return Step(violation(body, answer.at_ns))
        self._next = self._deleted
        # The results are those of the real-time wire.
        metadata = {"start_time": 0, "end_time": 0, "transcript": ""}
        final = {"message": "AddTranscript", "metadata": metadata, "results": body.get("results", [])}
        events = self._codec.heard(json.dumps(final), answer.at_ns)
        return Step((*events, Event(Kind.ENDED, answer.at_ns)), self._ask("DELETE", ""))

    def _deleted(self, answer: Answer) -> Step:
        """What was replayed is not left behind; a recogniser that keeps it all the same breaks nothing."""
        return Step()

    def _ask(self, method: str, path: str, query: Mapping[str, str] | None = None, after_ns: int = 0) -> Request:
        url = f"{self._url}/jobs/{self._job}{path}" + (f"?{urlencode(query)}" if query else "")
        return Request(method, Target(url, bearer(self._token)), after_ns=after_ns)


def _refused(answer: Answer, body: dict[str, Any] | str) -> Event:
    said = mapping(body)
    reason = " ".join(storable(said[key]) for key in ("error", "detail") if said.get(key)) or "no reason given"
    return Event(Kind.ERROR, answer.at_ns, detail={"type": f"HTTP {answer.status}", "reason": reason})
