"""Reading rules, against Lark alone on the same grammar; and files with mistakes, against the same without.

Lark's side is its LALR parser with the contextual lexer, building its own tree with `propagate_positions`: no nodes,
no comments, no limits, no messages. Ours is `dsl.parser.parse`, from the text to nodes and diagnostics. The texts have
no comments, of which the grammar knows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from lark import Lark

from benchmarks.measure import Report, race, spell
from dsl.parser import parse
from dsl.parser.tables import PROGRAM
from dsl.terminals import grammar_text

RULES = 1_000
WHOLE = (Path(__file__).parents[1] / "tests" / "corpus" / "onboarding.way").read_text(encoding="utf-8")
COMMENTS = re.compile(r"^\s*#[^\n]*\n", re.MULTILINE)

Damage = Callable[[str], str]
MISTAKES: dict[str, Damage] = {
    "a word misspelled": lambda rule: rule.replace("at least 2 times", "at least 2 timez"),
    "a word in place of a number": lambda rule: rule.replace("priority 80", "priority eighty"),
    "a known mistake": lambda rule: rule.replace("in last 10 minutes", "in the last 10m"),
    "a `}` missing": lambda rule: rule.rstrip()[:-1] + "\n",
    "a quote missing": lambda rule: rule.replace('"Show me where"', '"Show me where'),
    "nested 65 levels deep": lambda rule: rule.replace("unless ", f"unless {'(' * 65}true{')' * 65} or "),
    "larger than 64 KB": lambda rule: rule.replace("  unless ", "  when seats > 1\n" * 4_000 + "  unless "),
}


def reports() -> list[Report]:
    """The tables of this benchmark."""
    plain = COMMENTS.sub("", WHOLE)
    rule = plain[plain.index("guide verify_help") : plain.index("survey verify_effort")]
    rules = [rule.replace("verify_help", f"help_{number}") for number in range(RULES)]
    return [against_lark(rule, plain, "".join(rules)), with_mistakes(rules)]


def against_lark(rule: str, whole: str, many: str) -> Report:
    """The same texts, read by Lark alone and by us."""
    report = Report("Reading rules, with positions")
    lark = Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        start=[PROGRAM],
        maybe_placeholders=True,
        propagate_positions=True,
    )
    texts = {"one rule, `verify_help`": rule, "a whole project in a file": whole, f"{RULES:,} rules in a file": many}
    rows = []
    ratios = {}
    for name, text in texts.items():
        assert not parse(text).diagnostics, name
        contestants = {"lark": partial(lark.parse, text, start=PROGRAM), "waypost": partial(parse, text)}
        figures = race(contestants, rounds=25 if len(text) < 10_000 else 9)
        alone, ours = figures["lark"].seconds, figures["waypost"].seconds
        ratios[name] = alone / ours
        rows.append([name, f"{len(text) / 1e3:.3g} KB", spell(alone), spell(ours), f"{alone / ours:.2f}"])
    report.table(["text", "size", "Lark alone, to its tree", "waypost, to nodes and messages", "rate"], rows)
    for name, ratio in ratios.items():
        report.at_least(f"rate of waypost ÷ rate of Lark alone, {name}", ratio, 0.9)
    return report


def with_mistakes(rules: Sequence[str]) -> Report:
    """A mistake in the middle of a large file, or in one rule of twenty, against the file without."""
    report = Report(f"Mistakes in a file of {RULES:,} rules")
    middle = RULES // 2
    texts = {
        **{name: _damaged(rules, damage, range(middle, middle + 1)) for name, damage in MISTAKES.items()},
        "fifty words misspelled": _damaged(rules, MISTAKES["a word misspelled"], range(0, RULES, RULES // 50)),
        "fifty `}` missing": _damaged(rules, MISTAKES["a `}` missing"], range(0, RULES, RULES // 50)),
    }
    figures = race(
        {"none": partial(parse, "".join(rules)), **{name: partial(parse, text) for name, text in texts.items()}}
    )
    base = figures["none"].seconds
    rows = [["none", "0", spell(base), "1.00×"]]
    for name, text in texts.items():
        found = parse(text).diagnostics
        assert found, name
        seconds = figures[name].seconds
        rows.append([name, str(len(found)), spell(seconds), f"{seconds / base:.2f}×"])
    report.table(["mistake", "messages", "time", "against the file without"], rows)
    one = max(figures[name].seconds for name in MISTAKES)
    report.at_most("time with one mistake ÷ time without", one / base, 1.5)
    report.at_most("time with fifty ÷ time without", max(figures[name].seconds for name in texts) / base, 2)
    return report


def _damaged(rules: Sequence[str], damage: Damage, places: range) -> str:
    return "".join(damage(rule) if number in places else rule for number, rule in enumerate(rules))
