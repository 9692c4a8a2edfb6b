"""The fixtures for tests in a real browser."""

from tests.widgets.browser import page, server
from tests.widgets.sensing import watched

__all__ = ["page", "server", "watched"]
