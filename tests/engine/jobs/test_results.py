import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import transcripts
from engine.jobs.config import JobConfig, read_config
from engine.jobs.recognition import HeardChannel
from engine.jobs.results import results_of
from engine.protocol.fields import write
from engine.writing.writer import write_all


def config(**asked: Any) -> JobConfig:
    return read_config(json.dumps({"type": "transcription", "transcription_config": {"language": "en", **asked}}))


def words(said: str, start: float, make: Any) -> list[Any]:
    at, made = round(start * 16_000), []
    for text in said.split():
        made.append(make(text, at, at + 8_000))
        at += 8_000
    return made


def heard(said: list[Any], volumes: dict[int, float] | None = None) -> HeardChannel:
    return HeardChannel(tuple(said), volumes or {})


def test_words_tell_how_loud_they_were(counted_word) -> None:
    results = results_of([heard(words("yes", 1, counted_word), {16_000: 12.5})], config())
    assert [result.get("volume") for result in results] == [12.5, None]


def test_one_channel_is_not_named(counted_word) -> None:
    results = results_of([heard(words("twenty one", 0, counted_word))], config(enable_entities=True))
    assert results[0]["type"] == "entity"
    assert results[0]["alternatives"][0]["content"] == "21"
    assert all("channel" not in result for result in results)


def test_channels_take_turns_by_their_sentences(counted_word) -> None:
    agent = words("hello", 0, counted_word) + words("goodbye", 9, counted_word)
    caller = words("how are you", 4, counted_word)
    asked = config(diarization="channel", channel_diarization_labels=["Agent"])
    results = results_of([heard(agent), heard(caller), heard([])], asked)
    told = [(result["channel"], result["alternatives"][0]["content"].lower()) for result in results]
    assert [one for one in told if one[1] not in ".,?"] == [
        ("Agent", "hello"), ("channel_2", "how"), ("channel_2", "are"), ("channel_2", "you"), ("Agent", "goodbye"),
    ]  # fmt: skip
    starts = {}
    for place, result in enumerate(results):
        starts.setdefault(result["channel"], []).append((place, result["start_time"]))
    assert all(times == sorted(times) for times in starts.values())


def test_nobody_speaks(counted_word) -> None:
    assert results_of([heard([])], config()) == []
    assert results_of([heard([]), heard([])], config(diarization="channel")) == []


SPOKEN = """so i paid twenty five dollars on the third of may at five pm for one hundred and two of them you know
    and then we went to london it was good""".split()  # noqa: SIM905 - a text


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_hours_are_written_as_at_once(counted_word, chance: random.Random) -> None:
    at, made = 0, []
    for _ in range(400):
        at += chance.choice([800, 800, 8_000, 16_000, 40_000])
        made.append(counted_word(chance.choice(SPOKEN), at, at + 4_000))
        at += 4_000
    style = config(enable_entities=True).transcription.style
    whole = [write(result) for result in transcripts.results_of(write_all(made, style), "en")]
    assert results_of([heard(made)], config(enable_entities=True)) == whole
