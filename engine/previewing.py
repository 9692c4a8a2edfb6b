"""What a guide of unsaved rules would look like: its content for each variant and language, for nobody in particular.

Pure. Values of users are not known, so the words that stand in for them are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dsl.clauses import every, one
from dsl.nodes import Guide, GuideKind, Show, Translation, Variant
from dsl.walk import find
from engine.content import Content, Reader, render_guide

SOURCE: Final = ""
"""The language of the words themselves."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that it may show. variant: None without variants. language: `SOURCE` for the words themselves."""

    variant: str | None
    language: str
    decision: Content


def looks_of(guide: Guide) -> tuple[Look, ...]:
    """Everything that a guide may show; nothing for one that shows nothing yet."""
    shown = [(each.name.text, each.show) for each in every(guide, Variant)]
    shows: list[tuple[str | None, Show | None]] = [*shown] or [(None, one(guide, Show))]
    if guide.kind is GuideKind.GUIDE and all(show is None for _, show in shows):
        return ()
    languages = dict.fromkeys((SOURCE, *(each.language.value for each in find(guide, Translation))))
    return tuple(
        Look(variant, language, _decision(guide, variant, render_guide(guide, show, _reader(language))))
        for variant, show in shows
        for language in languages
    )


def _reader(language: str) -> Reader:
    return Reader(language or None, value=lambda _: None, is_done=lambda _: False)


def _decision(guide: Guide, variant: str | None, content: Content) -> Content:
    return {
        "id": f"preview_{guide.name.text}",
        "guide": guide.name.text,
        "kind": str(guide.kind.value),
        "variant": variant,
        "content": content,
        "wait": None,
        "priority": 50,
        "expires": None,
        "keep": None,
    }
