"""Conditions as Python functions, and what state they need."""

from dsl.compiler.conditions import (
    CompiledCondition,
    CompiledWhere,
    Compiler,
    Term,
    compile_condition,
    compile_where,
)
from dsl.compiler.names import CompileError
from dsl.compiler.terms import Lookup

__all__ = [
    "CompileError",
    "CompiledCondition",
    "CompiledWhere",
    "Compiler",
    "Lookup",
    "Term",
    "compile_condition",
    "compile_where",
]
