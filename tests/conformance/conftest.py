"""The real outputs of the speech data pack, unpacked once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # benchmarks is no installed package

from benchmarks.corpora import Earnings, LibriSpeech, unpacked  # noqa: E402

SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))


def archive(name: str) -> Path:
    """The archive of a corpus of the pack."""
    path = SPEECH / name / f"{name}.tar.xz"
    if not path.is_file():
        pytest.skip("no recorded speech here: set UNDERSTUDY_SPEECH")
    return path


@pytest.fixture(scope="session")
def earnings() -> Iterator[Earnings]:
    """Earnings-21 with its seven systems."""
    with unpacked(archive("earnings21")) as folder:
        yield Earnings(folder)


@pytest.fixture(scope="session")
def librispeech() -> Iterator[LibriSpeech]:
    """LibriSpeech with its four systems."""
    with unpacked(archive("librispeech_asr_outputs")) as folder:
        yield LibriSpeech(folder)
