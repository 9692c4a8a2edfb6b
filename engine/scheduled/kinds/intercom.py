"""Intercom's conversations, searched by when they changed."""

from __future__ import annotations

from typing import Final

import orjson

from dsl.values import SECOND, JsonValue
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
    inner,
    instant_of,
    json_object,
    listed,
    path_of,
    plain,
    stars,
    told_tags,
    told_text,
    whole,
    whose_id,
    words,
)

_CUSTOMERS: Final = frozenset({"user", "lead", "contact"})
"""Who begins a conversation that tells of a customer; others are ours, or bots."""


class _Conversations(Reader):
    def __init__(self, told: Told) -> None:
        self._told = told

    def ask(self, cursor: Cursor) -> Ask:
        # One second earlier than the last that was seen: others may have changed within it.
        since = whole(cursor.get("since"), self._told.since // SECOND) - 1
        paging: dict[str, JsonValue] = {"per_page": 100}
        if after := words(cursor.get("after")):
            paging["starting_after"] = after
        wanted = {
            "query": {"operator": "AND", "value": [{"field": "updated_at", "operator": ">", "value": since}]},
            "pagination": paging,
        }
        return Ask(
            f"{self._told.address}/conversations/search",
            {
                "Authorization": f"Bearer {self._told['token']}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Intercom-Version": "2.11",
            },
            orjson.dumps(wanted),
        )

    def read(self, answer: Answer, cursor: Cursor) -> Page:
        told = json_object(answer, "conversations")
        if not isinstance(told["conversations"], list):
            raise UnexpectedAnswer("`conversations` of the answer is no list")
        found = listed(told["conversations"])
        since = whole(cursor.get("since"), self._told.since // SECOND)
        latest = max((whole(each.get("updated_at"), 0) for each in found), default=0)
        newest = max(latest, whole(cursor.get("newest"), since))
        after = words(inner(told, "pages", "next", "starting_after"))
        going_on: Cursor = {"since": since, "after": after, "newest": newest} if after else {"since": newest}
        drafts = tuple(
            self._draft(number, each)
            for each in found
            if (number := words(each.get("id"))) and inner(each, "source", "author", "type") in _CUSTOMERS
        )
        return Page(drafts, going_on, is_last=after is None)

    def afresh(self, cursor: Cursor) -> Cursor:
        return {name: value for name, value in cursor.items() if name == "since"}

    def _draft(self, number: str, one: dict[str, JsonValue]) -> Draft:
        contacts = listed(inner(one, "contacts", "contacts"))
        own_id = words(contacts[0].get("external_id")) if contacts else None
        email = words(inner(one, "source", "author", "email"))
        return Draft(
            source=Source.SUPPORT_TICKET,
            external=f"intercom:{number}",
            time=instant_of(one.get("created_at")),
            text=told_text(
                plain(one.get("title")),
                plain(inner(one, "source", "subject")),
                plain(inner(one, "source", "body")),
                plain(inner(one, "conversation_rating", "remark")),
            ),
            score=stars(inner(one, "conversation_rating", "rating")),
            tags=told_tags([each.get("name") for each in listed(inner(one, "tags", "tags"))]),
            page=path_of(inner(one, "source", "url")),
            user_id=email if self._told["user"] == "email" else own_id,
        )


KIND: Final = Kind(
    name="intercom",
    title="Intercom, conversations",
    meaning="Every conversation that a customer began, with its first message, page, tags and rating; again when it "
    "changes.",
    documentation="https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/"
    "searchconversations",
    evidence=Source.SUPPORT_TICKET,
    settings=(
        Setting(
            "address",
            "Address",
            "In Europe https://api.eu.intercom.io, in Australia https://api.au.intercom.io",
            default="https://api.intercom.io",
            leads=True,
        ),
        Setting("token", "Access token", "Developer hub, your app, Authentication.", is_secret=True),
        whose_id("customer", "Conversations", default="external_id", choices=("external_id", "email")),
        SINCE,
    ),
    begin=_Conversations,
)
