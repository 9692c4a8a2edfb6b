"""Values that cannot be read as what the rules declare are counted when they come in, and never kept."""

from __future__ import annotations

from typing import Any

import pytest

from engine.replies import Published
from engine.service import Service
from engine.storage import findings_tables
from tests.engine.clock import STARTED, Clock
from tests.engine.ingesting import rows

RULES = """
attribute seats: number
attribute plan: one of "free", "pro"
attribute tags: list of text
attribute note: text
account attribute founded: time
event "Paid" { amount: number, via: text }
"""


@pytest.fixture
def declared(service: Service, project: int) -> int:
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    return project


def told(service: Service, project: int) -> list[tuple[str, str, str, str, int]]:
    found = service.unreadable_values(project)
    return [(each.place.kind, each.place.name, each.place.member, each.place.form, each.count) for each in found]


def identify(**traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": "u", "traits": traits}


@pytest.mark.parametrize(
    ("message", "counted"),
    [
        (identify(seats="many"), ("attribute", "seats", "", "text", 1)),
        (identify(seats=True), ("attribute", "seats", "", "yes/no", 1)),
        (identify(plan="Pro"), ("attribute", "plan", "", "text", 1)),
        (identify(tags="a,b"), ("attribute", "tags", "", "text", 1)),
        (identify(note={"a": 1}), ("attribute", "note", "", "object", 1)),
        (
            {"type": "group", "userId": "u", "groupId": "g", "traits": {"founded": 1999}},
            ("account", "founded", "", "number", 1),
        ),
        (
            {"type": "track", "userId": "u", "event": "Paid", "properties": {"amount": [5]}},
            ("event", "Paid", "amount", "list", 1),
        ),
        (identify(seats="12"), None),
        (identify(seats=None), None),
        (identify(seats=" "), None),
        (identify(note=5), None),
        (identify(undeclared={"a": 1}), None),
        ({"type": "track", "userId": "u", "event": "Paid", "properties": {"other": {"a": 1}}}, None),
    ],
)
def test_what_cannot_be_read_is_counted_where_it_came(
    service: Service, declared: int, message: dict[str, Any], counted: tuple[Any, ...] | None
) -> None:
    service.receive(declared, [message], received=STARTED)
    assert told(service, declared) == ([] if counted is None else [counted])


def test_a_repeated_message_counts_once_and_counts_add_up(service: Service, declared: int, clock: Clock) -> None:
    first = {**identify(seats="a"), "messageId": "m1"}
    service.receive(declared, [first], received=STARTED)
    service.receive(declared, [first, {**identify(seats="b"), "messageId": "m2"}], received=clock.now)
    service.receive(declared, [{**identify(plan="gold"), "messageId": "m3"}], received=clock.now)
    assert told(service, declared) == [
        ("attribute", "seats", "", "text", 2),
        ("attribute", "plan", "", "text", 1),
    ]
    assert str(service.unreadable_values(declared)[0]) == (
        "attribute `seats` is declared as number, and came 2 times as text that cannot be read so"
    )


def test_after_the_declaration_is_corrected_nothing_is_told(service: Service, declared: int) -> None:
    service.receive(declared, [identify(seats="many")], received=STARTED)
    assert isinstance(service.publish(declared, {"rules.way": "attribute seats: text\n"}), Published)
    assert told(service, declared) == []


def test_another_project_is_told_nothing(service: Service, declared: int) -> None:
    service.receive(declared, [identify(seats="many")], received=STARTED)
    other = service.ensure_project("other").id
    assert isinstance(service.publish(other, {"rules.way": "attribute seats: number\n"}), Published)
    assert told(service, other) == []


def test_a_value_is_never_kept_with_the_count(service: Service, declared: int, url: str) -> None:
    service.receive(declared, [identify(seats="my secret")], received=STARTED)
    kept = rows(url, findings_tables.UnreadableValue)
    assert "secret" not in str(kept)
    assert kept[0]["count"] == 1
