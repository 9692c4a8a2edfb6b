"""Text to tree: every syntax error of a text in one run, and whatever of it could be read."""

from dsl.parser.reader import Parsed, ParsedCondition, interactive, parse, parse_condition

__all__ = ["Parsed", "ParsedCondition", "interactive", "parse", "parse_condition"]
