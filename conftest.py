"""What every test may rely on: the programs that some need, and one profile for random ones.

A test that needs a program which is not installed says so by name; with CI=true that is a failure.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.profiles import missing

NEEDS = {
    "browser": ("Chromium", lambda: shutil.which("chromium") is not None),
    "postgres": ("PostgreSQL", lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    "systemd": ("systemd-analyze", lambda: shutil.which("systemd-analyze") is not None),
    "spark": ("Java", lambda: shutil.which("java") is not None),
    "node": ("Node and npm", lambda: shutil.which("node") is not None and shutil.which("npm") is not None),
}
"""By marker: what a marked test needs, and whether it is here."""

settings.register_profile(
    "everyday", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("slow", parent=settings.get_profile("everyday"), derandomize=False, max_examples=5_000)
settings.load_profile(os.environ.get("WAYPOST_TEST_PROFILE", "everyday"))


def pytest_collection_finish() -> None:
    """The thousands of tests stay to the end: garbage is not looked for among them, and less often than usual."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (program, is_here) in NEEDS.items():
        if item.get_closest_marker(marker) is None or is_here():
            continue
        missing(f"{item.name} needs {program}, which is not installed")


CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for the tests of a file: two at once are more than Playwright's plain interface allows."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()
