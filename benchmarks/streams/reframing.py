"""The plain way to build a proxy, as a peer: ``websockets`` on both sides, message by message."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def main(port: int) -> None:
    """Forward to a port until killed; the own port is the first line of stdout."""

    async def join(client: ServerConnection) -> None:
        async with connect(f"ws://127.0.0.1:{port}/v2", compression=None, max_size=None) as upstream:

            async def back() -> None:
                async for message in upstream:
                    await client.send(message)

            task = asyncio.ensure_future(back())
            try:
                async for message in client:
                    await upstream.send(message)
            except ConnectionClosed:
                return
            finally:
                task.cancel()

    async with serve(join, "127.0.0.1", 0, compression=None, max_size=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
