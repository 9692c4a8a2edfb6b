"""axe-core in a page: what bars somebody's way."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.profiles import missing

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HERE = Path(__file__).parent / "widgets"
"""Where the version of axe-core is written down."""


def source(cache: pytest.Cache) -> str:
    """The source of axe-core; installed once, and kept beside pytest's own cache."""
    lock = (HERE / "package-lock.json").read_bytes()
    kept = Path(str(cache.mkdir("axe-core")))
    folder = kept / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        making = kept / f"making-{os.getpid()}"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, making)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        ran = subprocess.run(command, cwd=making, capture_output=True, text=True, check=False, timeout=300)
        if ran.returncode != 0:
            missing(f"npm cannot install axe-core from here:\n{ran.stderr}")
        try:
            making.replace(folder)
        except OSError:
            # Another worker of this run was quicker.
            if not folder.exists():
                raise
            shutil.rmtree(making)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def barriers(page: Any, within: str) -> list[str]:
    """What axe-core finds in a part of a page, which has its source already."""
    found = page.evaluate(
        "([part, tags]) => axe.run(part, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        [within, STANDARDS],
    )
    return [
        f"{each['id']}: {node['html'][:120]} ({[check['message'] for check in node['any'] + node['all']]})"
        for each in found["violations"]
        for node in each["nodes"]
    ]
