import os
import time

import pytest

from engine.operations.process_use import process_use


def test_this_process_has_used_something() -> None:
    before = process_use(os.getpid())
    if before is None:
        pytest.skip("there is no proc file system")
    assert before.resident_bytes > 1 << 20
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    after = process_use(os.getpid())
    assert after is not None
    assert after.cpu_seconds > before.cpu_seconds


def test_a_process_that_is_gone_used_nothing() -> None:
    assert process_use(1 << 30) is None
