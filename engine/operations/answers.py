"""Answers to plain HTTP, for a WebSocket server that also serves a few GETs."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Mapping
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Response

_ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def text(status: HTTPStatus, body: str, **more: str) -> Response:
    """Plain text; header names are written with underscores for dashes."""
    return answer(status, body.encode(), "text/plain; charset=utf-8", _dashed(more))


def json_object(status: HTTPStatus, body: Mapping[str, object], **more: str) -> Response:
    """A JSON object; header names are written with underscores for dashes."""
    return answer(status, (json.dumps(body) + "\n").encode(), "application/json", _dashed(more))


def answer(status: HTTPStatus, body: bytes, content_type: str, more: Mapping[str, str]) -> Response:
    """A whole answer, after which the connection closes."""
    headers = {
        "Date": email.utils.formatdate(usegmt=True),
        "Connection": "close",
        "Content-Length": str(len(body)),
        "Content-Type": content_type,
        **_ALWAYS,
        **more,
    }
    return Response(status.value, status.phrase, Headers(headers), body)


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
