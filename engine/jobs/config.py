"""What a job's configuration asks for, judged: a frozen value, or a refusal, plus what its user must be told."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from engine.jobs.audio import MOST_CHANNELS
from engine.jobs.errors import Refusal
from engine.jobs.subtitles import LINE_LENGTH, LINES, SubtitleShape
from engine.protocol import MessageError, StartRecognition, Warning
from engine.session_config import SessionConfig, read_start

OPERATING_POINTS = ("standard", "enhanced")
_MAX_LINE, _MAX_LINES = 1_000, 100  # of a subtitle
_FETCHES = {
    "fetch_data": "this service fetches nothing; upload the recording as data_file",
    "fetch_text": "this service fetches nothing and aligns nothing",
    "notification_config": "this service notifies nobody; poll GET /v2/jobs/{id}, or ask with ?wait=SECONDS",
}
_ANALYSES = {
    "translation_config", "language_identification_config", "summarization_config", "sentiment_analysis_config",
    "topic_detection_config", "auto_chapters_config", "audio_events_config",
}  # fmt: skip
_CHANNELLED = ("channel", "channel_and_speaker")
_LABEL = re.compile(r"[A-Za-z0-9._]{1,100}")
_READ = {"type", "transcription_config", "tracking", "output_config"}
_OBJECTS = ("transcription_config", "tracking", "output_config")


@dataclass(frozen=True, slots=True)
class JobConfig:
    """A job that can be served."""

    sent: Mapping[str, Any]  # without nulls
    transcription: SessionConfig
    operating_point: str
    channels: tuple[str, ...] | None = None  # names of the first channels, where they are told apart
    remarks: tuple[str, ...] = ()  # what is not done as asked


def read_config(text: str | bytes, served: Collection[str] = OPERATING_POINTS) -> JobConfig:
    """Judge the ``config`` of a job.

    Args:
        text: JSON.
        served: the operating points there are, at least one.

    Raises:
        Refusal: 400, when it is not a configuration or asks for what cannot be done.
    """
    sent = _parse(text)
    for name in _OBJECTS:
        if not isinstance(sent.get(name, {}), dict):
            raise _rejected(f"{name} must be an object")
    _judge_type(sent)
    channels = _judge_channels(sent.get("transcription_config", {}))
    transcription, warnings = _judge_transcription(sent)
    operating_point, replaced = _choose(transcription.asked, served)
    tracking = sent.get("tracking", {})
    for name, kind in (("title", str), ("reference", str), ("tags", list), ("details", dict)):
        if not isinstance(tracking.get(name), (kind, type(None))):
            raise _rejected(f"tracking.{name} must be {'an array' if kind is list else f'of type {kind.__name__}'}")
    subtitle_shape(sent)
    return JobConfig(sent, transcription, operating_point, channels, (*warnings, *replaced, *_unserved(sent)))


def subtitle_shape(sent: Mapping[str, Any]) -> SubtitleShape:
    """How a configuration wants its subtitles.

    Raises:
        Refusal: 400, when a subtitle cannot be so.
    """
    overrides = sent.get("output_config", {}).get("srt_overrides") or {}
    if not isinstance(overrides, dict):
        raise _rejected("output_config.srt_overrides must be an object")
    return SubtitleShape(
        _whole(overrides, "max_line_length", LINE_LENGTH, _MAX_LINE), _whole(overrides, "max_lines", LINES, _MAX_LINES)
    )


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        sent = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _rejected(f"Job config JSON is invalid: {str(error)[:200]}") from None
    if not isinstance(sent, dict):
        raise _rejected("Job config JSON is invalid: it must be an object")
    return {name: value for name, value in sent.items() if value is not None}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _judge_type(sent: Mapping[str, Any]) -> None:
    match sent.get("type"):
        case "transcription":
            pass
        case "alignment":
            raise Refusal(400, "Requested product not available", "alignment is not served; send type 'transcription'")
        case _:
            raise _rejected("type must be 'transcription'")
    for name, instead in _FETCHES.items():
        if sent.get(name):
            raise _rejected(f"{name} is not supported: {instead}")


def _judge_channels(asked: Mapping[str, Any]) -> tuple[str, ...] | None:
    if asked.get("diarization") not in _CHANNELLED:
        return None
    labels = asked.get("channel_diarization_labels") or []
    known = isinstance(labels, list) and all(isinstance(label, str) and _LABEL.fullmatch(label) for label in labels)
    if not known or len(labels) > MOST_CHANNELS or len(set(labels)) < len(labels):
        raise _rejected(
            f"channel_diarization_labels must be {MOST_CHANNELS} different names at most, of A-Z a-z 0-9 . _"
        )
    return tuple(labels)


def _judge_transcription(sent: Mapping[str, Any]) -> tuple[SessionConfig, list[str]]:
    """As a live session would: the same fields mean the same."""
    asked = sent.get("transcription_config", {})
    if asked.get("language") is None:
        raise Refusal(400, "No language selected", "send transcription_config.language")
    if asked.get("diarization") in _CHANNELLED:  # a recording is a stream for each channel that it happens to have
        rest = {name: value for name, value in asked.items() if name != "channel_diarization_labels"}
        asked = {**rest, "diarization": "none" if asked["diarization"] == "channel" else "speaker"}
    try:
        config, notices = read_start(StartRecognition({"type": "file"}, asked), None)
    except MessageError as error:
        raise _rejected(error.reason) from None
    return config, [notice.reason for notice in notices if isinstance(notice, Warning)]


def _choose(asked: Mapping[str, Any], served: Collection[str]) -> tuple[str, list[str]]:
    """``model`` has replaced ``operating_point`` and wins over it."""
    wanted = asked.get("model", asked.get("operating_point"))
    point = wanted or OPERATING_POINTS[0]
    if point in served:
        return point, []
    instead = next(point for point in OPERATING_POINTS if point in served)
    return instead, [f"'{wanted}' is not served here; '{instead}' was used"] if wanted else []


def _whole(overrides: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value = overrides.get(name)
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise _rejected(f"output_config.srt_overrides.{name} must be a whole number from 1 to {most:,}")
    return value


def _unserved(sent: Mapping[str, Any]) -> list[str]:
    told = [f"{name} is not supported and was ignored" for name in sorted(sent.keys() & _ANALYSES)]
    output = sent.get("output_config", {})
    ignored = sorted(name for name, value in output.items() if name != "srt_overrides" and value)
    unknown = sorted(sent.keys() - _READ - _ANALYSES - _FETCHES.keys())
    for where, names in (("output_config", ignored), ("the configuration", unknown)):
        told += [_named(where, names)] if names else []
    return told


def _named(where: str, names: list[str]) -> str:
    listed = ", ".join(names)
    return f"{where} has fields that were ignored: {listed if len(listed) <= 200 else listed[:197] + '...'}"


def _rejected(detail: str) -> Refusal:
    return Refusal(400, "Job rejected", detail)
