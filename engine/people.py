"""Which events of a history belong to one person: the rules of `engine.storage.identity`, without a database.

For what reads a whole history at once: the command line, scenario tests, backtests. Decides nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dsl.values import Instant
from engine.events import Event, EventKind, GuideEvent, in_history_order

_EXPOSED = frozenset({GuideEvent.SHOWN.value, GuideEvent.HELD_OUT.value})


@dataclass(slots=True, eq=False)
class Person:
    """One person of a history.

    first_id: what shares, variants and holdouts are hashed from. user_id: None for a visitor who never said who.
    events: in history order, of equal message ids the first received.
    """

    first_id: str
    user_id: str | None
    anonymous_ids: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    first_exposed: Instant | None = None

    @property
    def name(self) -> str:
        """The id that people know: the user's own, else the first one."""
        return self.user_id if self.user_id is not None else self.first_id


def people_of(events: Iterable[Event], *, until: Instant | None = None) -> list[Person]:
    """The people of a history, in the order in which they were first received.

    until: leaves out what happened later. Of equal message ids the first received counts, whenever it happened.
    """
    people: list[Person] = []
    users: dict[str, Person] = {}
    visitors: dict[str, Person] = {}
    received: set[str] = set()
    for event in sorted(events, key=lambda each: each.seq):
        if event.message_id in received:
            continue
        received.add(event.message_id)
        if until is not None and event.time > until:
            continue
        person = _owner(event, users, visitors, people)
        person.events.append(event)
        if event.name in _EXPOSED and (person.first_exposed is None or event.time < person.first_exposed):
            person.first_exposed = event.time
    for person in people:
        person.events = in_history_order(person.events)
    return people


def _owner(event: Event, users: dict[str, Person], visitors: dict[str, Person], people: list[Person]) -> Person:
    """Whom an event belongs to, after what it says of ids has been taken in."""
    user_id, anonymous_id = event.user_id, event.anonymous_id
    if event.kind is EventKind.ALIAS and anonymous_id not in visitors and anonymous_id in users:
        # The former id is that of a known user: two of these never become one.
        anonymous_id = None
    user = users.get(user_id) if user_id is not None else None
    visitor = visitors.get(anonymous_id) if anonymous_id is not None else None
    if user_id is not None and user is None and visitor is not None and visitor.user_id is None:
        user = visitor
        user.user_id = user_id
    person = user or (visitor if user_id is None else None)
    if person is None:
        person = Person(user_id if user_id is not None else anonymous_id or "", user_id)
        people.append(person)
    if user_id is not None:
        users[user_id] = person
    if anonymous_id is not None and visitor is None:
        visitors[anonymous_id] = person
        person.anonymous_ids.append(anonymous_id)
    # Two known users never become one.
    elif visitor is not None and visitor is not person and visitor.user_id is None:
        _merge(visitor, person, visitors, people)
    return person


def _merge(visitor: Person, user: Person, visitors: dict[str, Person], people: list[Person]) -> None:
    """A visitor turns out to be a user who is known already: the user stays, with both histories."""
    if visitor.first_exposed is not None and (user.first_exposed is None or visitor.first_exposed < user.first_exposed):
        # Nobody changes arms: whoever was exposed first gives the id that is hashed.
        user.first_id, user.first_exposed = visitor.first_id, visitor.first_exposed
    user.events += visitor.events
    for each in visitor.anonymous_ids:
        visitors[each] = user
        user.anonymous_ids.append(each)
    people.remove(visitor)
