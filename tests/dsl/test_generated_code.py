"""What the compiler makes: only our own kinds of nodes and names, whatever a rule, a name or a value says."""

from __future__ import annotations

import ast
import builtins
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from stories import conditions as sound_conditions
from stories import world

from dsl.compiler import CompileError, code, compile_condition
from dsl.nodes import Condition
from dsl.parser import parse_condition
from dsl.project import load
from tests.dsl.programs import conditions
from tests.engine.deciding import decided, guide
from tests.meaning.asking import asked, story
from tests.profiles import examples

NODES = frozenset(
    {
        *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.Load, ast.Store),
        *(ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.NamedExpr, ast.IfExp, ast.Tuple, ast.List),
        *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div),
        *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn),
        *(ast.Subscript, ast.keyword),
    }
)
"""Every kind of node that may be in generated code: no import, no loop, no lambda, no formatted text, no star."""

NAME = re.compile(r"object_\d+|v\d+|facts|now|values|slots|journeys|guides|unreadable|stood_around|len")

HOSTILE = [
    "__class__", "__import__", "__builtins__", "__globals__", "self", "facts", "now", "values", "slots", "object_0",
    "v1", "condition", "None", "True", "lambda", "{0.__class__}", "{0.__class__.__mro__}", "%s", "%(x)s", "{x!r:>{w}}",
    "f{1+1}", "${7*7}", "{%% x %%}", "'); import os #", "]", "x\\", "\u202ex", "e\u0301", "constructor", "__proto__",
]  # fmt: skip
"""Names that mean something to Python, to templates or to browsers, and nothing here."""


@pytest.fixture
def trees(monkeypatch: pytest.MonkeyPatch) -> list[ast.Module]:
    """The trees that were compiled during the test."""
    seen: list[ast.Module] = []

    def watched(tree: ast.Module, *arguments: Any, **more: Any) -> Any:
        seen.append(tree)
        return builtins.compile(tree, *arguments, **more)

    monkeypatch.setattr(code, "compile", watched, raising=False)
    return seen


def look_through(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        assert type(node) in NODES, ast.dump(node)[:300]
        match node:
            case ast.Name():
                assert NAME.fullmatch(node.id), node.id
            case ast.Attribute() | ast.keyword() | ast.arg():
                word = node.attr if isinstance(node, ast.Attribute) else node.arg
                assert word is not None
                assert word.isidentifier()
                assert not word.startswith("_"), word
            case ast.FunctionDef():
                assert (node.name, node.decorator_list) == ("condition", [])
            case ast.Constant():
                assert node.value is None or isinstance(node.value, bool | int | float | str | tuple | frozenset)


def compiled_all(condition: Condition, project: Any) -> int:
    made = 0
    for edge in (False, True):
        try:
            made += compile_condition(condition, project, edge=edge, triggers=("Signed Up",)).fails is not None
        except CompileError:
            continue
    return made


def test_random_rules_become_our_own_nodes_only(trees: list[ast.Module]) -> None:
    made = 0

    @settings(max_examples=examples(300, 3_000))
    @given(sound_conditions(edge=True))
    def each(text: str) -> None:
        nonlocal made
        condition = parse_condition(text).condition
        assert condition is not None
        made += compiled_all(condition, world())

    each()
    assert made > 300
    for tree in trees:
        look_through(tree)


def test_random_trees_with_any_names_become_our_own_nodes_or_are_refused(trees: list[ast.Module]) -> None:
    empty = load({})

    @settings(max_examples=examples(300, 3_000))
    @given(conditions())
    def each(condition: Condition) -> None:
        compiled_all(condition, empty)

    each()
    assert trees
    for tree in trees:
        look_through(tree)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_name_like_any_other(name: str, trees: list[ast.Module]) -> None:
    quoted = json.dumps(name, ensure_ascii=False)
    written = f"`{name}`"
    rules = (
        f"attribute {written}: text\nevent {quoted} {{ {written}: text }}\n"
        f"segment `in {name}` where {written} is {quoted}\n"
        + guide(
            f"when {written} is {quoted} and did {quoted} where {written} is {quoted}\n"
            f'when in `in {name}` and {written} contains {quoted} and {written} is one of {quoted}, "b"',
            show=f"show modal {{ title {json.dumps('{{ ' + 'first_name' + ' }} ' + name, ensure_ascii=False)} }}",
        )
    )
    rows = [("2 hours", "$identify", {name: name}), ("1 hour", name, {name: name})]
    here = decided(rules, rows, triggered=False)
    assert here.winner is not None
    assert decided(rules, [("2 hours", "$identify", {name: "x"})], triggered=False).winner is None
    assert decided(rules, (), triggered=False).winner is None
    for tree in trees:
        look_through(tree)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "condition",
    [
        'email contains "{0.__class__}x"',
        "email matches /^(a+)+$/",
        'page.path matches "/domains/*"',
        'device.ip in network "10.0.0.0/8"',
        'app_version >= version "2.10.0"',
        'email is "no"',
    ],
)
def test_a_hostile_value_is_compared_and_nothing_else(condition: str, value: str) -> None:
    of = story(("40 days", "$identify", {"email": value, "app_version": value}))
    of = type(of)(of.rows, {"page": {"path": value}, "device": {"ip": value}})
    assert asked(condition, of) in {False, None}
