"""When words become final: never later than their delay, never twice, never lost."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.channel import SLACK, Channel
from engine.protocol import AudioFormat, AudioType, MessageError
from engine.report import Report, UtteranceEnd
from engine.session_config import SessionConfig
from engine.writing.style import Style

# The fixtures keep nothing between examples.
SHARED = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = "one two ... three four five ... six"


def config(**changes: Any) -> SessionConfig:
    """Bare words unless a style is given: a word of a number that may go on would wait for the next one."""
    audio_format = changes.pop("audio_format", AudioFormat(AudioType.PCM_F32LE, 16_000))
    return SessionConfig(audio_format, {}, **({"style": Style(spoken=True)} | changes))


def begin(engine: Any, config: SessionConfig) -> Channel:
    return Channel(engine.begin(config), config)


def run(engine: Any, channel: Channel, data: bytes, packet: int) -> list[tuple[int, Report]]:
    """Feed packets as a live client does: (samples sent when it was reported, report)."""
    out: list[tuple[int, Report]] = []
    sent = 0

    def step() -> None:
        out.extend((sent // 4, report) for report in channel.due())
        while channel.ready:
            engine.step([channel.hearing], [channel.next_step()])
            out.append((sent // 4, channel.news()))
            out.extend((sent // 4, report) for report in channel.due())

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
@given(max_delay=st.integers(11_200, 64_000), partials=st.booleans(), packet=st.integers(160, 8_000))
def test_a_fixed_delay_is_the_same_for_every_word(
    loudness: Any, speak: Any, max_delay: int, partials: bool, packet: int
) -> None:
    channel = begin(loudness, config(max_delay=max_delay, enable_partials=partials, max_delay_mode="fixed"))
    reports = run(loudness, channel, speak(WORDS).astype("<f4").tobytes(), packet * 4)
    assert spoken(reports) == WORDS.replace("... ", "")
    for sent, report in reports:
        for word in report.finals:
            assert report.ended or word.end + max_delay <= sent <= word.end + max_delay + packet


@SHARED
@given(
    packet=st.integers(401, 50_000), max_delay=st.integers(11_200, 64_000), mode=st.sampled_from(["fixed", "flexible"])
)
def test_packets_do_not_change_the_words_or_their_messages(
    loudness: Any, speak: Any, packet: int, max_delay: int, mode: str
) -> None:
    data, asked = speak(WORDS).astype("<f4").tobytes(), config(max_delay=max_delay, max_delay_mode=mode)
    whole = run(loudness, begin(loudness, asked), data, len(data))
    cut = run(loudness, begin(loudness, asked), data, packet)
    assert [report for _, report in whole] == [report for _, report in cut]


class Doubtful:
    """Hears a word only long after it was said, as a search does that changes its mind."""

    chunk = size = 5_120
    changing = False

    def __init__(self, word: Any, since: int) -> None:
        self.decoded, self._word, self._since, self._told = 0, word, since, False

    @property
    def wanted(self) -> int:
        return self.size

    def partials(self) -> tuple[Any, ...]:
        return (self._word,) if self.decoded >= self._since and not self._told else ()

    def finals(self, until: int) -> tuple[Any, ...]:
        words = tuple(word for word in self.partials() if word.end <= until)
        self._told = self._told or bool(words)
        return words


@SHARED
@given(max_delay=st.integers(11_200, 64_000), partials=st.booleans(), trigger=st.sampled_from([0, 8_000]))
def test_a_step_that_is_done_by_its_deadline_makes_no_word_late(
    loudness: Any, speak: Any, max_delay: int, partials: bool, trigger: int
) -> None:
    channel = begin(loudness, config(max_delay=max_delay, enable_partials=partials, silence_trigger=trigger))
    channel.take(speak(WORDS).astype("<f4").tobytes())
    while channel.ready:
        deadline, reach = channel.deadline, channel.reach
        assert deadline >= reach + SLACK
        loudness.step([channel.hearing], [channel.next_step()])
        assert all(word.end + max_delay >= deadline for word in channel.news().finals)
    channel.finish()
    deadline = channel.deadline
    last = channel.after_end(loudness.end(channel.hearing, channel.rest()))
    assert all(word.end + max_delay >= deadline for word in last.finals)


@pytest.mark.parametrize(("mode", "told_at"), [("fixed", 46_080), ("flexible", 40_960)])
def test_a_word_of_a_late_change_of_mind_is_placed_where_it_can_be_in_time(
    loudness: Any, mode: str, told_at: int
) -> None:
    word = loudness.word("late", 6_400, 9_600)
    channel = Channel(Doubtful(word, since=40_960), config(max_delay=11_200, max_delay_mode=mode))
    told = []
    for _ in range(12):
        channel.take(bytes(4 * 5_120))
        channel.next_step()
        channel.hearing.decoded += 5_120
        told += [(channel.hearing.decoded, report) for report in (channel.news(), *channel.due()) if report.finals]
    ((at, report),) = told
    (placed,) = report.finals
    assert at == told_at
    assert (placed.text, placed.start, placed.end) == ("late", 6_400, 40_960 + SLACK - 11_200)


def test_a_longer_look_ahead_asks_at_once_for_what_would_come_late(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config(max_delay=32_000, enable_partials=True))
    channel.take(speak("one two three four ... ... ...").astype("<f4").tobytes()[: 4 * 26_000])
    step(loudness, channel)
    channel.configure(config(max_delay=32_000))
    assert channel.hearing.chunk == 20_480
    told = [word for report in channel.due() for word in report.finals]
    assert [word.text for word in told] == ["one", "two"]  # the next step is 1.28 s away


def test_another_model_takes_over_when_nobody_speaks(loudness: Any, speak: Any) -> None:
    channel = begin(loudness, config(max_delay=11_200))
    channel.take(speak("one two").astype("<f4").tobytes())
    step(loudness, channel)
    channel.configure(config(max_delay=11_200, model="enhanced"))
    assert channel.hearing.model == "standard"
    channel.take(speak("... ...").astype("<f4").tobytes())
    step(loudness, channel)
    assert channel.hearing.model == "enhanced"


def test_quiet_audio_becomes_silence_and_words_have_a_volume(loudness: Any, speak: Any) -> None:
    data = speak("one ten").astype("<f4").tobytes()
    heard = run(loudness, begin(loudness, config(volume_threshold=0.0)), data, 3_001)
    assert spoken(heard) == "one ten"
    assert sorted(volume for _, report in heard for volume in report.volumes.values()) == [10.0, 55.0]
    assert spoken(run(loudness, begin(loudness, config(volume_threshold=20.0)), data, 3_001)) == "ten"
    assert not any(report.volumes for _, report in run(loudness, begin(loudness, config()), data, 3_001))
    later = begin(loudness, config())
    later.take(data[: 4 * 7_680])
    later.configure(config(volume_threshold=0.0))
    assert [report.volumes for _, report in run(loudness, later, data[4 * 7_680 :], 3_001)][-1] == {7_680: 55.0}


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


@pytest.mark.parametrize("mode", ["flexible", "fixed"])
def test_a_flexible_delay_holds_an_entity_together(loudness: Any, speak: Any, mode: str) -> None:
    channel = begin(loudness, config(max_delay=11_200, max_delay_mode=mode, style=Style()))
    reports = run(loudness, channel, speak(WORDS).astype("<f4").tobytes(), 6_400)
    assert spoken(reports) == WORDS.replace("... ", "")
    together = [" ".join(word.text for word in report.finals) for _, report in reports if report.finals]
    if mode == "flexible":
        assert together == ["one two", "three four five", "six"]
    else:
        assert together == WORDS.replace("... ", "").split()
        assert any(report.upcoming for _, report in reports if report.finals and not report.ended)


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
    with pytest.raises(MessageError, match="cannot be read"):
        channel.take(b"not audio")
