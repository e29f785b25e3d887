"""What a machine lacks is told in one line before anything is loaded."""

from dataclasses import replace

import pytest

from engine.gpu.device import DeviceError, Facts, check, look

GOOD = Facts(torch=True, built_for="13.0", driver=(13, 0), devices=1, capability=(9, 0))


def test_a_machine_that_has_all_passes() -> None:
    check(GOOD)


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (Facts(torch=False), "understudy\\[gpu\\]"),
        (replace(GOOD, built_for=""), "for CPUs"),
        (replace(GOOD, driver=(0, 0), devices=0), "none answers"),
        (replace(GOOD, driver=(11, 4)), "CUDA 11.4, at least 12.0"),
        (replace(GOOD, devices=0), "13.0 finds no device under a driver for 13.0"),
        (replace(GOOD, capability=(6, 1)), "capability 6.1, at least 7.0"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(facts: Facts, what: str) -> None:
    with pytest.raises(DeviceError, match=what) as told:
        check(facts)
    assert "\n" not in str(told.value)


def test_looking_starts_nothing_and_fails_nowhere() -> None:
    import torch

    facts = look()
    assert facts.torch
    assert (facts.devices > 0) == torch.cuda.is_available()
