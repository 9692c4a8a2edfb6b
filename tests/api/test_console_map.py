"""The pages that people present from: the map with what belongs to it, comments beside it, the presenter's mode."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from engine.permissions import Role
from tests.api.asking import Site
from tests.api.test_comments import CELL, answered, comment
from tests.api.test_console_pages import cheap_passwords, lively, visitor, words

__all__ = ["cheap_passwords"]
PAGES = "/console/p/default"


@pytest.fixture
def ann(site: Site) -> FlaskClient:
    """An analyst who is signed in."""
    return visitor(site, Role.ANALYST)


# comments


def test_comments_of_the_whole_project_are_listed_with_the_way_to_each(site: Site, ann: FlaskClient) -> None:
    lively(site)
    comment(site, text="Who <b>said</b> so?")
    comment(site, place="draft", text="Ready?")
    answer = ann.get(f"{PAGES}/comments")
    told = words(answer)
    assert "Ready?" in told
    assert "“Thoughts” at verify on the map activation of" in told
    assert "Who &lt;b&gt;said&lt;/b&gt; so?" in answer.get_data(as_text=True)
    assert "Nothing is settled yet" in words(ann.get(f"{PAGES}/comments?settled=1"))


def test_a_thread_comes_by_itself_for_the_page_that_shows_it(site: Site, ann: FlaskClient) -> None:
    comment(site, text="Who said so?")
    answer = ann.get(f"{PAGES}/comments?part=3&place={CELL}")
    text = answer.get_data(as_text=True)
    assert "<html" not in text
    assert '<h3 data-count="1">' in text
    assert "Who said so?" in text
    assert ann.get(f"{PAGES}/comments?part=3&place=nowhere").status_code == 422


def test_a_viewer_sees_no_comments_on_single_users(site: Site) -> None:
    place = answered(site)
    comment(site, place=place, text="Ada again")
    viewer = visitor(site, Role.VIEWER)
    assert "Ada again" not in words(viewer.get(f"{PAGES}/comments"))
    assert "Ada again" not in words(viewer.get(f"{PAGES}/comments?part=2&place={place}"))
