"""Frames to values and back: text is a JSON object with a ``message`` name, binary from a client is audio."""

from __future__ import annotations

import json
from typing import Any, cast

from engine.protocol import client_messages as client
from engine.protocol import server_messages as server
from engine.protocol.client_messages import AddAudio, ClientMessage
from engine.protocol.codes import ErrorType, MessageError
from engine.protocol.fields import read, write
from engine.protocol.server_messages import ServerMessage
from engine.protocol.unknown import Unknown

_CLIENT: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        client.StartRecognition,
        client.AddChannelAudio,
        client.EndOfStream,
        client.EndOfChannel,
        client.ForceEndOfUtterance,
        client.SetRecognitionConfig,
        client.GetSpeakers,
    )
}
_SERVER: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        server.RecognitionStarted,
        server.AudioAdded,
        server.ChannelAudioAdded,
        server.AddPartialTranscript,
        server.AddTranscript,
        server.EndOfUtterance,
        server.EndOfTranscript,
        server.SpeakersResult,
        server.Info,
        server.Warning,
        server.Error,
    )
}


def parse_client(frame: str | bytes) -> ClientMessage:
    """The message in a frame that a client sent: text is JSON, binary is audio.

    Raises:
        MessageError: invalid_message, when the text is not such a message.
    """
    if isinstance(frame, bytes):
        return AddAudio(frame)
    return cast(ClientMessage, _parse(frame, _CLIENT))


def parse_server(frame: str | bytes) -> ServerMessage:
    """The message in a frame that a server sent; bytes are taken as UTF-8 text.

    Raises:
        MessageError: invalid_message, when it is not such a message.
    """
    if isinstance(frame, bytes):
        try:
            frame = frame.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MessageError(ErrorType.INVALID_MESSAGE, f"the frame is not UTF-8 text: {error}") from None
    return cast(ServerMessage, _parse(frame, _SERVER))


def encode(message: ClientMessage | ServerMessage) -> str | bytes:
    """The frame of a message: bytes for AddAudio, JSON text for everything else."""
    if isinstance(message, AddAudio):
        return message.data
    if isinstance(message, Unknown):
        return json.dumps({"message": message.message, **message.body})
    return json.dumps({"message": type(message).__name__, **write(message)}, allow_nan=False)


def _parse(text: str, kinds: dict[str, type[Any]]) -> Any:
    body = _json_object(text)
    name = body.pop("message", None)
    if not isinstance(name, str):
        raise MessageError(ErrorType.INVALID_MESSAGE, "the JSON object has no string field 'message'")
    if name not in kinds:
        return Unknown(name, body)
    return read(kinds[name], body, name)


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise MessageError(ErrorType.INVALID_MESSAGE, "malformed JSON: nested too deeply") from None
    except ValueError as error:
        raise MessageError(ErrorType.INVALID_MESSAGE, f"malformed JSON: {error}") from None
    if not isinstance(body, dict):
        raise MessageError(ErrorType.INVALID_MESSAGE, f"a message must be a JSON object, got {type(body).__name__}")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
