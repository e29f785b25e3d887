"""Schemas of what StartRecognition configures, from the limits that the service itself checks."""

from __future__ import annotations

from engine.dictionary.entries import MOST_ENTRIES
from engine.operations.documents.schema import Schema
from engine.protocol import AudioType
from engine.protocol.audio_format import MAX_RATE, MIN_RATE
from engine.session_config import (
    MAX_CHANNELS,
    MAX_DELAY,
    MAX_SILENCE_TRIGGER,
    MIN_DELAY,
    STEADY,
    STEADY_DELAY,
)
from engine.writing.style import MOST_RULES

AUDIO_FORMAT: Schema = {
    "oneOf": [
        {
            "type": "object",
            "description": "Headerless samples of one channel, cut anywhere.",
            "required": ["type", "encoding", "sample_rate"],
            "properties": {
                "type": {"const": "raw"},
                "encoding": {"enum": [str(kind) for kind in AudioType if kind is not AudioType.FILE]},
                "sample_rate": {"type": "integer", "minimum": MIN_RATE, "maximum": MAX_RATE},
            },
        },
        {
            "type": "object",
            "description": "A file in pieces; its header says the rest.",
            "required": ["type"],
            "properties": {"type": {"const": "file"}},
        },
    ]
}
_MODEL: Schema = {"enum": ["standard", "enhanced"]}
_MARKS: Schema = {"type": "array", "items": {"type": "string"}, "description": "Marks that may be set, or 'all'."}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _number(least: float, most: float, about: str) -> Schema:
    return {"type": "number", "minimum": least, "maximum": most, "description": about}


CHANGEABLE: dict[str, Schema] = {
    "max_delay": {
        "anyOf": [
            _number(MIN_DELAY, MAX_DELAY, "Seconds from the end of a word to its final."),
            {
                "const": STEADY,
                "description": f"Every word {STEADY_DELAY:g} s after its end, neither earlier nor later.",
            },
        ]
    },
    "max_delay_mode": {"enum": ["flexible", "fixed"]},
    "enable_partials": {"type": "boolean"},
    "conversation_config": _object(
        end_of_utterance_silence_trigger=_number(
            0, MAX_SILENCE_TRIGGER, "Seconds of silence that end an utterance; 0 never does."
        )
    ),
    "audio_filtering_config": _object(
        volume_threshold={
            "anyOf": [_number(0, 100, "Volume below which audio counts as silence."), {"type": "null"}],
        }
    ),
    "model": _MODEL,
    "operating_point": {**_MODEL, "deprecated": True, "description": "Send model."},
}
_ENTRY: Schema = {
    "anyOf": [
        {"type": "string", "pattern": "\\S"},
        {
            "type": "object",
            "required": ["content"],
            "additionalProperties": False,
            "properties": {
                "content": {"type": "string", "pattern": "\\S"},
                "sounds_like": {"type": "array", "items": {"type": "string", "pattern": "\\S"}},
            },
        },
    ]
}
_REPLACEMENT: Schema = {
    "type": "object",
    "required": ["from", "to"],
    "properties": {
        "from": {"type": "string", "minLength": 1, "description": "A word, or /a pattern/."},
        "to": {"type": "string"},
    },
}
TRANSCRIPTION_CONFIG: Schema = {
    "type": "object",
    "description": "Fields that change what is sent back. Others are reported in a Warning and ignored.",
    "required": ["language"],
    "properties": {
        "language": {
            "type": "string",
            "pattern": "^[eE][nN](-([uU][sS]|[gG][bB]|[aA][uU]))?$",
            "description": "One global model hears them all.",
        },
        **CHANGEABLE,
        "diarization": {
            "enum": ["none", "channel", "speaker", "channel_and_speaker"],
            "description": "Speakers are not told apart: what asks for them brings a Warning.",
        },
        "channel_diarization_labels": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 100},
            "minItems": 1,
            "maxItems": MAX_CHANNELS,
            "uniqueItems": True,
        },
        "additional_vocab": {"type": "array", "items": _ENTRY, "maxItems": MOST_ENTRIES},
        "enable_entities": {"type": "boolean"},
        "permitted_marks": _MARKS,
        "punctuation_overrides": _object(
            permitted_marks=_MARKS, sensitivity=_number(0, 1, "0 sets few marks, 1 many.")
        ),
        "transcript_filtering_config": _object(
            remove_disfluencies={"type": "boolean"},
            replacements={"type": "array", "items": _REPLACEMENT, "maxItems": MOST_RULES},
        ),
    },
}
TRANSCRIPTION_CHANGE: Schema = {
    "type": "object",
    "description": "What may change in a running session; any other field must keep its value.",
    "properties": CHANGEABLE,
}
