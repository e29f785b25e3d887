"""The names and numbers of the wire: error, warning and info types, and the close codes that follow an error."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ErrorType(StrEnum):
    """Why a session failed; after any of these the connection closes."""

    INVALID_MESSAGE = "invalid_message"
    INVALID_MODEL = "invalid_model"
    INVALID_LANGUAGE = "invalid_language"
    INVALID_CONFIG = "invalid_config"
    INVALID_AUDIO_TYPE = "invalid_audio_type"
    INVALID_OUTPUT_FORMAT = "invalid_output_format"
    NOT_AUTHORISED = "not_authorised"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    NOT_ALLOWED = "not_allowed"
    JOB_ERROR = "job_error"
    DATA_ERROR = "data_error"
    BUFFER_ERROR = "buffer_error"
    PROTOCOL_ERROR = "protocol_error"
    QUOTA_EXCEEDED = "quota_exceeded"
    TIMELIMIT_EXCEEDED = "timelimit_exceeded"
    IDLE_TIMEOUT = "idle_timeout"
    SESSION_TIMEOUT = "session_timeout"
    SESSION_TRANSFER = "session_transfer"
    UNKNOWN_ERROR = "unknown_error"


class WarningType(StrEnum):
    """What a session reports without ending."""

    DURATION_LIMIT_EXCEEDED = "duration_limit_exceeded"
    UNSUPPORTED_TRANSLATION_PAIR = "unsupported_translation_pair"
    IDLE_TIMEOUT = "idle_timeout"
    SESSION_TIMEOUT = "session_timeout"
    EMPTY_TRANSLATION_TARGET_LIST = "empty_translation_target_list"
    ADD_AUDIO_AFTER_EOS = "add_audio_after_eos"
    SPEAKER_ID = "speaker_id"
    VALIDATION_WARNING = "validation_warning"


class InfoType(StrEnum):
    """What a session tells in passing."""

    RECOGNITION_QUALITY = "recognition_quality"
    MODEL_REDIRECT = "model_redirect"
    DEPRECATED = "deprecated"
    CONCURRENT_SESSION_USAGE = "concurrent_session_usage"


class CloseCode(IntEnum):
    """WebSocket close codes of this protocol."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1003
    POLICY_VIOLATION = 1008
    INTERNAL_ERROR = 1011
    NOT_AUTHORISED = 4001
    NOT_ALLOWED = 4003
    INVALID_MODEL = 4004
    QUOTA_EXCEEDED = 4005
    TIMELIMIT_EXCEEDED = 4006
    JOB_ERROR = 4013


_CLOSE_CODES = {
    ErrorType.NOT_AUTHORISED: CloseCode.NOT_AUTHORISED,
    ErrorType.NOT_ALLOWED: CloseCode.NOT_ALLOWED,
    ErrorType.INVALID_MODEL: CloseCode.INVALID_MODEL,
    ErrorType.INVALID_LANGUAGE: CloseCode.INVALID_MODEL,
    ErrorType.QUOTA_EXCEEDED: CloseCode.QUOTA_EXCEEDED,
    ErrorType.TIMELIMIT_EXCEEDED: CloseCode.TIMELIMIT_EXCEEDED,
    ErrorType.JOB_ERROR: CloseCode.JOB_ERROR,
    ErrorType.IDLE_TIMEOUT: CloseCode.POLICY_VIOLATION,
    ErrorType.SESSION_TIMEOUT: CloseCode.POLICY_VIOLATION,
    ErrorType.UNKNOWN_ERROR: CloseCode.INTERNAL_ERROR,
}


def close_code(error_type: ErrorType) -> CloseCode:
    """The close code that follows an error; every kind of malformed or misplaced message closes with 1003."""
    return _CLOSE_CODES.get(error_type, CloseCode.PROTOCOL_ERROR)


class MessageError(ValueError):
    """A message does not follow the protocol: its error type and one line that says what and where."""

    def __init__(self, error_type: ErrorType, reason: str) -> None:
        self.type, self.reason = error_type, reason
        super().__init__(f"{error_type}: {reason}")

    def __reduce__(self) -> tuple[type[MessageError], tuple[ErrorType, str]]:
        """An exception is else rebuilt from its text alone, in another process."""
        return MessageError, (self.type, self.reason)
