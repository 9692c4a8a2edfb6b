"""Zendesk's tickets, by the incremental export that goes on from a cursor."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from dsl.values import MINUTE, SECOND, Instant, JsonValue
from engine.evidence import Draft, Source
from engine.fetching import Answer, Ask
from engine.scheduled.reading import (
    SINCE,
    Cursor,
    Kind,
    Page,
    Reader,
    Setting,
    Told,
    basic,
    inner,
    instant_of,
    json_object,
    language_of,
    listed,
    told_tags,
    told_text,
    whose_id,
    words,
)

_SCORES: Final = {"good": 5.0, "bad": 1.0}
"""Zendesk asks whether it was good or bad; the two ends of the scale of tickets."""


class _Tickets(Reader):
    def __init__(self, told: Told) -> None:
        self._told = told
        self._address = told.address

    def ask(self, cursor: Cursor) -> Ask:
        after = words(cursor.get("after"))
        # Tickets of the last minute are not told; a start so late is refused.
        start = max(0, Instant(self._told.since - MINUTE) // SECOND)
        query = {"cursor": after} if after else {"start_time": str(start)}
        key = basic(f"{self._told['email']}/token", self._told["token"])
        return Ask(
            f"{self._address}/api/v2/incremental/tickets/cursor.json?{urlencode({**query, 'include': 'users'})}",
            {"Authorization": key, "Accept": "application/json"},
        )

    def read(self, answer: Answer, cursor: Cursor) -> Page:
        told = json_object(answer, "tickets", "end_of_stream")
        people = {words(each.get("id")): each for each in listed(told.get("users"))}
        tickets = [(words(each.get("id")), each) for each in listed(told["tickets"])]
        after = words(told.get("after_cursor"))
        return Page(
            drafts=tuple(
                self._draft(number, each, people.get(words(each.get("requester_id")), {}))
                for number, each in tickets
                if number is not None and each.get("status") != "deleted"
            ),
            cursor={"after": after} if after else cursor,
            is_last=told["end_of_stream"] is True or after is None,
            gone=tuple(f"zendesk:{number}" for number, each in tickets if number and each.get("status") == "deleted"),
        )

    def _draft(self, number: str, ticket: dict[str, JsonValue], person: dict[str, JsonValue]) -> Draft:
        rating = words(inner(ticket, "satisfaction_rating", "score"))
        return Draft(
            source=Source.SUPPORT_TICKET,
            external=f"zendesk:{number}",
            time=instant_of(ticket.get("created_at")),
            text=told_text(
                words(ticket.get("subject")),
                words(ticket.get("description")),
                words(inner(ticket, "satisfaction_rating", "comment")),
            ),
            language=language_of(person.get("locale")),
            score=_SCORES.get(rating or ""),
            tags=told_tags(ticket.get("tags")),
            link=f"{self._address}/agent/tickets/{number}",
            user_id=words(person.get(self._told["user"])),
        )


KIND: Final = Kind(
    name="zendesk",
    title="Zendesk, tickets",
    meaning="Every ticket with its subject, first message, tags and satisfaction rating; again when it changes.",
    documentation="https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/",
    evidence=Source.SUPPORT_TICKET,
    settings=(
        Setting("address", "Address", "Such as https://acme.zendesk.com", leads=True),
        Setting("email", "Address of the agent", "An admin's, whose token it is."),
        Setting("token", "API token", "Admin Center, Apps and integrations, APIs.", is_secret=True),
        whose_id("requester", "Tickets", default="external_id", choices=("external_id", "email")),
        SINCE,
    ),
    begin=_Tickets,
)
