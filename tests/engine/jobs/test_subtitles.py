import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.subtitles import LONGEST, SubtitleShape, srt


def word(content: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"start_time": start, "end_time": end, "alternatives": [{"content": content}], **more}


def test_subtitles_as_players_read_them() -> None:
    said = [word("hello", 0.04, 0.5), word("there", 0.6, 1.0), word("again", 3_661.5, 3_662.0)]
    assert srt(said, SubtitleShape()) == (
        "1\n00:00:00,040 --> 00:00:01,000\nhello there\n\n2\n01:01:01,500 --> 01:01:02,000\nagain\n"
    )


def test_a_sentence_ends_a_subtitle() -> None:
    stop = word(".", 0.5, 0.5, attaches_to="previous", is_eos=True)
    assert srt([word("no", 0.0, 0.5), stop, word("yes", 0.6, 1.0)], SubtitleShape()).count("-->") == 2


def test_a_subtitle_is_of_one_channel() -> None:
    said = [word("no", 0.0, 0.5, channel="A"), word("yes", 0.4, 1.0, channel="B")]
    assert srt(said, SubtitleShape()).count("-->") == 2


def test_nobody_speaks() -> None:
    assert srt([], SubtitleShape()) == ""


words = st.lists(st.tuples(st.text("abc", min_size=1, max_size=9), st.integers(0, 2_000), st.integers(0, 900)))


@given(words, st.integers(1, 20), st.integers(1, 3))
def test_every_word_stands_once_in_a_subtitle_of_the_shape(
    said: list[tuple[str, int, int]], length: int, lines: int
) -> None:
    at, results = 0, []
    for text, pause, lasts in said:
        at += pause
        results.append(word(text, at / 1_000, (at + lasts) / 1_000))
        at += lasts
    written = srt(results, SubtitleShape(length, lines))
    cues = re.findall(r"(\d+)\n([\d:,]+) --> ([\d:,]+)\n((?:[abc ]+\n)+)", written)
    assert [int(cue[0]) for cue in cues] == list(range(1, len(cues) + 1))
    assert " ".join(cue[3] for cue in cues).split() == [text for text, _, _ in said]
    for _, start, end, shown in cues:
        assert start < end
        rows = shown.splitlines()
        assert len(rows) <= lines
        assert all(len(row) <= length or " " not in row for row in rows)
        assert seconds(end) - seconds(start) <= LONGEST + 0.9


def seconds(time: str) -> float:
    hours, minutes, rest = time.replace(",", ".").split(":")
    return int(hours) * 3_600 + int(minutes) * 60 + float(rest)
