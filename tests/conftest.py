"""What holds for every test of the house."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes single examples slow; that is no fault of what is tested. What hypothesis does where CI=true (the
# same examples in every run) is kept.
settings.register_profile("busy machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


@pytest.fixture(scope="session")
def allocation_counter() -> None:
    """What ``benchmarks.kernels.allocations`` counts with; the test is skipped where it cannot be built."""
    from benchmarks.kernels.allocations import NoCounterError, counter_library

    try:
        counter_library()
    except NoCounterError as why:
        pytest.skip(str(why))
