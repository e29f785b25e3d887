"""The three arms of a gate: champion, champion again, candidate, each behind an address and ready to be asked."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.results import Arm
from mirror.replay import ReplayRecogniser, probe
from testsets.case import Case
from testsets.events import EventLog
from testsets.hypotheses import read_hypotheses
from understudy.errors import UsageError
from understudy.models import resolve_model
from understudy.recognisers import Address, Command, DecodedFile, parse, token_for
from understudy.services import Service, service


class Recogniser(Protocol):
    """What the runner asks."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    async def recognise(self, case: Case) -> EventLog: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A recogniser ready to be asked, and the service behind it when this run started one."""

    recogniser: Recogniser
    service: Service | None = None


@contextlib.contextmanager
def open_arms(champion: str, candidate: str, logs: Path, sessions: int) -> Iterator[dict[Arm, Opened]]:
    """Open all three arms; a service that had to be started is stopped when the block ends.

    Args:
        champion, candidate: addresses as the user typed them.
        logs: folder for the services' own output.
        sessions: live sessions at a time on each arm.

    Raises:
        UsageError: an address names nothing, or a service does not start.
    """
    wanted = {Arm.CHAMPION: champion, Arm.CHAMPION_AGAIN: champion, Arm.CANDIDATE: candidate}
    with contextlib.ExitStack() as stack:
        yield {arm: _open(stack, parse(name), name, arm, logs, sessions) for arm, name in wanted.items()}


def check_recogniser(recogniser: str) -> None:
    """See that an address names something, without starting it.

    Raises:
        UsageError: no known scheme, no such model, or no such file.
        ReplayError: nothing listens at a given URL.
    """
    address = parse(recogniser)
    if address.scheme == "model":
        resolve_model(address.target)
    elif address.scheme == "file" and not Path(address.target).is_file():
        raise UsageError(f"file:{address.target}: no such file of hypotheses")
    elif address.scheme == "live":
        asyncio.run(probe(address.target, token_for(address.target)))


def _open(stack: contextlib.ExitStack, address: Address, name: str, arm: Arm, logs: Path, sessions: int) -> Opened:
    if address.scheme == "file":
        path = Path(address.target)
        return Opened(DecodedFile(path, read_hypotheses(path)))
    if address.scheme == "cmd":
        return Opened(Command(address.target))
    if address.scheme == "live":
        digest = hashlib.sha256(address.target.encode()).hexdigest()
        token = token_for(address.target)
        return Opened(ReplayRecogniser(address.target, digest, sessions, name=name, token=token))
    arguments = ["serve", "--model", str(resolve_model(address.target)), "--port", "0"]
    arguments += ["--max-sessions", str(max(20, 2 * sessions))]  # measured, it may be less on a busy machine
    running = stack.enter_context(service(arguments, logs / f"{arm}.log"))
    digest = str(running.ready.get("recogniser", ""))
    bare = f"{running.url}?words=spoken"  # as they were recognised: writing may hide a difference, or make one
    return Opened(ReplayRecogniser(bare, digest, sessions, name=name), running)
