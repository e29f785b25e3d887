"""What ``understudy replay`` plays: a store of captured sessions, one capture, or a test set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from understudy.captured import Source, is_store, read_played
from understudy.cases import gather


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
    if is_store(source):
        return read_played(source, audio_out, identities)
    return Source(cases=list(gather([source], [], audio_out).cases))
