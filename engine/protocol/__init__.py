"""The Speechmatics real-time v2 wire as frozen values, without I/O: the one vocabulary of server, capture and replay.

Source: speechmatics/docs, spec/realtime.yaml (AsyncAPI 3.0). Only the standard library is imported here.
"""

from engine.protocol.audio_format import AudioFormat, AudioType, parse_audio_format
from engine.protocol.client_messages import (
    AddAudio,
    AddChannelAudio,
    ClientMessage,
    EndOfChannel,
    EndOfStream,
    ForceEndOfUtterance,
    GetSpeakers,
    SetRecognitionConfig,
    StartRecognition,
)
from engine.protocol.codes import CloseCode, ErrorType, InfoType, MessageError, WarningType, close_code
from engine.protocol.server_messages import (
    AddPartialTranscript,
    AddTranscript,
    Alternative,
    AudioAdded,
    ChannelAudioAdded,
    EndOfTranscript,
    EndOfUtterance,
    Error,
    Info,
    RecognitionStarted,
    Result,
    ServerMessage,
    SpeakersResult,
    TranscriptMetadata,
    UtteranceMetadata,
    Warning,
)
from engine.protocol.unknown import Unknown
from engine.protocol.wire import encode, parse_client, parse_server

__all__ = [
    "AddAudio",
    "AddChannelAudio",
    "AddPartialTranscript",
    "AddTranscript",
    "Alternative",
    "AudioAdded",
    "AudioFormat",
    "AudioType",
    "ChannelAudioAdded",
    "ClientMessage",
    "CloseCode",
    "EndOfChannel",
    "EndOfStream",
    "EndOfTranscript",
    "EndOfUtterance",
    "Error",
    "ErrorType",
    "ForceEndOfUtterance",
    "GetSpeakers",
    "Info",
    "InfoType",
    "MessageError",
    "RecognitionStarted",
    "Result",
    "ServerMessage",
    "SetRecognitionConfig",
    "SpeakersResult",
    "StartRecognition",
    "TranscriptMetadata",
    "Unknown",
    "UtteranceMetadata",
    "Warning",
    "WarningType",
    "close_code",
    "encode",
    "parse_audio_format",
    "parse_client",
    "parse_server",
]
