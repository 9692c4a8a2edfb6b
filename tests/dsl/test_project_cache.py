"""A project that was kept on disk is the project that would be read anew; anything else that lies there is nothing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from dsl import project_cache
from dsl.catalog import Seen
from dsl.project import NOTHING_SEEN, RuleProject, load
from dsl.project_cache import MOST_KEPT, load_kept
from dsl.values import NUMBER

FILES = {
    "a.way": (
        'attribute plan: one of "free", "trial"\n'
        "attribute seats: number default 1\n"
        'journey activation "A" { stage one "One" { step signup "S" reached by "Signed Up" expect within 1 day } }\n'
        'persona large "Large" where seats >= 50.5 and plan is not "free"\n'
    ),
    "b.way": (
        'survey effort "Effort" {\n  at activation.signup\n  on "Signed Up"\n  for large\n'
        '  ask effort ease "Ease?"\n  ask choice cause "Why?" if ease <= 4 { "Lost" feels confused  other }\n'
        "  expires 2030-01-01\n}\n"
        'guide help "Help" { show modal { title "Hi {{ name | \\"you\\" }}" } }\n'
    ),
}


def kept(folder: Path, files: dict[str, str] = FILES, *, seen: Seen = NOTHING_SEEN, zone: str = "UTC") -> RuleProject:
    return load_kept(files, folder=folder, seen=seen, zone=zone)


@pytest.fixture
def never_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> RuleProject:
        raise AssertionError("this project was to be kept")

    monkeypatch.setattr(project_cache, "load", read)


def test_the_first_time_it_is_read_and_then_it_is_kept(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    first = kept(tmp_path)
    request.getfixturevalue("never_read_anew")
    again = kept(tmp_path)
    anew = load(FILES)
    assert first == again == anew
    assert anew.diagnostics
    assert [each.span for each in again.diagnostics] == [each.span for each in anew.diagnostics]
    assert again.guides["help"].span == anew.guides["help"].span


@pytest.mark.parametrize(
    "other",
    [
        lambda folder: kept(folder, {**FILES, "b.way": FILES["b.way"] + "# more\n"}),
        lambda folder: kept(folder, {"c.way": FILES["a.way"], "b.way": FILES["b.way"]}),
        lambda folder: kept(folder, zone="Europe/Berlin"),
        lambda folder: kept(folder, seen=Seen(attributes={"level": NUMBER})),
    ],
)
def test_other_texts_names_zones_and_data_are_another_project(tmp_path: Path, other: object) -> None:
    kept(tmp_path)
    assert callable(other)
    other(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_rules_with_errors_are_not_kept(tmp_path: Path) -> None:
    assert not kept(tmp_path, {"a.way": "guide"}).ok
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"rubbish", pickle.dumps(({}, 1))[:-4], pickle.dumps(os.system)])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    kept(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert kept(tmp_path) == load(FILES)


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("harm",)


def test_a_stored_file_makes_nothing_but_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "cache"
    kept(folder)
    (file,) = folder.iterdir()
    file.write_bytes(pickle.dumps(({}, _Harmful())))
    assert kept(folder) == load(FILES)
    assert not (tmp_path / "harm").exists()


def test_a_file_that_others_may_write_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    (file,) = tmp_path.iterdir()
    file.chmod(0o666)
    read: list[object] = []
    monkeypatch.setattr(project_cache, "load", lambda *args, **more: read.append(args) or load(*args, **more))
    assert kept(tmp_path) == load(FILES)
    assert read


def test_where_nothing_can_be_written_rules_are_read_as_ever(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder", encoding="utf-8")
    assert kept(tmp_path / "taken").ok
    assert kept(tmp_path / "taken" / "below").ok


def test_only_the_latest_projects_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_KEPT + 3):
        kept(tmp_path, {"a.way": FILES["a.way"] + f"# {number}\n"})
    assert len(list(tmp_path.iterdir())) == MOST_KEPT
