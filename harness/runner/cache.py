"""Answers of earlier runs on disk, so that a second gate asks only what changed.

Timing measured in an earlier run stands for the machine of that time: quality gates may reuse it, latency gates must
not, so the caller decides. The arm is part of the key: the champion's second answer is never a copy of its first.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from testsets.case import Case
from testsets.case_json import case_to_json
from testsets.errors import FormatError
from testsets.eventlog_io import read_event_logs, write_event_logs
from testsets.events import EventLog

KEY_VERSION = 1


class EventLogCache:
    """A folder of event logs, one file an answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: str, case: Case, arm: str) -> EventLog | None:
        """The kept answer, or None; a damaged file counts as none."""
        path = self._path(digest, case, arm)
        if not path.is_file():
            return None
        try:
            (log,) = read_event_logs(path)[arm]
        except (FormatError, KeyError, ValueError):
            return None
        return log

    def put(self, digest: str, case: Case, arm: str, log: EventLog) -> None:
        """Keep an answer; the file appears whole or not at all."""
        path = self._path(digest, case, arm)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        write_event_logs(partial, {arm: [log]})
        partial.replace(path)

    def _path(self, digest: str, case: Case, arm: str) -> Path:
        content = case_to_json(case, case.audio.sha256 or case.audio.path)
        identity = {"version": KEY_VERSION, "recogniser": digest, "arm": arm, "case": content}
        key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        return self._folder / key[:2] / f"{key}.parquet"
