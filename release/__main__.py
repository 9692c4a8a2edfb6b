"""`make release`: builds everything that is published, into `dist/`, checks it, and publishes nothing."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from release.archives import (
    Unbuildable,
    build_npm,
    build_python,
    contents,
    copy_tree,
    epoch,
    faults_of_npm,
    faults_of_python,
    known_to_git,
    run,
)
from release.bom import validate, with_bundled
from release.bundled import bundled
from release.licences import OPTIONAL, ROOT, declared, fault_of
from release.versions import disagreeing, is_in_changelog, not_kept, version

NOT_FOR_PEOPLE = OPTIONAL | {"docs", "test"}
"""Extras that the bill of materials leaves out: what the website and tests need, and Spark's 400 MB."""


def say(text: str) -> None:
    """A line for whoever makes the release."""
    print(text, flush=True)


def refuse(faults: list[str]) -> None:
    """End here where something is wrong."""
    if faults:
        raise Unbuildable("\n".join(faults))


def write_bom(wheel: Path, to: Path, time: str) -> Path:
    """Install the wheel with its extras by itself, ask it for its version, and write down what came with it."""
    bin_here = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        venv.create(away / "environment", with_pip=False, symlinks=True)
        there = away / "environment" / "bin"
        extras = ",".join(sorted({extra for extra in declared() if extra} - NOT_FOR_PEOPLE))
        pip = (sys.executable, "-m", "pip", "--python", there / "python", "--disable-pip-version-check")
        run(*pip, "install", "--quiet", f"waypost[{extras}] @ {wheel.as_uri()}", cwd=away)
        told = run(there / "waypost", "--version", cwd=away)
        if version() not in told:
            raise Unbuildable(f"`waypost --version` of the installed wheel says {told!r}, pyproject.toml {version()}")
        read = (bin_here / "cyclonedx-py", "environment", "--output-reproducible", "--sv", "1.6")
        project = ("--pyproject", ROOT / "pyproject.toml")
        text = run(*read, *project, there / "python", cwd=away, SOURCE_DATE_EPOCH=time)
    bom = json.dumps(with_bundled(json.loads(text), bundled()), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    fault = validate(bom)
    refuse([f"the bill of materials is none: {fault}"] if fault else [])
    # Where the wheel lay while it was installed says something about this machine and nothing about the wheel.
    refuse([f"the bill of materials names {place}" for place in (str(wheel.parent), folder) if place in bom])
    path = to / f"waypost-{version()}.cdx.json"
    path.write_text(bom, encoding="utf-8")
    return path


def build(to: Path) -> list[Path]:
    """Everything that is published, checked. Raises Unbuildable where something is not as it has to be."""
    refuse(disagreeing())
    refuse([fault for work in bundled() if (fault := fault_of(work.name, work.licence))])
    time, kept = epoch(), known_to_git()
    with tempfile.TemporaryDirectory() as folder:
        say("building wheel, sdist and npm packages …")
        tree = copy_tree(Path(folder))
        wheel, sdist = build_python(tree, to, time)
        packages = build_npm(tree, to)
    faults = faults_of_python("wheel", contents(wheel), kept) + faults_of_python("sdist", contents(sdist), kept)
    refuse(faults + [fault for package in packages for fault in faults_of_npm(contents(package))])
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=to)
    say("installing the wheel by itself, for the bill of materials …")
    made = [wheel, sdist, *packages, write_bom(wheel, to, time)]
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    (to / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return [*made, to / "SHA256SUMS"]


def still_to_do() -> list[str]:
    """What keeps these files from being a release, although they are built."""
    number = version()
    missing = []
    if run("git", "status", "--porcelain", cwd=ROOT).strip():
        missing.append("commit what is changed or new, or take it away: these files are of no commit")
    if not is_in_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), number):
        missing.append(f"give `## Unreleased` in CHANGELOG.md the heading `## {number} - <date>`, and commit")
    if not_kept():
        missing.append(
            "cd widgets && npm run release, and commit widgets/released: later releases go on serving these files"
        )
    return missing


def main(words: Sequence[str] | None = None) -> int:
    """Build into the folder that is named. Where something is wrong: exit code 1, why, and nothing in the folder."""
    read = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    told = "a folder that is new or empty (default: dist, which is emptied)"
    read.add_argument("--to", type=Path, default=ROOT / "dist", help=told)
    to: Path = read.parse_args(words).to.resolve()
    if to == ROOT / "dist":
        shutil.rmtree(to, ignore_errors=True)
    try:
        refuse([f"{to} is not empty: name a new folder"] if to.exists() and any(to.iterdir()) else [])
        with tempfile.TemporaryDirectory() as folder:
            made = build(Path(folder))
            to.mkdir(parents=True, exist_ok=True)
            made = [Path(shutil.move(path, to)) for path in made]
    except Unbuildable as wrong:
        sys.stderr.write(f"no release:\n{wrong}\n")
        return 1
    say(f"\nin {to}:")
    for path in made:
        say(f"  {path.stat().st_size:>10,}  {path.name}")
    missing = still_to_do()
    steps = [
        *missing,
        *(["make release, again"] if missing else []),
        "make test && make test-slow, on this very commit",
        f"git tag v{version()} && git push --tags",
        "twine upload dist/*.whl dist/*.tar.gz",
        "npm publish --access public dist/waypost-js-*.tgz, then the other dist/waypost-*.tgz",
        "attach the bill of materials and SHA256SUMS to the release's page",
    ]
    say(
        "\nnothing was published, and these files are for trying only. Next:"
        if missing
        else "\nnothing was published. Next:"
    )
    for number, step in enumerate(steps, 1):
        say(f"  {number}. {step}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
