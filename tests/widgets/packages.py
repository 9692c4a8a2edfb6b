"""The npm packages as somebody else gets them: packed, and installed into a project that is not ours."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.widgets.browser import WIDGETS

APP = Path(__file__).parent / "react_app"
HOSTS = Path(__file__).parents[2] / "examples" / "hosts"
TSC = WIDGETS / "node_modules" / "typescript" / "bin" / "tsc"


def run(*command: str, folder: Path, **environment: str) -> str:
    """What a command says; fails with it where it fails."""
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **quiet, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def npm() -> str:
    """npm, with the widgets' own tools installed."""
    program = shutil.which("npm") or "npm"
    if not (WIDGETS / "node_modules" / ".package-lock.json").exists():
        run(program, "ci", folder=WIDGETS)
    return program


def install(folder: Path, *names: str) -> Path:
    """A project in the folder with these of our packages installed from what `npm pack` makes of them."""
    program = npm()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "package.json").exists():
        (folder / "package.json").write_text('{"name": "somebody-elses", "private": true, "type": "module"}\n')
    packed = []
    for name in names:
        run(program, "pack", str(WIDGETS / "packages" / name), "--pack-destination", str(folder), folder=folder)
        (tarball,) = folder.glob(f"waypost-{name}-*.tgz")
        packed.append(f"./{tarball.name}")
    # Nothing but our own files: whatever else is needed comes from the folder of `from_lock`.
    run(program, "install", "--offline", "--legacy-peer-deps", "--no-save", "--ignore-scripts", *packed, folder=folder)
    return folder


def from_lock(request: pytest.FixtureRequest, folder: Path) -> Path:
    """The `node_modules` of a lock file; installed once, and kept beside pytest's own cache."""
    lock = (folder / "package-lock.json").read_bytes()
    kept = Path(str(request.config.cache.mkdir("node-modules")))  # type: ignore[union-attr]
    done = kept / hashlib.sha256(lock).hexdigest()[:16]
    if not done.exists():
        making = kept / f"making-{os.getpid()}"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, making)
        run(npm(), "ci", "--ignore-scripts", folder=making)
        try:
            making.replace(done)
        except OSError:
            # Another worker of this run was quicker.
            if not done.exists():
                raise
    return done / "node_modules"


def compile_types(folder: Path) -> str:
    """What the TypeScript compiler has to say about a project; nothing, if it is right."""
    done = subprocess.run(["node", str(TSC), "-p", "."], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
