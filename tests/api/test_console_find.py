"""Find, Trace and the map: every number of people leads to the users behind it, exactly as many; the intended path
stands beside the real ones."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from engine import passwords
from engine.permissions import Role
from tests.api.asking import PUBLIC_KEY, Site
from tests.api.test_console_pages import lively, visitor, words

FIND = "/console/p/default/find"
TRACE = "/console/p/default/trace"
MAP = "/console/p/default/map"
USERS = "/console/p/default/users"
FIGURE = re.compile(
    r'<a href="(/console/p/default/users\?[^"]+)" title="[^"]+">(?:n = )?([0-9,]+)(?: (?:people|person))?</a>'
)


def at(user: str, second: int, **message: object) -> dict[str, object]:
    """What somebody did so many seconds after they signed up."""
    return {"type": "track", "userId": user, "timestamp": f"2026-10-20T00:00:{second:02}Z", **message}


@pytest.fixture(scope="module")
def ada(shared_site: Site) -> Iterator[FlaskClient]:
    """An admin of a project in which 160 signed up and 120 verified; of three more one verified first, two only so.

    Of the 40 who left 30 asked for help and 20 looked at its page, which has the same name, of the others 12 and 30;
    15 and 12 clicked in rage.
    """
    lively(shared_site, people=160)
    late: list[dict[str, object]] = [
        {"type": "track", "userId": user, "event": name, "timestamp": f"2026-10-21T00:0{minute}:00Z"}
        for user, names in (
            ("x1", ["Domain Verified", "Signed Up"]),
            ("x2", ["Domain Verified"]),
            ("=x3", ["Domain Verified"]),
        )
        for minute, name in enumerate(names)
    ]
    went, left = ([f"u{n}" for n in range(160) if (n % 8 < 6) is did] for did in (True, False))
    page = {"type": "page", "context": {"page": {"path": "/help"}}}
    for users, asked, looked, clicked in ((left, 30, 20, 15), (went, 12, 30, 12)):
        late += [at(user, 10, event="/help") for user in users[:asked]]
        late += [at(user, 20, **page) for user in users[-looked:]]
        late += [at(user, 30, event="$rage_click") for user in users[:clicked]]
    assert shared_site.post("/v1/batch", {"batch": late}, key=PUBLIC_KEY).status_code == 202
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))
        yield visitor(shared_site, Role.ADMIN)


def figures(page: str) -> list[tuple[str, int]]:
    """The numbers of a page that lead to users, each with its address."""
    return [(html.unescape(href), int(count.replace(",", ""))) for href, count in FIGURE.findall(page)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("address", "counts"),
    [
        # Of all, of the one persona and of those in none: two steps and who was lost; of the design seven, four paths.
        (FIND, [161, 120, 41, 160, 120, 40, 1, 1, 160, 2, 1, 163, 123, 120, 120, 40, 2, 1]),
        # Who left and who went on; the event, the page and the sign that both met; one event after another, twice.
        (f"{TRACE}?step=verify", [41, 120, 30, 12, 20, 30, 15, 12, 30, 12, 1]),
        (
            f"{TRACE}?step=verify&persona=trial&from=Signed+Up&to=%2Fhelp&order=then",
            [40, 120, 30, 12, 20, 30, 15, 12, 30, 12, 30, 12, 42],
        ),
        # All who went any way, and the three ways that the map tells.
        (MAP, [163, 120, 40, 2]),
        (f"{MAP}?persona=trial&period=2026-10", [160, 120, 40]),
    ],
    ids=["find", "trace", "a chain of a persona", "map", "map of a persona and a month"],
)
def test_every_number_leads_to_as_many_users(ada: FlaskClient, address: str, counts: list[int]) -> None:
    found = figures(ada.get(address).get_data(as_text=True))
    assert sorted(count for _, count in found) == sorted(counts)
    for href, count in found:
        listed = ada.get(f"{href}&format=csv").get_data(as_text=True)
        assert len(list(csv.DictReader(io.StringIO(listed)))) == count, href


def test_the_list_says_of_whom_it_is_and_comes_a_page_at_a_time(ada: FlaskClient) -> None:
    first = ada.get(f"{USERS}?journey=activation&manner=as+designed&completed=true")
    told = words(first)
    assert "As designed, and came to “Verify the domain”" in told
    assert "100 on this page" in told
    (onward,) = re.findall(r'href="([^"]+)" rel="next"', first.get_data(as_text=True))
    second = words(ada.get(html.unescape(onward)))
    assert "20 on this page" in second
    assert "First page" in second
    assert "Came to “Create account” and no further, of “On <i>trial</i>”" in html.unescape(
        words(ada.get(f"{USERS}?journey=activation&at=1&dropped=true&group=trial"))
    )
    for query, who in (
        (
            "step=verify&traced=met&event=%2Fhelp&kind=page",
            "Left before “Verify the domain”, and met page /help in the",
        ),
        (
            "way=2,1&persona=trial",
            "“Verify the domain” → “Create account”, of “On <i>trial</i>”, in the time of the map",
        ),
    ):
        assert who in html.unescape(words(ada.get(f"{USERS}?journey=activation&{query}"))), query


def test_a_figure_that_there_is_not_is_told(ada: FlaskClient) -> None:
    for query in (
        "at=9",
        "at=x",
        "manner=backwards",
        "path=1,1",
        "path=a",
        "at=1&manner=skipped",
        "path=2&dropped=true",
        "traced=backwards&step=verify",
        "traced=met&step=verify",
        "traced=all&step=nowhere",
        "traced=met&step=verify&event=%2Fhelp&kind=smell",
        "traced=chain&step=verify&from=Signed+Up",
        "way=9",
        "way=1,1",
        "way=a",
        "way=1&period=soon",
    ):
        answer = ada.get(f"{USERS}?journey=activation&{query}")
        assert (answer.status_code, "No such figure" in words(answer)) == (200, True), query
    assert "nobody of those who count here" in words(ada.get(f"{USERS}?journey=activation&path=2,1&after=zz"))


def test_the_design_stands_beside_the_real_paths(ada: FlaskClient) -> None:
    told = words(ada.get(FIND))
    assert "160 of 163 (98%) go through the steps as they were designed." in told
    assert "The most common real path is Create account → Verify the domain: 120 (74%)." in told
    sheet = ada.get(f"{FIND}?format=csv&part=design").get_data(as_text=True)
    assert [(row["manner"], row["numbers"], row["count"]) for row in csv.DictReader(io.StringIO(sheet))] == [
        ("as designed", "", "160"),
        ("skipped", "", "2"),
        ("out of order", "", "1"),
        ("as designed", "1,2", "120"),
        ("as designed", "1", "40"),
        ("skipped", "2", "2"),
        ("out of order", "2,1", "1"),
    ]
    users = ada.get(f"{USERS}?journey=activation&manner=skipped&format=csv").get_data(as_text=True)
    assert users.split() == ["user", "'=x3", "x2"]
