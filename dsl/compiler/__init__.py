"""Conditions as Python functions, and what state they need."""

from dsl.compiler.conditions import (
    CompiledCondition,
    CompiledWhere,
    Compiler,
    Decides,
    Term,
    compile_condition,
    compile_where,
)
from dsl.compiler.names import CompileError
from dsl.compiler.terms import Among, Bound

__all__ = [
    "Among",
    "Bound",
    "CompileError",
    "CompiledCondition",
    "CompiledWhere",
    "Compiler",
    "Decides",
    "Term",
    "compile_condition",
    "compile_where",
]
