from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from testsets import audio
from testsets.case import AudioRef

# A busy machine makes single examples slow; that is no fault of what is tested.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


@pytest.fixture
def clip(tmp_path: Path) -> AudioRef:
    """Half a second of quiet noise, as clip.flac in the test's folder."""
    noise = np.random.default_rng(7).standard_normal(8_000) / 100
    return audio.write(tmp_path / "clip.flac", noise, 16_000)
