"""Freshdesk's tickets in the order in which they changed.

A ticket that changes moves to the end of the list, and all behind it move up: so each question begins with the last
change that was seen, and pages are counted only within one second.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import orjson

from dsl.values import SECOND, Instant, JsonValue, format_instant
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
    UnexpectedAnswer,
    basic,
    inner,
    instant_of,
    listed,
    plain,
    told_tags,
    told_text,
    whole,
    whose_id,
    words,
)

_PER_PAGE: Final = 100
_LAST_PAGE: Final = 300
"""Freshdesk counts no further."""


class _Tickets(Reader):
    def __init__(self, told: Told) -> None:
        self._told = told
        self._address = told.address

    def ask(self, cursor: Cursor) -> Ask:
        query = {
            "updated_since": self._since(cursor),
            "order_by": "updated_at",
            "order_type": "asc",
            "per_page": str(_PER_PAGE),
            "page": str(_page(cursor)),
            "include": "description,requester",
        }
        return Ask(
            f"{self._address}/api/v2/tickets?{urlencode(query)}",
            {"Authorization": basic(self._told["token"], "X"), "Accept": "application/json"},
        )

    def read(self, answer: Answer, cursor: Cursor) -> Page:
        try:
            told = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            told = None
        if not isinstance(told, list):
            raise UnexpectedAnswer("the answer is no list of tickets: is the address right?")
        found = listed(told)
        times = [time for each in found if (time := instant_of(each.get("updated_at"))) is not None]
        since = self._since(cursor)
        latest = max(since, _moment(max(times))) if times else since
        has_next = 'rel="next"' in answer.headers.get("link", "")
        page = _page(cursor)
        going_on: Cursor = {"since": latest}
        if has_next and latest == since:
            # What Freshdesk does not tell of one second it will not tell the next time either.
            going_on = {"since": since, "page": page + 1} if page < _LAST_PAGE else {"since": _second_after(since)}
        return Page(self._drafts(found), going_on, is_last=not has_next)

    def _since(self, cursor: Cursor) -> str:
        return words(cursor.get("since")) or _moment(self._told.since)

    def _drafts(self, found: list[dict[str, JsonValue]]) -> tuple[Draft, ...]:
        return tuple(
            self._draft(number, each)
            for each in found
            if (number := words(each.get("id"))) and each.get("spam") is not True and each.get("deleted") is not True
        )

    def _draft(self, number: str, ticket: dict[str, JsonValue]) -> Draft:
        written = words(ticket.get("description_text")) or plain(ticket.get("description"))
        return Draft(
            source=Source.SUPPORT_TICKET,
            external=f"freshdesk:{number}",
            time=instant_of(ticket.get("created_at")),
            text=told_text(words(ticket.get("subject")), written),
            tags=told_tags(ticket.get("tags")),
            link=f"{self._address}/a/tickets/{number}",
            user_id=words(inner(ticket, "requester", self._told["user"])),
        )


def _page(cursor: Cursor) -> int:
    return whole(cursor.get("page"), 1)


def _moment(instant: Instant) -> str:
    return f"{format_instant(instant)[:19]}Z"


def _second_after(moment: str) -> str:
    return _moment(Instant((instant_of(moment) or 0) + SECOND))


KIND: Final = Kind(
    name="freshdesk",
    title="Freshdesk, tickets",
    meaning="Every ticket with its subject, first message and tags; again when it changes. Spam is left out.",
    documentation="https://developers.freshdesk.com/api/#list_all_tickets",
    evidence=Source.SUPPORT_TICKET,
    settings=(
        Setting("address", "Address", "Such as https://acme.freshdesk.com", leads=True),
        Setting("token", "API key", "Profile settings of an agent.", is_secret=True),
        whose_id("requester", "Tickets", default="email", choices=("email", "id")),
        SINCE,
    ),
    begin=_Tickets,
)
