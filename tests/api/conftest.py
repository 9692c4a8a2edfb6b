"""The application on a database of its own, and a clock that stands still until it is told to move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.config import read_settings
from api.serving import Serving
from dsl.values import Instant, read_instant
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Clock, Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    clock = Clock(read_instant("2026-11-02T09:00:00Z") or Instant(0))
    settings = read_settings(
        {
            "WAYPOST_DATA_DIR": str(tmp_path),
            "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
            "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
            "WAYPOST_ALLOWED_ORIGINS": ORIGIN,
        }
    )
    app = create_app(settings, clock=clock)
    serving: Serving = app.extensions["waypost"]
    yield Site(app, app.test_client(), serving.service, clock)
    serving.service.close()
