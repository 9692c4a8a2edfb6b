"""Comments and shared links on each kind of database, from two processes at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from dsl.values import DAY, Duration, Instant
from engine.commenting import Comments
from engine.comments import PlaceKind, Wanted
from engine.roadmap.items import StaleItem
from engine.service import Service
from engine.shared_links import LinkDraft, SharedLinkOver
from engine.sharing import Sharing
from engine.storage.store import Database
from tests.engine.clock import Clock

CELL = "map:activation:trial:thoughts:verify%_"
EVERY = frozenset(PlaceKind)


@pytest.fixture
def database(url: str, clock: Clock) -> Iterator[Database]:
    service = Service.open(url, clock=clock)
    service.ensure_project()
    yield service.database
    service.close()


def test_comments_are_kept_counted_and_found_by_their_place(database: Database, clock: Clock) -> None:
    desk = Comments(database)
    for place in (CELL, "draft", "item:12", "item:123", CELL):
        desk.add(1, place, "Why?", by="member 1", now=clock.now)
    assert desk.counts(1, EVERY) == {CELL: 2, "draft": 1, "item:12": 1, "item:123": 1}
    assert desk.counts(1, {PlaceKind.ITEM}) == {"item:12": 1, "item:123": 1}
    assert desk.counts(2, EVERY) == {}
    assert [each.id for each in desk.listed(1, Wanted(EVERY, place=CELL))] == [5, 1]
    desk.settle(1, 5, is_resolved=True, revision=1, by="member 2", now=clock.now)
    assert [each.id for each in desk.listed(1, Wanted(EVERY, place=CELL, resolved=False))] == [1]
    assert [each.id for each in desk.listed(1, Wanted(EVERY, resolved=True))] == [5]
    desk.delete(1, 1, by="member 1", of_others=False, now=clock.now)
    assert [each.id for each in desk.listed(1, Wanted(EVERY, place=CELL))] == [5]


def test_of_two_who_change_a_comment_at_once_one_is_told(database: Database, clock: Clock) -> None:
    desk = Comments(database)
    made = desk.add(1, "draft", "Why?", by="member 1", now=clock.now)
    outcomes: list[str] = []

    def rewrite(words: str) -> None:
        try:
            outcomes.append(desk.rewrite(1, made.id, words, revision=1, by="member 1", now=clock.now).text)
        except StaleItem:
            outcomes.append("told")

    threads = [threading.Thread(target=rewrite, args=(words,)) for words in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["one", "told"], ["other", "told"])
    found = desk.one(1, made.id)
    assert (found.text in outcomes, found.revision) == (True, 2)


def test_a_link_opens_what_it_was_made_of_until_it_ends(database: Database, clock: Clock) -> None:
    desk = Sharing(database, lambda size: bytes(range(size)))
    draft = LinkDraft(page="map", query={"journey": "ü", "who": ""}, note=" the\nboard ", with_words=True, days=2)
    made = desk.make(1, draft, by="member 1", now=clock.now)
    later = Instant(clock.now + Duration(DAY))
    found = desk.link(made.token, now=later)
    assert (found.page, found.query, found.note, found.with_words) == ("map", {"journey": "ü"}, "the board", True)
    desk.note_opened(found, now=later)
    desk.note_opened(found, now=later)
    (listed,) = desk.listed(1)
    assert (listed.opened, listed.last_opened, listed.is_over(later)) == (2, later, False)
    assert desk.listed(2) == []
    for token in ("", made.token[:-1], made.token.upper(), made.token + "0"):
        with pytest.raises(SharedLinkOver):
            desk.link(token, now=later)
    with pytest.raises(SharedLinkOver):
        desk.link(made.token, now=Instant(clock.now + Duration(2 * DAY)))
    desk.withdraw(1, found.id, by="member 1", now=later)
    with pytest.raises(SharedLinkOver):
        desk.link(made.token, now=later)


def test_a_link_that_is_over_is_listed_for_a_year(database: Database, clock: Clock) -> None:
    desk = Sharing(database, os.urandom)
    old = desk.make(1, LinkDraft(page="map", query={}, days=1), by="member 1", now=clock.now).link
    long = desk.make(1, LinkDraft(page="map", query={}, days=90), by="member 1", now=clock.now).link
    later = Instant(clock.now + Duration(367 * DAY))
    new = desk.make(1, LinkDraft(page="map", query={}), by="member 1", now=later).link
    assert [each.id for each in desk.listed(1)] == [new.id, long.id]
    assert old.id not in {new.id, long.id}
