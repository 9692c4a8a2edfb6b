"""The colours of rules: the file in `editors/` is what the registries give, and colours what it should."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dsl.complete.walk import words_of
from dsl.parser.words import is_keyword
from dsl.scan import scan
from dsl.textmate import document, grammar

ROOT = Path(__file__).parents[2]
WHOLE = (ROOT / "tests" / "corpus" / "onboarding.way").read_text(encoding="utf-8")

Rule = dict[str, Any]


class Painter:
    """Colours a text as an editor does: line by line, the rule that matches first, of several the one named first."""

    def __init__(self, made: Rule) -> None:
        self.repository = made["repository"]
        self.top = self.flat(made["patterns"])

    def flat(self, rules: list[Rule]) -> list[Rule]:
        return [
            each
            for rule in rules
            for each in (self.flat(self.repository[rule["include"][1:]]["patterns"]) if "include" in rule else [rule])
        ]

    def scopes(self, text: str) -> list[str]:
        """The innermost scope of every character, blank for none."""
        found: list[str] = []
        within: list[Rule] = []
        for line in text.splitlines(keepends=True):
            found += self.line(line.rstrip("\n"), within) + [""] * line.endswith("\n")
        return found

    def line(self, line: str, within: list[Rule]) -> list[str]:
        scopes = [""] * len(line)
        at = 0
        while at <= len(line):
            inner = within[-1] if within else None
            rules = self.flat(inner["patterns"]) if inner else self.top
            ways = [({"end": inner}, re.compile(inner["end"]).search(line, at))] if inner else []
            ways += [(rule, re.compile(rule.get("match") or rule["begin"]).search(line, at)) for rule in rules]
            begun = min((match.start() for _, match in ways if match), default=None)
            stop = len(line) if begun is None else begun
            scopes[at:stop] = [inner["name"] if inner else ""] * (stop - at)
            if begun is None:
                break
            rule, match = next((rule, match) for rule, match in ways if match and match.start() == begun)
            assert match is not None
            name = rule["end"]["name"] if "end" in rule and "begin" not in rule else rule.get("name", "")
            scopes[begun : match.end()] = [name] * (match.end() - begun)
            for number, capture in rule.get("captures", {}).items():
                first, last = match.span(int(number))
                scopes[first:last] = [capture["name"]] * (last - first)
            if "begin" in rule:
                within.append(rule)
            elif "end" in rule:
                within.pop()
            if match.end() == at and at == len(line):
                break
            at = max(match.end(), at + (match.end() == match.start() and "begin" not in rule and "end" not in rule))
        return scopes


PAINTER = Painter(grammar())


def test_the_file_for_editors_is_what_the_language_gives_today() -> None:
    kept = (ROOT / "editors" / "way.tmLanguage.json").read_text(encoding="utf-8")
    assert kept == document(), "write it anew: python -m dsl.textmate > editors/way.tmLanguage.json"
    assert json.loads(kept)["scopeName"] == "source.waypost"


def test_every_word_of_the_language_in_a_whole_file_has_a_colour() -> None:
    scopes = PAINTER.scopes(WHOLE)
    plain = [
        (word.text, scopes[word.start])
        for word in words_of(scan(WHOLE).text)
        if (is_keyword(word.type) or word.type.startswith("OP_"))
        and not scopes[word.start].startswith(("keyword.", "storage.", "support.", "constant."))
    ]
    assert plain == []


COLOURS = [
    ("# a comment", "comment", "comment.line"),
    ("guide verify_help {", "guide", "storage.type"),
    ("guide verify_help {", "verify_help", "entity.name.type"),
    ("  at activation.verify_domain", "at", "keyword.control"),
    ("  at activation.at", "activation.at", "variable.other.path"),
    ('  on "DNS Check Failed"', "DNS", "string.quoted.double"),
    ("  when plan is not one of", "is not one of", "keyword.operator.comparison"),
    ("  when seats >= 5", ">=", "keyword.operator.comparison"),
    ("  when seats >= 5", "5", "constant.numeric"),
    ("  once every 7 days, at most 3 times", "once every", "keyword.control"),
    ("  once every 7 days, at most 3 times", "7 days", "constant.numeric.duration"),
    ("  holdout 10%", "10%", "constant.numeric.share"),
    ("  expires 2027-06-30", "2027-06-30", "constant.numeric.time"),
    ("  show tooltip beside", "tooltip", "support.class.widget"),
    ('  ask effort ease "How?"', "effort", "support.type.question"),
    ('  ask effort ease "How?"', "ease", "entity.name.tag"),
    ('    "Slow" feels frustrated', "frustrated", "support.constant"),
    ("attribute beta: yes/no default no", "yes/no", "support.type"),
    ("  when sales_assisted is no", "no", "constant.language"),
    ("  when email matches /.+@corp/", ".+@corp", "string.regexp"),
    ('  title "Hello {{ first_name | "there" }}!"', "first_name", "variable.other.path"),
    ('  title "Hello {{ first_name | "there" }}!"', "!", "string.quoted.double"),
    ('  body """\n  It is at home\n  """\n  priority 80', "at home", "string.quoted.triple"),
    ('  body """\n  It is at home\n  """\n  priority 80', "priority", "keyword.control"),
    ('event "Signed Up"', "event", "storage.type"),
    ('    step signup "Create"', "signup", "entity.name.type"),
    ('    step beside "#a" {', "beside", "keyword.control"),
    ("  when `Company Size` > 5", "`Company Size`", "variable.other"),
    ("  when whenever is set", "whenever", "variable.other"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "part", "scope"), COLOURS)
def test_a_part_of_a_rule_has_its_colour(text: str, part: str, scope: str) -> None:
    start = text.index(part)
    assert all(each.startswith(scope) for each in PAINTER.scopes(text)[start : start + len(part)])
