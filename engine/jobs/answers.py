"""Jobs and transcripts as the objects of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.audio.intake import ENGINE_RATE
from engine.jobs.job import Job, State, timestamp
from engine.session import LANGUAGE_PACK
from engine.transcripts import FORMAT


def details(job: Job) -> dict[str, Any]:
    """``JobDetails``: what is told of a job."""
    told: dict[str, Any] = {
        "id": job.id,
        # A queued job is told as running: the API has no word for waiting.
        "status": State.RUNNING if job.state is State.QUEUED else job.state,
        "created_at": timestamp(job.created_us),
        "data_name": job.data_name,
        "duration": seconds(job.samples),
    }
    if job.config:
        told["config"] = dict(job.config)
    if job.remarks:
        told["errors"] = [{"timestamp": timestamp(said.at_us), "message": said.message} for said in job.remarks]
    return told


def transcript(job: Job, results: Sequence[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """``RetrieveTranscriptResponse``: the format json-v2."""
    info: dict[str, Any] = {name: value for name, value in details(job).items() if name in _INFO}
    if tracking := job.config.get("tracking"):
        info["tracking"] = tracking
    # The operating point that was used stands here, whichever was asked for.
    asked = job.config.get("transcription_config", {})
    asked = {name: value for name, value in asked.items() if name not in ("model", "operating_point")}
    metadata = {
        "created_at": timestamp(job.finished_us or job.created_us),
        "type": "transcription",
        "transcription_config": {**asked, "model": job.operating_point},
        "orchestrator_version": version,
        "language_pack_info": dict(LANGUAGE_PACK),
    }
    if output := job.config.get("output_config"):
        metadata["output_config"] = output
    return {"format": FORMAT, "job": info, "metadata": metadata, "results": list(results)}


def log(job: Job) -> str:
    """What happened to a job, a line each; nothing of what was said in it."""
    happened = [(job.created_us, f"submitted for '{job.operating_point}', {seconds(job.samples)} s of audio")]
    happened += [(said.at_us, said.message) for said in job.remarks]
    if job.started_us is not None:
        happened.append((job.started_us, f"recognition began (attempt {job.attempts})"))
    if job.finished_us is not None:
        happened.append((job.finished_us, str(job.state)))
    return "".join(f"{timestamp(at)} {what}\n" for at, what in sorted(happened))


def usage(rows: Iterable[tuple[str, str, int, int]], since: str, until: str) -> dict[str, Any]:
    """``UsageResponse``.

    Args:
        rows: language, operating point, number of jobs and samples at 16 kHz.
        since: a timestamp, as told.
        until: likewise.
    """
    counted = list(rows)
    summary = {"count": sum(row[2] for row in counted), "duration_hrs": _hours(sum(row[3] for row in counted))}
    return {
        "since": since,
        "until": until,
        "summary": [{"mode": "batch", "type": "transcription", **summary}] if counted else [],
        "details": [
            {
                "mode": "batch",
                "type": "transcription",
                "language": language,
                "operating_point": point,
                "count": count,
                "duration_hrs": _hours(samples),
            }
            for language, point, count, samples in counted
        ],
    }


def seconds(samples: int) -> int:
    """Whole seconds, as the API counts a duration; a begun second counts."""
    return -(-samples // ENGINE_RATE)


def _hours(samples: int) -> float:
    return round(samples / ENGINE_RATE / 3_600, 4)


_INFO = ("id", "created_at", "data_name", "duration")
