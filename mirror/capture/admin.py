"""The admin port: is the tee alive, does it take clients, and what has it counted (asyncio shell)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from mirror.capture.tee import Tee
from mirror.errors import CaptureError

_SECONDS = 5.0  # how long a caller may take to ask
_TEXT = "text/plain; charset=utf-8"


@contextlib.asynccontextmanager
async def open_admin(tee: Tee, metrics: Callable[[], bytes], host: str, port: int) -> AsyncIterator[int]:
    """Serve ``/live``, ``/ready`` and ``/metrics`` until the block ends; gives the port.

    Raises:
        CaptureError: the address cannot be listened on.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_response(_path(request), tee, metrics))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, host, port)
    except (OSError, OverflowError) as error:
        raise CaptureError(f"cannot listen on {host}:{port} ({error}); choose another --admin") from None
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def _path(request: bytes) -> str:
    parts = request.split(b" ", 2)
    return parts[1].partition(b"?")[0].decode("latin-1") if len(parts) == 3 and parts[0] == b"GET" else ""


def _response(path: str, tee: Tee, metrics: Callable[[], bytes]) -> bytes:
    match path:
        case "/live":
            return _http("200 OK", b"live\n")
        case "/ready" if tee.draining:
            return _http("503 Service Unavailable", b"draining\n")
        case "/ready":
            return _http("200 OK", b"ready\n")
        case "/metrics":
            return _http("200 OK", metrics(), "text/plain; version=0.0.4; charset=utf-8")
        case _:
            return _http("404 Not Found", b"there are /live, /ready and /metrics\n")


def _http(status: str, body: bytes, content: str = _TEXT) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
