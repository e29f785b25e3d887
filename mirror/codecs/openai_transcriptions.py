"""OpenAI's /v1/audio/transcriptions as an exchange of one request.

Source: developers.openai.com, api/reference/resources/audio/subresources/transcriptions/methods/create.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from mirror.codecs import Target
from mirror.codecs.exchange import Answer, Request, Step, Upload
from mirror.codecs.reading import bearer, json_object, mapping, mappings, span, storable, untimed, violation
from testsets.case import Case
from testsets.events import Event, Kind
from testsets.transcript import Word

# Word times exist for this model and format only; what the URL's query says wins.
_DEFAULTS = {"model": "whisper-1", "response_format": "verbose_json", "timestamp_granularities[]": "word"}


class OpenAITranscription:
    """One case; ``rate`` is that of the event log's samples."""

    def __init__(self, rate: int) -> None:
        self.rate = rate

    def begin(self, url: str, case: Case, wav: bytes, token: str | None) -> Request:
        parts = urlsplit(url)
        form = {**_DEFAULTS, "language": str(case.config.get("language", "en")), **dict(parse_qsl(parts.query))}
        if form["response_format"] != "verbose_json":
            form.pop("timestamp_granularities[]", None)
        target = Target(urlunsplit(parts._replace(query="")), bearer(token))
        return Request("POST", target, form, Upload("file", "audio.wav", wav, "audio/wav"))

    def step(self, answer: Answer) -> Step:
        body = json_object(answer.body)
        if answer.status != 200:
            return Step((_refused(answer, body),))
        if isinstance(body, str):
            return Step(violation(body, answer.at_ns))
        text = storable(body.get("text", ""))
        words = tuple(self._words(body.get("words"))) or untimed(text)
        final = Event(Kind.FINAL, answer.at_ns, words=words, detail={"transcript": text})
        return Step((final, Event(Kind.ENDED, answer.at_ns)))

    def _words(self, entries: object) -> Iterator[Word]:
        for entry in mappings(entries):
            start, end = span(entry.get("start"), entry.get("end"), self.rate)
            yield Word(storable(entry.get("word", "")).strip(), start, end)


def _refused(answer: Answer, body: object) -> Event:
    error = mapping(mapping(body).get("error"))
    reason = storable(error.get("message") or "no reason given")
    return Event(Kind.ERROR, answer.at_ns, detail={"type": f"HTTP {answer.status}", "reason": reason})
