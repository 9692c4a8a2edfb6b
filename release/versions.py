"""Where the version of Waypost stands. `pyproject.toml` declares it; all other places have to say the same."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from release.licences import ROOT

PACKAGES = ("widgets/packages/js", "widgets/packages/react", "widgets/packages/openfeature")
"""What is published for npm."""
BUILT_WITH_LOCK = ("widgets", "api/console/assets")


def version() -> str:
    """The version that is declared."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return str(said)


def _json(path: str) -> Any:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def places() -> Iterator[tuple[str, str]]:
    """Every other place, with what it says."""
    for folder in (*BUILT_WITH_LOCK, *PACKAGES):
        yield f"{folder}/package.json", _json(f"{folder}/package.json")["version"]
    for folder in BUILT_WITH_LOCK:
        lock = _json(f"{folder}/package-lock.json")
        yield f"{folder}/package-lock.json", lock["version"]
        yield f"{folder}/package-lock.json, packages", lock["packages"][""]["version"]
    react = _json("widgets/packages/react/package.json")
    yield "widgets/packages/react/package.json, peer @waypost/js", react["peerDependencies"]["@waypost/js"]
    yield "widgets/dist/manifest.json", _json("widgets/dist/manifest.json")["version"]


def disagreeing() -> list[str]:
    """Places that say another version, with what they say."""
    declared = version()
    return [f"{place} says {said}, pyproject.toml {declared}" for place, said in places() if said != declared]


def is_in_changelog(text: str, number: str) -> bool:
    """True when the changelog has a heading of this version."""
    return re.search(rf"^## \[?{re.escape(number)}\]?(?=\s|$)", text, re.MULTILINE) is not None


def not_kept() -> list[str]:
    """Files of the snippet with a hash in their names that are not among those which later releases go on serving."""
    files = _json("widgets/dist/manifest.json")["files"]
    hashed = [name for name in files if re.search(r"-[A-Z0-9]{8}\.js$", name)]
    return [name for name in hashed if not (ROOT / "widgets" / "released" / name).is_file()]
