"""Small recognisers on real sockets, each written from the published description of its wire."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

Handler = Callable[[ServerConnection], Awaitable[None]]


@contextlib.asynccontextmanager
async def listen(handler: Handler) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.3) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def listening() -> Callable[[Handler], contextlib.AbstractAsyncContextManager[str]]:
    """Serves a WebSocket handler; gives its URL."""
    return listen
