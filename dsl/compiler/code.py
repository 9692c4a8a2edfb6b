"""Python code made of our own pieces: expressions, constants, one function.

The templates are texts of this package; whatever a user wrote comes in as a constant or a named object, never as
text. Knows nothing of conditions.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any, Final, TypeAlias

Code: TypeAlias = ast.expr

YES: Final = ast.Constant(True)
NO: Final = ast.Constant(False)

_FACTS: Final = ("now", "values", "slots", "journeys", "guides", "unreadable", "stood_around")
"""Members of Facts that templates name as if they were variables."""

_BUILTINS: Final = {"len": len}
"""All of Python's own functions that generated code can reach."""


def fill(template: str, **parts: Code) -> Code:
    """A template, an expression, in which the names given are replaced by other expressions."""
    filled: Code = _filled(_parsed(template), parts)
    return filled


def both(terms: list[Code]) -> Code:
    """True when all are; flat, and without what changes nothing."""
    return _joined(ast.And(), terms, neutral=True)


def either(terms: list[Code]) -> Code:
    """True when one is; flat, and without what changes nothing."""
    return _joined(ast.Or(), terms, neutral=False)


def negated(term: Code) -> Code:
    """True when the term, which is true or false, is false."""
    if isinstance(term, ast.Constant):
        return ast.Constant(not term.value)
    return ast.UnaryOp(ast.Not(), term)


def _joined(operator: ast.boolop, terms: list[Code], *, neutral: bool) -> Code:
    flat: list[Code] = []
    for term in terms:
        if isinstance(term, ast.Constant) and term.value is neutral:
            continue
        if isinstance(term, ast.Constant) and term.value is not neutral:
            return term
        flat += term.values if isinstance(term, ast.BoolOp) and type(term.op) is type(operator) else [term]
    if not flat:
        return ast.Constant(neutral)
    return flat[0] if len(flat) == 1 else ast.BoolOp(operator, flat)


class Pieces:
    """The named objects and variables of one function in the making."""

    def __init__(self) -> None:
        self._objects: dict[str, object] = {}
        self._variables = 0

    def constant(self, value: object) -> Code:
        """The value itself where code can hold it, else a name for it."""
        if _is_plain(value):
            plain: Any = value
            return ast.Constant(plain)
        name = f"object_{len(self._objects)}"
        self._objects[name] = value
        return ast.Name(name, ast.Load())

    def variable(self) -> tuple[str, Code]:
        """A new variable: its name, and the expression that reads it."""
        self._variables += 1
        name = f"v{self._variables}"
        return name, ast.Name(name, ast.Load())

    def function(self, body: Code) -> Callable[[Any], bool]:
        """`lambda facts: body`; the members of the facts that it names are read once, at the start."""
        used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
        start: list[ast.stmt] = [
            ast.Assign([ast.Name(name, ast.Store())], ast.Attribute(ast.Name("facts", ast.Load()), name, ast.Load()))
            for name in _FACTS
            if name in used
        ]
        arguments = ast.arguments(posonlyargs=[], args=[ast.arg("facts")], kwonlyargs=[], kw_defaults=[], defaults=[])
        function = ast.FunctionDef("condition", arguments, [*start, ast.Return(body)], [])
        _locate(function)
        code: CodeType = compile(ast.Module([function], []), "<condition>", "exec")
        namespace: dict[str, Any] = {"__builtins__": _BUILTINS, **self._objects}
        exec(code, namespace)  # noqa: S102  (our own tree: see the module's docstring)
        made: Callable[[Any], bool] = namespace.pop("condition")
        return made


def named(name: str, value: Code) -> Code:
    """`(name := value)`."""
    return ast.NamedExpr(ast.Name(name, ast.Store()), value)


def call(function: Code, *arguments: Code) -> Code:
    """`function(arguments)`."""
    return ast.Call(function, list(arguments), [])


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(_is_plain(item) for item in value)
    return value is None or type(value) in (bool, int, float, str)


@lru_cache(maxsize=512)
def _parsed(template: str) -> Code:
    return ast.parse(template, mode="eval").body


def _filled(node: Any, parts: Mapping[str, Code]) -> Any:
    """The node with parts put in; what holds none of them is shared, since no tree is ever changed."""
    if type(node) is ast.Name:
        return parts.get(node.id, node)
    changed: dict[str, Any] = {}
    for name in node._fields:
        member = getattr(node, name)
        if isinstance(member, list):
            filled: Any = [_filled(each, parts) for each in member]
            if any(new is not old for new, old in zip(filled, member, strict=True)):
                changed[name] = filled
        elif isinstance(member, ast.AST) and (filled := _filled(member, parts)) is not member:
            changed[name] = filled
    if not changed:
        return node
    return type(node)(**{name: changed.get(name, getattr(node, name)) for name in node._fields})


def _locate(node: Any) -> None:
    """Give every node a place, which `compile` asks for."""
    node.lineno = node.end_lineno = 1
    node.col_offset = node.end_col_offset = 0
    for name in node._fields:
        member = getattr(node, name, None)
        if isinstance(member, list):
            for each in member:
                _locate(each)
        elif isinstance(member, ast.AST):
            _locate(member)
