from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testsets import eventlog_io
from testsets.errors import FormatError
from testsets.eventlog_io import FORMAT, SCHEMA, read_event_logs, write_event_logs
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Word

few = settings(max_examples=20)

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
numbers = st.integers(0, 2**62)
words = st.one_of(
    st.builds(Word, texts),
    st.builds(
        lambda t, a, n, c, s: Word(t, a, a + n, c, s), texts, numbers, numbers, st.none() | st.floats(0, 1), texts
    ),
)
events = st.builds(
    Event,
    st.sampled_from(Kind),
    st.integers(-(2**62), 2**62),
    st.none() | numbers,
    st.none() | numbers,
    st.lists(words, max_size=3).map(tuple),
    st.dictionaries(texts, texts | st.integers() | st.booleans() | st.lists(st.none() | texts, max_size=2), max_size=2),
)
logs = st.builds(
    EventLog, texts, texts, st.integers(1, 96_000), st.lists(events, max_size=4).map(tuple), st.none() | texts
)
arms = st.dictionaries(texts, st.lists(logs, max_size=3, unique_by=lambda log: log.case_id).map(tuple), max_size=3)

ONE = EventLog("a", "digest", 16_000, (Event(Kind.OPENED, 5), Event(Kind.FINAL, 9, words=(Word("hi", 0, 1),))))


@few
@given(arms)
def test_logs_survive_the_file(tmp_path_factory: pytest.TempPathFactory, arms: dict[str, tuple[EventLog, ...]]) -> None:
    path = tmp_path_factory.getbasetemp() / "events.parquet"
    write_event_logs(path, arms)
    read = read_event_logs(path)
    assert read == arms
    assert list(read) == list(arms)


def test_many_rows_are_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventlog_io, "ROWS_AT_ONCE", 3)
    many = {"champion": tuple(EventLog(str(n), "d", 8_000, ONE.events * n) for n in range(6))}
    write_event_logs(tmp_path / "e.parquet", many)
    assert pq.read_metadata(tmp_path / "e.parquet").num_row_groups == 11
    assert read_event_logs(tmp_path / "e.parquet") == many


def test_a_failed_session_without_events_is_kept(tmp_path: Path) -> None:
    failed = EventLog("b", "d", 16_000, (), "endpoint is not listening")
    write_event_logs(tmp_path / "e.parquet", {"candidate": [failed]})
    assert read_event_logs(tmp_path / "e.parquet") == {"candidate": (failed,)}


def test_a_case_twice_in_an_arm_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    write_event_logs(path, {"champion": [ONE]})
    with pytest.raises(FormatError, match="arm 'champion' holds case 'a' twice"):
        write_event_logs(path, {"champion": [ONE, ONE]})
    with pytest.raises(FormatError, match="cannot be written"):
        write_event_logs(path, {"champion": [EventLog("a", "d", 16_000, (Event(Kind.OPENED, 2**70),))]})
    with pytest.raises(FormatError, match="cannot be written"):
        write_event_logs(path, {"x": [EventLog("a", "d", 8_000, (Event(Kind.OTHER, 1, detail={"a": float("nan")}),))]})
    with pytest.raises(FormatError, match="cannot be written"):
        write_event_logs(tmp_path / "no" / "e.parquet", {"champion": [ONE]})
    assert read_event_logs(path) == {"champion": (ONE,)}
    assert [found.name for found in tmp_path.iterdir()] == ["e.parquet"]


def test_damage_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    with pytest.raises(FormatError, match="no such event log file"):
        read_event_logs(path)
    write_event_logs(path, {"champion": [ONE]})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError, match="not a readable Parquet file"):
        read_event_logs(path)
    path.write_text("hello")
    with pytest.raises(FormatError, match="not a readable Parquet file"):
        read_event_logs(path)


def damaged(path: Path, metadata: dict[str, str], **columns: object) -> Path:
    row = {"arm": "x", "case_id": "a", "recogniser": "d", "rate": 8_000, "failure": None, "seq": 0, "kind": "final"}
    row |= {"wall_ns": 1, "due_ns": None, "samples": None, "words": None, "detail": None} | columns
    pq.write_table(pa.table({key: [value] for key, value in row.items()}).replace_schema_metadata(metadata), path)
    return path


@pytest.mark.parametrize(
    ("metadata", "columns", "what"),
    [
        ({}, {}, "not an event log file"),
        ({"version": "7"}, {}, "version 7 is not known here"),
        ({"arms": "{}"}, {}, "list of arms is damaged"),
        ({}, {"extra": 1}, "columns are"),
        ({}, {"kind": "song"}, "row 0: kind 'song' at 1 ns is no event"),
        ({}, {"words": "["}, "row 0: not JSON"),
        ({}, {"words": "[1]"}, "must hold objects"),
        ({}, {"words": '[{"text": "a", "start": 1}]'}, "both start and end"),
        ({}, {"detail": "[]"}, "must be an object"),
    ],
)
def test_foreign_content_is_one_clear_error(
    tmp_path: Path, metadata: dict[str, str], columns: dict[str, object], what: str
) -> None:
    mark = {"format": FORMAT, "version": "1", "arms": "[]"} | metadata if metadata or columns else {}
    with pytest.raises(FormatError, match=what):
        read_event_logs(damaged(tmp_path / "e.parquet", mark, **columns))


def test_the_schema_is_documented_by_its_names() -> None:
    assert SCHEMA.names[:3] == ["arm", "case_id", "recogniser"]
