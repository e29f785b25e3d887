"""What ``understudy replay`` plays: a store of captured sessions, one capture, or a test set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.replay import Reaction, reactions
from mirror.store.cases import as_case, event_log
from mirror.store.place import is_remote
from mirror.store.session import sessions
from testsets.case import Case
from understudy.cases import gather
from understudy.errors import UsageError


@dataclass(slots=True)
class Source:
    """Cases to play, and what is to be known of them."""

    cases: list[Case] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # sessions that could not be read, or not whole, a line each
    flagged: dict[str, tuple[Reaction, ...]] = field(default_factory=dict)  # clients that reacted to what they heard


def read_source(source: str, audio_out: Path, identities: Sequence[Any] = ()) -> Source:
    """Read everything that is to be played.

    Args:
        source: a folder or URL of a store, one ``.mcap`` file, a manifest, or the name of an embedded test set.
        audio_out: folder that takes the audio of captured sessions.
        identities: private keys, for sessions that are encrypted.

    Raises:
        StoreError, FormatError, AudioError: the source is not there or bad.
        UsageError: nothing in it can be played.
    """
    if not (is_remote(source) or Path(source).is_dir() or source.endswith(".mcap")):
        return Source(cases=list(gather([source], [], audio_out).cases))
    found = Source()
    for session in sessions(source, lambda error: found.problems.append(str(error)), identities):
        try:
            case, reacted = as_case(session, audio_out), reactions(event_log(session))
        except StoreError as error:
            found.problems.append(str(error))
            continue
        if session.problem is not None:
            found.problems.append(f"{session.path}: {session.problem}; what was captured is replayed")
        found.cases.append(case)
        if reacted:
            found.flagged[case.id] = reacted
    if not found.cases:
        reasons = f"; the first: {found.problems[0]}" if found.problems else ""
        raise UsageError(f"{source}: holds no session that can be replayed{reasons}")
    return found
