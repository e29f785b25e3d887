"""The streaming client of the real ``vosk`` package: PCM on standard input, its results as JSON on standard output.

A process of its own, for the package's library hangs when another speech library was loaded before it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from types import SimpleNamespace

from vosk.transcriber.transcriber import Transcriber


async def main(url: str) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(sys.stdin.buffer.read())
    stream.feed_eof()
    client = object.__new__(Transcriber)  # its __init__ loads a model that only local decoding needs
    client.args = SimpleNamespace(server=url)
    results, _ = await client.recognize_stream_server(SimpleNamespace(stdout=stream))
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
