"""Bodies: a safe subset of Markdown, as a tree of allowed nodes; users' values only ever as text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.templates import Placeholder, broken_placeholders, placeholders, split_template
from dsl.urls import MEDIA_SCHEMES, safe_url
from dsl.values import JsonValue
from engine.markdown import read_markdown
from widgets.schemas import documents

ALLOWED: dict[str, set[str]] = {
    "paragraph": {"children"},
    "heading": {"level", "children"},
    "list": {"ordered", "items"},
    "quote": {"children"},
    "code": {"text"},
    "text": {"text"},
    "strong": {"children"},
    "em": {"children"},
    "link": {"href", "children"},
    "break": set(),
}
"""The nodes of `widgets/content.schema.json` with their members."""


def text(words: str) -> JsonValue:
    return {"type": "text", "text": words}


def paragraph(*children: JsonValue) -> JsonValue:
    return {"type": "paragraph", "children": list(children)}


def blocks(source: str, **values: str) -> list[JsonValue]:
    return read_markdown(source).filled(lambda each: values.get(".".join(each.parts), each.fallback or ""))


def nodes(tree: JsonValue) -> Iterator[dict[str, JsonValue]]:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for each in tree:
            yield from nodes(each)


def is_allowed(tree: JsonValue) -> bool:
    return all(set(node) - {"type"} == ALLOWED[str(node["type"])] for node in nodes(tree))


def test_the_nodes_are_those_of_the_schema() -> None:
    promised: dict[str, set[str]] = {}
    for schema in documents()["content.schema.json"]["$defs"].values():
        kind = schema.get("properties", {}).get("type", {}).get("const")
        if kind in ALLOWED:
            promised[kind] = set(schema["properties"]) - {"type"}
    assert promised == ALLOWED


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hello", [paragraph(text("Hello"))]),
        ("one\ntwo", [paragraph(text("one two"))]),
        ("one\n\ntwo", [paragraph(text("one")), paragraph(text("two"))]),
        ("one  \ntwo", [paragraph(text("one"), {"type": "break"}, text("two"))]),
        ("**five** minutes", [paragraph({"type": "strong", "children": [text("five")]}, text(" minutes"))]),
        ("_now_", [paragraph({"type": "em", "children": [text("now")]})]),
        ("run `dig`", [paragraph(text("run "), {"type": "code", "text": "dig"})]),
        ("[Docs](/docs/dns)", [paragraph({"type": "link", "href": "/docs/dns", "children": [text("Docs")]})]),
        ("# Big", [{"type": "heading", "level": 3, "children": [text("Big")]}]),
        ("###### Small", [{"type": "heading", "level": 6, "children": [text("Small")]}]),
        ("> said", [{"type": "quote", "children": [paragraph(text("said"))]}]),
        ("```\na = 1\n```", [{"type": "code", "text": "a = 1"}]),
        ("- a\n- b", [{"type": "list", "ordered": False, "items": [[paragraph(text("a"))], [paragraph(text("b"))]]}]),
        ("1. a", [{"type": "list", "ordered": True, "items": [[paragraph(text("a"))]]}]),
        ("", []),
        ("---", []),
    ],
)
def test_markdown_becomes_nodes(source: str, expected: list[JsonValue]) -> None:
    assert blocks(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b>bold</b>", "<b>bold</b>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("&lt;b&gt;", "<b>"),
        ("[click](javascript:alert(1))", "click"),
        ("[click](JaVaScRiPt:alert(1))", "click"),
        ("[click](data:text/html,x)", "click"),
        ("[click](vbscript:x)", "click"),
        ("[click](&#106;avascript:alert(1))", "click"),
        ("[click](<java\tscript:x>)", "click"),
        ("[click](//evil\\example.com)", "click"),
        ("![a picture](https://example.com/a.png)", "a picture"),
    ],
)
def test_what_could_run_is_text(source: str, expected: str) -> None:
    assert blocks(source) == [paragraph(text(expected))]


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ('Hi {{ name | "there" }}.', {}, [paragraph(text("Hi there."))]),
        ('Hi {{ name | "there" }}.', {"name": "Zoë"}, [paragraph(text("Hi Zoë."))]),
        ('Hi {{ name | "there" }}.', {"name": "**Zoë** [x](/y) <i>"}, [paragraph(text("Hi **Zoë** [x](/y) <i>."))]),
        ('**{{ name | "you" }}**', {"name": "a*b"}, [paragraph({"type": "strong", "children": [text("a*b")]})]),
        ('`{{ event.code | "?" }}`', {"event.code": "`x`"}, [paragraph({"type": "code", "text": "`x`"})]),
        ('{{ a_b | "_x_" }} and {{ c_d }}', {}, [paragraph(text("_x_ and "))]),
        ('{{ name | "a }} \\" b" }}', {}, [paragraph(text('a }} " b'))]),
        ("{{ name | there }}", {}, [paragraph(text("{{ name | there }}"))]),
        ('[me](/u/{{ name | "x" }})', {"name": "javascript:"}, [paragraph(text("me"))]),
        (
            '[{{ name | "x" }}](/u)',
            {"name": "Zoë"},
            [paragraph({"type": "link", "href": "/u", "children": [text("Zoë")]})],
        ),
    ],
)
def test_values_are_put_in_after_markdown_is_read(
    source: str, values: dict[str, str], expected: list[JsonValue]
) -> None:
    assert blocks(source, **values) == expected


@given(
    st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=200)
    | st.text('[](){}<>*_`#!\\-:/&;\n "|ab1.', max_size=200)
)
def test_any_text_gives_allowed_nodes_only(source: str) -> None:
    tree = blocks(source)
    assert is_allowed(tree)
    assert all(safe_url(str(node["href"])) for node in nodes(tree) if "href" in node)


@given(st.text(max_size=60))
def test_a_value_never_changes_the_tree(value: str) -> None:
    source = '# {{ x | "" }}\n\n- **{{ x | "" }}** `{{ x | "" }}`'
    plain, filled = blocks(source, x="v"), blocks(source, x=value)
    assert [(node["type"]) for node in nodes(filled)] == [node["type"] for node in nodes(plain)]


def test_deep_nesting_is_cut_not_fatal() -> None:
    assert is_allowed(blocks("> " * 5_000 + "x"))
    assert is_allowed(blocks("**a " * 2_000))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/docs/dns", "/docs/dns"),
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("  https://example.com ", "https://example.com"),
        ("mailto:help@example.com", "mailto:help@example.com"),
        ("tel:+4930123", "tel:+4930123"),
        ("#dns", "#dns"),
        ("?tab=dns", "?tab=dns"),
        ("docs/dns:1", "docs/dns:1"),
        ("", None),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("javascript&colon;alert(1)", "javascript&colon;alert(1)"),
        ("ftp://example.com", None),
        ("file:///etc/passwd", None),
        ("blob:https://example.com/1", None),
        ("ä:b", None),
        ("\\\\evil.example", None),
        ("/" + "a" * 3_000, None),
    ],
)
def test_an_address_is_opened_only_if_its_scheme_is_allowed(url: str, expected: str | None) -> None:
    assert safe_url(url) == expected


def test_a_picture_is_never_an_e_mail() -> None:
    assert safe_url("mailto:a@example.com", schemes=MEDIA_SCHEMES) is None


def test_a_placeholder_is_a_path_and_a_fallback() -> None:
    assert placeholders('a {{ event.reason | "it" }} b {{`Company Size`}}') == (
        Placeholder(("event", "reason"), "it", 2, 27),
        Placeholder(("Company Size",), None, 30, 48),
    )


def test_braces_that_are_no_placeholder_stay_text_and_can_be_found() -> None:
    source = 'a {{ b | c }} d {{ e | "f" }}'
    assert split_template(source)[0] == "a {{ b | c }} d "
    assert broken_placeholders(source) == (2,)
