"""Property tests without a time limit, which a busy machine would break, and with the same examples in every run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("drover", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("drover")
