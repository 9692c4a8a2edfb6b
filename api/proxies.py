"""What reverse proxies in front change: whose address it is, by which address people come, and the path below it.

Believes exactly as many `X-Forwarded-*` entries as there are proxies of ours, and no header at all about the path: that
is a setting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BasePath:
    """Serves an application below a path, whether the proxy in front takes the path off or leaves it on."""

    def __init__(self, app: WSGIApplication, base: str) -> None:
        self._app = app
        self._base = base

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path == self._base or path.startswith(self._base + "/"):
            environ["PATH_INFO"] = path[len(self._base) :] or "/"
        environ["SCRIPT_NAME"] = self._base
        return self._app(environ, start_response)


def register(app: Flask, settings: Settings) -> None:
    """Put the application behind its proxies."""
    if settings.base_path:
        app.wsgi_app = BasePath(app.wsgi_app, settings.base_path)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
