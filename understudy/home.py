"""Where Understudy keeps what outlives a command: the registry, its history and cached event logs."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """``$UNDERSTUDY_HOME``, else ``.understudy`` in the working directory; made by what first writes there."""
    return Path(os.environ.get("UNDERSTUDY_HOME", ".understudy")).resolve()


def speech_folder() -> Path | None:
    """The folder of recorded speech (``$UNDERSTUDY_SPEECH``, else ``../shared/speech``), or None when there is none."""
    folder = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech")).resolve()
    return folder if folder.is_dir() else None
