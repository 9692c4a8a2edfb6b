"""The service with the demo's pages in front: what `waypost demo` serves."""

from __future__ import annotations

import os

from flask import Flask

from api.app import create_app
from api.config import read_settings
from api.demo import site


def create_demo() -> Flask:
    """The application, with the settings of the environment."""
    app = create_app(read_settings(os.environ))
    app.register_blueprint(site.blueprint)
    return app
