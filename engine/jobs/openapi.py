"""The OpenAPI 3.1 document of the service of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.jobs.queries import FORMATS
from engine.session_config import LANGUAGE

Schema = dict[str, Any]

_WAIT = {
    "type": "integer",
    "minimum": 0,
    "description": "Seconds that the answer may be held back until the job is over.",
}
_FORMAT = {"enum": list(FORMATS), "default": FORMATS[0]}
_MOMENT = {"type": "string", "format": "date-time"}
_DAY = {"type": "string", "format": "date"}
_FLAG = {"type": "boolean", "default": False}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 100}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one request does: its query, its good answer, and the ways in which it is refused."""

    name: str
    about: str
    query: Schema
    status: str
    content: dict[str, Schema]  # by content type
    refused: tuple[str, ...] = ()
    guarded: bool = True


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> dict[str, Schema]:
    return {"application/json": schema}


_TEXT: dict[str, Schema] = {"text/plain": {"type": "string"}}
_BYTES: dict[str, Schema] = {"application/octet-stream": {}}
_JOB = _json({"type": "object", "required": ["job"], "properties": {"job": _ref("Job")}})
_JOBS = _json({"type": "object", "required": ["jobs"], "properties": {"jobs": {"type": "array", "items": _ref("Job")}}})

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("post", "/v2/jobs"): Operation(
        "submit", "Upload a recording.", {"wait": _WAIT, "format": _FORMAT}, "201", _json(_ref("Submitted")),
        ("400", "408", "413", "422", "429", "507"),
    ),
    ("get", "/v2/jobs"): Operation(
        "list", "Jobs, the newest first.",
        {"limit": _LIMIT, "created_before": _MOMENT, "created_after": _MOMENT, "include_deleted": _FLAG},
        "200", _JOBS, ("422",),
    ),
    ("get", "/v2/jobs/{id}"): Operation("show", "One job.", {"wait": _WAIT}, "200", _JOB, ("404", "410", "422")),
    ("delete", "/v2/jobs/{id}"): Operation(
        "delete", "Delete a job with its recording and its transcript; a running one with force only.",
        {"force": _FLAG}, "200", _JOB, ("404", "410", "422", "423"),
    ),
    ("get", "/v2/jobs/{id}/transcript"): Operation(
        "transcript", "The transcript of a job that is done.", {"format": _FORMAT, "wait": _WAIT},
        "200", {**_json(_ref("Transcript")), **_TEXT}, ("404", "410", "422"),
    ),
    ("get", "/v2/jobs/{id}/data"): Operation("data", "The recording as uploaded.", {}, "200", _BYTES, ("404", "410")),
    ("get", "/v2/jobs/{id}/log"): Operation("log", "What happened to a job.", {}, "200", _TEXT, ("404", "410")),
    ("get", "/v2/usage"): Operation(
        "usage", "Jobs and hours recognised.", {"since": _DAY, "until": _DAY}, "200", _json(_ref("Usage")), ("422",)
    ),
    ("get", "/metrics"): Operation("metrics", "For Prometheus.", {}, "200", _TEXT),
    ("get", "/live"): Operation("live", "The process answers.", {}, "200", _TEXT, guarded=False),
    ("get", "/ready"): Operation(
        "ready", "A job would be taken; 503 with the same object where not.", {}, "200", _json(_ref("Ready")),
        guarded=False,
    ),
    ("get", "/openapi.json"): Operation("openapi", "This.", {}, "200", _json({"type": "object"}), guarded=False),
}  # fmt: skip


def _object(required: Sequence[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


_STRING, _WHOLE, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "number", "minimum": 0}
_ALTERNATIVE = _object(["content", "confidence", "language"], content=_STRING, confidence=_NUMBER, language=_STRING)
_RESULT = _object(
    ["type", "start_time", "end_time", "alternatives"],
    type={"enum": ["word", "punctuation", "entity"]},
    start_time=_NUMBER,
    end_time=_NUMBER,
    alternatives={"type": "array", "items": _ALTERNATIVE},
    channel=_STRING,
    attaches_to={"enum": ["previous", "next", "both", "none"]},
    is_eos={"type": "boolean"},
)
_COUNTED = _object(["mode", "type", "count", "duration_hrs"], count=_WHOLE, duration_hrs=_NUMBER, language=_STRING)
_COUNTS: Schema = {"type": "array", "items": _COUNTED}
_CONFIG = _object(
    ["type", "transcription_config"],
    type={"const": "transcription"},
    transcription_config=_object(
        ["language"], language={"type": "string", "examples": [LANGUAGE]}, model={"enum": ["standard", "enhanced"]}
    ),
    tracking={"type": "object"},
    output_config={"type": "object"},
)
_SCHEMAS: dict[str, Schema] = {
    "Error": _object(["code", "error"], code=_WHOLE, error=_STRING, detail=_STRING),
    "Job": _object(
        ["id", "status", "created_at", "data_name", "duration"],
        id=_STRING,
        status={"enum": ["running", "done", "rejected", "deleted", "expired"]},
        created_at=_MOMENT,
        data_name=_STRING,
        duration={**_WHOLE, "description": "Seconds; 0 while unknown."},
        config=_ref("Config"),
        errors={"type": "array", "items": _object(["timestamp", "message"], timestamp=_MOMENT, message=_STRING)},
    ),
    "Config": _CONFIG,
    "Submitted": _object(["id", "created_at"], id=_STRING, created_at=_MOMENT, status=_STRING),
    "Transcript": _object(
        ["format", "job", "metadata", "results"],
        format=_STRING,
        job={"type": "object"},
        metadata={"type": "object"},
        results={"type": "array", "items": _RESULT},
    ),
    "Usage": _object(["since", "until", "summary", "details"], summary=_COUNTS, details=_COUNTS),
    "Ready": _object(["ready", "queued", "max_queued", "disk", "recognisers"], ready={"type": "boolean"}),
}


def openapi(version: str, url: str, guarded: bool) -> dict[str, Any]:
    """The document.

    Args:
        version: of the service.
        url: of the service, without a path.
        guarded: whether it asks for a key or a token.
    """
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method] = _described(path, operation, guarded and operation.guarded)
    paths["/v2/jobs"]["post"]["requestBody"] = _FORM
    bearer = {"type": "http", "scheme": "bearer", "description": "An API key or a token (JWT)."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Understudy: recordings as jobs", "version": version},
        "servers": [{"url": url}],
        "paths": paths,
        "components": {"schemas": _SCHEMAS, "securitySchemes": {"bearer": bearer}},
    }


_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": _object(["config", "data_file"], config=_ref("Config"), data_file={"type": "string"}),
            "encoding": {"config": {"contentType": "application/json"}},
        }
    },
}


def _described(path: str, operation: Operation, guarded: bool) -> dict[str, Any]:
    refused = (*operation.refused, *(("401", "403") if guarded else ()))
    error = {"description": "Refused.", "content": {"application/json": {"schema": _ref("Error")}}}
    content = {kind: {"schema": schema} for kind, schema in operation.content.items()}
    parameters = [{"in": "query", "name": name, "schema": schema} for name, schema in operation.query.items()]
    if "{id}" in path:
        parameters.insert(0, {"in": "path", "name": "id", "required": True, "schema": _STRING})
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": parameters,
        "responses": {operation.status: {"description": "Done.", "content": content}, **dict.fromkeys(refused, error)},
    }
    return {**described, "security": [{"bearer": []}]} if guarded else described
