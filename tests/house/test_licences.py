"""Nothing is shipped, and nothing needed, whose licence we did not agree to."""

from __future__ import annotations

import subprocess
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from release.bundled import COPIED, bundled
from release.licences import (
    EXCEPTIONS,
    OPTIONAL,
    READ_BY_HAND,
    declared,
    fault_of,
    is_allowed,
    licence_of,
    needed,
)
from release.page import licences_page

ROOT = Path(__file__).parents[2]


class Installed(Distribution):
    """A distribution with this metadata."""

    def __init__(self, **fields: str | list[str]) -> None:
        self._fields = {"Name": "somebody", "Version": "1", **fields}

    @property
    def metadata(self) -> Message:  # type: ignore[override]
        message = Message()
        for name, said in self._fields.items():
            for each in said if isinstance(said, list) else [said]:
                message[name.replace("_", "-")] = each
        return message

    def read_text(self, filename: str) -> str | None:
        raise NotImplementedError

    def locate_file(self, path: object) -> Path:  # type: ignore[override]
        raise NotImplementedError


def test_everything_that_is_needed_has_an_allowed_licence() -> None:
    assert [fault for each in needed() if (fault := fault_of(each.name, each.licence))] == []


def test_everything_that_is_built_in_has_an_allowed_licence_and_its_text_goes_along() -> None:
    assert [fault for each in bundled() if (fault := fault_of(each.name, each.licence))] == []
    texts = {each: {path: (ROOT / path).read_text(encoding="utf-8") for path in each.texts} for each in bundled()}
    assert [each.name for each, held in texts.items() if not held or not all(held.values())] == []
    built = [each for each in bundled() if each not in COPIED]
    assert [each.name for each in built if f"\n{each.name} {each.version}\n" not in "".join(texts[each].values())] == []


def test_what_others_need_in_turn_is_looked_at_too() -> None:
    direct = {requirement.name.casefold() for group in declared().values() for requirement in group}
    names = {each.name for each in needed()}
    assert {"werkzeug", "jinja2", "markupsafe", "cryptography", "psycopg-binary"} <= names
    assert "waypost" not in names
    assert len(names - direct) > 20
    assert {extra for each in needed() for extra in each.extras} >= set(declared()) - OPTIONAL


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MPL-2.0 AND (GPL-2.0-only OR AGPL-3.0-only)", False),
        ("GPL-2.0-only OR (MIT AND Apache-2.0)", True),
        ("GPL-2.0-only AND MIT OR Zlib", True),
        ("Zlib OR MIT AND GPL-2.0-only", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
    ],
)
def test_where_one_may_choose_one_allowed_licence_is_enough(licence: str, fine: bool) -> None:
    assert is_allowed(licence) is fine


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": "MIT OR Apache-2.0"}, "MIT OR Apache-2.0"),
        ({"License": "MIT License"}, "MIT"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "see LICENSE"}, None),
        ({}, None),
        ({"License": "see LICENSE", "Classifier": ["License :: OSI Approved :: MIT License"]}, "MIT"),
        (
            {"Classifier": ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: BSD License"]},
            "MIT AND LicenseRef-BSD",
        ),
        ({"Classifier": ["License :: OSI Approved :: MIT License", "License :: Other/Proprietary License"]}, None),
    ],
)
def test_a_licence_is_read_from_what_the_metadata_says(fields: dict[str, str | list[str]], licence: str | None) -> None:
    assert licence_of(Installed(**fields)) == licence


def test_one_that_is_unknown_or_not_allowed_is_refused_with_what_to_do() -> None:
    assert fault_of("somebody", None) == (
        "somebody: its metadata names no licence; read its licence file and add it to READ_BY_HAND"
    )
    assert fault_of("somebody", "AGPL-3.0-only") == (
        "somebody: AGPL-3.0-only is not among ALLOWED; do without it, or say in EXCEPTIONS why it may be used"
    )
    assert fault_of("psycopg", "LGPL-3.0-only") is None
    assert fault_of("another", "LGPL-3.0-only") is not None, "an exception is one for this distribution only"


def test_exceptions_are_of_what_is_needed_and_nothing_that_everybody_gets_is_one() -> None:
    by_name = {each.name: each for each in needed()}
    assert {name for name, _ in EXCEPTIONS} | set(READ_BY_HAND) <= set(by_name)
    assert [name for name, _ in EXCEPTIONS if "" in by_name[name].extras] == []


def test_what_was_copied_in_whole_is_listed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*/vendor/*", "*.ttf", "*.otf", "*.woff", "*.woff2", "*.min.js", "*.wasm"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    folders = {str(Path(text).parent) for each in COPIED for text in each.texts}
    assert {str(Path(name).parent) for name in listed} == folders


def test_the_page_is_what_the_lists_say() -> None:
    page = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    assert page == licences_page(), "python -m release.page > docs/reference/licences.md"
