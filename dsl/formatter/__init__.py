"""Tree to text, in the language's one form."""

from dsl.formatter.writer import format_condition, format_program

__all__ = ["format_condition", "format_program"]
