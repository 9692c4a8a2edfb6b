"""Values as they are written: patterns, selectors, addresses, durations, versions, networks, days, shares."""

from __future__ import annotations

from dsl.checker.report import Report
from dsl.codes import guides, values
from dsl.diagnostics import Span
from dsl.nodes import DurationLiteral, PatternLiteral, TextLiteral, VersionLiteral
from dsl.patterns import PatternError, expression, glob, network
from dsl.selectors import is_selector
from dsl.urls import MEDIA_SCHEMES, SCHEMES, safe_url
from dsl.values import read_version


def check_duration(report: Report, duration: DurationLiteral) -> None:
    """At least a second; the parser sees to it that none is longer than ten years."""
    if duration.amount < 1:
        message = f"`{duration.amount} {duration.unit}s` is no time at all"
        report.add(values.BAD_DURATION.at(duration.span, message, help=f"write at least 1 {duration.unit}"))


def check_version(report: Report, version: VersionLiteral) -> None:
    """Numbers with dots, and perhaps a pre-release."""
    if read_version(version.text) is None:
        help_ = 'a version is numbers with dots: version "2.10.0"'
        report.add(values.BAD_VERSION.at(version.span, f"`{version.text}` is not a version", help=help_))


def check_pattern(report: Report, pattern: PatternLiteral) -> None:
    """A regular expression that RE2 takes."""
    try:
        expression(pattern.text)
    except PatternError as problem:
        help_ = "patterns are RE2: no look-ahead, no back-references; a `\\` before a sign takes its meaning away"
        report.add(values.BAD_PATTERN.at(pattern.span, f"the pattern cannot be read: {problem}", help=help_))


def check_glob(report: Report, text: TextLiteral) -> None:
    """Text with `*` for anything."""
    if not text.value.strip():
        report.add(values.BAD_PATTERN.at(text.span, "the pattern is blank", help="write `*` for anything"))
        return
    try:
        glob(text.value)
    except PatternError as problem:
        report.add(values.BAD_PATTERN.at(text.span, f"the pattern cannot be read: {problem}"))


def check_page(report: Report, text: TextLiteral) -> None:
    """A page pattern: the path of a page, or its whole address, with `*` for anything."""
    value = text.value
    if value.strip() and not value.startswith(("/", "*")) and "://" not in value:
        message = f"`{value}` matches no page: the path of a page starts with `/`"
        help_ = f'write "/{value}", with `*` for anything'
        report.add(values.BAD_PATTERN.at(text.span, message, help=help_, fix=f'"/{value}"'))
        return
    check_glob(report, text)


def check_selector(report: Report, text: TextLiteral) -> None:
    """A selector of CSS, a role and a name, or several of these."""
    if not is_selector(text.value):
        report.add(
            values.BAD_SELECTOR.at(
                text.span,
                f"`{text.value}` is not a selector",
                help="an element is found by `#id`, `.class`, `[data-guide=dns]` or a combination of these",
            )
        )


def check_link(report: Report, text: TextLiteral) -> None:
    """An address that a button may open."""
    _check_url(report, text.span, text.value, schemes=SCHEMES, forms="a path (`/docs/dns`), https, http, mailto or tel")


def check_link_in_text(report: Report, url: str, span: Span) -> None:
    """An address that stands in Markdown."""
    _check_url(report, span, url, schemes=SCHEMES, forms="a path (`/docs/dns`), https, http, mailto or tel")


def check_media(report: Report, text: TextLiteral) -> None:
    """An address of a picture or a video."""
    _check_url(report, text.span, text.value, schemes=MEDIA_SCHEMES, forms="a path of the product, or https")


def _check_url(report: Report, span: Span, url: str, *, schemes: frozenset[str], forms: str) -> None:
    if "{{" in url:
        message = "a value of the user cannot stand in an address"
        report.add(values.BAD_URL.at(span, message, help="values can stand in texts only"))
    elif safe_url(url, schemes=schemes) is None:
        report.add(values.BAD_URL.at(span, f"`{url}` cannot be opened", help=f"an address is {forms}"))


def check_network(report: Report, text: TextLiteral) -> None:
    """An address with the length of its prefix."""
    try:
        network(text.value)
    except PatternError:
        help_ = 'a network is an address and the length of its prefix: "10.0.0.0/8"'
        report.add(values.BAD_NETWORK.at(text.span, f"`{text.value}` is not a network", help=help_))


def check_share(report: Report, percent: float, span: Span, *, what: str) -> bool:
    """A share of the users, at most 100 %."""
    if percent > 100:
        message = f"{what} is {percent:g} %; a share is at most 100 %"
        report.add(guides.SHARE_OVER_100.at(span, message, help="write a share from 0% to 100%"))
        return False
    return True


def check_blank(report: Report, text: TextLiteral, *, what: str) -> None:
    """A text with at least one letter."""
    if not text.value.strip():
        report.add(values.BLANK.at(text.span, f"{what} is blank", help="write at least one letter, or leave it out"))
