"""The comparison operators: one module a family, one declaration an operator."""

from dsl.operators import equality, lists, network, order, text, times
from dsl.operators.registry import OPERATORS, Operator, Shape, Wants

__all__ = ["OPERATORS", "Operator", "Shape", "Wants", "equality", "lists", "network", "order", "text", "times"]
