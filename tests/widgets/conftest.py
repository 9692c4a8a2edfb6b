"""The fixtures for tests in a real browser."""

from tests.widgets.browser import page, server

__all__ = ["page", "server"]
