"""From what a user types for a recogniser (R) to something the runner can ask.

R is ``models:/reference@champion`` (a registered model, served for the run), ``ws://host:port/v2`` or another address
whose scheme names its wire (a live service), ``file:hyps.jsonl`` (already decoded) or ``cmd:program --its options
{audio}`` (a program that prints words).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mirror.codecs.wires import schemes, wire_of
from mirror.errors import ReplayError
from testsets.case import Case
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Transcript
from understudy.errors import UsageError

SCHEMES = (
    "models:/NAME@ALIAS, NAME/VERSION, file:HYPS.jsonl, cmd:PROGRAM {audio}, "
    f"or a live service: {', '.join(f'{scheme}HOST/PATH' for scheme in schemes())}"
)
TOKEN = "UNDERSTUDY_TOKEN"  # environment variable with a live service's key; TOKEN_WIRE (..._DEEPGRAM) wins


@dataclass(frozen=True, slots=True)
class Address:
    """A recogniser as the user named it, taken apart."""

    scheme: str  # model, live, file, cmd
    target: str


def parse(recogniser: str) -> Address:
    """Take R apart.

    Raises:
        UsageError: no known scheme.
    """
    for scheme in ("file", "cmd"):
        if recogniser.startswith(f"{scheme}:"):
            return Address(scheme, recogniser.removeprefix(f"{scheme}:"))
    if "://" not in recogniser:
        return Address("model", recogniser)
    try:
        wire_of(recogniser)
    except ReplayError:
        raise UsageError(f"recogniser {recogniser!r}: unknown scheme; use {SCHEMES}") from None
    return Address("live", recogniser)


def token_for(address: str) -> str | None:
    """The key for a live service from the environment: that of its wire, else the common one."""
    return os.environ.get(f"{TOKEN}_{wire_of(address).name.upper()}") or os.environ.get(TOKEN)


class DecodedFile:
    """Answers from a file of hypotheses; it has words but no times of arrival."""

    def __init__(self, path: Path, hypotheses: Mapping[str, Transcript]) -> None:
        self.name = f"file:{path}"
        self.digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._hypotheses = hypotheses

    async def recognise(self, case: Case) -> EventLog:
        found = self._hypotheses.get(case.id)
        if found is None:
            why = f"{self.name} holds no hypothesis for {case.id!r}"
            return EventLog(case.id, self.digest, case.audio.rate, (), why)
        return self._answer(case.id, found)

    def left_over(self, asked: Iterable[str]) -> list[EventLog]:
        """Answers to cases that nobody asked: the gate makes a finding of them."""
        known = set(asked)
        return [self._answer(key, found) for key, found in self._hypotheses.items() if key not in known]

    def _answer(self, case_id: str, found: Transcript) -> EventLog:
        events = (Event(Kind.STARTED, 0), Event(Kind.FINAL, 0, words=found.words), Event(Kind.ENDED, 0))
        return EventLog(case_id, self.digest, found.rate, events)


class Command:
    """Answers from a program run once a case; ``{audio}`` in its arguments becomes the audio's path."""

    def __init__(self, command: str, seconds: float = 600.0) -> None:
        self.name = f"cmd:{command}"
        self.digest = hashlib.sha256(self.name.encode()).hexdigest()
        self._arguments, self._seconds = shlex.split(command), seconds
        if not self._arguments:
            raise UsageError("cmd: names no program; give one, for example cmd:./recognise {audio}")

    async def recognise(self, case: Case) -> EventLog:
        arguments = [case.audio.path if a == "{audio}" else a for a in self._arguments]
        if "{audio}" not in self._arguments:
            arguments.append(case.audio.path)
        begin = time.monotonic_ns()
        try:
            text = await self._run(arguments)
        except (OSError, TimeoutError, RuntimeError) as error:
            return EventLog(case.id, self.digest, case.audio.rate, (), f"{self.name}: {error or 'took too long'}")
        end = time.monotonic_ns()
        words = Transcript.from_text(text, case.audio.rate).words
        events = (Event(Kind.STARTED, begin), Event(Kind.FINAL, end, words=words), Event(Kind.ENDED, end))
        return EventLog(case.id, self.digest, case.audio.rate, events)

    async def _run(self, arguments: list[str]) -> str:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*arguments, stdout=pipe, stderr=pipe)
        try:
            out, err = await asyncio.wait_for(process.communicate(), self._seconds)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            last = err.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise RuntimeError(f"exit code {process.returncode}: {last[0]}")
        return out.decode(errors="replace")
