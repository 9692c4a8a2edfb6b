"""From what Lark recognises to our own tree; no type of Lark's goes further than here."""

from dsl.transform.builder import Builder

__all__ = ["Builder"]
