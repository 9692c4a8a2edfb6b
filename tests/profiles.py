"""What a run of the tests is: how many random examples a test looks at, and whether something may be missing."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest
from hypothesis import settings


def examples(everyday: int, slow: int) -> int:
    """The number of this run: many in the profile `slow`. A number written into `settings` would be that of every
    profile."""
    return slow if settings.get_current_profile_name() == "slow" else everyday


def missing(why: str) -> NoReturn:
    """Skip what needs a program or a file that is not here; with CI=true, as in the runs that count, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
