"""Whose an event is: every way in which ids come together, as a table that reads like a story."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dsl.values import Instant
from engine.events import Event, EventKind
from engine.intake import Taken
from engine.storage import identity, log
from engine.storage.identity import People
from engine.storage.store import Database

Step = tuple[str | None, str | None]
"""The user id and the anonymous id of an event."""


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def taken(user_id: str | None, anonymous_id: str | None, number: int, name: str = "A") -> Taken:
    at = Instant(1_000_000 * number)
    event = Event(
        seq=number,
        message_id=f"m{number}",
        kind=EventKind.TRACK,
        name=name,
        time=at,
        received=at,
        user_id=user_id,
        anonymous_id=anonymous_id,
    )
    return Taken(event, simulated=False, session_id=None, clamped=False)


def file(database: Database, steps: list[Taken], project: int = 1) -> list[int]:
    """File events in one transaction; the numbers of their people."""
    with database.writing() as connection:
        people = People(connection)
        people.load(
            key for each in steps for key in identity.ids_of(project, each.event.user_id, each.event.anonymous_id)
        )
        filed = [people.file(project, each) for each in steps]
        people.store()
        return [person.today.id for person in filed]


def whose(database: Database, user_id: str | None, anonymous_id: str | None, project: int = 1) -> str:
    """The first id of the person that ids belong to."""
    with database.reading() as connection:
        person = identity.find_person(connection, project, user_id, anonymous_id)
    assert person is not None
    found: str = person.first_id
    return found


STORIES: dict[str, tuple[list[Step], list[list[Step]]]] = {
    "a visitor who signs up stays one person": (
        [(None, "a"), ("u", "a"), ("u", None)],
        [[(None, "a"), ("u", None)]],
    ),
    "two visitors are two people": ([(None, "a"), (None, "b")], [[(None, "a")], [(None, "b")]]),
    "an anonymous id and a user id of the same text are two people": (
        [(None, "x"), ("x", None)],
        [[(None, "x")], [("x", None)]],
    ),
    "a user on a second device is one person": (
        [("u", "a"), (None, "b"), ("u", "b")],
        [[("u", None), (None, "a"), (None, "b")]],
    ),
    "two users on one device stay two, and the visitor's id stays with the first": (
        [("u", "a"), ("v", "a"), (None, "a")],
        [[("u", None), (None, "a")], [("v", None)]],
    ),
    "two known users never become one": (
        [("u", "a"), ("v", "b"), ("u", "b"), ("v", "a")],
        [[("u", None), (None, "a")], [("v", None), (None, "b")]],
    ),
    "a visitor with two ids joins the user whole": (
        [("u", None), (None, "a"), (None, "b"), ("u", "a"), ("u", "b")],
        [[("u", None), (None, "a"), (None, "b")]],
    ),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_ids_come_together(database: Database, story: str, *, at_once: bool) -> None:
    steps, groups = STORIES[story]
    events = [taken(user, visitor, number) for number, (user, visitor) in enumerate(steps, 1)]
    for part in [events] if at_once else [[event] for event in events]:
        file(database, part)
    people = [{whose(database, *ids) for ids in group} for group in groups]
    assert all(len(group) == 1 for group in people)
    with database.reading() as connection:
        numbers = [
            {row.id for ids in group if (row := identity.find_person(connection, 1, *ids)) is not None}
            for group in groups
        ]
    assert all(len(group) == 1 for group in numbers)
    assert len(set.union(*numbers)) == len(groups)


@pytest.mark.parametrize(
    ("events", "first_id"),
    [
        ([taken(None, "a", 1), taken("u", "a", 2)], "a"),
        ([taken("u", "a", 1)], "u"),
        ([taken("u", None, 1), taken(None, "a", 2), taken("u", "a", 3)], "u"),
        # only the visitor was exposed: the person stays in the visitor's arms
        ([taken("u", None, 1), taken(None, "a", 2, "$shown"), taken("u", "a", 3)], "a"),
        ([taken("u", None, 1), taken(None, "a", 2, "$held_out"), taken("u", "a", 3)], "a"),
        # both were: whoever was exposed first
        ([taken("u", None, 1, "$shown"), taken(None, "a", 2, "$shown"), taken("u", "a", 3)], "u"),
        ([taken(None, "a", 1, "$shown"), taken("u", None, 2, "$shown"), taken("u", "a", 3)], "a"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_arms_stay_those_of_whoever_was_exposed_first(
    database: Database, events: list[Taken], first_id: str, *, at_once: bool
) -> None:
    for part in [events] if at_once else [[event] for event in events]:
        file(database, part)
    assert whose(database, "u", None) == first_id


def test_the_events_of_a_merged_visitor_are_found_under_the_user(database: Database) -> None:
    user = file(database, [taken("u", None, 1)])[0]
    visitor = file(database, [taken(None, "a", 2)])[0]
    other = file(database, [taken(None, "b", 3)])[0]
    assert file(database, [taken("u", "a", 4)]) == [user]
    with database.reading() as connection:
        assert identity.aliases(connection, user) == [user, visitor]
        assert identity.aliases_of(connection, [user, other]) == {user: [user, visitor], other: [other]}
        assert identity.anonymous_ids(connection, user) == ["a"]


def test_projects_do_not_share_people(database: Database) -> None:
    first = file(database, [taken("u", "a", 1)], project=1)
    second = file(database, [taken("u", "a", 2)], project=2)
    assert first != second


@pytest.mark.postgres
def test_two_processes_never_make_two_people_of_one_id(postgres_url: str) -> None:
    databases = [Database(postgres_url) for _ in range(4)]
    databases[0].migrate()
    failures: list[BaseException] = []

    def send(database: Database, sender: int) -> None:
        try:
            for number in range(30):
                ids = (f"u{number}", f"a{number}") if (sender + number) % 2 else (None, f"a{number}")
                file(database, [taken(*ids, number + 1)])
        except BaseException as error:
            failures.append(error)

    senders = [threading.Thread(target=send, args=(each, number)) for number, each in enumerate(databases)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert failures == []
    with databases[0].reading() as connection:
        for number in range(30):
            by_user = identity.find_person(connection, 1, f"u{number}", None)
            by_visitor = identity.find_person(connection, 1, None, f"a{number}")
            assert by_user is not None
            assert by_visitor is not None
            assert by_user.id == by_visitor.id
    for database in databases:
        database.close()


def test_a_message_id_is_claimed_once(database: Database) -> None:
    with database.writing() as connection:
        assert log.claim(connection, [(1, "m1"), (1, "m2"), (1, "m1"), (2, "m1")]) == {
            (1, "m1"),
            (1, "m2"),
            (2, "m1"),
        }
    with database.writing() as connection:
        assert log.claim(connection, [(1, "m2"), (1, "m3")]) == {(1, "m3")}
        assert log.known(connection, 1, ["m1", "m3", "m4"]) == {"m1", "m3"}


def test_what_is_new_among_known_messages_is_claimed_wherever_it_stands(database: Database) -> None:
    with database.writing() as connection:
        log.claim(connection, [(1, f"m{number}") for number in (3, 4, 7)] + [(2, "m1")])
    with database.writing() as connection:
        sent = [(project, f"m{number}") for number in range(9) for project in (1, 2)]
        new = log.claim(connection, sent)
        assert new == {*sent} - {(1, "m3"), (1, "m4"), (1, "m7"), (2, "m1")}
        assert log.known(connection, 1, [f"m{number}" for number in range(12)]) == {f"m{number}" for number in range(9)}
        assert log.claim(connection, sent) == set()


@pytest.mark.parametrize("count", [1, 3, 700])
def test_events_come_back_from_the_log_as_they_went_in(database: Database, count: int) -> None:
    sent: list[Event] = []
    with database.writing() as connection:
        numbers = log.next_numbers(connection, count)
        for number in numbers:
            event = Event(
                seq=number,
                message_id=f"m{number}",
                kind=EventKind.IDENTIFY,
                name="$identify",
                time=Instant(5_000_000 - number),
                received=Instant(9_000_000),
                user_id="ü",
                properties={"nested": {"list": [1, 2.5, None, True]}, "zero": "a\0b", "tab": "\t\\N"},
                traits={"plan": "pro"},
                group_id="g",
                context={"page": {"path": "/x"}},
                from_browser=True,
                live=False,
            )
            sent.append(event)
        filed = [log.Filed(1, 7, Taken(each, simulated=True, session_id="s", clamped=False), each) for each in sent]
        log.append(connection, filed)
    with database.reading() as connection:
        assert log.of_people(connection, [7]) == sorted(sent, key=lambda event: event.position)
        assert log.by_number(connection, list(numbers)) == {event.seq: event for event in sent}
        page = log.received_after(connection, 1, None, limit=2)
        assert [each.event.seq for each in page] == list(numbers)[-2:]
        assert (page[0].simulated, page[0].session_id, page[0].clamped) == (True, "s", False)
    with database.writing() as connection:
        assert next(iter(log.next_numbers(connection, 1))) > max(numbers)
