"""One project for all tests of a module: drawing a page for the first time takes longer than all that follows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.app import create_app
from tests.api.asking import Clock, Site
from tests.api.conftest import START, settings_in


@contextmanager
def project(folders: pytest.TempPathFactory, new_database: Path) -> Iterator[Site]:
    """An application on a database of its own. What one test writes, the next may find."""
    folder, clock = folders.mktemp("project"), Clock(START)
    shutil.copy(new_database, folder)
    app = create_app(settings_in(folder), clock=clock)
    site = Site(app, app.test_client(use_cookies=False), app.extensions["waypost"].service, clock)
    yield site
    site.service.close()
