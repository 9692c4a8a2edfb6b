"""What people call a thing that is declared: its label, else its name."""

from __future__ import annotations

from dsl.nodes import Guide, Journey, Segment, Stage, Step


def label_of(node: Guide | Journey | Segment | Stage | Step) -> str:
    """What people call it."""
    return node.name.text if node.label is None else node.label.value
