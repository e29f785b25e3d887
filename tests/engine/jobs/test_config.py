"""What a job may ask for, and that nothing sent as a configuration can do more than be refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.config import OPERATING_POINTS, read_config, subtitle_shape
from engine.jobs.errors import Refusal
from engine.jobs.subtitles import SubtitleShape


def config(**changes: Any) -> str:
    return json.dumps({"type": "transcription", "transcription_config": {"language": "en"}, **changes})


def asking(**changes: Any) -> str:
    return config(transcription_config={"language": "en", **changes})


def test_the_least_is_enough() -> None:
    read = read_config(config())
    assert (read.operating_point, read.remarks) == ("standard", ())


@pytest.mark.parametrize("name", ["model", "operating_point"])
def test_the_operating_point_is_chosen_by_either_name(name: str) -> None:
    assert read_config(asking(**{name: "enhanced"})).operating_point == "enhanced"
    read = read_config(asking(**{name: "enhanced"}), ["standard"])
    assert (read.operating_point, *read.remarks) == ("standard", "'enhanced' is not served here; 'standard' was used")
    assert read_config(asking(), ["enhanced"]).operating_point == "enhanced"
    assert read_config(asking(), ["enhanced"]).remarks == ()


def test_what_is_not_done_is_said() -> None:
    read = read_config(
        config(
            transcription_config={"language": "en", "domain": "medical"},
            translation_config={"target_languages": ["de"]},
            output_config={"generate_lattice": True},
            colour="blue",
        )
    )
    told = " ".join(read.remarks)
    assert all(name in told for name in ("domain", "translation_config", "generate_lattice", "colour"))


def test_channels_may_be_told_apart() -> None:
    assert read_config(asking()).channels is None
    assert read_config(asking(diarization="channel")).channels == ()
    both = read_config(asking(diarization="channel_and_speaker"))
    assert (both.channels, len(both.remarks)) == ((), 1)
    read = read_config(asking(diarization="channel", channel_diarization_labels=["Agent", "Caller"]))
    assert (read.channels, read.remarks) == (("Agent", "Caller"), ())


def test_nulls_are_not_given() -> None:
    assert read_config(config(fetch_data=None, tracking=None, output_config=None)).remarks == ()


@pytest.mark.parametrize(
    ("text", "error", "detail"),
    [
        ("", "Job rejected", "JSON is invalid"),
        ("[]", "Job rejected", "must be an object"),
        ('{"type": NaN}', "Job rejected", "NaN is no JSON"),
        ("[" * 100_000, "Job rejected", "JSON is invalid"),
        ('{"a": ' + "9" * 5_000 + "}", "Job rejected", "JSON is invalid"),
        ("{}", "Job rejected", "type must be"),
        (config(type="alignment"), "Requested product not available", "alignment"),
        (config(type=["transcription"]), "Job rejected", "type must be"),
        (config(transcription_config=3), "Job rejected", "transcription_config must be an object"),
        (config(transcription_config={}), "No language selected", "language"),
        (asking(language="xx"), "Job rejected", "'xx' is not served"),
        (asking(diarization="both"), "Job rejected", "diarization"),
        (asking(diarization="channel", channel_diarization_labels=["a", "a"]), "Job rejected", "labels"),
        (asking(diarization="channel", channel_diarization_labels=["a b"]), "Job rejected", "labels"),
        (asking(diarization="channel", channel_diarization_labels={"a": 1}), "Job rejected", "labels"),
        (asking(model="melia-1"), "Job rejected", "'melia-1' is not served"),
        (config(fetch_data={"url": "file:///etc/passwd"}), "Job rejected", "upload the recording"),
        (config(notification_config=[{"url": "http://x"}]), "Job rejected", "poll GET"),
        (config(tracking={"tags": "a"}), "Job rejected", "tracking.tags"),
        (config(output_config={"srt_overrides": {"max_lines": 0}}), "Job rejected", "max_lines"),
        (config(output_config={"srt_overrides": {"max_line_length": True}}), "Job rejected", "max_line_length"),
        (config(output_config={"srt_overrides": [1]}), "Job rejected", "srt_overrides"),
    ],
)
def test_what_cannot_be_done_is_refused(text: str, error: str, detail: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_config(text)
    assert (refused.value.code, refused.value.error) == (400, error)
    assert detail in refused.value.detail
    assert refused.value.body == {"code": 400, "error": error, "detail": refused.value.detail}


def test_subtitles_have_the_shape_that_was_asked_for() -> None:
    assert subtitle_shape(json.loads(config())) == SubtitleShape(37, 2)
    overrides = {"srt_overrides": {"max_line_length": 20, "max_lines": None}}
    assert subtitle_shape(json.loads(config(output_config=overrides))) == SubtitleShape(20, 2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "language", "model", "operating_point", "diarization", "additional_vocab", "max_delay", "enable_partials",
    "punctuation_overrides", "conversation_config", "transcript_filtering_config", "enable_entities",
)  # fmt: skip
WHOLE = ("type", "tracking", "output_config", "translation_config", "fetch_data", "notification_config")


@given(
    st.dictionaries(st.sampled_from(WHOLE), JSON),
    st.dictionaries(st.sampled_from(NAMES), JSON) | JSON,
    st.booleans(),
)
def test_any_json_is_read_or_refused(sent: dict[str, Any], asked: Any, sane: bool) -> None:
    if sane:
        sent = {**sent, "type": "transcription"}
        asked = {**asked, "language": "en"} if isinstance(asked, dict) else {"language": "en"}
    text = json.dumps({**sent, "transcription_config": asked})
    try:
        read = read_config(text)
    except Refusal as error:
        refused = error.body
    else:
        assert read.operating_point in OPERATING_POINTS
        assert all(isinstance(remark, str) for remark in read.remarks)
        refused = {"code": 400}
    assert refused["code"] == 400
    json.dumps(refused).encode()


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_refused(text: bytes | str) -> None:
    with pytest.raises(Refusal):
        read_config(text)
