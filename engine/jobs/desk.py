"""What can be done with jobs, apart from the wire: submit, look, read, delete, count, forget."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.jobs.audio import probe
from engine.jobs.config import read_config
from engine.jobs.errors import AudioError, Refusal
from engine.jobs.folder import DataFolder
from engine.jobs.job import Job, Remark, State
from engine.jobs.recognition import judge_length
from engine.jobs.settings import JobSettings
from engine.jobs.store import Store

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a job would be taken, and why not."""

    ready: bool
    queued: int
    room: bool  # on the disk


class Desk:
    """The jobs of one service; its methods block, and may be called from any thread.

    Args:
        served: the operating points there are.
        clock: calendar time, microseconds since 1970.
    """

    def __init__(
        self, store: Store, folder: DataFolder, settings: JobSettings, served: Collection[str], clock: Callable[[], int]
    ) -> None:
        self._store, self._folder, self._settings, self._served, self._clock = store, folder, settings, served, clock

    def new_upload(self, announced_bytes: int) -> tuple[str, Path]:
        """The id of a job to be, and the file to write its recording to.

        Args:
            announced_bytes: of the whole request; 0 where unknown.

        Raises:
            Refusal: 413, 429 or 507.
        """
        if announced_bytes > self._settings.max_bytes + (1 << 21):  # the configuration travels with it
            raise self.too_large()
        if self._store.waiting() >= self._settings.max_queued:
            raise Refusal(429, "Too Many Requests", f"{self._settings.max_queued:,} jobs wait already; try again later")
        if self._folder.free_bytes() < self._settings.spare_bytes + announced_bytes:
            raise no_room()
        job_id = "".join(secrets.choice(_ALPHABET) for _ in range(10))
        return job_id, self._folder.upload(job_id)

    def too_large(self) -> Refusal:
        """The answer to a recording that is too large."""
        return Refusal(413, "Job rejected", f"the recording is larger than {self._settings.max_bytes:,} bytes")

    def submit(self, job_id: str, owner: str, data_name: str, config_text: bytes) -> Job:
        """Make a job of an upload, which is gone if that fails; the job is on disk when this returns.

        Args:
            owner: who sends it, and who alone will see it.
            data_name: the recording's file name, as the client calls it.
            config_text: JSON.

        Raises:
            Refusal: 400, when the configuration or the recording cannot be served.
        """
        try:
            job = self._judge(job_id, owner, data_name, config_text)
            self._folder.accept(job_id)
            self._store.add(job)
        except BaseException:
            self.abandon(job_id)
            raise
        return job

    def _judge(self, job_id: str, owner: str, data_name: str, config_text: bytes) -> Job:
        config = read_config(config_text, self._served)
        try:
            samples = probe(self._folder.upload(job_id), config.channels is not None)
            judge_length(samples, self._settings.most_samples)
        except AudioError as error:
            raise Refusal(400, "Job rejected due to invalid audio", str(error)) from None
        now = self._clock()
        remarks = tuple(Remark(now, message) for message in config.remarks)
        name, point = _file_name(data_name), config.operating_point
        return Job(job_id, now, name, config.sent, point, samples, remarks=remarks, owner=owner)

    def abandon(self, job_id: str) -> None:
        """Forget an upload that became no job."""
        self._folder.remove(job_id)

    def find(self, job_id: str, owner: str) -> Job:
        """A job of an owner's that is still kept.

        Raises:
            Refusal: 404, or 410 when its time is over.
        """
        job = self._store.find(job_id)
        if job is None or job.owner != owner or job.state is State.DELETED:
            raise Refusal(404, "Job not found", f"there is no job {job_id[:40]!r}")
        if job.state is State.EXPIRED:
            raise Refusal(
                410, "Job Expired", f"jobs are deleted {self._settings.retention_hours:g} hours after their end"
            )
        return job

    def results(self, job_id: str, owner: str) -> tuple[Job, list[dict[str, Any]]]:
        """A job that is done, and its results.

        Raises:
            Refusal: 404 while it is not done, or when it failed; 410 when its time is over.
        """
        job = self.find(job_id, owner)
        if job.state is State.REJECTED:
            raise Refusal(404, "Job rejected", job.remarks[-1].message)
        results = self._store.results(job_id)
        if results is None:
            raise Refusal(404, "Transcription not ready", "the job is still running; look again later")
        return job, results

    def recording(self, job_id: str, owner: str) -> tuple[Job, Path]:
        """A job and its recording.

        Raises:
            Refusal: 404 or 410.
        """
        return self.find(job_id, owner), self._folder.recording(job_id)

    def recent(self, owner: str, before_us: int, after_us: int, limit: int, erased: bool) -> list[Job]:
        """An owner's jobs created between two times, the newest first; ``erased`` tells of deleted ones too."""
        return self._store.recent(owner, before_us, after_us, limit, erased)

    def delete(self, job_id: str, owner: str, force: bool) -> Job:
        """Delete a job with its recording and its transcript.

        Args:
            force: even while it runs; whoever runs it must be told.

        Raises:
            Refusal: 404, 410, or 423 while it runs.
        """
        job = self.find(job_id, owner)
        if job.state is State.RUNNING and not force:
            raise Refusal(423, "Resource Locked", "the job is running; delete it with ?force=true")
        self._store.erase(job_id, State.DELETED)
        return job

    def usage(self, owner: str, since_us: int, until_us: int) -> list[tuple[str, str, int, int]]:
        """Language, operating point, number and samples of an owner's jobs recognised in a time."""
        return self._store.usage(owner, since_us, until_us)

    def expire(self) -> int:
        """Delete what has been finished for longer than the retention time; how many jobs."""
        old = self._store.finished_before(self._clock() - round(self._settings.retention_hours * _HOUR_US))
        for job_id in old:
            self._store.erase(job_id, State.EXPIRED)
            self._folder.remove(job_id)
        return len(old)

    def readiness(self) -> Readiness:
        """Whether a job would be taken."""
        queued, room = self._store.waiting(), self._folder.free_bytes() >= self._settings.spare_bytes
        return Readiness(queued < self._settings.max_queued and room, queued, room)


def no_room() -> Refusal:
    """The answer when the disk is full."""
    return Refusal(507, "Internal Server Error", "the service's disk is full; nothing was stored, try again later")


def _file_name(name: str) -> str:
    return _UNPRINTABLE.sub("_", re.split(r"[/\\]", name)[-1])[:255]
