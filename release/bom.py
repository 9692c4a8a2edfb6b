"""The bill of materials (CycloneDX): what is installed with Waypost, and what lies within it.

The first is read by `cyclonedx-py` from an environment that holds nothing but the wheel and what its extras need; the
second is added here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from release.bundled import Bundled


def address(work: Bundled) -> str:
    """The package URL of a work. https://github.com/package-url/purl-spec"""
    return f"pkg:{work.kind}/{quote(work.name, safe='/')}@{work.version}"


def components(works: Iterable[Bundled]) -> list[dict[str, Any]]:
    """The works within our archives as components, each once, however many of our parts have it."""
    parts: dict[str, list[Bundled]] = {}
    for work in works:
        parts.setdefault(address(work), []).append(work)
    return [
        {
            "type": "library",
            "bom-ref": ref,
            "name": same[0].name,
            "version": same[0].version,
            "description": f"within the wheel, in {' and '.join(dict.fromkeys(work.into for work in same))}",
            "purl": ref,
            "licenses": [{"expression": same[0].licence}],
        }
        for ref, same in parts.items()
    ]


def with_bundled(bom: dict[str, Any], works: Iterable[Bundled]) -> dict[str, Any]:
    """A bill with the works within as components that Waypost itself depends on."""
    added = components(works)
    root = bom["metadata"]["component"]["bom-ref"]
    refs = sorted(each["bom-ref"] for each in added)
    dependencies = [
        {**each, "dependsOn": sorted({*each.get("dependsOn", ()), *refs})} if each["ref"] == root else each
        for each in bom["dependencies"]
    ]
    return {
        **bom,
        # Waypost is what the bill is about; it is no component of itself.
        "components": [*bom["components"], *added],
        "dependencies": sorted([*dependencies, *({"ref": ref} for ref in refs)], key=lambda each: str(each["ref"])),
    }


def validate(text: str) -> str | None:
    """What the schema of CycloneDX 1.6 says against a bill; None when it is one."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return None if fault is None else str(fault)
