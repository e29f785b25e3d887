import json
from typing import Any

from engine.jobs.config import JobConfig, read_config
from engine.jobs.results import results_of


def config(**asked: Any) -> JobConfig:
    return read_config(json.dumps({"type": "transcription", "transcription_config": {"language": "en", **asked}}))


def words(said: str, start: float, make: Any) -> list[Any]:
    at, made = round(start * 16_000), []
    for text in said.split():
        made.append(make(text, at, at + 8_000))
        at += 8_000
    return made


def test_one_channel_is_not_named(counted_word) -> None:
    results = results_of([words("twenty one", 0, counted_word)], config(enable_entities=True))
    assert results[0]["type"] == "entity"
    assert results[0]["alternatives"][0]["content"] == "21"
    assert all("channel" not in result for result in results)


def test_channels_take_turns_by_their_sentences(counted_word) -> None:
    agent = words("hello", 0, counted_word) + words("goodbye", 9, counted_word)
    caller = words("how are you", 4, counted_word)
    asked = config(diarization="channel", channel_diarization_labels=["Agent"])
    results = results_of([agent, caller, []], asked)
    told = [(result["channel"], result["alternatives"][0]["content"].lower()) for result in results]
    assert [one for one in told if one[1] not in ".,?"] == [
        ("Agent", "hello"), ("channel_2", "how"), ("channel_2", "are"), ("channel_2", "you"), ("Agent", "goodbye"),
    ]  # fmt: skip
    starts = {}
    for place, result in enumerate(results):
        starts.setdefault(result["channel"], []).append((place, result["start_time"]))
    assert all(times == sorted(times) for times in starts.values())


def test_nobody_speaks(counted_word) -> None:
    assert results_of([[]], config()) == []
    assert results_of([[], []], config(diarization="channel")) == []
