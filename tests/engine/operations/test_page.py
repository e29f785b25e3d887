"""The page in a real browser whose microphone hears a file: what its user sees, and that nothing else happens."""

import asyncio
import contextlib
import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile
from websockets.asyncio.client import ClientConnection, connect

from engine.operations.key_file import write_keys
from engine.operations.keys import KeyRing, make_key
from engine.server import Service
from engine.service_config import ServiceConfig

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--remote-debugging-port=0",
)  # fmt: skip
NET = 120  # seconds after which something is wrong, on however busy a machine
TEXT = "three four five"
ROOT = Path(__file__).parents[3]
MODEL = ROOT / "engine" / "models" / "reference-3"
SPEECH = ROOT / "testsets" / "data" / "rehearsal" / "flite-rms-1.flac"  # the kettle is still warm if you want tea

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")


@dataclass(frozen=True)
class Tab:
    """A tab of the browser, driven by its debugging protocol."""

    socket: ClientConnection
    said: list[Any]  # what the console and the network had to say
    numbers: Iterator[int]

    async def call(self, method: str, **parameters: Any) -> Any:
        number = next(self.numbers)
        await self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(NET):
            while True:
                message = json.loads(await self.socket.recv())
                if message.get("id") == number:
                    return message["result"]
                if message.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                    self.said.append(message["params"])

    async def run(self, script: str) -> Any:
        result = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait for the page to be so, by its own changes."""
        await self.run(
            "new Promise((done) => {"
            f"  const look = () => ({condition}) && (observer.disconnect(), done(true));"
            "  const observer = new MutationObserver(look);"
            "  observer.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});"
            "  look();"
            "})"
        )

    async def text(self, id: str) -> str:
        return str(await self.run(f"document.getElementById('{id}').textContent")).strip()

    async def choose(self, id: str, value: str) -> None:
        await self.run(
            f"(() => {{ const e = document.getElementById('{id}'); e.value = '{value}';"
            " e.dispatchEvent(new Event('change')); })()"
        )

    async def click(self, id: str) -> None:
        await self.run(f"document.getElementById('{id}').click()")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, speak: Any) -> Path:
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    soundfile.write(path, speak(f"{TEXT} ..."), 16_000, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def browser(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running browser's debugging port; its microphone hears the recording over and over."""
    with browsing(recording, tmp_path_factory.mktemp("profile")) as port:
        yield port


@contextlib.contextmanager
def browsing(microphone: Path, profile: Path) -> Iterator[int]:
    assert CHROMIUM is not None
    command = [CHROMIUM, *QUIET, f"--use-file-for-fake-audio-capture={microphone}", f"--user-data-dir={profile}"]
    process = subprocess.Popen([*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = profile / "DevToolsActivePort"
    try:
        deadline = time.monotonic() + NET
        while not (told.exists() and "\n" in told.read_text()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield int(told.read_text().splitlines()[0])
    finally:
        process.terminate()
        process.wait()


@contextlib.asynccontextmanager
async def tab(browser: int, service: Service) -> AsyncIterator[Tab]:
    """A new tab with the service's page."""
    async with httpx.AsyncClient(timeout=NET) as client:
        made = (await client.put(f"http://127.0.0.1:{browser}/json/new?about:blank")).json()
    async with connect(made["webSocketDebuggerUrl"], max_size=None, ping_interval=None) as socket:
        opened = Tab(socket, [], itertools.count(1))
        for domain in ("Runtime", "Log", "Page", "DOM"):
            await opened.call(f"{domain}.enable")
        await opened.call("Page.navigate", url=f"http://127.0.0.1:{service.port}/")
        await opened.until("document.getElementById('service')?.textContent.startsWith('recogniser')")
        yield opened
        await opened.call("Page.close")


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


async def give_file(page: Tab, path: Path) -> None:
    await page.choose("source", "file")
    found = await page.call("Runtime.evaluate", expression="document.getElementById('file')")
    await page.call("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])


@pytest.mark.slow
async def test_the_microphone_is_heard(browser: int, loudness: Any) -> None:
    async with (
        Service(loudness, ServiceConfig(port=0, drain_timeout=0.2), "0.1.0") as service,
        tab(browser, service) as page,
    ):
        assert await page.text("service") == "recogniser loudness, 0 of 20 sessions in use"
        await page.click("start")
        await page.until("document.getElementById('partial').textContent")
        assert await page.run("document.getElementById('start').disabled")
        await page.click("stop")
        await page.until("document.getElementById('status').textContent === 'done'")
        # Where a frame begins in the loop is chance, and what this recogniser makes of half a word too.
        assert await page.run("document.querySelectorAll('#finals [data-confidence]').length") > 0
        assert await page.text("error") == ""
        assert not await page.run("document.getElementById('start').disabled")
        assert page.said == []


@pytest.mark.slow
async def test_the_reference_recogniser_hears_the_microphone(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: engine)")
    from engine.batched import BatchedRecogniser
    from engine.recogniser import Recogniser

    engine = BatchedRecogniser(Recogniser.load(MODEL))
    engine.warm()
    pcm, rate = soundfile.read(SPEECH, dtype="int16")
    soundfile.write(tmp_path / "speech.wav", pcm, rate)
    config = ServiceConfig(port=0, drain_timeout=0.2)
    with browsing(tmp_path / "speech.wav", tmp_path / "profile") as port:
        async with Service(engine, config, "0.1.0") as service, tab(port, service) as page:
            await page.click("start")
            await page.until("document.querySelectorAll('#finals [data-confidence]').length > 8")
            await page.click("stop")
            await page.until("document.getElementById('status').textContent === 'done'")
            assert {"kettle", "warm", "want", "tea"} & set(words(await page.text("finals")))
            assert page.said == []


async def test_a_file_is_heard_to_its_last_word(browser: int, loudness: Any, recording: Path) -> None:
    async with (
        Service(loudness, ServiceConfig(port=0, drain_timeout=0.2), "0.1.0") as service,
        tab(browser, service) as page,
    ):
        await give_file(page, recording)
        await page.choose("model", "enhanced")
        await page.choose("delay", "4")
        await page.click("start")
        await page.until("document.getElementById('status').textContent === 'done'")
        assert words(await page.text("finals")) == TEXT.split()
        first = await page.run("document.querySelector('#finals span').title")
        assert first == "confidence 0.875, 0 to 0.24 s"
        assert await page.text("partial") == ""
        assert page.said == []


async def test_what_goes_wrong_is_shown(browser: int, loudness: Any, recording: Path, tmp_path: Path) -> None:
    secret, key = make_key("somebody", "")
    write_keys(tmp_path / "keys.json", KeyRing((key,)))
    config = ServiceConfig(port=0, max_sessions=1, drain_timeout=0.2, keys_file=tmp_path / "keys.json")
    async with Service(loudness, config, "0.1.0") as service, tab(browser, service) as page:
        assert not await page.run("document.getElementById('key-choice').hidden")
        await page.choose("source", "file")
        await page.click("start")
        await page.until("document.getElementById('error').textContent === 'choose a file first'")
        await give_file(page, recording)
        await page.choose("key", "us_wrong")
        await page.click("start")
        await page.until("document.getElementById('error').textContent === 'this API key is unknown here'")
        await page.choose("key", secret)
        headers = {"Authorization": f"Bearer {secret}"}
        async with connect(service.url, additional_headers=headers) as other:
            start = {"message": "StartRecognition", "audio_format": {"type": "file"}}
            await other.send(json.dumps(start | {"transcription_config": {"language": "en"}}))
            await other.recv()
            await page.click("start")
            await page.until("document.getElementById('error').textContent.startsWith('quota_exceeded: all 1')")
            await page.until("document.getElementById('status').textContent === 'stopped'")
        await page.until("!document.getElementById('start').disabled")
        await page.click("start")
        await page.until("document.getElementById('status').textContent === 'done'")
        assert words(await page.text("finals")) == TEXT.split()
