from pathlib import Path

import numpy as np
import pytest

from testsets import audio
from testsets.case import AudioRef


@pytest.fixture
def clip(tmp_path: Path) -> AudioRef:
    """Half a second of quiet noise, as clip.flac in the test's folder."""
    noise = np.random.default_rng(7).standard_normal(8_000) / 100
    return audio.write(tmp_path / "clip.flac", noise, 16_000)
