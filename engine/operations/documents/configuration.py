"""Schemas of what StartRecognition configures, from the limits that the service itself checks."""

from __future__ import annotations

from engine.operations.documents.schema import Schema
from engine.protocol import AudioType
from engine.protocol.audio_format import MAX_RATE, MIN_RATE
from engine.session_config import LANGUAGE, MAX_DELAY, MAX_SILENCE_TRIGGER, MIN_DELAY

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
_SILENCE: Schema = {
    "type": "number",
    "minimum": 0,
    "maximum": MAX_SILENCE_TRIGGER,
    "description": "Seconds of silence that end an utterance; 0 never does.",
}
CHANGEABLE: Schema = {
    "max_delay": {
        "type": "number",
        "minimum": MIN_DELAY,
        "maximum": MAX_DELAY,
        "description": "Seconds from the end of a word to its final.",
    },
    "max_delay_mode": {"enum": ["flexible", "fixed"]},
    "enable_partials": {"type": "boolean"},
    "conversation_config": {
        "type": "object",
        "properties": {"end_of_utterance_silence_trigger": _SILENCE},
    },
}
TRANSCRIPTION_CONFIG: Schema = {
    "type": "object",
    "description": "Fields that change what is sent back. Others are reported in a Warning and ignored.",
    "required": ["language"],
    "properties": {
        "language": {"type": "string", "examples": [LANGUAGE]},
        "model": {"enum": ["standard", "enhanced"]},
        "operating_point": {"enum": ["standard", "enhanced"], "deprecated": True, "description": "Send model."},
        **CHANGEABLE,
    },
}
TRANSCRIPTION_CHANGE: Schema = {
    "type": "object",
    "description": "What may change in a running session; any other field must keep its value.",
    "properties": CHANGEABLE,
}
