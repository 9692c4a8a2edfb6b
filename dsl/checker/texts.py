"""Texts that people read: values between braces, links, stray HTML."""

from __future__ import annotations

import re
from typing import Final

from dsl.catalog import Owner
from dsl.checker.literals import check_blank, check_link_in_text
from dsl.checker.names import path_text, resolve
from dsl.checker.report import Report
from dsl.checker.scope import Scope
from dsl.codes import content, warnings
from dsl.diagnostics import Span
from dsl.nodes import Path, TextLiteral
from dsl.suggest import did_you_mean, nearest
from dsl.templates import Placeholder, broken_placeholders, placeholders

_LINK = re.compile(r"\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|^(?: {4}|\t).*$", re.DOTALL | re.MULTILINE)
_LONGEST_QUOTE: Final = 40


def check_text(report: Report, text: TextLiteral, scope: Scope, *, what: str) -> None:
    """A text of plain letters with values between braces."""
    check_blank(report, text, what=what)
    for start in broken_placeholders(text.value):
        _broken(report, text, start)
    for placeholder in placeholders(text.value):
        _check_placeholder(report, text, placeholder, scope)


def check_markdown(report: Report, text: TextLiteral, scope: Scope, *, what: str) -> None:
    """A text in Markdown, with values between braces."""
    check_text(report, text, scope, what=what)
    bare = _CODE.sub(lambda found: " " * len(found.group()), text.value)
    for link in _LINK.finditer(bare):
        url = link.group(1)
        check_link_in_text(report, url, _inside(report, text, link.start(1), url))
    for tag in _TAG.finditer(bare):
        message = f"`{tag.group()}` is shown as it is written"
        help_ = "texts are Markdown: `**bold**`, `*italic*`, `[words](/address)`"
        report.add(warnings.HTML.at(_inside(report, text, tag.start(), tag.group()), message, help=help_))
        return


def _broken(report: Report, text: TextLiteral, start: int) -> None:
    end = text.value.find("}}", start)
    line_end = text.value.find("\n", start)
    stop = end + 2 if 0 <= end < start + _LONGEST_QUOTE and not 0 <= line_end < end else line_end
    shown = text.value[start : stop if stop >= 0 else len(text.value)][:_LONGEST_QUOTE]
    message = f"`{shown}` cannot be read"
    help_ = 'write `{{ first_name | "there" }}`: a name, and the text for users without it'
    report.add(content.PLACEHOLDER.at(_inside(report, text, start, shown), message, help=help_))


def _check_placeholder(report: Report, text: TextLiteral, placeholder: Placeholder, scope: Scope) -> None:
    shown = text.value[placeholder.start : placeholder.end]
    path = Path(placeholder.parts, span=_inside(report, text, placeholder.start, shown))
    catalog, salvaged = report.project.catalog, report.salvaged
    found = catalog.subject(path.parts, triggers=scope.triggers)
    if found is None:
        is_attribute = path.parts[0] != "event" or len(path.parts) == 1
        if is_attribute and placeholder.fallback is not None:
            if path.parts[-1] not in salvaged.names:
                _undeclared(report, path)
        else:
            resolve(report, path, scope)
        return
    may_lack = found.owner is not Owner.CONTEXT and found.default is None
    if placeholder.fallback is None and may_lack:
        name = path_text(path.parts)
        message = f"users without `{name}` read a gap here"
        help_ = f'write `{{{{ {name} | "…" }}}}` with the text that they read instead'
        report.add(warnings.NO_FALLBACK.at(path.span, message, help=help_))


def _undeclared(report: Report, path: Path) -> None:
    catalog, name = report.project.catalog, path_text(path.parts)
    known = [*catalog.user, *(f"account.{each}" for each in catalog.account), *catalog.context_names()]
    near = did_you_mean([f"`{each}`" for each in nearest(name, known)])
    declare = f"attribute {name}: text" if len(path.parts) == 1 else f"account attribute {path.parts[-1]}: text"
    message = f"nothing is known of `{name}`; everybody reads the text after the bar"
    report.add(warnings.UNDECLARED_IN_TEXT.at(path.span, message, help=near or f"declare it: {declare}"))


def _inside(report: Report, text: TextLiteral, offset: int, part: str) -> Span:
    return report.inside(text, part, text.value.count(part, 0, offset))
