"""Other people's packages, as `npm pack` fetches their newest release: measured, never used."""

from __future__ import annotations

import gzip
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A part of somebody's package. loads: when a page that uses it downloads this."""

    package: str
    member: str
    loads: str


PEERS = (
    Peer("posthog-js", "dist/array.js", "always"),
    Peer("posthog-js", "dist/surveys.js", "for surveys, besides"),
    Peer("posthog-js", "dist/product-tours.js", "for tours, besides"),
    Peer("driver.js", "dist/driver.js.iife.js", "always: draws tours, decides and sends nothing"),
    Peer("driver.js", "dist/driver.css", "always, besides"),
    Peer("@formbricks/js", "dist/index.js", "always: only fetches the rest from a Formbricks server"),
)


@cache
def files_of(package: str) -> dict[str, bytes]:
    """The files of a package's newest release, by their paths in it, and its version under an empty name."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            found = {
                member.name.removeprefix("package/"): extracted.read()
                for member in archive
                if member.isfile() and (extracted := archive.extractfile(member)) is not None
            }
    return {**found, "": str(json.loads(found["package.json"])["version"]).encode()}


def content(peer: Peer) -> bytes:
    """What is in it."""
    return files_of(peer.package)[peer.member]


def packed(raw: bytes) -> int:
    """Bytes after gzip at level 9."""
    return len(gzip.compress(raw, 9))
