"""No collection begins inside a step, and the collector is left as it was."""

import gc

import pytest

from engine.collector import paused, settle


@pytest.mark.parametrize("on", [True, False])
def test_nothing_is_collected_meanwhile_even_after_an_error(on: bool) -> None:
    (gc.enable if on else gc.disable)()
    try:
        with paused():
            assert not gc.isenabled()
        with pytest.raises(KeyError), paused():
            raise KeyError
        assert gc.isenabled() is on
    finally:
        gc.enable()


def test_what_was_loaded_is_never_looked_at_again() -> None:
    before = gc.get_freeze_count()
    try:
        settle()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
