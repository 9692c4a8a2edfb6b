"""What is published holds what it has to and nothing else, says one version, and is the same bytes for everybody."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from release import __main__ as making
from release.archives import (
    Unbuildable,
    build_python,
    contents,
    copy_tree,
    faults_of_npm,
    faults_of_python,
    known_to_git,
)
from release.bom import with_bundled
from release.bundled import bundled
from release.versions import disagreeing, is_in_changelog, places, version

ROOT = Path(__file__).parents[2]
TIME = "1790000000"


def test_one_version_is_told_everywhere() -> None:
    assert disagreeing() == []
    assert len(list(places())) >= 10


@pytest.mark.parametrize(
    ("heading", "is_there"),
    [
        ("## 1.2.0 - 2026-12-01", True),
        ("## [1.2.0]", True),
        ("## 1.2.01", False),
        ("## Unreleased", False),
        ("", False),
    ],
)
def test_a_version_has_its_heading_in_the_changelog(heading: str, is_there: bool) -> None:
    assert is_in_changelog(f"# Changelog\n\n{heading}\n", "1.2.0") is is_there


def whole() -> dict[str, bytes]:
    """The contents that a wheel ought to have; of most files the name is enough."""
    info = f"waypost-{version()}.dist-info"
    added = {f"{info}/{name}": b"" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    added[f"{info}/METADATA"] = b"Name: waypost\nVersion: %s\n" % version().encode()
    added[f"{info}/entry_points.txt"] = b"waypost = api.cli.main:main"
    kept = [name for name in known_to_git() if name.split("/")[0] in {"dsl", "engine", "api", "widgets", "examples"}]
    tests = re.compile(r"(^|/)(test_[^/]*\.py|conftest\.py|[^/]*\.test\.ts)$")
    return {**{n: b"" for n in kept if not tests.search(n) and not n.startswith("api/console/assets/")}, **added}


WRONG = {
    "a source is missing": ({"engine/service.py": None}, "engine/service.py is missing"),
    "the grammar is missing": ({"dsl/grammar.lark": None}, "dsl/grammar.lark is missing"),
    "a licence is missing": ({"widgets/dist/third-party.txt": None}, "text widgets/dist/third-party.txt is missing"),
    "a test is in it": ({"widgets/tooltip/test_tooltip.py": b""}, "test_tooltip.py does not belong there"),
    "a database is in it": ({"examples/demo/waypost.sqlite": b""}, "waypost.sqlite is never to be in an archive"),
    "modules of Node are in it": ({"widgets/node_modules/a/b.js": b""}, "b.js is never to be in an archive"),
    "the console's sources are in it": ({"api/console/assets/build.mjs": b""}, "build.mjs does not belong there"),
    "a private key is in it": (
        {"api/app.py": b"-----BEGIN PRIVATE KEY-----\nAA"},
        "api/app.py holds a private key",
    ),
    "it tells where it was built": ({"api/app.py": str(ROOT).encode()}, "api/app.py names"),
    "it says another version": (
        {f"waypost-{version()}.dist-info/METADATA": b"\nVersion: 9.9.9\n"},
        "metadata does not name version",
    ),
    "it makes no command": ({f"waypost-{version()}.dist-info/entry_points.txt": b""}, "makes no command `waypost`"),
}


def test_a_wheel_that_is_whole_has_no_fault() -> None:
    assert faults_of_python("wheel", whole(), known_to_git()) == []


@pytest.mark.parametrize("what", WRONG)
def test_a_wheel_with_a_fault_is_refused(what: str) -> None:
    changes, told = WRONG[what]
    files = {name: held for name, held in {**whole(), **changes}.items() if held is not None}
    assert [fault for fault in faults_of_python("wheel", files, known_to_git()) if told in fault] != []


def packed(name: str) -> dict[str, bytes]:
    """The contents of an npm package, as `npm pack` takes them by its `files`."""
    folder = ROOT / "widgets" / "packages" / name
    taken = [path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] != "src"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in taken}


@pytest.mark.parametrize("name", ["js", "openfeature", "react"])
def test_an_npm_package_holds_what_it_exports_and_nothing_else(name: str) -> None:
    files = packed(name)
    assert faults_of_npm(files) == []
    said = version().encode()
    for changes, told in [
        ({"dist/index.js": None}, "dist/index.js is missing"),
        ({"dist/index.d.ts": None}, "dist/index.d.ts is missing"),
        ({"LICENSE": None}, "LICENSE is missing"),
        ({"src/index.ts": b""}, "src/index.ts does not belong there"),
        ({"dist/index.js.map": b""}, "index.js.map is never to be in an archive"),
        ({"package.json": files["package.json"].replace(b'"version": "%s"' % said, b'"version": "9"')}, "version 9"),
    ]:
        wrong = {each: held for each, held in {**files, **changes}.items() if held is not None}
        assert [fault for fault in faults_of_npm(wrong) if told in fault] != [], told


def test_the_bill_of_materials_names_what_lies_within_the_wheel_as_parts_of_waypost() -> None:
    read = {
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"bom-ref": "flask"}],
        "dependencies": [{"ref": "flask"}, {"ref": "root", "dependsOn": ["flask"]}],
    }
    bill = with_bundled(read, bundled())
    refs = [each["bom-ref"] for each in bill["components"]]
    assert "pkg:npm/echarts@" in "".join(refs)
    assert "pkg:npm/%40codemirror/view@" in "".join(refs)
    works = {(work.kind, work.name, work.version) for work in bundled()}
    assert len(refs) == len(set(refs)) == 1 + len(works)
    (shared,) = (each for each in bill["components"] if "npm/rrweb-snapshot@" in each["bom-ref"])
    assert shared["description"] == "within the wheel, in the snippet and the console"
    depends = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    assert sorted(depends) == sorted([*refs, "root"])
    assert sorted(depends["root"]) == sorted(refs)


def made_in(folder: Path) -> list[Path]:
    (folder / "waypost.whl").write_text("a wheel")
    return [folder / "waypost.whl"]


def test_a_release_is_laid_down_when_all_is_well_with_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(making, "build", made_in)
    monkeypatch.setattr(making, "still_to_do", list)
    assert making.main(["--to", str(tmp_path / "new")]) == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["waypost.whl"]
    assert "nothing was published. Next:\n  1. make test && make test-slow" in capsys.readouterr().out
    monkeypatch.setattr(making, "still_to_do", lambda: ["commit what is changed"])
    assert making.main(["--to", str(tmp_path / "another")]) == 0
    said = capsys.readouterr().out
    assert "these files are for trying only. Next:\n  1. commit what is changed\n  2. make release, again\n" in said


def test_where_something_is_wrong_nothing_is_left_that_could_be_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(folder: Path) -> list[Path]:
        made_in(folder)
        raise Unbuildable("wheel: dsl/grammar.lark is missing")

    monkeypatch.setattr(making, "build", failing)
    assert making.main(["--to", str(tmp_path / "new")]) == 1
    assert not (tmp_path / "new").exists()
    assert capsys.readouterr().err == "no release:\nwheel: dsl/grammar.lark is missing\n"
    (tmp_path / "notes.txt").write_text("mine")
    assert making.main(["--to", str(tmp_path)]) == 1
    assert "is not empty: name a new folder" in capsys.readouterr().err
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.thorough
def test_two_builds_elsewhere_at_another_time_give_the_same_bytes(tmp_path: Path) -> None:
    built = []
    for name, touched in (("one", 1_600_000_000), ("another/folder", 1_700_000_000)):
        tree = copy_tree(tmp_path / name / "tree")
        for path in tree.rglob("*"):
            os.utime(path, (touched, touched))
        (tmp_path / name / "made").mkdir()
        built.append(build_python(tree, tmp_path / name / "made", TIME))
    (wheel, sdist), others = built
    assert [path.read_bytes() for path in (wheel, sdist)] == [path.read_bytes() for path in others]
    kept = known_to_git()
    assert faults_of_python("wheel", contents(wheel), kept) + faults_of_python("sdist", contents(sdist), kept) == []
