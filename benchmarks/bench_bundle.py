"""What a page has to download: our snippet beside others', each as its package ships it, gzip at level 9."""

from __future__ import annotations

import gzip
import subprocess
import tarfile
import tempfile
from importlib.resources import files
from pathlib import Path

from benchmarks.measure import Report

PEERS = {
    "posthog-js": "package/dist/array.js",
}
"""By package: the file that its snippet loads first."""

KB = 1024


def reports() -> list[Report]:
    """The table of this benchmark. Needs npm for the peers' packages."""
    report = Report("Bytes of JavaScript, gzip")
    dist = Path(str(files("widgets") / "dist"))
    own = {path.name: size(path.read_bytes()) for path in sorted(dist.glob("*.js"))}
    core = own["waypost.js"]
    drawing = sum(number for name, number in own.items() if name.startswith("drawing"))
    rows = [[f"waypost: {name}", f"{number / KB:.1f} KB"] for name, number in own.items()]
    peers = {name: size(packed(name, member)) for name, member in PEERS.items()}
    rows += [[name, f"{number / KB:.1f} KB"] for name, number in peers.items()]
    report.table(["", "gzip"], rows)
    report.at_most("core, KB", core / KB, 8)
    report.at_most("everything that draws, KB", drawing / KB, 30)
    report.at_most("core ÷ posthog-js", core / peers["posthog-js"], 0.1)
    return [report]


def size(content: bytes) -> int:
    """Bytes after gzip."""
    return len(gzip.compress(content, 9))


def packed(package: str, member: str) -> bytes:
    """A file of a package's newest release."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            found = archive.extractfile(member)
            assert found is not None, f"{package} has no {member}"
            return found.read()
