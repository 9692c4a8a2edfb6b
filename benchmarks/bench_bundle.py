"""What a page has to download: our snippet beside others', each as its package ships it, gzip at level 9."""

from __future__ import annotations

import gzip
import json
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
    parts = {name: own[file] for name, file in json.loads((dist / "manifest.json").read_text())["parts"].items()}
    words = max(number for name, number in parts.items() if name.startswith("words-"))
    guides = {
        "a tooltip, hotspot, modal, banner or slideout": ["drawing"],
        "a checklist or a tour": ["drawing", "leading"],
        "a survey or feedback": ["drawing", "asking"],
        "a guide of every kind, and one that waits": ["drawing", "asking", "leading", "waits"],
    }
    needs = {guide: sum(parts[each] for each in loaded) for guide, loaded in guides.items()}
    rows = [[f"waypost: {name}", f"{number / KB:.1f} KB"] for name, number in own.items()]
    peers = {name: size(packed(name, member)) for name, member in PEERS.items()}
    rows += [[name, f"{number / KB:.1f} KB"] for name, number in peers.items()]
    report.table(["", "gzip"], rows)
    report.table(
        ["to draw, besides the core", "gzip", "in another language than English"],
        [[guide, f"{number / KB:.1f} KB", f"{(number + words) / KB:.1f} KB"] for guide, number in needs.items()],
    )
    report.at_most("core, KB", core / KB, 8)
    report.at_most("what draws a card, KB", parts["drawing"] / KB, 18)
    report.at_most("all that draws, KB", max(needs.values()) / KB, 30)
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
