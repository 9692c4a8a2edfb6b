"""The snippet and its parts, as built: `/sdk/…` serves `widgets/dist`."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

import widgets
from api.auth import open_to_all

blueprint = Blueprint("sdk", __name__, url_prefix="/sdk")

FOLDER: Final = Path(widgets.__file__).parent / "dist"
EARLIER: Final = Path(widgets.__file__).parent / "released"
"""Files of earlier releases, for pages that name one with its hash. `npm run release` adds those of this one."""
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""What may be in the folder; nothing else is served."""

_FOREVER: Final = "public, max-age=31536000, immutable"
_FIVE_MINUTES: Final = "public, max-age=300, stale-while-revalidate=86400"
_HASHED: Final = re.compile(r"-[A-Z0-9]{8}\.\w+$", re.ASCII)


@blueprint.get("/<path:name>")
@open_to_all
def part(name: str) -> Response:
    """One file. A name with a hash in it never changes its content; others are looked at again after five minutes.

    A part is served under its plain name too (`drawing.js`), for cores that came with another version.
    """
    path = _file(FOLDER, _newest(name)) or (_file(EARLIER, name) if _HASHED.search(name) else None)
    if path is None:
        raise NotFound
    stat = path.stat()
    packed = bool(request.accept_encodings["gzip"])
    answer = Response(_content(path, stat.st_mtime_ns, packed=packed), content_type=TYPES[path.suffix])
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = _FOREVER if _HASHED.search(name) else _FIVE_MINUTES
    # Read by pages of any origin: the parts are public, and dynamic `import()` asks across origins.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.add_etag(weak=True)
    answer.make_conditional(request.environ)
    return answer


def _file(folder: Path, name: str) -> Path | None:
    found = safe_join(str(folder), name)
    path = Path(found) if found is not None else None
    return path if path is not None and path.suffix in TYPES and path.is_file() else None


def _newest(name: str) -> str:
    """The file of a part by its plain name; any other name as it is."""
    manifest = FOLDER / "manifest.json"
    part = name.removesuffix(".js")
    if part == name or (FOLDER / name).is_file() or not manifest.is_file():
        return name
    parts = orjson.loads(manifest.read_bytes())["parts"]
    return str(parts.get(part, name))


@lru_cache(maxsize=64)
def _content(path: Path, changed: int, *, packed: bool) -> bytes:  # noqa: ARG001  (`changed` is part of the key)
    raw = path.read_bytes()
    return gzip.compress(raw, 9, mtime=0) if packed else raw
