"""What a client may ask for, what it is told, and what is refused with which error."""

from typing import Any

import pytest

from engine.dictionary.entries import Entry
from engine.protocol import (
    AudioFormat,
    AudioType,
    ErrorType,
    MessageError,
    SetRecognitionConfig,
    StartRecognition,
)
from engine.session_config import read_change, read_start

RAW = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}


def start(config: dict[str, Any], audio: dict[str, Any] = RAW, **rest: Any) -> StartRecognition:
    return StartRecognition(audio, {"language": "en", **config}, **rest)


def notices(config: dict[str, Any], audio: dict[str, Any] = RAW, **rest: Any) -> list[tuple[str, str]]:
    return [(notice.type, notice.reason) for notice in read_start(start(config, audio, **rest), None)[1]]


def test_the_defaults_are_those_of_the_specification() -> None:
    config, told = read_start(start({}), None)
    assert config.audio_format == AudioFormat(AudioType.PCM_S16LE, 16_000)
    assert (config.max_delay, config.max_delay_mode) == (64_000, "flexible")
    assert (config.enable_partials, config.silence_trigger) == (False, 0)
    assert [notice.type for notice in told] == ["recognition_quality"]


def test_everything_supported_is_read() -> None:
    asked = {
        "max_delay": 0.7,
        "max_delay_mode": "fixed",
        "enable_partials": True,
        "conversation_config": {"end_of_utterance_silence_trigger": 0.5},
        "diarization": "none",
        "model": "standard",
        "additional_vocab": None,
    }
    config, told = read_start(start(asked), "en")
    assert (config.max_delay, config.max_delay_mode) == (11_200, "fixed")
    assert (config.enable_partials, config.silence_trigger) == (True, 8_000)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ({"language": "de"}, ErrorType.INVALID_LANGUAGE),
        ({"language": None}, ErrorType.INVALID_CONFIG),
        ({"language": 3}, ErrorType.INVALID_CONFIG),
        ({"model": "melia-1"}, ErrorType.INVALID_MODEL),
        ({"operating_point": ["enhanced"]}, ErrorType.INVALID_MODEL),
        ({"max_delay": 0.69}, ErrorType.INVALID_CONFIG),
        ({"max_delay": 4.01}, ErrorType.INVALID_CONFIG),
        ({"max_delay": "2"}, ErrorType.INVALID_CONFIG),
        ({"max_delay": True}, ErrorType.INVALID_CONFIG),
        ({"max_delay_mode": "soon"}, ErrorType.INVALID_CONFIG),
        ({"enable_partials": "yes"}, ErrorType.INVALID_CONFIG),
        ({"diarization": "channels"}, ErrorType.INVALID_CONFIG),
        ({"diarization": "channel", "channel_diarization_labels": []}, ErrorType.INVALID_CONFIG),
        ({"diarization": "channel", "channel_diarization_labels": ["a", "a"]}, ErrorType.INVALID_CONFIG),
        (
            {"diarization": "channel", "channel_diarization_labels": [str(n) for n in range(9)]},
            ErrorType.INVALID_CONFIG,
        ),
        ({"audio_filtering_config": 3}, ErrorType.INVALID_CONFIG),
        ({"audio_filtering_config": {"volume_threshold": 101}}, ErrorType.INVALID_CONFIG),
        ({"diarization": {}}, ErrorType.INVALID_CONFIG),
        ({"conversation_config": 0.5}, ErrorType.INVALID_CONFIG),
        ({"additional_vocab": "gnocchi"}, ErrorType.INVALID_CONFIG),
        ({"additional_vocab": [{"content": ""}]}, ErrorType.INVALID_CONFIG),
        ({"conversation_config": {"end_of_utterance_silence_trigger": 2.1}}, ErrorType.INVALID_CONFIG),
    ],
)
def test_what_cannot_be_served_is_refused(config: dict[str, Any], error: ErrorType) -> None:
    with pytest.raises(MessageError) as caught:
        read_start(start(config), None)
    assert caught.value.type is error


def test_the_language_of_the_address_counts_too() -> None:
    with pytest.raises(MessageError, match="'fr' is not served"):
        read_start(start({}), "fr")


@pytest.mark.parametrize(
    ("config", "kind", "words"),
    [
        ({"language": "en-GB"}, "model_redirect", "global model 'en'"),
        ({"operating_point": "standard"}, "deprecated", "send model"),
        ({"model": "enhanced"}, "model_redirect", "not loaded here; 'standard'"),
        ({"diarization": "speaker"}, "validation_warning", "no speaker"),
        ({"additional_vocab": ["gnocchi", "\u30cb\u30e7"]}, "validation_warning", "cannot be said"),
        ({"colour": "red", "shape": 1}, "validation_warning", "colour, shape"),
        ({"x" * 5_000: 1}, "validation_warning", "..."),
    ],
)
def test_what_is_not_done_as_asked_is_said(config: dict[str, Any], kind: str, words: str) -> None:
    assert any(told == kind and words in reason for told, reason in notices(config))


def test_unserved_parts_of_the_message_are_said() -> None:
    told = notices({}, translation_config={"target_languages": ["es"]}, audio_events_config={}, extra={"mood": 1})
    assert [kind for kind, _ in told] == [
        "validation_warning",
        "empty_translation_target_list",
        "validation_warning",
        "recognition_quality",
    ]


@pytest.mark.parametrize(("rate", "quality"), [(8_000, "telephony"), (11_999, "telephony"), (12_000, "broadcast")])
def test_the_quality_follows_the_rate(rate: int, quality: str) -> None:
    _, told = read_start(start({}, RAW | {"sample_rate": rate}), None)
    assert told[-1].extra == {"quality": quality}


def test_the_dictionary_is_read_and_stays() -> None:
    vocab = [{"content": "gnocchi", "sounds_like": ["nyohki"]}, "New York"]
    config, told = read_start(start({"additional_vocab": vocab}), None)
    assert config.vocabulary == (Entry("New York"), Entry("gnocchi", ("nyohki",)))
    assert [notice.type for notice in told] == ["recognition_quality"]
    with pytest.raises(MessageError, match="cannot be changed"):
        read_change(SetRecognitionConfig({"additional_vocab": ["other"]}), config)


def test_the_steady_preset_holds_every_word_for_the_same_time() -> None:
    config, _ = read_start(start({"max_delay": "steady"}), None)
    assert (config.max_delay, config.max_delay_mode) == (28_800, "fixed")
    flexible, _ = read_start(start({"max_delay": "steady", "max_delay_mode": "flexible"}), None)
    assert flexible.max_delay_mode == "flexible"


@pytest.mark.parametrize(("asked", "threshold"), [({}, 0.0), ({"volume_threshold": 3.4}, 3.4)])
def test_volume_is_measured_where_a_filter_is_configured(asked: dict[str, Any], threshold: float) -> None:
    assert read_start(start({"audio_filtering_config": asked}), None)[0].volume_threshold == threshold
    assert read_start(start({}), None)[0].volume_threshold is None


def test_channels_have_labels() -> None:
    assert read_start(start({}), None)[0].channels == ()
    assert read_start(start({"diarization": "channel"}), None)[0].channels == ("channel_1", "channel_2")
    both = {"diarization": "channel_and_speaker", "channel_diarization_labels": ["agent", "caller"]}
    config, told = read_start(start(both), None)
    assert config.channels == ("agent", "caller")
    assert "no speaker" in told[0].reason


def test_a_running_session_may_change_its_delays() -> None:
    config, _ = read_start(start({"enable_partials": True, "additional_vocab": ["x"]}), None)
    asked = {"language": "en", "max_delay": 1, "max_delay_mode": "fixed", "additional_vocab": ["x"]}
    changed, _ = read_change(SetRecognitionConfig(asked), config)
    assert (changed.max_delay, changed.max_delay_mode, changed.enable_partials) == (16_000, "fixed", True)


def test_the_model_is_chosen_from_those_that_are_served() -> None:
    both = ("standard", "enhanced")
    config, told = read_start(start({"model": "enhanced"}), None, both)
    assert (config.model, [notice.type for notice in told]) == ("enhanced", ["recognition_quality"])
    assert read_start(start({"operating_point": "enhanced"}), None, both)[0].model == "enhanced"
    assert read_start(start({"operating_point": "enhanced", "model": "standard"}), None, both)[0].model == "standard"
    assert read_start(start({"model": "enhanced"}), None)[0].model == "standard"
    changed, told = read_change(SetRecognitionConfig({"model": "standard"}), config, both)
    assert (changed.model, told) == ("standard", ())
    assert read_change(SetRecognitionConfig({"max_delay": 1}), config, both)[0].model == "enhanced"


@pytest.mark.parametrize("asked", [{"language": "en-US"}, {"diarization": "speaker"}])
def test_a_running_session_may_change_nothing_else(asked: dict[str, Any]) -> None:
    config, _ = read_start(start({}), None)
    with pytest.raises(MessageError, match="cannot be changed") as caught:
        read_change(SetRecognitionConfig(asked), config)
    assert caught.value.type is ErrorType.INVALID_CONFIG
