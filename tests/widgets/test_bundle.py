"""The committed bundle is what the sources build, small enough, and of one mind with the server."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from dsl.clauses import every
from dsl.nodes import Guide, Question
from dsl.parser import parse
from dsl.patterns import glob
from engine.surveys import asked, expression_of, jump_to_wire, truth
from tests.widgets.browser import WIDGETS

DIST = WIDGETS / "dist"
SNIPPET = Path(__file__).parents[2] / "docs" / "reference" / "snippet.md"


@pytest.fixture(scope="session")
def npm() -> str:
    """npm, with the packages of the lock file installed."""
    program = shutil.which("npm") or "npm"
    if not (WIDGETS / "node_modules" / ".package-lock.json").exists():
        subprocess.run([program, "ci", "--no-audit", "--no-fund"], cwd=WIDGETS, check=True, capture_output=True)
    return program


def run(*command: str, given: str | None = None) -> str:
    done = subprocess.run(command, cwd=WIDGETS, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


@pytest.mark.node
def test_the_committed_bundle_is_what_the_sources_build(npm: str, tmp_path: Path) -> None:
    run("node", "build.mjs", str(tmp_path / "dist"), str(tmp_path / "packages"))
    renew = "run `npm run build` in widgets/ and commit widgets/dist and widgets/packages/*/dist"
    for folder in ("dist", "packages/js/dist", "packages/react/dist"):
        built = {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        committed = {path.name: path.read_bytes() for path in (WIDGETS / folder).iterdir()}
        assert sorted(built) == sorted(committed), renew
        assert [name for name in built if built[name] != committed[name]] == [], renew


@pytest.mark.node
def test_a_release_keeps_its_files_for_the_pages_that_name_them_with_their_hash(npm: str, tmp_path: Path) -> None:
    run("node", "release.mjs", str(tmp_path))
    parts = json.loads((DIST / "manifest.json").read_text())["parts"]
    assert {path.name for path in tmp_path.iterdir()} == {*parts.values(), "contract-1.json"}
    assert (tmp_path / "contract-1.json").read_bytes() == (DIST / "manifest.json").read_bytes()


@pytest.mark.node
def test_the_types_are_those_of_the_schemas(npm: str, tmp_path: Path) -> None:
    run("node", "generate-types.mjs", str(tmp_path / "content.ts"))
    committed = (WIDGETS / "generated" / "content.ts").read_text()
    assert (tmp_path / "content.ts").read_text() == committed, "run `npm run types` in widgets/"


@pytest.mark.node
def test_the_sources_are_strictly_typed(npm: str) -> None:
    run(npm, "run", "--silent", "check")
    assert json.loads((WIDGETS / "tsconfig.json").read_text())["compilerOptions"]["strict"] is True


@pytest.mark.parametrize(
    ("pattern", "most"),
    [
        ("waypost.js", 8_192),
        ("drawing-*.js", 18_432),
        ("headless-*.js", 8_192),
        ("sensors-*.js", 9_216),
        ("clicks-*.js", 2_048),
        ("panel-*.js", 4_096),
        ("picker-*.js", 8_192),
        ("replay-*.js", 36_864),
    ],
)
def test_a_file_is_within_its_limit(pattern: str, most: int) -> None:
    (path,) = DIST.glob(pattern)
    assert packed(path) <= most


def test_all_that_draws_is_within_the_limit() -> None:
    parts = json.loads((DIST / "manifest.json").read_text())["parts"]
    assert sum(packed(DIST / parts[each]) for each in ("drawing", "asking", "leading", "waits")) <= 30_720


def test_the_published_sizes_are_those_of_the_files() -> None:
    parts = json.loads((DIST / "manifest.json").read_text())["parts"]
    kilobytes = {name: packed(DIST / file) / 1024 for name, file in parts.items()}
    text = SNIPPET.read_text()
    rows = dict(re.findall(r"^\| `([\w-]+)(?:\.js)?` \| ([\d.]+) \|", text.partition("## Sizes")[2], re.MULTILINE))
    assert rows == {name: f"{size:.1f}" for name, size in kilobytes.items()}
    kinds = (["drawing"], ["drawing", "leading"], ["drawing", "asking"], ["drawing", "asking", "leading", "waits"])
    tooltip, tour, survey, every_kind = (f"{sum(kilobytes[each] for each in kind):.1f} KB" for kind in kinds)
    said = (
        f"A tooltip takes {tooltip} beside `waypost.js`, a tour {tour}, a survey {survey}; a page that shows every "
        f"kind loads {every_kind}."
    )
    assert said in text.replace("\n", " ")


def names_in(path: Path) -> set[str]:
    return set(re.findall(r'"(?:\./)?([a-z-]+-[A-Z0-9]{8}\.js)"', path.read_text()))


def test_core_and_drawing_name_the_files_that_are_there() -> None:
    parts = json.loads((DIST / "manifest.json").read_text())["parts"]
    first = {parts[name] for name in ("clicks", "drawing", "headless", "panel", "picker", "replay", "sensors")}
    assert names_in(DIST / "waypost.js") == first
    assert names_in(DIST / parts["picker"]) == {parts["drawing"]}
    later = set(parts.values()) - first - {parts["waypost"]}
    assert names_in(DIST / parts["drawing"]) == later
    for file in later:
        assert names_in(DIST / file) <= {parts["drawing"]}, file


def test_the_manifest_has_the_hash_of_every_file_and_names_the_newest_parts() -> None:
    manifest = json.loads((DIST / "manifest.json").read_text())
    scripts = {path.name: path.read_bytes() for path in DIST.glob("*.js")}
    assert manifest["files"] == {
        name: "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
        for name, content in scripts.items()
    }
    assert manifest["version"] == json.loads((WIDGETS / "package.json").read_text())["version"]
    assert {f"{name}-" == file[: len(name) + 1] for name, file in manifest["parts"].items()} == {True}
    assert set(manifest["parts"].values()) | {"waypost.js"} == set(scripts)
    assert scripts[manifest["parts"]["waypost"]] == scripts["waypost.js"], "two names of one script"


def test_versions_are_exact_and_the_lock_file_names_no_registry() -> None:
    package = json.loads((WIDGETS / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert "http" not in re.sub(r'"url": "[^"]*"', "", (WIDGETS / "package-lock.json").read_text())


def test_what_is_built_in_says_whose_it_is() -> None:
    notice = (DIST / "third-party.txt").read_text()
    for name in json.loads((WIDGETS / "package.json").read_text())["dependencies"]:
        assert name in notice


SURVEY = """
survey s "S" {{
  ask effort ease "?" {ease_then}
  ask choice cause "?" {cause_if} {{
    "a" {a_then}
    "b"
    other {other_then}
  }}
  ask choices many "?" optional {many_if} {{
    "x" {x_then}
    "y"
  }}
  ask text detail "?" optional {detail_if}
  ask nps last "?" {last_if}
}}
"""

CONDITIONS = {
    "cause_if": ["", "if ease <= 4", "if ease between 2 and 5", "if not (ease > 3)", "if ease is not 7"],
    "many_if": [
        "",
        'if cause is one of "a", "b"',
        "if cause is other",
        'if ease < 3 or cause is "b"',
        "if cause is set",
    ],
    "detail_if": [
        "",
        'if many include "x"',
        'if many include none of "x" and ease >= 2',
        'if not (many include "y")',
    ],
    "last_if": [
        "",
        'if detail contains "WORD" ignoring case',
        "if detail is not set",
        'if ease > 5 or cause is "a"',
    ],
}
JUMPS = {
    "ease_then": ["", "", "", "then ask detail", "then end"],
    "a_then": ["", "", "then ask last", "then end"],
    "other_then": ["", "", "then ask detail"],
    "x_then": ["", "", "then ask last", "then end"],
}
ANSWERS: dict[str, list[Any]] = {
    "ease": [1, 2, 3, 4, 5, 6, 7],
    "cause": ["a", "b", "other"],
    "many": [["x"], ["y"], ["x", "y"], []],
    "detail": ["a word", "nothing", "A WORD"],
    "last": [0, 10],
}


def survey(draw: random.Random) -> list[Question]:
    choices = {name: draw.choice(options) for name, options in (CONDITIONS | JUMPS).items()}
    parsed = parse(SURVEY.format(**choices))
    assert not parsed.diagnostics, parsed.diagnostics
    guide = parsed.program.declarations[0]
    assert isinstance(guide, Guide)
    return list(every(guide, Question))


def wire(questions: list[Question]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id.text,
            "if": expression_of(each, questions[:place]),
            "then": jump_to_wire(each.then),
            "choices": [{"id": choice.key, "then": jump_to_wire(choice.then)} for choice in each.choices],
        }
        for place, each in enumerate(questions)
    ]


@pytest.mark.node
def test_browser_and_server_ask_the_same_questions(npm: str) -> None:
    draw = random.Random(7)  # noqa: S311  (cases, not secrets)
    cases, expected = [], []
    for _ in range(1500):
        questions = survey(draw)
        answers: dict[str, Any] = {}
        # Answered one after the other, as in the browser: until the end, or until somebody stops.
        for _step in range(draw.randint(0, 5)):
            met = asked(questions, answers)
            if not met or met[-1] in answers:
                break
            answers[met[-1]] = draw.choice(ANSWERS[met[-1]])
        cases.append({"questions": wire(questions), "answers": answers})
        expected.append(list(asked(questions, answers)))
    told = json.loads(
        run("node", str(Path(__file__).parent / "flow_paths.mjs"), given=json.dumps({"cases": cases, "seeds": 6000}))
    )
    wrong = [
        (case, path, want) for case, path, want in zip(cases, told["paths"], expected, strict=True) if path != want
    ]
    assert wrong == []
    # Six orders of three, `other` last; each within five standard deviations of a sixth.
    assert sorted(told["orders"]) == ["abcd", "acbd", "bacd", "bcad", "cabd", "cbad"]
    assert all(abs(count - 1000) < 145 for count in told["orders"].values()), told["orders"]


PATTERNS = [
    "/domains/*",
    "/domains",
    "/domains/",
    "/",
    "*",
    "/a*b/c",
    "/a.b",
    "/(x)+[y]",
    "/ü/*",
    "/search?q=1",
    "https://app.example.com/*",
    "domains",
]
ADDRESSES = [
    "/",
    "/domains",
    "/domains/",
    "/domains/7",
    "/domains/7/",
    "/domains/7?tab=dns#top",
    "/a-and-b/c",
    "/a/x/b/c",
    "/a.b",
    "/axb",
    "/(x)+[y]",
    "/ü/1",
    "/search?q=2",
    "https://app.example.com/domains/7",
]


@pytest.mark.node
def test_browser_and_server_mean_the_same_by_the_pattern_of_a_page(npm: str) -> None:
    assert npm
    given = json.dumps({"patterns": PATTERNS, "addresses": ADDRESSES})
    told = json.loads(run("node", str(Path(__file__).parent / "page_patterns.mjs"), given=given))
    assert told == [[glob(pattern)(address) for address in ADDRESSES] for pattern in PATTERNS]


FOLDED = [
    ("choice", "is", "STRASSE", "straße", True),
    ("choice", "is", "straẞe", "strasse", True),
    ("choice", "is", "ΟΔΟΣ", "οδος", True),
    ("choice", "is", "οδοσ", "οδος", True),
    ("choice", "is", "ﬁt", "FIT", True),
    ("choice", "is", "İ", "i̇", True),
    ("choice", "is", "ı", "I", False),
    ("choice", "is", "ı", "ı", True),
    ("choice", "is", "K", "k", True),
    ("choice", "is", "é", "e", False),
    ("choice", "is not", "GROSS", "groß", False),
    ("choice", "is one of", "Groß", ["klein", "GROSS"], True),
    ("choice", "is none of", "Groß", ["klein", "GROSS"], False),
    ("choices", "include", ["Maße", "x"], "MASSE", True),
    ("choices", "include any of", ["ΤΕΛΟΣ"], ["τελος", "y"], True),
    ("choices", "include all of", ["Maße", "ſ"], ["masse", "S"], True),
    ("choices", "include none of", ["Maße"], ["MASSE"], False),
    ("choices", "include none of", ["ı"], ["i"], True),
    ("text", "contains", "Die Straße ist zu", "STRASSE", True),
    ("text", "contains", "ΟΔΟΣ 7", "οδος", True),
    ("text", "does not contain", "Straße", "strasse", False),
    ("text", "starts with", "ẞ", "s", True),
    ("text", "ends with", "Spaß", "S", True),
]


@pytest.mark.node
def test_browser_and_server_ignore_case_alike(npm: str) -> None:
    assert npm
    declared = every(
        parse(
            'survey s "S" { ask choice choice "?" { "a" } ask choices choices "?" { "a" } ask text text "?" }'
        ).program.declarations[0],
        Question,
    )
    types = {each.id.text: each for each in declared}
    conditions = [
        {"answer": answer, "expression": {"question": "q", "op": op, "value": wanted, "ignore_case": True}}
        for _, op, answer, wanted, _ in FOLDED
    ]
    letters = "".join(
        letter for letter in map(chr, range(0x110000)) if unicodedata.ucd_3_2_0.category(letter) not in ("Cn", "Cs")
    )
    given = json.dumps({"conditions": conditions, "letters": letters})
    told = json.loads(run("node", str(Path(__file__).parent / "flow_paths.mjs"), given=given))
    server = [
        truth(case["expression"], {"q": case["answer"]}, {"q": types[row[0]]})
        for case, row in zip(conditions, FOLDED, strict=True)
    ]
    wanted = [row[-1] for row in FOLDED]
    assert (server, told["truths"]) == (wanted, wanted)
    # Every letter of which both sides have known for long: the same ones are the same.
    assert alike(letters, [letter.casefold() for letter in letters]) == alike(letters, told["folded"])


def alike(letters: str, keys: list[str]) -> set[frozenset[str]]:
    """The letters that share a key."""
    groups: dict[str, set[str]] = {}
    for letter, key in zip(letters, keys, strict=True):
        groups.setdefault(key, set()).add(letter)
    return {frozenset(group) for group in groups.values()}
