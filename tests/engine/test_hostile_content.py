"""Hostile words and values in content: they are read in little time, and never become anything but text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from dsl.patterns import expression, glob, network
from dsl.project import load
from dsl.templates import broken_placeholders, split_template
from dsl.values import JsonValue
from engine.markdown import read_markdown
from tests.engine.test_content import named, said, shows

BODY = 16_384
"""Bytes of the longest body."""

PIECES = ["{{", "{{ a", '{{ a | "', '{{ a | "\\"', "{{ a.", "[", "![", "[a](", "*", "**a", "_", "`", "``a`", ">", "> ",
          "- ", "1. ", "#", "<", "<a ", "&", "\\", "a.", "~", "\t", "\n\n", "[a]: ", "![a](b", "<!--", "*a_",
          "{{}}"]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_body_of_anything_is_read_quickly(piece: str) -> None:
    text = (piece * BODY)[:BODY]
    start = time.perf_counter()
    read_markdown(text)
    split_template(text)
    broken_placeholders(text)
    assert time.perf_counter() - start < 5


PATTERNS = ["^(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)*x", "([a-z]+)*[0-9]", "(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_that_others_choke_on_takes_linear_time(pattern: str) -> None:
    start = time.perf_counter()
    expression(pattern)("a" * 100_000 + "!")
    assert time.perf_counter() - start < 2


def test_stars_and_networks_take_whatever_text() -> None:
    start = time.perf_counter()
    assert glob("*a" * 128)("a" * 100_000 + "!") is False
    for text in (
        "1" * 100_000,
        "::" * 50_000,
        "%s",
        "{0.__class__}",
        "10.0.0.1%" + "x" * 1000,
        "\0",
        "\ud800",
        "٣.٣.٣.٣",
    ):
        assert network("10.0.0.0/8")(text) is False
    assert time.perf_counter() - start < 2


VALUES = [
    "__class__", "{0.__class__}", "{{ first_name }}", '{{ plan | "x" }}', "%s %d %n", "${7*7}",
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "**bold**", "`code`", "\ue0000\ue001", "\\", "&lt;", "![x](https://example.com/x.png)",
]  # fmt: skip


def texts_of(node: JsonValue) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"text", "title"} and isinstance(value, str):
                yield value
            yield from texts_of(value)
    elif isinstance(node, list):
        for each in node:
            yield from texts_of(each)


@pytest.mark.parametrize("value", VALUES)
def test_a_hostile_value_stands_in_the_words_as_it_is(value: str) -> None:
    rules = shows('title "Hi {{ first_name | "you" }}!" body "Hi {{ first_name | "you" }}!"')
    content = said(rules, named(first_name=value))
    assert set(texts_of(content)) == {f"Hi {value}!"} | ({"OK"} & set(texts_of(content)))
    assert content["body"] == [{"type": "paragraph", "children": [{"type": "text", "text": f"Hi {value}!"}]}]


NAMES = ["__class__", "self", "first_name.__class__", "account.__class__", "page.__init__", "user_id.__len__"]


@pytest.mark.parametrize("name", NAMES)
def test_a_placeholder_reaches_attributes_only(name: str) -> None:
    content = said(shows(f'title "{{{{ {name} | "nobody" }}}}" body "x"'), named(first_name="Ada"))
    assert content["title"] == "nobody"


@pytest.mark.parametrize("name", ["`{0.__class__}`", "event.__dict__", "a.b()", "a[0]", "1 + 1", "a|safe"])
def test_what_is_no_attribute_is_refused(name: str) -> None:
    text = shows(f'title "{{{{ {name} | "nobody" }}}}"', clauses='on "Signed Up"')
    assert not load({"rules.way": f'event "Signed Up"\n{text}'}).ok
