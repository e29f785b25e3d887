from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.jobs.desk import Desk
from engine.jobs.errors import Refusal
from engine.jobs.folder import DataFolder
from engine.jobs.job import State
from engine.jobs.settings import JobSettings
from engine.jobs.store import Store

CONFIG = b'{"type": "transcription", "transcription_config": {"language": "en", "domain": "law"}}'


class Office:
    """A desk, what lies behind it, and the time there."""

    def __init__(self, data: Path) -> None:
        self.now = 1_000_000
        self.settings = JobSettings(data, max_queued=2, max_bytes=1_000_000, max_hours=0.001, retention_hours=1.0)
        self.folder = DataFolder(data)
        self.store = Store(self.folder.database)
        self.desk = Desk(self.store, self.folder, self.settings, ["standard"], lambda: self.now)

    def submit(self, recording: Path, config: bytes = CONFIG, name: str = "talk.wav") -> str:
        job_id, path = self.desk.new_upload(0)
        path.write_bytes(recording.read_bytes())
        return self.desk.submit(job_id, "me", name, config).id


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "data")
    yield office
    office.store.close()
    office.folder.close()


def refused(code: int, action: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as found:
        action()
    assert found.value.code == code
    return found.value


def test_a_submitted_job_waits_with_its_recording(office: Office, recording) -> None:
    job_id = office.submit(recording(2.0), name="C:\\calls\\to\x00day.wav")
    job, path = office.desk.recording(job_id, "me")
    assert (job.state, job.data_name, job.samples, job.created_us) == (State.QUEUED, "to_day.wav", 32_000, 1_000_000)
    assert path.read_bytes() == recording(2.0).read_bytes()
    assert [remark.message for remark in job.remarks] == [
        "transcription_config.domain is not supported and was ignored"
    ]
    assert len(job_id) == 10
    assert job_id.isalnum()


def test_bad_jobs_are_refused_and_leave_nothing(office: Office, recording, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no audio")
    for file, config, error in (
        (tmp_path / "text", CONFIG, "Job rejected due to invalid audio"),
        (recording(4.0, name="long.wav"), CONFIG, "Job rejected due to invalid audio"),
        (recording(2.0), b"{}", "Job rejected"),
    ):
        assert refused(400, lambda file=file, config=config: office.submit(file, config)).error == error
    assert office.desk.recent("me", 1 << 60, -1, 100, True) == []
    assert not any((tmp_path / "data" / "recordings").iterdir())
    assert not any((tmp_path / "data" / "uploads").iterdir())


def test_limits(office: Office, recording, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(413, lambda: office.desk.new_upload(4_000_000))
    monkeypatch.setattr(DataFolder, "free_bytes", lambda self: 0)
    assert "full" in refused(507, lambda: office.desk.new_upload(0)).detail
    assert not office.desk.readiness().ready
    monkeypatch.undo()
    assert office.desk.readiness().ready
    office.submit(recording())
    office.submit(recording())
    refused(429, lambda: office.desk.new_upload(0))
    assert not office.desk.readiness().ready


def test_results_by_state(office: Office, recording) -> None:
    job_id = office.submit(recording())
    assert refused(404, lambda: office.desk.results(job_id, "me")).error == "Transcription not ready"
    office.store.claim(1)
    office.store.finish(job_id, [{"type": "word"}], 5, 6)
    assert office.desk.results(job_id, "me")[1] == [{"type": "word"}]
    failed = office.submit(recording())
    office.store.claim(1)
    office.store.reject(failed, "too noisy", 2)
    assert refused(404, lambda: office.desk.results(failed, "me")).detail == "too noisy"
    assert refused(404, lambda: office.desk.find("nobody", "me")).error == "Job not found"


def test_what_belongs_to_another_is_not_there(office: Office, recording) -> None:
    job_id = office.submit(recording())
    for look in (office.desk.find, office.desk.results, office.desk.recording):
        assert refused(404, lambda look=look: look(job_id, "you")).error == "Job not found"
    refused(404, lambda: office.desk.delete(job_id, "you", force=True))
    assert office.desk.recent("you", 1 << 60, -1, 100, True) == []
    assert office.desk.find(job_id, "me").owner == "me"


def test_a_running_job_is_deleted_by_force_alone(office: Office, recording) -> None:
    job_id = office.submit(recording())
    office.store.claim(1)
    assert refused(423, lambda: office.desk.delete(job_id, "me", force=False)).error == "Resource Locked"
    office.desk.delete(job_id, "me", force=True)
    refused(404, lambda: office.desk.find(job_id, "me"))
    refused(404, lambda: office.desk.delete(job_id, "me", force=True))


def test_what_is_old_expires_with_its_recording(office: Office, recording) -> None:
    job_id = office.submit(recording())
    path = office.folder.recording(job_id)
    office.store.claim(1)
    office.store.finish(job_id, [], 5, office.now)
    office.now += 3_600_000_000
    assert office.desk.expire() == 0
    office.now += 1
    assert office.desk.expire() == 1
    assert not path.exists()
    assert refused(410, lambda: office.desk.results(job_id, "me")).error == "Job Expired"
    refused(410, lambda: office.desk.delete(job_id, "me", force=True))
