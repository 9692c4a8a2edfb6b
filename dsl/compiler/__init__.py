"""Conditions as Python functions, and what state they need."""

from dsl.compiler.conditions import (
    CompiledCondition,
    CompiledWhere,
    Compiler,
    compile_condition,
    compile_where,
)
from dsl.compiler.names import CompileError

__all__ = ["CompileError", "CompiledCondition", "CompiledWhere", "Compiler", "compile_condition", "compile_where"]
