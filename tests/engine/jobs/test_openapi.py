"""The document is valid, describes what is served and nothing else, and the service answers as it says."""

from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("aiohttp", reason="aiohttp is not installed (extra: engine)")

from aiohttp import web

from engine.jobs.openapi import OPERATIONS, openapi
from engine.jobs.routes import Routes
from engine.jobs.server import JobService
from engine.jobs.settings import JobSettings

CONFIG = '{"type": "transcription", "transcription_config": {"language": "en", "domain": "law"}}'


@pytest.mark.parametrize("guarded", [False, True])
def test_the_document_is_valid_openapi(guarded: bool) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed (dev)")
    validator.validate(openapi("0.1.0", "http://localhost:9001", guarded))


def test_a_guarded_service_says_what_it_asks_for() -> None:
    for guarded in (False, True):
        paths = openapi("0.1.0", "http://localhost:9001", guarded)["paths"]
        for (method, path), operation in OPERATIONS.items():
            assert ("security" in paths[path][method]) is (guarded and operation.guarded)


def test_it_describes_what_is_served() -> None:
    app = web.Application()
    nothing: Any = None
    Routes(nothing, nothing, nothing, nothing, nothing, nothing).add_to(app)
    served = {(route.method.lower(), route.resource.canonical) for route in app.router.routes() if route.resource}
    assert {one for one in served if one[0] != "head"} == set(OPERATIONS)


async def test_the_service_answers_as_it_says(tmp_path: Path, counting, recording) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (dev)")
    form = {"data_file": ("a.wav", recording().read_bytes())}
    made = JobSettings(tmp_path / "data", port=0)
    async with (
        JobService(made, {"standard": counting}, "1.2.3") as service,
        httpx.AsyncClient(base_url=service.url.removesuffix("/v2"), timeout=60) as client,
    ):
        told = (await client.get("/openapi.json")).json()
        answer = await client.post("/v2/jobs", data={"config": CONFIG}, files=form, params={"wait": 60})
        job_id = answer.json()["id"]
        answers = {("post", "/v2/jobs"): answer}
        for method, path in sorted(OPERATIONS, key=lambda one: one[0] == "delete"):
            if method != "post":
                answers[method, path] = await client.request(method, path.replace("{id}", job_id))
        missing = await client.get("/v2/jobs/none")
    for (method, path), given in answers.items():
        described = told["paths"][path][method]["responses"][str(given.status_code)]["content"]
        kind = given.headers["content-type"].split(";")[0]
        schema = described[kind].get("schema", {})
        if kind == "application/json":
            jsonschema.validate(given.json(), {**schema, "components": told["components"]})
    jsonschema.validate(missing.json(), told["components"]["schemas"]["Error"])
