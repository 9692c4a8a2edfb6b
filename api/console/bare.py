"""A page as it is shown to people who are not signed in: nothing to press, nothing to send, nowhere to go.

Pages leave out by themselves what others may not do or see. This is what stands behind that: whatever a page forgets,
its forms, buttons, dialogs and links are taken out of the text, and every address but those of its own parts.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Final

GONE: Final = frozenset({"form", "dialog", "button", "select", "textarea", "datalist", "object", "template", "nav"})
"""Elements that go with all that is in them, unless they say `data-kept`."""
EMPTY_GONE: Final = frozenset({"input", "embed", "base"})
"""The same, of elements that hold nothing."""
KEPT: Final = "data-kept"
"""On a button that only folds or unfolds what is on the page already."""
_OWN_PARTS: Final = "/console/static/"
_NEVER: Final = (
    "data-send",
    "data-fill",
    "data-comments",
    "data-open",
    "data-csrf",
    "data-person",
    "data-project",
    "hx-",
    "on",
)
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)

Attributes = list[tuple[str, str | None]]


def bare(page: str) -> str:
    """The page without ways to change anything or to go anywhere."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.kept)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self._skipping: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self._skipping:
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        is_kept = tag == "button" and any(name == KEPT for name, _ in attrs)
        is_file = tag == "a" and any(name == "download" for name, _ in attrs)
        if is_file or (tag in GONE and not is_kept):
            self._skipping.append(tag)
            return
        if tag in EMPTY_GONE:
            return
        left = [(name, value) for name, value in attrs if _may_stay(name, value)]
        written = tag
        if tag == "a":
            written = "a" if any(name == "href" for name, _ in left) else "span"
            self._links.append(written)
        self.kept.append(f"<{written}{''.join(map(_attribute, left))}>")

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        # Of SVG: `<rect/>`; in HTML the slash says nothing.
        if self._skipping or tag in GONE | EMPTY_GONE:
            return
        left = [(name, value) for name, value in attrs if _may_stay(name, value)]
        self.kept.append(f"<{tag}{''.join(map(_attribute, left))}/>")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            # A page of ours is well-formed: what was opened last is closed first.
            if tag in self._skipping:
                while self._skipping.pop() != tag:
                    pass
            return
        written = self._links.pop() if tag == "a" and self._links else tag
        self.kept.append(f"</{written}>")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.kept.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.kept.append(f"<!{decl}>")


def _may_stay(name: str, value: str | None) -> bool:
    if name.startswith(_NEVER):
        return False
    if name in {"href", "src", "xlink:href", "data-module", "data-charts"}:
        return value is not None and (value.startswith(("#", "data:")) or _is_own_part(value))
    return name not in {"action", "formaction", "ping", "srcset"}


def _is_own_part(address: str) -> bool:
    # The whole service may stand below a path of its own.
    return not address.startswith("//") and ":" not in address and _OWN_PARTS in address


def _attribute(pair: tuple[str, str | None]) -> str:
    name, value = pair
    return f" {name}" if value is None else f' {name}="{escape(value)}"'
