"""Whose targeting can be converted: one table, a module and a line for each.

To add one, write its module here with a `VENDOR` in it, add its name to MODULES, and its sample to `examples/convert`
with a row in the table of `tests/engine/test_convert.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final

from dsl.values import JsonValue
from engine.convert.places import Place, Unsayable
from engine.convert.sheet import Conversion, Sheet

MODULES: Final = (
    "usertour",
    "formbricks",
    "unleash",
    "growthbook",
)


class NotOfVendor(Exception):
    """There is nothing in the file that the vendor's documents have; the text says what was looked for."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """source: the page of its documentation that is followed. files: what is read, for the help text.
    read: puts what a document says on a sheet; gives whether it found anything of the vendor.
    """

    name: str
    title: str
    source: str
    files: str
    read: Callable[[Place, Sheet], bool]


@cache
def vendors() -> Mapping[str, Vendor]:
    """Every vendor by its name."""
    found = [import_module(f"{__name__.rpartition('.')[0]}.{each}").VENDOR for each in MODULES]
    return MappingProxyType({each.name: each for each in found if isinstance(each, Vendor)})


def convert(vendor: Vendor, document: JsonValue, *, source: str) -> Conversion:
    """The rules that a document of a vendor comes to. Raises NotOfVendor, TooLarge."""
    sheet = Sheet(vendor.title)
    root = Place(document)
    try:
        found = vendor.read(root, sheet)
    except Unsayable as reason:
        sheet.note(root, str(reason))
        found = True
    if not found:
        raise NotOfVendor(f"nothing of {vendor.title} is in it: {vendor.files}")
    return sheet.finish(source)
