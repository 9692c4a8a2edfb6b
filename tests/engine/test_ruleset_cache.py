"""Rules that were kept on disk decide as the rules that would be read anew; whatever else lies there is nothing."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from random import Random
from typing import Any

import pytest

from api.config import read_settings
from api.start import open_service
from dsl import kept, project_cache
from dsl.project import NOTHING_SEEN, RuleProject, load
from dsl.project_cache import load_kept
from dsl.stored import packed, unpacked
from engine import ruleset_cache
from engine.context import read_context
from engine.decisions import confirm, decide
from engine.facts import facts_of
from engine.outline import Outline, outline_of
from engine.replay.rules import verdicts
from engine.ruleset import RuleSet
from engine.ruleset_cache import build_kept
from tests.engine.deciding import folded
from tests.engine.histories import NOW
from tests.engine.one_by_one import decided_one_by_one
from tests.engine.random_rules import around_of, history_of, rules_of
from tests.engine.test_decisions_index import told

DIGEST = hashlib.blake2b().digest_size


def start(folder: Path, files: dict[str, str]) -> RuleSet:
    return build_kept(load_kept(files, folder=folder, seen=NOTHING_SEEN, zone="UTC"), folder=folder)


@pytest.fixture
def nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> Any:
        raise AssertionError("these rules were to be kept")

    monkeypatch.setattr(project_cache, "load", refused)
    monkeypatch.setattr(RuleSet, "build", refused)


@pytest.mark.parametrize("seed", range(8))
def test_a_warm_start_decides_as_a_cold_one(seed: int, tmp_path: Path) -> None:
    random = Random(3_000 + seed)  # noqa: S311
    size = (3, 40, 150)[seed % 3]
    files = {"rules.way": rules_of(random, size)}
    cold = start(tmp_path, files)
    for number in range(8):
        warm = start(tmp_path, files)
        assert isinstance(warm.by_name, ruleset_cache.OnDemand)
        assert (warm.revision, warm.plan.revision, warm.names) == (cold.revision, cold.plan.revision, cold.names)
        history = history_of(random, size)
        asked: dict[str, Any] = {
            "now": NOW,
            "person": f"person-{number}",
            "context": read_context(random.choice([None, {"page": {"path": "/domains"}}])),
            "around": around_of(random, size),
        }
        before, after = folded(cold, history), folded(warm, history)
        assert before.state.to_json() == after.state.to_json()
        of_cold, of_warm = facts_of(cold.plan, before.state, now=NOW), facts_of(warm.plan, after.state, now=NOW)
        assert verdicts(warm.records, of_warm, "u1") == verdicts(cold.records, of_cold, "u1")
        expected = told(decide(cold, before.state, before.woken[-2:], **asked))
        assert told(decide(warm, after.state, after.woken[-2:], **asked)) == expected
        assert expected[0] == decided_one_by_one(cold, before.state, before.woken[-2:], **asked)[0]
        name = random.choice(cold.names)
        assert confirm(warm, after.state, name, **asked) is confirm(cold, before.state, name, **asked)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_of_a_project_is_all_of_it(seed: int, tmp_path: Path) -> None:
    files = {"rules.way": "# a comment\n\n" + rules_of(Random(seed), 30)}  # noqa: S311
    cold, warm = start(tmp_path, files).project, start(tmp_path, files).project
    assert warm == cold == load(files)
    assert warm.diagnostics == cold.diagnostics
    assert [repr(each.span) for each in warm.diagnostics] == [repr(each.span) for each in cold.diagnostics]
    assert warm.programs["rules.way"].comments == cold.programs["rules.way"].comments
    assert warm.kinds == cold.kinds
    for name, guide in cold.guides.items():
        assert (warm.guides[name], warm.guides[name].span) == (guide, guide.span)


def test_the_kept_outlines_are_those_of_the_compiled_guides(tmp_path: Path) -> None:
    files = {"rules.way": rules_of(Random(7), 120)}  # noqa: S311
    start(tmp_path, files)
    (file,) = tmp_path.glob("*.compiled")
    _, _, _, tables, rows = unpacked(file.read_bytes()[DIGEST:])
    warm = start(tmp_path, files)
    read = list(ruleset_cache._outlines(rows, tables, warm.guides, warm.workshop))  # type: ignore[arg-type]
    assert [_spelled(each) for each in read] == [_spelled(outline_of(each)) for each in warm.guides]


def _spelled(outline: Outline) -> list[object]:
    terms = [[(id(each.holds), each.positive, each.lookup) for each in of] for of in (outline.audience, outline.terms)]
    rest = [getattr(outline, name) for name in Outline.__slots__ if name not in ("audience", "terms")]
    return [*rest, *terms]


def test_a_warm_start_makes_only_what_it_is_asked_for(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    files = {"rules.way": rules_of(Random(5), 150)}  # noqa: S311
    start(tmp_path, files)
    request.getfixturevalue("nothing_is_compiled")
    warm = start(tmp_path, files)
    assert isinstance(warm.by_name, ruleset_cache.OnDemand)
    assert not warm.by_name.made
    name = warm.names[7]
    assert warm.by_name[name].name == name
    assert list(warm.by_name.made) == [name]
    assert "nobody" not in warm.by_name
    with pytest.raises(KeyError):
        warm.by_name["nobody"]


def _broken(content: bytes) -> dict[str, bytes]:
    whole = hashlib.blake2b
    harm = pickle.dumps(_Harmful())
    return {
        "empty": b"",
        "half": content[: len(content) // 2],
        "one bit": content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
        "other data": whole(packed([1, 2])).digest() + packed([1, 2]),
        "no data": whole(b"rubbish").digest() + b"rubbish",
        "harm": whole(harm).digest() + harm,
    }


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("harm",)


@pytest.mark.parametrize("ending", [".rules", ".compiled"])
@pytest.mark.parametrize("how", list(_broken(b"0123456789")))
def test_a_broken_file_is_as_good_as_none(
    ending: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder, files = tmp_path / "cache", {"rules.way": rules_of(Random(1), 12)}  # noqa: S311
    cold = start(folder, files)
    (file,) = folder.glob(f"*{ending}")
    file.write_bytes(_broken(file.read_bytes())[how])
    again = start(folder, files)
    assert (again.revision, again.names, again.project) == (cold.revision, cold.names, cold.project)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("ending", [".rules", ".compiled"])
def test_a_file_that_others_may_write_is_not_read(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"rules.way": rules_of(Random(1), 12)}  # noqa: S311
    start(tmp_path, files)
    (file,) = tmp_path.glob(f"*{ending}")
    file.chmod(0o666)
    done: list[str] = []
    for owner, name in ((project_cache, "load"), (RuleSet, "build")):
        meant = getattr(owner, name)
        monkeypatch.setattr(
            owner, name, lambda *a, _meant=meant, _name=name, **k: done.append(_name) or _meant(*a, **k)
        )
    start(tmp_path, files)
    assert done == (["load"] if ending == ".rules" else ["build"])


def test_a_tree_that_cannot_be_made_is_read_from_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, files = tmp_path / "cache", {"rules.way": rules_of(Random(1), 12)}  # noqa: S311
    project = load_kept(files, folder=folder, seen=NOTHING_SEEN, zone="UTC")
    (file,) = folder.iterdir()
    for tree in (b"rubbish", packed("text"), packed([10**6]), pickle.dumps(_Harmful())):
        _replace_trees(file, tree)
        again = load_kept(files, folder=folder, seen=NOTHING_SEEN, zone="UTC")
        assert isinstance(again.guides, kept.KeptGuides)
        assert again.guides == project.guides
        assert again.programs == project.programs
    assert not (tmp_path / "harm").exists()


def _replace_trees(file: Path, tree: bytes) -> None:
    programs, mentioned, diagnostics = unpacked(file.read_bytes()[DIGEST:])
    for _, (_, entries, _) in programs:
        entries[:] = [entry if type(entry) is tuple else [*entry[:-1], tree] for entry in entries]
    content = packed((programs, mentioned, diagnostics))
    file.write_bytes(hashlib.blake2b(content).digest() + content)


def test_only_plain_data_lies_in_the_files(tmp_path: Path) -> None:
    """Neither code nor names of classes: nothing there could make Python do anything."""
    start(tmp_path, {"rules.way": rules_of(Random(2), 40)})  # noqa: S311
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        unpacked(content[DIGEST:])
        assert b"dsl." not in content
        assert b"engine." not in content


def test_a_rule_edited_after_a_warm_start_is_compiled_beside_the_others(tmp_path: Path) -> None:
    text = rules_of(Random(4), 40)  # noqa: S311
    start(tmp_path, {"rules.way": text})
    warm = start(tmp_path, {"rules.way": text})
    used = warm.guides[1]
    edited: RuleProject = load({"rules.way": text + 'guide more "More" { show modal { title "T" } }\n'})
    again = RuleSet.build(edited, previous=warm)
    assert again.by_name[used.name].terms == used.terms
    assert again.revision == RuleSet.build(edited).revision != warm.revision
    assert again.plan.revision == RuleSet.build(edited).plan.revision


RULES = (
    'event "Done"\nguide hello "Hello" { show modal { title "Hi" } once goal "Done" within 1 day expires 2030-01-01 }\n'
)


def test_a_restart_with_the_rules_that_were_published_reads_and_compiles_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "hello.way").write_text(RULES, encoding="utf-8")
    settings = read_settings({"WAYPOST_DATA_DIR": str(tmp_path / "data"), "WAYPOST_RULES": str(tmp_path / "rules")})
    service = open_service(settings)
    project = service.projects()[0].id
    revision = service.rules(project).revision  # type: ignore[union-attr]
    service.close()
    request.getfixturevalue("nothing_is_compiled")
    service = open_service(settings)
    assert service.rules(project).revision == revision  # type: ignore[union-attr]
    assert [each.version for each in service.publications.versions(project)] == [1]
    service.close()
