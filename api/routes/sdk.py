"""The snippet and its parts, as built: `/sdk/…` serves `widgets/dist`."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

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
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@blueprint.get("/<path:name>")
@open_to_all
def part(name: str) -> Response:
    """One file. A name with a hash in it never changes its content; others are looked at again after five minutes.

    A part has its plain name too (`drawing.js?contract=1`), for cores that came with another version: it leads to the
    newest file that keeps that contract (`widgets/snippet/contract.ts`). Where there is none it is not found, so that
    such a core draws nothing rather than something wrong.
    """
    path = _file(FOLDER, name) or (_file(EARLIER, name) if _HASHED.search(name) else None)
    packed = bool(request.accept_encodings["gzip"])
    if path is not None:
        answer = Response(_content(path, path.stat().st_mtime_ns, packed=packed), content_type=TYPES[path.suffix])
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
    elif (newest := _newest(name.removesuffix(".js"), request.args.get("contract"))) is not None:
        # Not the file itself: its parts import it by the name with the hash, and a page shall have it once.
        answer = Response(f'export * from "./{newest}";\n', content_type=TYPES[".js"])
    else:
        raise NotFound
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


def _newest(part: str, contract: str | None) -> str | None:
    """The newest file of a part that keeps a contract; None where there is none."""
    number = contract or "1"
    if not _NUMBER.fullmatch(number):
        return None
    for manifest in (FOLDER / "manifest.json", EARLIER / f"contract-{number}.json"):
        found = orjson.loads(manifest.read_bytes()) if manifest.is_file() else {}
        if str(found.get("contract")) == number:
            return cast("str | None", found["parts"].get(part))
    return None


@lru_cache(maxsize=64)
def _content(path: Path, changed: int, *, packed: bool) -> bytes:  # noqa: ARG001  (`changed` is part of the key)
    raw = path.read_bytes()
    return gzip.compress(raw, 9, mtime=0) if packed else raw
