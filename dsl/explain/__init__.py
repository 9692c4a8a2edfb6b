"""A rule in plain English, as a tree of statements that each know what they tell of."""

from __future__ import annotations

from dsl.explain.conditions import explain_condition, statement
from dsl.explain.guides import explain_guide
from dsl.explain.recording import explain_record
from dsl.explain.tree import Joined, Line, write

__all__ = ["Joined", "Line", "explain_condition", "explain_guide", "explain_record", "statement", "write"]
