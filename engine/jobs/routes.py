"""What the service answers to each request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from engine.jobs import answers, queries
from engine.jobs.config import subtitle_shape
from engine.jobs.desk import Desk
from engine.jobs.guard import OWNER
from engine.jobs.job import Job, State, timestamp
from engine.jobs.meters import CONTENT_TYPE, JobMeters
from engine.jobs.openapi import openapi
from engine.jobs.reading import text_of
from engine.jobs.receiving import receive
from engine.jobs.settings import JobSettings
from engine.jobs.subtitles import srt
from engine.jobs.waiting import Waiting
from engine.jobs.workers import Workers

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Told:
    """What answers say of the service itself."""

    digests: Mapping[str, str]  # of the recognisers, by operating point
    version: str
    clock: Callable[[], int]  # calendar time, microseconds since 1970
    guarded: Callable[[], bool]  # a key or a token is needed


class Routes:
    """The handlers over one desk."""

    def __init__(
        self,
        desk: Desk,
        workers: Workers,
        waiting: Waiting,
        settings: JobSettings,
        meters: JobMeters,
        told: Told,
    ) -> None:
        self._desk, self._workers, self._waiting, self._settings = desk, workers, waiting, settings
        self._meters, self._told = meters, told

    def add_to(self, app: web.Application) -> None:
        """Put every handler at its address."""
        app.router.add_post("/v2/jobs", self._submit)
        app.router.add_get("/v2/jobs", self._list)
        app.router.add_get("/v2/jobs/{id}", self._show)
        app.router.add_delete("/v2/jobs/{id}", self._delete)
        app.router.add_get("/v2/jobs/{id}/transcript", self._transcript)
        app.router.add_get("/v2/jobs/{id}/data", self._data)
        app.router.add_get("/v2/jobs/{id}/log", self._log)
        app.router.add_get("/v2/usage", self._usage)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/openapi.json", self._openapi)

    async def _submit(self, request: web.Request) -> web.Response:
        wait = self._wait_of(request)
        wanted = queries.output_format(request.query)
        job_id, path = await _aside(self._desk.new_upload, request.content_length or 0)
        try:
            limit, stall = self._settings.max_bytes, self._settings.stall_timeout
            config, name = await receive(request, path, limit, stall)
        except BaseException:
            await asyncio.shield(_aside(self._desk.abandon, job_id))
            raise
        job = await _aside(self._desk.submit, job_id, request[OWNER], name, config)
        self._workers.wake()
        answer: dict[str, Any] = {"id": job.id, "created_at": timestamp(job.created_us)}
        if wait:
            job = await self._wait(job, wait)
            answer["status"] = answers.details(job)["status"]
            if job.state is State.DONE:
                answer[wanted] = await _aside(self._written, job, wanted)
        return await _json(answer, status=201)

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        before, after = (
            queries.moment(query, "created_before", queries.FOREVER_US),
            queries.moment(query, "created_after", -1),
        )
        limit, erased = queries.whole(query, "limit", 100, 1, 100), queries.flag(query, "include_deleted")
        jobs = await _aside(self._desk.recent, request[OWNER], before, after, limit, erased)
        return web.json_response({"jobs": [answers.details(job) for job in jobs]})

    async def _show(self, request: web.Request) -> web.Response:
        wait = self._wait_of(request)
        job = await _aside(self._desk.find, request.match_info["id"], request[OWNER])
        return web.json_response({"job": answers.details(await self._wait(job, wait))})

    async def _delete(self, request: web.Request) -> web.Response:
        force = queries.flag(request.query, "force")
        job = await _aside(self._desk.delete, request.match_info["id"], request[OWNER], force)
        self._workers.cancel(job.id)
        await _aside(self._desk.abandon, job.id)
        self._waiting.wake(job.id)
        return web.json_response({"job": {**answers.details(job), "status": State.DELETED}})

    async def _transcript(self, request: web.Request) -> web.Response:
        wait, wanted = self._wait_of(request), queries.output_format(request.query)
        job = await _aside(self._desk.find, request.match_info["id"], request[OWNER])
        await self._wait(job, wait)
        written = await _aside(self._written, job, wanted)
        if isinstance(written, str):
            return web.Response(text=written, content_type="text/plain", charset="utf-8")
        return await _json(written)

    async def _data(self, request: web.Request) -> web.StreamResponse:
        _, path = await _aside(self._desk.recording, request.match_info["id"], request[OWNER])
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    async def _log(self, request: web.Request) -> web.Response:
        job = await _aside(self._desk.find, request.match_info["id"], request[OWNER])
        return web.Response(text=answers.log(job), content_type="text/plain", charset="utf-8")

    async def _usage(self, request: web.Request) -> web.Response:
        since, until = queries.days(request.query, self._told.clock())
        rows = await _aside(self._desk.usage, request[OWNER], since, until)
        return web.json_response(answers.usage(rows, timestamp(since), timestamp(until)))

    async def _metrics(self, request: web.Request) -> web.Response:
        body = await _aside(self._meters.exposition)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    async def _live(self, request: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def _ready(self, request: web.Request) -> web.Response:
        state = await _aside(self._desk.readiness)
        told = {
            "ready": state.ready,
            "queued": state.queued,
            "max_queued": self._settings.max_queued,
            "disk": state.room,
        }
        status = 200 if state.ready else 503
        return web.json_response({**told, "recognisers": dict(self._told.digests)}, status=status)

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.json_response(openapi(self._told.version, str(request.url.origin()), self._told.guarded()))

    def _written(self, asked: Job, wanted: str) -> dict[str, Any] | str:
        """A transcript; of a long recording it takes a while."""
        job, results = self._desk.results(asked.id, asked.owner)
        match wanted:
            case "txt":
                return text_of(results) + "\n"
            case "srt":
                return srt(results, subtitle_shape(job.config))
            case _:
                return answers.transcript(job, results, self._told.version)

    async def _wait(self, job: Job, seconds: float) -> Job:
        """The job once it is over, or as it is after a while."""
        if job.state.over or not seconds:
            return job
        await self._waiting.until_over(job.id, seconds, lambda job_id: self._desk.find(job_id, job.owner).state.over)
        return await _aside(self._desk.find, job.id, job.owner)

    def _wait_of(self, request: web.Request) -> float:
        return min(self._settings.max_wait, queries.whole(request.query, "wait", 0, 0, 10**9))


async def _json(answer: dict[str, Any], status: int = 200) -> web.Response:
    """An answer that may be long."""
    return web.json_response(text=await _aside(json.dumps, answer), status=status)


async def _aside(function: Callable[..., Result], *arguments: Any) -> Result:
    """The result of what blocks, without blocking the loop."""
    return await asyncio.to_thread(function, *arguments)
