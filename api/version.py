"""The version of this installation, declared once in `pyproject.toml`."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("waypost")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0+unknown"


VERSION: Final = _installed()
