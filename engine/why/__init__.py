"""Why, or why not: the gates and conditions of a guide for one user at one instant, and the nearest change."""

from engine.why.asking import why
from engine.why.document import document
from engine.why.text import write
from engine.why.tree import Change, Gate, GateName, Part, Truth, Why
from engine.why.world import Situation

__all__ = ["Change", "Gate", "GateName", "Part", "Situation", "Truth", "Why", "document", "why", "write"]
