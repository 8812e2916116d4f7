"""What every ring shares: how hypothesis searches."""

from hypothesis import HealthCheck, settings

settings.register_profile("sceau", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sceau")
