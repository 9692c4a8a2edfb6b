"""Wheel, sdist and npm packages: built from a copy of what git knows, and checked for what is in them.

The copy keeps out whatever lies about in a working tree, and the times of its files do not matter: the same commit
makes the same bytes, wherever and whenever.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from release.bundled import bundled
from release.licences import ROOT
from release.versions import PACKAGES, version

FORBIDDEN: Final = (
    "*/node_modules/*",
    "*/__pycache__/*",
    "*.pyc",
    "*.sqlite*",
    "*.way.lock",
    "*.tsbuildinfo",
    "*.map",
    "*.pem",
    "*.key",
    "*/.env",
    "*/.git/*",
    "*/.venv/*",
)
"""In no archive, whatever else."""

PRIVATE_KEY: Final = b"PRIVATE KEY-----\n"


class Unbuildable(Exception):
    """Something that a release needs is not as it has to be; the text says what to do."""


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a program printed. Raises Unbuildable with all that it said where it failed."""
    environment = {**os.environ, **variables}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=1800)
    if ran.returncode:
        raise Unbuildable(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}".rstrip())
    return ran.stdout


def known_to_git() -> list[str]:
    """The files of this tree as they are now, those that wait to be committed too; nothing that git ignores."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    return sorted({name for name in listed if name and (ROOT / name).is_file()})


def copy_tree(to: Path) -> Path:
    """The kept files of this tree, in another folder."""
    for name in known_to_git():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, to / name)
        (to / name).chmod(0o755 if os.access(ROOT / name, os.X_OK) else 0o644)
    return to


def epoch() -> str:
    """The time that archives carry: that of the last commit, unless SOURCE_DATE_EPOCH says another."""
    return os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()


def build_python(tree: Path, to: Path, time: str) -> tuple[Path, Path]:
    """Wheel and sdist of a tree; the wheel is made of the unpacked sdist, so that the sdist is known to be whole."""
    hatch = (sys.executable, "-m", "hatchling", "build", "--directory")
    run(*hatch, to, "--target", "sdist", cwd=tree, SOURCE_DATE_EPOCH=time)
    sdist = to / f"waypost-{version()}.tar.gz"
    unpacked = to / "unpacked"
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    try:
        run(*hatch, to, "--target", "wheel", cwd=unpacked / f"waypost-{version()}", SOURCE_DATE_EPOCH=time)
    finally:
        shutil.rmtree(unpacked)
    return to / f"waypost-{version()}-py3-none-any.whl", sdist


def build_npm(tree: Path, to: Path) -> list[Path]:
    """The packages for applications with a bundler."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unbuildable("npm is not installed: Node 20 or newer is needed for the npm packages")
    made = []
    for folder in PACKAGES:
        told = run(npm, "pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", to, cwd=tree / folder)
        made.append(to / json.loads(told)[0]["filename"])
    return made


def contents(archive: Path) -> dict[str, bytes]:
    """The files of an archive by name; those of tar archives without their first folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/")}
    found = {}
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            held = packed.extractfile(member)
            if held is not None:
                found[member.name.partition("/")[2]] = held.read()
    return found


def _matches(name: str, patterns: Iterable[str]) -> bool:
    path = PurePosixPath(name)
    for pattern in patterns:
        if pattern.startswith("/"):
            if name == pattern[1:] or name.startswith(f"{pattern[1:]}/"):
                return True
        elif any(fnmatch.fnmatchcase(part, pattern) for part in path.parts):
            return True
    return False


def expected(kind: str, kept: Iterable[str]) -> set[str]:
    """The files that the wheel or the sdist has to have, by what `pyproject.toml` says of it."""
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    target = targets[kind]
    folders = target.get("packages")
    return {
        name
        for name in kept
        if not _matches(name, target.get("exclude", ())) and (folders is None or name.split("/")[0] in folders)
    }


def faults_of_python(kind: str, files: Mapping[str, bytes], kept: Iterable[str]) -> list[str]:
    """What is wrong with the contents of the wheel or the sdist of a tree with these files."""
    info = f"waypost-{version()}.dist-info/"
    added = {"PKG-INFO"} if kind == "sdist" else {f"{info}{name}" for name in ADDED_TO_WHEELS}
    has, wanted = set(files), expected(kind, kept) | added
    faults = [f"{kind}: {name} is missing" for name in sorted(wanted - has)]
    faults += [f"{kind}: {name} does not belong there" for name in sorted(has - wanted)]
    faults += [f"{kind}: {name} is never to be in an archive" for name in sorted(has) if _is_forbidden(name)]
    texts = {text for work in bundled() for text in work.texts}
    faults += [f"{kind}: the licence text {text} is missing" for text in sorted(texts - has)]
    described = files.get("PKG-INFO" if kind == "sdist" else f"{info}METADATA", b"").decode()
    if f"\nVersion: {version()}\n" not in described:
        faults.append(f"{kind}: its metadata does not name version {version()}")
    if kind == "wheel":
        faults += [f"{kind}: {name} holds a private key" for name, held in sorted(files.items()) if PRIVATE_KEY in held]
        if b"waypost = api.cli.main:main" not in files.get(f"{info}entry_points.txt", b""):
            faults.append("wheel: it makes no command `waypost`")
    place = str(ROOT).encode()
    return faults + [f"{kind}: {name} names {ROOT}" for name, held in sorted(files.items()) if place in held]


ADDED_TO_WHEELS: Final = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")


def _is_forbidden(name: str) -> bool:
    return any(fnmatch.fnmatchcase(f"/{name}", pattern) for pattern in FORBIDDEN)


def faults_of_npm(files: Mapping[str, bytes]) -> list[str]:
    """What is wrong with the contents of an npm package."""
    package = json.loads(files.get("package.json", b"{}"))
    name = package.get("name", "a package without package.json")
    wanted = {"package.json", "README.md", "LICENSE", *_named(package.get("exports", {}))}
    faults = [f"{name}: {each} is missing" for each in sorted(wanted - set(files))]
    stray = [each for each in sorted(files) if each not in wanted and not each.startswith("dist/")]
    faults += [f"{name}: {each} does not belong there" for each in stray]
    faults += [f"{name}: {each} is never to be in an archive" for each in sorted(files) if _is_forbidden(each)]
    if package.get("version") != version():
        faults.append(f"{name}: it says version {package.get('version')}, pyproject.toml {version()}")
    if "scripts" in package or package.get("private"):
        faults.append(f"{name}: a package that is published has no scripts and is not private")
    return faults


def _named(exports: Any) -> set[str]:
    if isinstance(exports, str):
        return {exports.removeprefix("./")}
    return set().union(*map(_named, exports.values())) if exports else set()
