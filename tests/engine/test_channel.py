"""When words become final: never later than their delay, never twice, never lost."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.channel import Channel
from engine.protocol import AudioFormat, AudioType, MessageError
from engine.report import Report, UtteranceEnd
from engine.session_config import SessionConfig

# The fixtures keep nothing between examples.
SHARED = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = "one two ... three four five ... six"


def config(**changes: Any) -> SessionConfig:
    audio_format = changes.pop("audio_format", AudioFormat(AudioType.PCM_F32LE, 16_000))
    return SessionConfig(audio_format, {}, **changes)


def begin(engine: Any, config: SessionConfig) -> Channel:
    return Channel(engine.begin(config), config)


def run(engine: Any, channel: Channel, data: bytes, packet: int) -> list[tuple[int, Report]]:
    """Feed packets as a live client does: (samples sent when it was reported, report)."""
    out: list[tuple[int, Report]] = []
    sent = 0

    def step() -> None:
        while channel.ready:
            engine.step([channel.hearing], [channel.next_step()])
            out.append((sent // 4, channel.news()))

    for at in range(0, len(data), packet):
        sent = min(at + packet, len(data))
        channel.take(data[at:sent])
        step()
    channel.finish()
    step()
    assert channel.at_end
    out.append((sent // 4, channel.after_end(engine.end(channel.hearing, channel.rest()))))
    return out


def spoken(reports: list[tuple[int, Report]]) -> str:
    return " ".join(word.text for _, report in reports for word in report.finals)


@SHARED
@given(max_delay=st.integers(11_200, 64_000), partials=st.booleans(), packet=st.integers(160, 8_000))
def test_no_final_is_late_and_none_is_lost(
    loudness: Any, speak: Any, max_delay: int, partials: bool, packet: int
) -> None:
    channel = begin(loudness, config(max_delay=max_delay, enable_partials=partials))
    reports = run(loudness, channel, speak(WORDS).astype("<f4").tobytes(), packet * 4)
    assert spoken(reports) == WORDS.replace("... ", "")
    for sent, report in reports:
        for word in report.finals:
            assert sent <= word.end + max_delay + packet  # a packet in flight is the client's own delay
    assert [report.ended for _, report in reports].count(True) == 1


@SHARED
@given(packet=st.integers(401, 50_000), max_delay=st.integers(11_200, 64_000))
def test_packets_do_not_change_the_words_or_their_messages(
    loudness: Any, speak: Any, packet: int, max_delay: int
) -> None:
    data = speak(WORDS).astype("<f4").tobytes()
    whole = run(loudness, begin(loudness, config(max_delay=max_delay)), data, len(data))
    cut = run(loudness, begin(loudness, config(max_delay=max_delay)), data, packet)
    assert [report for _, report in whole] == [report for _, report in cut]


def test_partials_come_before_their_finals_and_never_repeat_them(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config(enable_partials=True))
    reports = run(loudness, channel, speak(WORDS).astype("<f4").tobytes(), 6_400)
    final_until = 0
    shown: set[str] = set()
    for _, report in reports:
        assert all(word.text in shown for word in report.finals[:-1])
        final_until = max([final_until, *(word.end for word in report.finals)])
        assert all(word.start >= final_until for word in report.partials)
        shown |= {word.text for word in report.partials}
    assert shown >= {"one", "six"}


def test_a_pause_ends_an_utterance_once(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config(silence_trigger=8_000, max_delay=11_200))
    data = speak("... one two ... ... three ... ...").astype("<f4").tobytes()
    reports = [report for _, report in run(loudness, channel, data, 6_400)]
    ends = [report.utterance_end.at for report in reports if report.utterance_end is not None]
    assert len(ends) == 2
    two, three = 16_000 + 3 * 3_840, 48_000 + 5 * 3_840
    assert all(end + 8_000 <= at <= end + 8_000 + 5_120 for end, at in zip((two, three), ends, strict=True))
    said = [report.finals or report.utterance_end for report in reports if report.finals or report.utterance_end]
    assert said  # the words of an utterance are final before or with its end
    assert spoken([(0, report) for report in reports]) == "one two three"


def step(engine: Any, channel: Channel) -> list[Report]:
    reports = []
    while channel.ready:
        engine.step([channel.hearing], [channel.next_step()])
        reports.append(channel.news())
    return reports


@pytest.mark.parametrize("partials", [False, True])
def test_a_flush_is_answered_at_once(loudness: Any, speak: Any, partials: bool) -> None:
    channel = begin(loudness, config(enable_partials=partials))
    channel.take(speak("one two").astype("<f4").tobytes())
    early = step(loudness, channel)
    channel.flush(None)
    forced = [report for report in early + step(loudness, channel) if report.utterance_end is not None]
    assert [report.utterance_end for report in forced] == [UtteranceEnd(15_360, forced=True)]
    assert [word.text for word in forced[0].finals] == ["one", "two"]
    assert channel.hearing.chunk in (5_120, 20_480)


def test_a_flush_of_the_past_needs_no_step(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config(enable_partials=True))
    channel.take(speak("one two ...").astype("<f4").tobytes())
    step(loudness, channel)
    channel.flush(8_000)
    assert channel.owes_answer
    report = channel.news()
    assert [word.text for word in report.finals] == ["one"]
    assert not channel.owes_answer


def test_a_flush_of_the_future_waits_for_its_audio(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config())
    data = speak("one two ... three").astype("<f4").tobytes()
    channel.flush(31_000)
    answered = []
    for at in range(0, len(data), 6_400):
        channel.take(data[at : at + 6_400])
        answered += [at // 4 for report in step(loudness, channel) if report.utterance_end is not None]
    assert answered == [30_400]


def test_a_flush_that_the_end_overtakes_is_answered_at_the_end(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config())
    channel.flush(10**9)
    reports = run(loudness, channel, speak("one").astype("<f4").tobytes(), 6_400)
    assert reports[-1][1].utterance_end is not None
    assert spoken(reports) == "one"


def test_a_shorter_delay_takes_effect_in_the_middle(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config())
    assert channel.hearing.chunk == 20_480
    channel.take(speak("one two ... ...").astype("<f4").tobytes())
    loudness.step([channel.hearing], [channel.next_step()])
    assert channel.news().finals == ()
    channel.configure(config(max_delay=11_200))
    loudness.step([channel.hearing], [channel.next_step()])
    assert [word.text for word in channel.news().finals] == ["one", "two"]
    assert channel.hearing.chunk == 5_120


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_other_rates_keep_words_and_times(loudness: Any, speak: Any, rate: int) -> None:
    audio_format = AudioFormat(AudioType.PCM_S16LE, rate)
    channel = begin(loudness, config(audio_format=audio_format))
    data = (speak(WORDS, rate) * 32_767).astype("<i2").tobytes()
    reports = run(loudness, channel, data, 3_001)
    assert spoken(reports) == WORDS.replace("... ", "")
    words = [word for _, report in reports for word in report.finals]
    assert abs(words[-1].end - (len(speak(WORDS)) - 3_840)) <= 640


def test_a_bad_file_is_the_clients_error(loudness: Any) -> None:
    channel = begin(loudness, config(audio_format=AudioFormat(AudioType.FILE, None)))
    with pytest.raises(MessageError, match="not WAV"):
        channel.take(b"ID3\x03 an mp3")
