"""The works of others that lie within our own archives: what, under which licence, and where its text lies.

Scripts are taken from the lock files of what is built; what was copied in whole is listed here. A test looks for files
that are of others and not listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from release.licences import ROOT, as_expression


@dataclass(frozen=True, slots=True)
class Bundled:
    """A work of others, unchanged or built in."""

    name: str
    version: str
    licence: str | None
    kind: str
    """The type of its package address: `npm`, or `generic` for what is in no registry."""
    into: str
    """What it is a part of, for people."""
    texts: tuple[str, ...]
    """Files of the wheel with its licence and notices."""


BUILT: Final[Mapping[str, tuple[str, str]]] = {
    "widgets": ("the snippet", "widgets/dist/third-party.txt"),
    "api/console/assets": ("the console", "api/console/static/third-party.txt"),
}
"""A folder with a lock file → what is built there, and the text that the build writes beside it."""

COPIED: Final = (
    Bundled(
        "swagger-ui-dist",
        "5.35.0",
        "Apache-2.0",
        "npm",
        "the page `/docs`",
        (
            "api/static/docs/vendor/LICENSE",
            "api/static/docs/vendor/NOTICE",
            "api/static/docs/vendor/swagger-ui-bundle.js.LICENSE.txt",
        ),
    ),
    Bundled("DejaVu Sans Condensed", "2.37", "Bitstream-Vera", "generic", "maps as PDF", ("api/maps/fonts/LICENSE",)),
    *(
        Bundled(
            f"@fontsource-variable/{font.lower()}",
            "5",
            "OFL-1.1",
            "npm",
            "the demo",
            (f"examples/demo/assets/fonts/{font}-LICENSE.txt",),
        )
        for font in ("Fraunces", "Inter")
    ),
)


def built_in() -> Iterator[Bundled]:
    """The packages that our scripts are built of, as the lock files name them."""
    for folder, (into, text) in BUILT.items():
        packages = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        for path, facts in packages.items():
            if path and not facts.get("dev"):
                name = path.rpartition("node_modules/")[2]
                licence = as_expression(facts.get("license") or "")
                yield Bundled(name, facts["version"], licence, "npm", into, (text,))


def bundled() -> tuple[Bundled, ...]:
    """All of them, in the order in which they are told."""
    return (*built_in(), *COPIED)
