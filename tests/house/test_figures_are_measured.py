"""Figures that the pages tell are those that were measured, and what was measured tells whether it met its aim."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import bench_effect, scale

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
FILES = sorted(RESULTS.glob("*.md"))
PAGES = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
EACH = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
WITHOUT_AIMS = {"scale"}
"""How it grows is told, not judged."""
OWN_HEAD = {"scale"}
AIM = re.compile(
    r"^- (?P<verdict>met|\*\*missed\*\*): .+: (?P<ratio>[\d.e+-]+) \((?P<kind>at most|at least) (?P<limit>[\d.e+-]+)\)$"
)
OF_THE_SOAK = (
    "errors: ",
    "refused for the moment",
    "the WAL stays below",
    "file handles do not grow",
    "`waypost db verify` afterwards: ",
    "memory is flat in the second half: ",
)


def result(name: str) -> str:
    return (RESULTS / f"{name}.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())


def aims(name: str) -> list[str]:
    return [line for line in result(name).splitlines() if line.startswith(("- met: ", "- **missed**: "))]


def test_each_benchmark_has_its_results_and_each_result_its_benchmark() -> None:
    benchmarks = {path.stem.removeprefix("bench_") for path in (ROOT / "benchmarks").glob("bench_*.py")}
    assert {file.stem for file in FILES} == benchmarks | {"scale", "soak"}


@EACH
def test_a_file_of_results_says_what_it_is_and_on_what_it_was_measured(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    machine = (
        r"Written by .* processors, Python 3\." if file.stem in OWN_HEAD else r"Python 3\.\d+\.\d+ on \w+; a million"
    )
    assert re.match(machine, lines[2])
    assert "| " in file.read_text(encoding="utf-8")


@EACH
def test_a_verdict_is_that_of_its_own_figures(file: Path) -> None:
    found = aims(file.stem)
    assert bool(found) == (file.stem not in WITHOUT_AIMS)
    for line in found if file.stem != "soak" else ():
        told = AIM.match(line)
        assert told is not None, line
        ratio, limit = float(told["ratio"]), float(told["limit"])
        is_met = ratio <= limit if told["kind"] == "at most" else ratio >= limit
        # Ratios are told with three digits.
        assert is_met == (told["verdict"] == "met") or ratio == limit, line


def modules_of(name: str) -> Iterator[Path]:
    """The module of a benchmark, and those of its own folder that it is made of."""
    module = ROOT / "benchmarks" / f"bench_{name}.py"
    yield module
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("benchmarks."):
            folder = ROOT / Path(*node.module.split("."))
            for path in [folder.with_suffix(".py"), *(folder / f"{each.name}.py" for each in node.names)]:
                if path.exists() and not path.stem.startswith("bench_"):
                    yield path


def demanded(name: str) -> Iterator[str]:
    """A pattern for each aim that the code of a benchmark sets."""
    for path in modules_of(name):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 3:
                continue
            kind, (text, _, limit) = node.func.attr.replace("_", " "), node.args
            if kind in ("at most", "at least"):
                parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                told = "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)
                most = re.escape(f"{limit.value:g}") if isinstance(limit, ast.Constant) else "[^ ]+"
                yield rf"^- (met|\*\*missed\*\*): {told}: [^ ]+ \({kind} {most}\)$"


@pytest.mark.parametrize("name", sorted({file.stem for file in FILES} - {"scale", "soak"}))
def test_every_aim_that_a_benchmark_sets_is_judged_in_its_results(name: str) -> None:
    patterns = list(demanded(name))
    assert patterns
    assert [each for each in patterns if not re.search(each, result(name), re.MULTILINE)] == []


def test_the_soak_judges_all_that_it_looks_at() -> None:
    found = [line.split(": ", 1)[1] for line in aims("soak")]
    assert [text for text in OF_THE_SOAK if not any(line.startswith(text) for line in found)] == []


def test_what_was_missed_is_said_in_the_docs_and_nothing_else_is() -> None:
    missed = {file.stem for file in FILES if any(line.startswith("- **missed**") for line in aims(file.stem))}
    said = set()
    for path in PAGES:
        for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
            if re.search(r"aims? that (was|were) missed", paragraph, re.IGNORECASE):
                said |= set(re.findall(r"results/(\w+)\.md", paragraph))
    assert said == missed, (
        "name in docs/operate.md, under “Aims that were missed”, what benchmarks/results says was missed"
    )


OF_SCALE = {
    "17": "the version of Java",
    "4": "the version of Spark",
    "30": "seconds that somebody may be willing to wait: advice",
}
"""Figures in the prose of docs/scale.md that nobody measures."""


def test_the_page_on_scale_quotes_the_results_as_they_are_of_all_three_sizes() -> None:
    docs, results = scale.DOCS.read_text(encoding="utf-8"), scale.RESULTS.read_text(encoding="utf-8")
    assert docs == scale.quoted(docs, results)
    for question in ("funnel", "paths"):
        rows = results.split(f"## {question}\n")[1].split("\n## ")[0]
        assert re.findall(r"^\| ([\d,]+) \|", rows, re.MULTILINE) == ["1,000,000", "10,000,000", "100,000,000"]


def test_every_figure_in_the_prose_on_scale_is_measured() -> None:
    text = scale.DOCS.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- from")
    prose = re.sub(
        r"`[^`]*`|\]\([^)]*\)|^\d\. ", "", before + rest.partition("<!-- until here -->")[2], flags=re.MULTILINE
    )
    results = set(re.findall(r"\d[\d.,]*\d|\d", result("scale")))
    told = set(re.findall(r"\d[\d.,]*\d|\d", prose))
    assert told - results - set(OF_SCALE) == set()
    assert set(OF_SCALE) <= told
    # And those in words.
    assert "over thirty days" in page("scale.md")
    assert "Events of thirty days" in result("scale")
    assert "is tested on a million events" in page("scale.md")
    assert "\nEVENTS, PEOPLE = 1_000_000," in (ROOT / "tests" / "engine" / "test_spark.py").read_text(encoding="utf-8")
    assert "races ten million events" in page("scale.md")
    assert ": 10,000,000 events" in result("analytics")


def column(name: str, title: str, place: int) -> list[str]:
    """A column of the table below a heading."""
    rows = result(name).split(f"## {title}")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in rows.splitlines() if line.startswith("| ")]
    return [each[place] for each in cells[1:]]


def test_the_page_on_effects_tells_what_the_simulation_found() -> None:
    title = f"Guides that change nothing, read on each of {bench_effect.DAYS} days, {bench_effect.RUNS:,} times each"
    naive = [float(share.strip("%")) for share in column("effect", title, -1)]
    # “about three of ten”, “thirty such months, 2,000 times each”, “as many in which a guide lifts by five points”
    assert round(statistics.median(naive) / 10) == 3
    assert len(naive) == len(column("effect", "Guides that lift the goal by 5 points: found within 30 days", 0)) == 30
    assert (bench_effect.DAYS, bench_effect.RUNS, bench_effect.LIFT) == (30, 2_000, 0.05)
    told = page("reference/effect.md")
    for words in (
        "every day for a month finds an “effect”".replace("“", '"').replace("”", '"'),
        "in about three of ten cases",
        "lives through thirty such months, 2,000 times each",
        "through as many in which a guide lifts the goal by five points",
    ):
        assert words in told


def test_what_one_machine_carries_was_carried() -> None:
    assert "One machine carries a hundred million events" in page("guides/analysts.md")
    assert "100,000,000" in column("scale", "funnel\n", 0)


def test_the_page_on_operating_tells_what_the_service_does() -> None:
    told = page("operate.md")
    assert "takes thousands of events a second" in told
    (in_groups, _) = (
        int(each.replace(",", "")) for each in column("service", "64 clients with one event a request", 1)
    )
    assert 2_000 <= in_groups < 20_000
    assert "A user is about 2 KB of state" in told
    title = "A decision, by the number of users"
    users, size = (column("service", title, place)[-1].replace(",", "") for place in (0, 3))
    assert round(float(size.removesuffix(" MB")) * 1_000 / int(users)) == 2
    rich = re.search(r"\| SQLite \| [\d.]+ KB \| ([\d.]+) KB \|", told)
    assert rich is not None
    assert f"A million events a month, with the context of a page, are {rich[1]} GB a month on SQLite" in told
