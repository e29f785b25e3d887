"""The AsyncAPI 3.0 document of a session.

Source: asyncapi.com, specification 3.0.0. Messages come from ``engine.protocol``; what is not served is not described.
"""

from __future__ import annotations

import typing
from typing import Any

from engine.operations.documents.configuration import AUDIO_FORMAT, TRANSCRIPTION_CHANGE, TRANSCRIPTION_CONFIG
from engine.operations.documents.schema import Schema, message_schema
from engine.protocol import AddAudio, ClientMessage, ErrorType, InfoType, ServerMessage, Unknown, WarningType

_KNOWN: dict[tuple[str, str], Schema] = {
    ("StartRecognition", "audio_format"): AUDIO_FORMAT,
    ("StartRecognition", "transcription_config"): TRANSCRIPTION_CONFIG,
    ("SetRecognitionConfig", "transcription_config"): TRANSCRIPTION_CHANGE,
    ("Error", "type"): {"enum": [str(kind) for kind in ErrorType]},
    ("Warning", "type"): {"enum": [str(kind) for kind in WarningType]},
    ("Info", "type"): {"enum": [str(kind) for kind in InfoType]},
    ("Alternative", "confidence"): {"type": "number", "minimum": 0, "maximum": 1},
}
_ABOUT = (
    "Real-time v2. Text frames are JSON objects named by their field `message`; binary frames are audio. "
    "After an Error the connection closes with the error's code."
)


def asyncapi(version: str, host: str, secure: bool, guarded: bool) -> dict[str, Any]:
    """The document.

    Args:
        version: of the service.
        host: with its port, as a client sees it.
        secure: whether it speaks TLS.
        guarded: whether it asks for a key or a token.
    """
    sent, received = _kinds(ClientMessage), _kinds(ServerMessage)
    server: dict[str, Any] = {"host": host, "protocol": "wss" if secure else "ws"}
    if guarded:
        server["security"] = [
            {"$ref": "#/components/securitySchemes/bearer"},
            {"$ref": "#/components/securitySchemes/jwt"},
        ]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Understudy real-time", "version": version, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {"service": server},
        "channels": {"session": _channel("/v2", sent + received)},
        "operations": {
            "receive": _operation("receive", "What a client may say.", sent),
            "send": _operation("send", "What the service may say.", received),
        },
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in sent + received},
            "schemas": {
                kind.__name__: message_schema(kind, _KNOWN) for kind in sent + received if kind is not AddAudio
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API key or a token (JWT)."},
                "jwt": {"type": "httpApiKey", "in": "query", "name": "jwt", "description": "A token, from a browser."},
            },
        },
    }


def _kinds(union: Any) -> list[type[Any]]:
    return [kind for kind in typing.get_args(union) if kind is not Unknown]


def _channel(address: str, kinds: list[type[Any]]) -> dict[str, Any]:
    messages = {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds}
    return {
        "address": address,
        "description": "One connection is one session; /v2/en says its language in the address too.",
        "messages": messages,
    }


def _operation(action: str, summary: str, kinds: list[type[Any]]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/session/messages/{kind.__name__}"} for kind in kinds]
    return {"action": action, "summary": summary, "channel": {"$ref": "#/channels/session"}, "messages": messages}


def _message(kind: type[Any]) -> dict[str, Any]:
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    if kind is AddAudio:
        payload: Schema = {"type": "string", "format": "binary"}
        return {"name": "AddAudio", "summary": summary, "contentType": "application/octet-stream", "payload": payload}
    return {"name": kind.__name__, "summary": summary, "payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}
