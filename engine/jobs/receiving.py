"""The form of a submission, as it arrives: the recording goes straight to its file, whatever its size."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import BodyPartReader, web

from engine.jobs.errors import Refusal

_PIECE = 1 << 18  # bytes
_MOST_CONFIG = 4 << 20  # bytes
_MOST_PARTS = 20


async def receive(request: web.Request, path: Path, most_bytes: int, stall_timeout: float) -> tuple[bytes, str]:
    """Read a form of ``config`` and ``data_file``, in either order.

    Args:
        path: where the recording goes.
        most_bytes: of the recording.
        stall_timeout: seconds without a byte.

    Returns:
        The configuration and the recording's file name.

    Raises:
        Refusal: 400 when something is missing or broken, 408 when the client stopped sending, 413 when it is too much.
    """
    if request.content_type != "multipart/form-data":
        raise _malformed(f"it is {request.content_type[:40]!r}")
    config: bytes | None = None
    name: str | None = None
    try:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            async with asyncio.timeout(stall_timeout):
                part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise _malformed("a form within the form")
            if part.name == "config" and config is None:
                config = await _read(part, stall_timeout)
            elif part.name == "data_file" and name is None:
                await _save(part, path, most_bytes, stall_timeout)
                name = part.filename or "data_file"
            else:
                raise _malformed(f"a part {str(part.name)[:40]!r}, where one config and one data_file belong")
    except TimeoutError:
        raise Refusal(408, "Malformed request", f"nothing came for {stall_timeout:g} s") from None
    except (ValueError, AssertionError, web.HTTPBadRequest) as error:  # the last two are aiohttp's own of a broken form
        raise _malformed(str(error)[:200] or "it is no form") from None
    if config is None:
        raise _malformed("no part 'config'")
    if name is None:
        raise Refusal(400, "Missing data_file", "send the recording as data_file")
    return config, name


async def _read(part: BodyPartReader, stall_timeout: float) -> bytes:
    read = bytearray()
    while piece := await _piece(part, stall_timeout):
        read += piece
        if len(read) > _MOST_CONFIG:
            raise Refusal(413, "Job rejected", f"config is larger than {_MOST_CONFIG:,} bytes")
    return bytes(read)


async def _save(part: BodyPartReader, path: Path, most_bytes: int, stall_timeout: float) -> None:
    saved = 0
    with path.open("wb") as file:
        while piece := await _piece(part, stall_timeout):
            saved += len(piece)
            if saved > most_bytes:
                raise Refusal(413, "Job rejected", f"the recording is larger than {most_bytes:,} bytes")
            file.write(piece)


async def _piece(part: BodyPartReader, stall_timeout: float) -> bytes:
    async with asyncio.timeout(stall_timeout):
        return bytes(await part.read_chunk(_PIECE))


def _malformed(what: str) -> Refusal:
    return Refusal(400, "Malformed request", f"the request must be a form (multipart/form-data): {what}")
