"""Strangers at a real service: every message in every state, broken frames, wrong audio, deaf clients, wrong clocks.

Whatever a stranger does, it is told why and closed with the right code, its places are free again, and another session
on the same engine thread hears exactly its own words.
"""

import asyncio
import contextlib
import json
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from engine.protocol import ErrorType, close_code
from engine.server import Service
from engine.service_config import ServiceConfig

PLACES = 4
MOST_BYTES = 1 << 20  # of a frame
RATES = st.sampled_from([8_000, 16_000, 44_100, 48_000, 0, -1, 7_999, 10**9, 16_000.5, "16000", None])
ENCODINGS = st.sampled_from(["pcm_s16le", "pcm_f32le", "mulaw", "opus", 7])
FORMATS = st.one_of(
    st.fixed_dictionaries({"type": st.just("raw"), "encoding": ENCODINGS, "sample_rate": RATES}),
    st.just({"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}),
    st.sampled_from([{"type": "file"}, {"type": "tape"}, {}, None, [], "raw"]),
)
MANY = "as many words as nobody has"  # stands for them until it is sent, so that failures can be read
MANY_WORDS = json.dumps([f"word {number}" for number in range(10_000)])
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "max_delay": st.sampled_from([0.7, 2, "steady", 0, 99, True]),
    "max_delay_mode": st.sampled_from(["fixed", "flexible", "loose"]),
    "enable_partials": st.sampled_from([True, False, "yes"]),
    "model": st.sampled_from(["standard", "enhanced", "huge"]),
    "diarization": st.sampled_from(["none", "channel", "speaker", "all"]),
    "channel_diarization_labels": st.sampled_from([["agent", "caller"], ["agent"] * 2, [""], "agent", [*"abcdefghi"]]),
    "audio_filtering_config": st.sampled_from([{}, {"volume_threshold": 3.4}, {"volume_threshold": "low"}]),
    "conversation_config": st.sampled_from([{"end_of_utterance_silence_trigger": 0.5}, {}, 3]),
    "additional_vocab": st.sampled_from(
        [["Zyzzyva"], MANY, [{"content": "a", "sounds_like": "b"}], ["\u0007"], {}]
    ),
    "\ud83d\ude00": st.just(1),
}  # fmt: skip
LANGUAGES = st.sampled_from(["en", "en", "en", "en", "xx", 5])
CONFIGS = st.fixed_dictionaries({"language": LANGUAGES}, optional=SETTINGS)
BASE64 = st.sampled_from(["AAAA", "?", ""])
CHANNELS = st.sampled_from(["agent", "caller", "channel_1", "nobody", 4])
MESSAGES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {"message": st.just("StartRecognition"), "audio_format": FORMATS, "transcription_config": CONFIGS}
    ),
    st.fixed_dictionaries({"message": st.just("AddChannelAudio"), "channel": CHANNELS, "data": BASE64}),
    st.fixed_dictionaries({"message": st.just("EndOfChannel"), "channel": CHANNELS, "last_seq_no": st.integers(-1, 3)}),
    st.fixed_dictionaries(
        {"message": st.just("ForceEndOfUtterance")}, optional={"timestamp": st.sampled_from([0, 0.5, -1, 1e9, "now"])}
    ),
    st.fixed_dictionaries({"message": st.just("SetRecognitionConfig"), "transcription_config": CONFIGS}),
    st.fixed_dictionaries({"message": st.just("GetSpeakers")}, optional={"final": st.sampled_from([True, False, 3])}),
    st.fixed_dictionaries({"message": st.sampled_from(["EndOfStream", "AddAudio", "Hello", "", 3, None])}),
)  # fmt: skip
BROKEN = st.sampled_from(["", "{", "[]", '"text"', "[" * 5_000, '{"message": NaN}', "\x00", '{"message": "\\ud800"}'])
START = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16_000},
    "transcription_config": {"language": "en", "max_delay": 1, "enable_partials": True},
}
END = {"message": "EndOfStream", "last_seq_no": 0}
HEARD = ("one", "four", "six", "nine")


class Running:
    """A service on a thread of its own."""

    def __init__(self, engine: Any) -> None:
        self._engine, self._ready, self._over = engine, threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.clock_is_wrong_by = 0  # ns

    def __enter__(self) -> "Running":
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self) -> None:
        config = ServiceConfig(
            port=0, max_sessions=PLACES, queue_bytes=100_000, max_frame_bytes=MOST_BYTES, drain_timeout=0
        )
        async with Service(self._engine, config, "0.1.0") as service:
            self._loop, self.url, self._places = asyncio.get_running_loop(), service.url, service._recognition
            self._places._scheduler.clock = lambda: time.monotonic_ns() + self.clock_is_wrong_by
            self._ready.set()
            await self._over.wait()

    def places_taken(self, at_most: int) -> bool:
        """Whether no more are taken, soon."""
        until = time.monotonic() + 60
        while self._places.sessions > at_most:
            if time.monotonic() > until:
                return False
            time.sleep(0.002)
        return True


def dial(url: str, queue: int | None = None) -> ClientConnection:
    """A connection that stays open until it is closed."""
    return connect(url, compression=None, max_size=None, max_queue=queue, legacy=True)


def listen(client: ClientConnection) -> list[dict[str, Any]]:
    """Everything until the service closes."""
    messages = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            messages.append(json.loads(client.recv(timeout=60)))
    return messages


UNREADABLE = {ErrorType.INVALID_MESSAGE: 1007, ErrorType.DATA_ERROR: 1009}  # before a session sees the frame


class Stranger(RuleBasedStateMachine):
    """One client after another that does what it likes, beside one that wants its words."""

    running: Running
    speak: Any

    def __init__(self) -> None:
        super().__init__()
        self.neighbour = self.connected()
        self.neighbour.send(json.dumps(START))
        self.client: ClientConnection | None = None
        self.breaches: set[int | None] = set()  # the close codes that broken frames earned
        self.words = 0

    def connected(self) -> ClientConnection:
        return dial(self.running.url + "?words=spoken")

    def send(self, frame: str | bytes, **more: Any) -> None:
        if isinstance(frame, str):
            frame = frame.replace(json.dumps(MANY), MANY_WORDS)
        if self.client is None:
            self.client = self.connected()
        try:
            self.client.send(frame, **more)
        except ConnectionClosed:
            self.judge(self.client)

    @rule(message=MESSAGES)
    def it_says_something(self, message: dict[str, Any]) -> None:
        self.send(json.dumps(message))

    @rule(config=CONFIGS, seconds=st.sampled_from([0.0, 0.05, 0.5]))
    def it_starts_well_and_talks(self, config: dict[str, Any], seconds: float) -> None:
        sound = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}
        self.send(json.dumps({"message": "StartRecognition", "audio_format": sound, "transcription_config": config}))
        self.send(bytes(round(seconds * 16_000) * 2))

    @rule(text=BROKEN | st.text(max_size=8))
    def it_sends_some_text(self, text: str) -> None:
        self.send(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))

    @rule(
        audio=st.binary(max_size=40)
        | st.sampled_from([struct.pack("<4f", float("nan"), float("inf"), -1e38, 0), b"RIFF"])
    )
    def it_sends_bytes(self, audio: bytes) -> None:
        self.send(audio * 500)

    @rule()
    def it_sends_a_broken_frame_of_text(self) -> None:
        self.breaches.add(1007)
        self.send(b"\xff\xfe\xfa", text=True)

    @rule(text=st.booleans())
    def it_sends_too_much_at_once(self, text: bool) -> None:
        self.breaches.add(1009)
        self.send(bytes(MOST_BYTES + 1), text=text)

    @rule(text=st.booleans())
    def it_sends_as_much_as_it_may(self, text: bool) -> None:
        self.send(bytes(MOST_BYTES), text=text)

    # When a client learns that it was closed is a matter of time, so what may happen next must not depend on it.
    @rule()
    def it_ends_and_listens(self) -> None:
        client = self.client = self.client or self.connected()
        for _ in range(2):  # twice is an error, and so it ends in any case
            if self.client is not None:
                self.send(json.dumps(START))
        if self.client is not None:
            self.judge(client)

    @rule()
    def it_vanishes(self) -> None:
        client = self.client or self.connected()
        client.socket.close()
        self.client, self.breaches = None, set()
        assert self.running.places_taken(at_most=1)

    @rule(seconds=st.sampled_from([-86_400, -1, 1, 86_400]))
    def the_clock_jumps(self, seconds: int) -> None:
        self.running.clock_is_wrong_by += seconds * 10**9

    @rule()
    def the_neighbour_speaks(self) -> None:
        word = HEARD[self.words % len(HEARD)]
        self.words += 1
        self.neighbour.send(self.speak(word).astype("<f4").tobytes())

    def judge(self, client: ClientConnection) -> None:
        """It was told why it was closed, and its places are free."""
        messages = listen(client)
        kinds = [message["message"] for message in messages]
        code = client.close_code
        if kinds and kinds[-1] == "Error":
            assert kinds.count("Error") == 1
            assert messages[-1]["reason"]
            assert code in {messages[-1]["code"], *self.breaches}
            kind = ErrorType(messages[-1]["type"])
            assert messages[-1]["code"] == (UNREADABLE[kind] if code in self.breaches else close_code(kind))
        elif kinds and kinds[-1] == "EndOfTranscript":
            assert code in {1000, *self.breaches}
        else:
            raise AssertionError(f"closed with {code} and no word of it: {kinds}")
        if "RecognitionStarted" in kinds:
            assert kinds[0] == "RecognitionStarted"
        counted = [message["seq_no"] for message in messages if message["message"] == "AudioAdded"]
        assert counted == list(range(1, len(counted) + 1))
        client.close()
        self.client, self.breaches = None, set()
        assert self.running.places_taken(at_most=1)

    def teardown(self) -> None:
        with self.neighbour, self.client or contextlib.nullcontext():
            if self.client is not None:
                self.it_ends_and_listens()
            self.neighbour.send(json.dumps(END))
            messages = listen(self.neighbour)
        assert messages[-1]["message"] == "EndOfTranscript"
        said = "".join(one["metadata"]["transcript"] for one in messages if one["message"] == "AddTranscript")
        assert said.split() == [HEARD[number % len(HEARD)] for number in range(self.words)]
        assert self.running.places_taken(at_most=0)


@pytest.fixture
def running(loudness: Any) -> Iterator[Running]:
    with Running(loudness) as service:
        yield service


def test_a_stranger_harms_nobody(running: Running, speak: Any) -> None:
    given = {"running": running, "speak": staticmethod(speak)}
    machine = type("Given", (Stranger,), given)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_client_that_never_reads_is_given_up_and_frees_its_place(running: Running, speak: Any) -> None:
    """It asks for answers without end; what it leaves unread is bounded, and so is what the service keeps for it."""
    deaf = dial(running.url, queue=1)
    deaf.send(json.dumps(START))
    question = json.dumps({"message": "GetSpeakers"})
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        deaf.socket.settimeout(20)
        for _ in range(100_000):
            deaf.send(question)
    assert running.places_taken(at_most=0)
    with connect(running.url) as client:
        client.send(json.dumps(START))
        client.send(speak("one").astype("<f4").tobytes())
        client.send(json.dumps(END))
        assert listen(client)[-1]["message"] == "EndOfTranscript"
    deaf.socket.close()


def test_a_wrong_sample_rate_gives_other_words_and_no_harm(running: Running, speak: Any) -> None:
    """Nobody can tell it from the samples: the words are of half the length, or of twice."""
    for rate in (8_000, 32_000, 48_000):
        with connect(running.url) as client:
            sound = {"type": "raw", "encoding": "pcm_f32le", "sample_rate": rate}
            client.send(json.dumps(START | {"audio_format": sound}))
            client.send(np.asarray(speak("one two three")).astype("<f4").tobytes())
            client.send(json.dumps(END))
            messages = listen(client)
        assert messages[-1]["message"] == "EndOfTranscript"
        ends = [word["end_time"] for one in messages if one["message"] == "AddTranscript" for word in one["results"]]
        assert max(ends) <= 1.44 * 16_000 / rate + 0.05
