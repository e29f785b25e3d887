from engine.jobs import answers
from engine.jobs.job import Job, Remark, State

CONFIG = {"type": "transcription", "transcription_config": {"language": "en", "operating_point": "enhanced"}}
JOB = Job(
    "abc", 1_000_000, "talk.wav", CONFIG, "standard", 24_000, State.DONE, 2, 2_000_000, 5_000_000,
    (Remark(1_000_000, "replaced"),),
)  # fmt: skip


def test_details() -> None:
    assert answers.details(JOB) == {
        "id": "abc",
        "status": "done",
        "created_at": "1970-01-01T00:00:01.000000Z",
        "data_name": "talk.wav",
        "duration": 2,
        "config": CONFIG,
        "errors": [{"timestamp": "1970-01-01T00:00:01.000000Z", "message": "replaced"}],
    }


def test_a_transcript_names_the_operating_point_that_was_used() -> None:
    told = answers.transcript(JOB, [], "1.2.3")
    assert told["metadata"]["transcription_config"] == {"language": "en", "model": "standard"}
    assert told["metadata"]["created_at"] == "1970-01-01T00:00:05.000000Z"
    assert "config" not in told["job"]


def test_a_log_is_in_order() -> None:
    times, told = zip(*(line.split(" ", 1) for line in answers.log(JOB).splitlines()), strict=True)
    assert list(times) == sorted(times)
    assert set(told) == {
        "submitted for 'standard', 2 s of audio", "replaced", "recognition began (attempt 2)", "done",
    }  # fmt: skip


def test_usage_adds_up() -> None:
    told = answers.usage([("en", "enhanced", 1, 16_000 * 3_600), ("en", "standard", 2, 16_000 * 1_800)], "a", "b")
    assert told["summary"] == [{"mode": "batch", "type": "transcription", "count": 3, "duration_hrs": 1.5}]
    assert [row["duration_hrs"] for row in told["details"]] == [1.0, 0.5]
    assert answers.usage([], "a", "b")["summary"] == []


def test_a_begun_second_counts() -> None:
    assert [answers.seconds(samples) for samples in (0, 1, 16_000, 16_001)] == [0, 1, 1, 2]
