"""Who is told how a training goes: each entry is one line of the log, and every watcher gets the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

Entry = Mapping[str, float | str | None]


class Watcher(Protocol):
    """Anything that follows a training: a log file, a tracking server, a bar."""

    def step(self, number: int) -> None:
        """Take note that so many steps are made."""

    def tell(self, entry: Entry) -> None:
        """Take one entry: step, audio_s, ... and what was measured."""

    def end(self) -> None:
        """Take note that the training pauses or is over."""


class LogFile:
    """``log.jsonl`` of a training, which holds no entry twice, however often that was killed and went on.

    Entries beyond the step that it goes on from are dropped, for they will come again.
    """

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        kept = [entry for entry in read_log(path) if float(entry.get("step") or 0) <= step] if path.exists() else []
        partial = path.with_suffix(".part")
        partial.write_text("".join(json.dumps(entry) + "\n" for entry in kept), encoding="utf-8")
        partial.rename(path)
        self._known = {_key(entry) for entry in kept}

    def step(self, number: int) -> None:
        """Nothing: steps are not written one by one."""

    def tell(self, entry: Entry) -> None:
        """Write a line, unless the same was measured at this step before."""
        if _key(entry) in self._known:
            return
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")

    def end(self) -> None:
        """Nothing: every line is written when it comes."""


def _key(entry: Entry) -> tuple[object, ...]:
    return (entry.get("step"), entry.get("dev"), entry.get("chunk"), "loss" in entry)


def read_log(path: Path) -> list[Entry]:
    """Read a log; a last line that was cut off by a kill is passed over."""
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return entries


class Watchers:
    """Several watchers as one."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers

    def step(self, number: int) -> None:
        """Tell all."""
        for watcher in self._watchers:
            watcher.step(number)

    def tell(self, entry: Entry) -> None:
        """Tell all."""
        for watcher in self._watchers:
            watcher.tell(entry)

    def end(self) -> None:
        """Tell all."""
        for watcher in self._watchers:
            watcher.end()
