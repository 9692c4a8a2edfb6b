"""What fits a pattern, a path with stars, a network; in linear time."""

from __future__ import annotations

import time

import pytest

from dsl.patterns import PatternError, expression, glob, network

PATHS = [
    ("/domains/*", "/domains/7", True),
    ("/domains/*", "/domains/7/dns/records", True),
    ("/domains/*", "/domains/7?tab=dns#top", True),
    ("/domains/*", "/domains", False),
    ("/domains/*", "/domains/", False),
    ("/domains/", "/domains", True),
    ("/domains", "/domains/", True),
    ("/domains", "/domains/new", False),
    ("/domains?tab=1", "/domains?tab=2", True),
    ("/", "/", True),
    ("/", "/?utm=x", True),
    ("*/edit", "/a/b/edit?x=1", True),
    ("*/edit", "/a/edit/more", False),
    ("https://*.example.com/a", "https://www.example.com/a/#x", True),
    ("/a.b", "/axb", False),
    ("/a*", "/a\nb", True),
    ("*#1", "room #1", True),
    ("Q?*", "Q? yes", True),
    ("/ÄÖ*", "/ÄÖ/ü", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), PATHS)
def test_a_star_spans_everything_and_the_pattern_covers_the_whole(pattern, text, expected):
    assert glob(pattern)(text) is expected


EXPRESSIONS = [
    ("corp", "a@corp.io", True),
    ("^corp", "a@corp.io", False),
    (r"^\d+$", "123", True),
    ("CORP", "a@corp.io", False),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), EXPRESSIONS)
def test_an_expression_fits_anywhere_unless_anchored(pattern, text, expected):
    assert expression(pattern)(text) is expected


def test_case_may_be_ignored():
    assert expression("CORP", ignoring_case=True)("a@corp.io")
    assert glob("/Domains/*", ignoring_case=True)("/dOMAINS/7")
    assert glob("/Domains", ignoring_case=True)("/domains")


NETWORKS = [
    ("10.0.0.0/8", "10.255.0.1", True),
    ("10.0.0.0/8", "11.0.0.1", False),
    ("10.0.0.7/8", "10.1.1.1", True),
    ("2001:db8::/32", "2001:db8::1", True),
    ("2001:db8::/32", "10.0.0.1", False),
    ("10.0.0.0/8", "::ffff:10.0.0.1", True),
    ("10.0.0.0/8", "nowhere", False),
    ("10.0.0.1", " 10.0.0.1 ", True),
]


@pytest.mark.parametrize(("text", "address", "expected"), NETWORKS)
def test_an_address_is_in_a_network(text, address, expected):
    assert network(text)(address) is expected


@pytest.mark.parametrize("pattern", ["(", "a{1001}{1001}", "x" * 3000, r"(?=a)", r"\1"])
def test_what_means_nothing_is_refused_with_a_reason(pattern):
    with pytest.raises(PatternError) as refused:
        expression(pattern)
    assert str(refused.value)


def test_a_network_that_is_none_is_refused():
    with pytest.raises(PatternError, match="not a network"):
        network("10.0.0.0/99")


def test_no_pattern_takes_more_than_linear_time():
    start = time.perf_counter()
    assert expression("^(a+)+$")("a" * 5000 + "!") is False
    assert glob("/" + "a*" * 60)("/" + "a" * 5000 + "!") is True
    assert time.perf_counter() - start < 2
