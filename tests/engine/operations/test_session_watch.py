"""What is counted and logged of a session, told as a script of messages."""

import logging
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.actions import Configure, Open
from engine.operations.meters import Meters, State
from engine.operations.session_watch import SessionWatch
from engine.protocol import (
    AddAudio,
    AddChannelAudio,
    AddPartialTranscript,
    AddTranscript,
    Alternative,
    AudioFormat,
    AudioType,
    EndOfChannel,
    EndOfStream,
    Error,
    RecognitionStarted,
    Result,
    TranscriptMetadata,
)
from engine.session_config import SessionConfig

SECOND = 1_000_000_000
RAW = AudioFormat(AudioType.PCM_S16LE, 16_000)


class Script:
    """A session whose clock is moved by hand."""

    def __init__(self, config: SessionConfig) -> None:
        self.now = 100 * SECOND
        self.meters = Meters(lambda: State(0, 1, 0, False, None), "0", "d")
        self.watch = SessionWatch(self.meters, lambda: self.now, "key-1")
        self.watch.performing(Open(config))
        self.watch.sent(RecognitionStarted("id-1"))

    def at(self, seconds: float) -> None:
        self.now = 100 * SECOND + round(seconds * SECOND)

    def hear(self, seconds: int) -> None:
        for _ in range(seconds):
            self.watch.received(AddAudio(bytes(32_000)))

    def final(self, *ends: float, **more: Any) -> None:
        self.watch.sent(AddTranscript(TranscriptMetadata(0, 0, "secret"), tuple(map(word, ends)), **more))

    def total(self, name: str) -> dict[tuple[str, ...], float]:
        text = self.meters.exposition().decode()
        return {
            tuple(sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"understudy_{name}"
        }


def word(end: float, kind: str = "word") -> Result:
    return Result(kind, end - 0.2, end, (Alternative("secret", 0.5),))


def config(**more: Any) -> SessionConfig:
    return SessionConfig(RAW, {"language": "en"}, max_delay=16_000, **more)


def test_lateness_is_counted_from_the_end_of_a_word_and_max_delay() -> None:
    script = Script(config())
    for second in range(5):
        script.at(second)
        script.hear(1)
    script.at(3.25)
    script.final(2.0)  # arrived by 2.0 after the first, due at 3.0
    buckets = script.total("final_lateness_seconds_bucket")
    assert buckets[("0.2",)] == 0
    assert buckets[("0.5",)] == 1
    script.watch.performing(Configure(SessionConfig(RAW, {}, max_delay=32_000)))
    script.at(4.95)
    script.final(3.0)
    assert script.total("final_lateness_seconds_bucket")[("-0.05",)] == 1
    assert script.total("final_words_total")[()] == 2


def test_what_was_asked_for_at_once_is_not_early() -> None:
    script = Script(config())
    script.hear(5)
    script.final(1.0, forced=True)
    script.watch.received(EndOfStream())
    script.final(2.0, 3.0)
    assert script.total("final_lateness_seconds_count")[()] == 0
    assert script.total("final_words_total")[()] == 3


def test_partials_are_counted_from_the_arrival_of_their_last_word() -> None:
    script = Script(config())
    script.hear(1)
    script.at(1.35)
    script.watch.sent(AddPartialTranscript(TranscriptMetadata(0, 1, "secret"), (word(1.0),)))
    script.watch.sent(AddPartialTranscript(TranscriptMetadata(0, 1, ""), ()))
    buckets = script.total("partial_latency_seconds_bucket")
    assert (buckets[("0.3",)], buckets[("0.4",)]) == (0, 1)


def test_channels_have_their_own_time() -> None:
    script = Script(config())
    script.watch.received(AddChannelAudio("left", "A" * 42_668))  # a second: 32,001 bytes
    script.at(10)
    script.watch.received(AddChannelAudio("right", "A" * 42_668))
    script.at(11.5)
    script.final(1.0, channel="right")
    buckets = script.total("final_lateness_seconds_bucket")
    assert (buckets[("-0.3",)], buckets[("-0.5",)]) == (1, 1)
    script.final(1.0, channel="nobody")
    script.watch.received(EndOfChannel("right"))
    script.final(1.0, channel="right")
    assert script.total("final_lateness_seconds_count")[()] == 1


def test_a_file_has_no_lateness() -> None:
    script = Script(SessionConfig(AudioFormat(AudioType.FILE, None), {}))
    script.hear(2)
    script.final(1.0)
    assert script.total("final_lateness_seconds_count")[()] == 0


def test_errors_are_counted_by_type_and_a_full_service_as_a_refusal() -> None:
    script = Script(config())
    script.watch.sent(Error("job_error", "secret"))
    script.watch.sent(Error("quota_exceeded", "secret"))
    assert script.total("errors_total") == {("job_error",): 1, ("quota_exceeded",): 1}
    assert script.total("refused_total") == {("quota_exceeded",): 1}


def test_the_log_tells_amounts_and_never_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        script = Script(config(enable_partials=True))
        script.hear(3)
        script.at(2.5)
        script.final(1.0)
        script.watch.sent(Error("job_error", "secret"))
        script.watch.over()
    started, ended = (record.fields for record in caplog.records)
    assert started["session"] == ended["session"] == "id-1"
    assert (started["encoding"], started["sample_rate"], started["partials"]) == ("pcm_s16le", 16_000, True)
    assert ended["seconds"] == 2.5
    assert (ended["audio_bytes"], ended["finals"], ended["words"], ended["error"]) == (96_000, 1, 1, "job_error")
    assert ended["latest_final"] == 0.5
    assert "secret" not in str([record.__dict__ for record in caplog.records])
