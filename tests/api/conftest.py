"""The application on a database of its own, and a clock that stands still until it is told to move."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.app import create_app
from api.config import Settings, read_settings
from api.start import open_service
from dsl.values import Instant, read_instant
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Clock, Site
from tests.serving import serving

START = read_instant("2026-11-02T09:00:00Z") or Instant(0)


def settings_in(folder: Path) -> Settings:
    return read_settings(
        {
            "WAYPOST_DATA_DIR": str(folder),
            "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
            "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
            "WAYPOST_ALLOWED_ORIGINS": ORIGIN,
            "WAYPOST_WORKER": "off",
        }
    )


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database after the first start, to be copied: making one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("new")
    open_service(settings_in(folder), clock=Clock(START)).close()
    return folder / "waypost.sqlite"


@contextmanager
def a_site(folder: Path, database: Path) -> Iterator[Site]:
    """The application in a folder, on a copy of a database."""
    clock = Clock(START)
    shutil.copy(database, folder)
    settings = settings_in(folder)
    # Not opened by the application: that keeps its own to the end of the process.
    service = open_service(settings, clock=clock)
    app = create_app(settings, service=service, clock=clock)
    yield Site(app, app.test_client(), service, clock)
    service.close()


@pytest.fixture
def site(tmp_path: Path, new_database: Path) -> Iterator[Site]:
    with a_site(tmp_path, new_database) as site:
        yield site


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Where the application is served, for what asks over a connection: browsers."""
    with serving(site.app) as address:
        yield address


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Iterator[Site]:
    """One for all tests of a file: for those that only read what a fixture of the file has filled in."""
    with a_site(tmp_path_factory.mktemp("shared"), new_database) as site:
        yield site
