"""How many random examples a test looks at: few every day, many in the profile `slow` (see `conftest.py`)."""

from __future__ import annotations

from hypothesis import settings


def examples(everyday: int, slow: int) -> int:
    """The number of this run. A number written into `settings` would be that of every profile."""
    return slow if settings.get_current_profile_name() == "slow" else everyday
