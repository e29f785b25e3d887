"""What a client asked for, judged: a frozen configuration, or the protocol's error, plus what it must be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.audio.intake import ENGINE_RATE
from engine.dictionary.entries import Entry, read_entries
from engine.protocol import (
    AudioFormat,
    AudioType,
    ErrorType,
    Info,
    InfoType,
    MessageError,
    SetRecognitionConfig,
    StartRecognition,
    Warning,
    WarningType,
    parse_audio_format,
)
from engine.writing.style import Style, read_style

Notice = Info | Warning

MIN_DELAY, MAX_DELAY = 0.7, 4.0  # seconds
STEADY = "steady"  # preset of max_delay: every word 1.8 seconds after its end, neither earlier nor later
STEADY_DELAY = 1.8  # seconds
MAX_SILENCE_TRIGGER = 2.0  # seconds
MAX_CHANNELS = 8  # of one session; each takes a place of the engine
_CHANNELLED = ("channel", "channel_and_speaker")
BROADCAST_RATE = 12_000  # hertz; below it the audio is telephony
LANGUAGE = "en"
STANDARD, ENHANCED = "standard", "enhanced"  # operating points
_REDIRECTED = {"en-us", "en-gb", "en-au"}
_MODELS = (STANDARD, ENHANCED)
_READ = {
    "language", "max_delay", "max_delay_mode", "enable_partials", "operating_point", "model", "diarization",
    "conversation_config", "additional_vocab", "enable_entities", "punctuation_overrides", "permitted_marks",
    "transcript_filtering_config", "audio_filtering_config", "channel_diarization_labels",
}  # fmt: skip
# Named by the specification, without effect here. What would change the words is reported; the rest only decorates.
_UNSUPPORTED = {"domain", "speaker_diarization_config"}
_DECORATION = {"output_locale"}
_CHANGEABLE = {
    "max_delay", "max_delay_mode", "enable_partials", "conversation_config", "audio_filtering_config", "model",
    "operating_point",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """A session that can be served; durations are samples at 16 kHz."""

    audio_format: AudioFormat
    asked: Mapping[str, Any]  # transcription_config as sent, without nulls
    max_delay: int = round(MAX_DELAY * ENGINE_RATE)
    max_delay_mode: str = "flexible"
    enable_partials: bool = False
    silence_trigger: int = 0  # 0 = never
    model: str = STANDARD  # operating point
    vocabulary: tuple[Entry, ...] = ()  # words and phrases to listen for
    style: Style = field(default_factory=Style)  # how words are written
    volume_threshold: float | None = None  # 0..100, below it audio is silence; None measures no volume
    channels: tuple[str, ...] = ()  # labels; none where a session is one stream


def read_start(
    message: StartRecognition,
    path_language: str | None,
    served: Collection[str] = (STANDARD,),
    spoken: bool = False,
) -> tuple[SessionConfig, tuple[Notice, ...]]:
    """Judge StartRecognition.

    Args:
        message: as sent.
        path_language: the language in the address (``/v2/en``), which must agree with the configuration.
        served: the operating points there are.
        spoken: the address asks for bare words.

    Raises:
        MessageError: invalid_audio_type, invalid_language, invalid_model or invalid_config.
    """
    asked = _given(message.transcription_config)
    audio_format = parse_audio_format(message.audio_format)
    notices = [
        *_judge_language(asked.get("language"), path_language),
        *_judge_model(asked, served),
        *_judge_diarization(asked.get("diarization", "none")),
        *_judge_fields(asked),
        *_judge_extras(message),
    ]
    vocabulary, left_out = read_entries(asked.get("additional_vocab", ()))
    notices += [_warn(reason) for reason in left_out]
    if audio_format.type is not AudioType.FILE:
        notices.append(quality_notice(audio_format.sample_rate or 0))
    style, channels = read_style(asked, spoken), _channels(asked)
    config = SessionConfig(audio_format, asked, vocabulary=vocabulary, style=style, channels=channels)
    return _tuned(config, asked, served), tuple(notices)


def read_change(
    message: SetRecognitionConfig, config: SessionConfig, served: Collection[str] = (STANDARD,)
) -> tuple[SessionConfig, tuple[Notice, ...]]:
    """Judge SetRecognitionConfig against the running session; a change of model waits for a pause.

    Raises:
        MessageError: invalid_config, when it changes what cannot be changed while a session runs.
    """
    asked = _given(message.transcription_config)
    for name in sorted(asked.keys() - _CHANGEABLE):
        if asked[name] != config.asked.get(name):
            raise _invalid(f"transcription_config.{name} cannot be changed while a session runs; start a new session")
    notices = _judge_model(asked, served)
    notices += [_ignored(name) for name in sorted(asked.keys() & _UNSUPPORTED) if asked[name]]
    return _tuned(replace(config, asked={**config.asked, **asked}), asked, served), tuple(notices)


def quality_notice(rate: int) -> Info:
    """Tells the client whether its audio counts as broadcast or telephony."""
    quality = "broadcast" if rate >= BROADCAST_RATE else "telephony"
    reason = f"Running recognition of {quality} quality."
    return Info(InfoType.RECOGNITION_QUALITY, reason, extra={"quality": quality})


def _tuned(config: SessionConfig, asked: Mapping[str, Any], served: Collection[str]) -> SessionConfig:
    """Apply what may be set at any time."""
    if (model := _model(asked)) is not None:
        config = replace(config, model=model if model in served else STANDARD)
    if asked.get("max_delay") == STEADY:
        config = replace(config, max_delay=round(STEADY_DELAY * ENGINE_RATE), max_delay_mode="fixed")
    elif "max_delay" in asked:
        delay = _number(asked["max_delay"], "max_delay", MIN_DELAY, MAX_DELAY)
        config = replace(config, max_delay=round(delay * ENGINE_RATE))
    if "max_delay_mode" in asked:
        if asked["max_delay_mode"] not in ("flexible", "fixed"):
            raise _invalid(f"max_delay_mode is {asked['max_delay_mode']!r}; send 'flexible' or 'fixed'")
        config = replace(config, max_delay_mode=asked["max_delay_mode"])
    if "enable_partials" in asked:
        if not isinstance(asked["enable_partials"], bool):
            raise _invalid(f"enable_partials is {asked['enable_partials']!r}; send true or false")
        config = replace(config, enable_partials=asked["enable_partials"])
    if "conversation_config" in asked:
        config = replace(config, silence_trigger=_silence_trigger(asked["conversation_config"]))
    if "audio_filtering_config" in asked:
        config = replace(config, volume_threshold=_volume_threshold(asked["audio_filtering_config"]))
    return config


def _volume_threshold(value: object) -> float:
    if not isinstance(value, Mapping):
        raise _invalid(f"audio_filtering_config is {value!r}; send an object")
    threshold = value.get("volume_threshold")
    return 0.0 if threshold is None else _number(threshold, "volume_threshold", 0.0, 100.0)


def _channels(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels of a session of channels; without labels there are two."""
    if asked.get("diarization") not in _CHANNELLED:
        return ()
    labels = asked.get("channel_diarization_labels", ["channel_1", "channel_2"])
    named = isinstance(labels, list) and all(isinstance(label, str) and 0 < len(label) <= 100 for label in labels)
    if not named or not 1 <= len(labels) <= MAX_CHANNELS or len(set(labels)) < len(labels):
        raise _invalid(f"channel_diarization_labels must be 1 to {MAX_CHANNELS} different names, got {labels!r:.100}")
    return tuple(labels)


def _silence_trigger(value: object) -> int:
    if not isinstance(value, Mapping):
        raise _invalid(f"conversation_config is {value!r}; send an object")
    name = "end_of_utterance_silence_trigger"
    return round(_number(value.get(name, 0), name, 0.0, MAX_SILENCE_TRIGGER) * ENGINE_RATE)


def _number(value: object, name: str, low: float, high: float) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    raise _invalid(f"{name} is {value!r}; send a number from {low:g} to {high:g}")


def _judge_language(language: object, path_language: str | None) -> list[Notice]:
    if not isinstance(language, str):
        raise _invalid(f"transcription_config.language is {language!r}; send '{LANGUAGE}'")
    for name in (language, path_language or language):
        if name.lower() != LANGUAGE and name.lower() not in _REDIRECTED:
            raise MessageError(ErrorType.INVALID_LANGUAGE, f"language {name!r} is not served; send '{LANGUAGE}'")
    if language.lower() == LANGUAGE:
        return []
    return [Info(InfoType.MODEL_REDIRECT, f"language {language!r} is recognised by the global model '{LANGUAGE}'")]


def _model(asked: Mapping[str, Any]) -> str | None:
    """``model`` has replaced ``operating_point`` and wins over it."""
    model: str | None = asked.get("model", asked.get("operating_point"))
    return model


def _judge_model(asked: Mapping[str, Any], served: Collection[str]) -> list[Notice]:
    notices: list[Notice] = []
    for name in ("model", "operating_point"):
        value = asked.get(name)
        if value is not None and value not in _MODELS:
            raise MessageError(ErrorType.INVALID_MODEL, f"{name} {value!r} is not served; send {' or '.join(_MODELS)}")
    if "operating_point" in asked:
        notices.append(Info(InfoType.DEPRECATED, "operating_point is deprecated; send model"))
    if _model(asked) not in (None, *served):
        notices.append(Info(InfoType.MODEL_REDIRECT, f"'{_model(asked)}' is not loaded here; '{STANDARD}' serves it"))
    return notices


def _judge_diarization(value: object) -> list[Notice]:
    if value in ("none", "channel"):
        return []
    if value in ("speaker", "channel_and_speaker"):
        return [_warn(f"diarization {value!r}: speakers are not told apart; words carry no speaker")]
    raise _invalid(f"diarization {value!r} is not supported; send 'none' or 'channel'")


def _judge_fields(asked: Mapping[str, Any]) -> list[Notice]:
    ignored: list[Notice] = [_ignored(name) for name in sorted(asked.keys() & _UNSUPPORTED) if asked[name]]
    return ignored + _unknown("transcription_config", asked.keys() - _READ - _UNSUPPORTED - _DECORATION)


def _judge_extras(message: StartRecognition) -> list[Notice]:
    notices = _unknown("StartRecognition", message.extra)
    if message.translation_config is not None:
        reason = "translation is not supported; no translation will be sent"
        notices.append(Warning(WarningType.EMPTY_TRANSLATION_TARGET_LIST, reason))
    if message.audio_events_config is not None:
        notices.append(_warn("audio_events_config is not supported and was ignored"))
    return notices


def _unknown(where: str, names: Iterable[str]) -> list[Notice]:
    """One warning for all of them: a client may send thousands."""
    listed = ", ".join(sorted(names))
    shown = listed if len(listed) <= 200 else listed[:197] + "..."
    return [_warn(f"{where} has unknown fields, which were ignored: {shown}")] if listed else []


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """JSON null means "not given"."""
    return {name: value for name, value in asked.items() if value is not None}


def _ignored(name: str) -> Warning:
    return _warn(f"transcription_config.{name} is not supported and was ignored")


def _warn(reason: str) -> Warning:
    return Warning(WarningType.VALIDATION_WARNING, reason)


def _invalid(reason: str) -> MessageError:
    return MessageError(ErrorType.INVALID_CONFIG, reason)
