"""What holds for every test of the house."""

from hypothesis import HealthCheck, settings

# A busy machine makes single examples slow; that is no fault of what is tested.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")
