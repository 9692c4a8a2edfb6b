"""`docs/reference/licences.md`: printed by `python -m release.page`, compared by a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import distribution

from packaging.utils import canonicalize_name

from release.bundled import bundled
from release.licences import ALLOWED, EXCEPTIONS, OPTIONAL, READ_BY_HAND, declared, licence_of

BEGIN = """# Licences

Waypost is under Apache-2.0. Made from the lists in `release/` and from what is installed by
`python -m release.page > docs/reference/licences.md`; a test compares the two, and refuses whatever has a licence that
is not in the first table or cannot be read.

What all of these need in turn is checked in the same way, and stands in the bill of materials that comes with each
release, with versions.

## What is allowed

| licence | what it asks of who ships the work unchanged |
|---|---|
"""

EXCEPT = """
| used all the same | licence | why |
|---|---|---|
"""

READ = """
| read by hand | licence | because |
|---|---|---|
"""

WITHIN = """
## Within our archives

The texts lie in the wheel at the places named.

| work | version | licence | in | text |
|---|---|---|---|---|
"""

INSTALLED = """
## Installed beside it

| distribution | licence | needed |
|---|---|---|
"""


def lines() -> Iterator[str]:
    """The page, a piece at a time."""
    yield BEGIN
    yield from (f"| `{name}` | {asks} |\n" for name, asks in ALLOWED.items())
    yield EXCEPT
    yield from (f"| {name} | `{licence}` | {why} |\n" for (name, licence), why in EXCEPTIONS.items())
    yield READ
    yield from (f"| {name} | `{licence}` | {why} |\n" for name, (licence, why) in READ_BY_HAND.items())
    yield WITHIN
    for each in bundled():
        texts = ", ".join(f"`{text}`" for text in each.texts)
        yield f"| {each.name} | {each.version} | `{each.licence}` | {each.into} | {texts} |\n"
    yield INSTALLED
    extras_of: dict[str, list[str]] = {}
    for extra, requirements in declared().items():
        for requirement in requirements:
            extras_of.setdefault(requirement.name, []).append(f"extra `{extra}`" if extra else "always")
    # What need not be installed where the page is made is named by its extra in pyproject.toml alone.
    optional = {each.name for extra in OPTIONAL for each in declared()[extra]}
    for name in sorted(set(extras_of) - optional, key=canonicalize_name):
        yield f"| {name} | `{licence_of(distribution(name))}` | {', '.join(extras_of[name])} |\n"


def licences_page() -> str:
    """The whole page."""
    return "".join(lines())


if __name__ == "__main__":
    sys.stdout.write(licences_page())
