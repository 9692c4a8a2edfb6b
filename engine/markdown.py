"""From Markdown to a tree of allowed nodes: the content of a body as it travels to the browser.

A safe subset of CommonMark. HTML is text; an image is its description (images have a clause of their own); a link
that may not be opened is its words. Placeholders are cut out before Markdown is read and put back as text after it,
so that no value is ever Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from dsl.templates import Placeholder, split_template
from dsl.urls import safe_url
from dsl.values import JsonValue

WireNode: TypeAlias = dict[str, JsonValue]
Fill: TypeAlias = Callable[[Placeholder], str]
"""Gives the text that stands for a placeholder."""

# Two characters of the private use area around a number mark a placeholder; a body that has them loses them.
_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
_LEAST_LEVEL: Final = 3
"""The title of a widget is its heading, so headings in a body begin one level below."""


@dataclass(frozen=True, slots=True)
class MarkdownBody:
    """A body that was read once; `filled` makes it one user's."""

    blocks: tuple[WireNode, ...]
    placeholders: tuple[Placeholder, ...]

    def filled(self, fill: Fill) -> list[JsonValue]:
        """The blocks with a text for each placeholder."""
        if not self.placeholders:
            return list(self.blocks)
        texts = [fill(each) for each in self.placeholders]
        return [_with_texts(block, texts) for block in self.blocks]


@lru_cache(maxsize=4096)
def read_markdown(text: str) -> MarkdownBody:
    """Read a body. Never raises: everything is some Markdown."""
    found: list[Placeholder] = []
    marked: list[str] = []
    for piece in split_template(text.replace(_OPEN, "").replace(_CLOSE, "")):
        if isinstance(piece, Placeholder):
            marked.append(f"{_OPEN}{len(found)}{_CLOSE}")
            found.append(piece)
        else:
            marked.append(piece)
    tree = SyntaxTreeNode(_reader().parse("".join(marked)))
    return MarkdownBody(tuple(_blocks(tree.children)), tuple(found))


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False})
    # Addresses are judged by `safe_url` when the tree is made: a refused link keeps its words, not its source text.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return reader


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> list[WireNode]:
    blocks: list[WireNode] = []
    for node in nodes:
        match node.type:
            case "paragraph":
                blocks.append({"type": "paragraph", "children": _inline_of(node)})
            case "heading":
                level = min(6, int(node.tag[1:]) + _LEAST_LEVEL - 1)
                blocks.append({"type": "heading", "level": level, "children": _inline_of(node)})
            case "bullet_list" | "ordered_list":
                items: list[JsonValue] = [list(_blocks(item.children)) for item in node.children]
                blocks.append({"type": "list", "ordered": node.type == "ordered_list", "items": items})
            case "blockquote":
                blocks.append({"type": "quote", "children": list(_blocks(node.children))})
            case "fence" | "code_block":
                blocks.append({"type": "code", "text": node.content.removesuffix("\n")})
            case _:
                # Rules between paragraphs say nothing that a blank line does not.
                continue
    return blocks


def _inline_of(node: SyntaxTreeNode) -> list[JsonValue]:
    return list(_joined(part for inline in node.children for part in _inlines(inline.children)))


def _inlines(nodes: Iterable[SyntaxTreeNode]) -> list[WireNode]:
    parts: list[WireNode] = []
    for node in nodes:
        match node.type:
            case "text":
                parts.append(_text(node.content))
            case "softbreak":
                parts.append(_text(" "))
            case "hardbreak":
                parts.append({"type": "break"})
            case "code_inline":
                parts.append({"type": "code", "text": node.content})
            case "strong" | "em":
                parts.append({"type": node.type, "children": list(_joined(_inlines(node.children)))})
            case "link":
                parts += _link(node)
            case "image":
                parts += _inlines(node.children)
            case _:
                parts.append(_text(node.content))
    return parts


def _link(node: SyntaxTreeNode) -> list[WireNode]:
    words = list(_joined(_inlines(node.children)))
    href = str(node.attrs.get("href", ""))
    # A user's value is text only, so an address never holds one.
    url = None if _OPEN in href else safe_url(href)
    return words if url is None else [{"type": "link", "href": url, "children": list(words)}]


def _text(text: str) -> WireNode:
    return {"type": "text", "text": text}


def _joined(parts: Iterable[WireNode]) -> list[WireNode]:
    """Neighbouring texts as one, empty ones left out."""
    joined: list[WireNode] = []
    for part in parts:
        if part["type"] != "text":
            joined.append(part)
        elif joined and joined[-1]["type"] == "text":
            joined[-1] = _text(f"{joined[-1]['text']}{part['text']}")
        elif part["text"]:
            joined.append(part)
    return joined


def _with_texts(node: JsonValue, texts: list[str]) -> JsonValue:
    match node:
        case dict():
            return {
                key: _put_back(value, texts) if key == "text" and isinstance(value, str) else _with_texts(value, texts)
                for key, value in node.items()
            }
        case list():
            return [_with_texts(item, texts) for item in node]
        case _:
            return node


def _put_back(text: str, texts: list[str]) -> str:
    if _OPEN not in text:
        return text
    first, *rest = text.split(_OPEN)
    parts = [first]
    for piece in rest:
        number, _, after = piece.partition(_CLOSE)
        parts += [texts[int(number)], after]
    return "".join(parts)
