from tests.widgets.browser import chromium, page, server

__all__ = ["chromium", "page", "server"]
