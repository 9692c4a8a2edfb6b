"""The service with the demo's pages in front: what `waypost demo` serves."""

from __future__ import annotations

import os

from flask import Flask

from api.app import create_app
from api.config import read_settings
from api.demo import site
from api.demo.guided import GuidedStory
from api.demo.week import DemoClock, NextWeek
from api.serving import Serving, system_clock


def create_demo() -> Flask:
    """The application, with the settings of the environment and a clock that can go on by a week."""
    settings = read_settings(os.environ)
    clock = DemoClock(settings.data_dir / "demo-clock", system_clock)
    app = create_app(settings, clock=clock)
    parts: Serving = app.extensions["waypost"]
    week = NextWeek(parts.service, clock)
    app.extensions[site.WEEK] = week
    app.register_blueprint(site.blueprint)
    story = GuidedStory(parts.service, week)
    app.context_processor(lambda: {"story_strip": story.strip})
    return app
