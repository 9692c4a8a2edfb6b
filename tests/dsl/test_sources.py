"""Which files belong to a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.diagnostics import render
from dsl.project import load
from dsl.sources import imported_name, read_files, rule_files


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str | bytes = "attribute seats: number\n") -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_folder_stands_for_its_rules_in_the_order_of_their_names() -> None:
    for name in ("rules/b.way", "rules/a.way", "rules/more/c.way", "rules/notes.txt", "rules/.git/d.way"):
        write(name)
    files, found = read_files([Path("rules")])
    assert list(files) == ["rules/a.way", "rules/b.way", "rules/more/c.way"]
    assert found == ()


def test_a_file_is_read_once_however_often_it_is_named() -> None:
    write("rules/a.way")
    files, _ = read_files([Path("rules"), Path("rules/a.way"), Path("rules/../rules/a.way")])
    assert list(files) == ["rules/a.way"]


def test_imports_of_a_single_file_are_read_too() -> None:
    write("rules/a.way", 'import "../shared/b.way"\nsegment large where seats > 50\n')
    write("shared/b.way", 'import "c.way"\nattribute seats: number\n')
    write("shared/c.way", 'import "b.way"\n')
    files, _ = read_files([Path("rules/a.way")])
    assert list(files) == ["rules/a.way", "shared/b.way", "shared/c.way"]
    assert load(files).ok


def test_fmt_touches_only_the_files_that_are_named() -> None:
    write("a.way", 'import "b.way"\n')
    write("b.way")
    assert rule_files([Path("a.way")]) == ([Path("a.way")], ())


def test_the_word_import_in_a_text_imports_nothing() -> None:
    write("a.way", 'guide g {\n  show modal {\n    body """\n      import "b.way"\n    """\n  }\n}\n')
    write("b.way")
    assert list(read_files([Path("a.way")])[0]) == ["a.way"]


@pytest.mark.parametrize("wanted", ["/etc/b.way", "b.txt", "b"])
def test_only_way_files_beside_the_importer_can_be_imported(wanted: str) -> None:
    assert imported_name("rules/a.way", wanted) is None


def test_a_mark_at_the_start_of_the_file_is_left_out() -> None:
    write("a.way", b"\xef\xbb\xbfattribute seats: number\n")
    assert read_files([Path("a.way")])[0] == {"a.way": "attribute seats: number\n"}


def said(path: str) -> str:
    return "\n".join(render(each, {}) for each in read_files([Path(path)])[1])


def test_a_file_in_another_encoding_is_reported_with_its_place() -> None:
    write("a.way", b"# first\nattribute gr\xf6sse: number\n")
    assert said("a.way") == "error[WP128]: `a.way` is not UTF-8 text\n  a.way:2:13\n  help: save the file as UTF-8"


def test_a_folder_without_rules_is_reported() -> None:
    Path("empty").mkdir()
    assert said("empty") == "error[WP127]: folder `empty` has no rules\n  empty:1:1\n  help: rule files end in `.way`"


def test_a_missing_path_is_reported() -> None:
    assert said("nowhere") == ("error[WP126]: `nowhere` cannot be read: there is no such file or folder\n  nowhere:1:1")
