"""Failures as the objects that the API promises."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Awaitable, Callable

from aiohttp import web

from engine.jobs.desk import no_room
from engine.jobs.errors import Refusal

LOG = logging.getLogger(__name__)


@web.middleware
async def in_the_apis_words(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every failure as the object that the API promises."""
    try:
        return await handler(request)
    except Refusal as refusal:
        found = refusal
    except web.HTTPException as error:
        found = Refusal(error.status, error.reason, f"{request.method} {request.path[:100]}: see /v2/jobs")
    except ConnectionError:  # the client is gone, so nobody will hear this
        found = Refusal(400, "Malformed request", "the connection broke")
    except (OSError, sqlite3.Error) as error:
        if not _is_full(error):
            LOG.exception("a request failed")
        found = no_room() if _is_full(error) else Refusal(500, "Internal Server Error", "see the service's log")
    except Exception:
        LOG.exception("a request failed")
        found = Refusal(500, "Internal Server Error", "see the service's log")
    # What is left of an upload is not read, so the connection cannot be used again.
    headers = {"Connection": "close"} if request.can_read_body else {}
    if found.code in (429, 507):
        headers["Retry-After"] = "60"
    return web.json_response(found.body, status=found.code, headers=headers)


def _is_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, sqlite3.OperationalError) and "full" in str(error)
