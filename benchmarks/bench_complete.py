"""How long a completion takes, in a project of 1,000 rules that stand in one file and in one of 10."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Report, race
from dsl.complete import complete
from dsl.project import RuleProject, load

RULES = 1_000
WHOLE = (Path(__file__).parents[1] / "tests" / "corpus" / "onboarding.way").read_text(encoding="utf-8")

PLACES = {
    "an event": 'guide new "New" {\n  at activation.verify_domain\n  on |\n}\n',
    "a condition": 'guide new "New" {\n  on "DNS Check Failed"\n  when plan is "trial" and |\n}\n',
    "a value": 'guide new "New" {\n  when plan is "tr|"\n}\n',
    "a clause": 'guide new "New" {\n  when plan is "trial"\n  |\n}\n',
    "a property": 'segment new where did "DNS Check Failed" where |\n',
    "a guide of many": 'guide new "New" {\n  not with |\n}\n',
    "in a broken guide": 'guide new "New" {\n  when when plan = "trial"\n  show modal { titel "x" }\n  pri|\n',
    "in a large guide, at its end": "",
}


def reports() -> list[Report]:
    """The table of this benchmark: milliseconds, and the larger project against the smaller one."""
    report = Report(f"Completion in {RULES:,} rules, milliseconds")
    own = WHOLE[WHOLE.index("guide verify_help") :]
    asked = {**PLACES, "in a large guide, at its end": own[: own.index("  expires")] + "  |\n}\n"}
    small, large = project(10), project(RULES)
    contestants = {
        f"{name} / {number}": call(text, *given)
        for name, text in asked.items()
        for number, given in (("small", small), ("large", large))
    }
    found = race(contestants, rounds=5)
    rows = []
    for name in asked:
        few, many = found[f"{name} / small"].seconds, found[f"{name} / large"].seconds
        rows.append([name, f"{few * 1e3:.2f}", f"{many * 1e3:.2f}"])
    report.table(["what is completed", "10 rules", f"{RULES:,} rules"], rows)
    worst = max(found[f"{name} / large"].seconds for name in asked)
    report.at_most(f"the slowest, in {RULES:,} rules, milliseconds", worst * 1e3, 25)
    return [report]


def project(rules: int) -> tuple[RuleProject, str]:
    """A project of that many guides, all in one file, and its text."""
    head, guide = WHOLE[: WHOLE.index("guide verify_help")], WHOLE[WHOLE.index("guide verify_help") :]
    guide = guide[: guide.index("survey verify_effort")]
    text = head + "".join(guide.replace("verify_help", f"help_{number}") for number in range(rules))
    return load({"rules.way": text}), text


def call(asked: str, rules: RuleProject, text: str) -> Callable[[], object]:
    """A completion at the mark, with half of the file before it."""
    middle = text.index("guide help_", len(text) // 2)
    position = middle + asked.index("|")
    whole = text[:middle] + asked.replace("|", "", 1) + "\n" + text[middle:]
    return lambda: complete(whole, position, rules)
