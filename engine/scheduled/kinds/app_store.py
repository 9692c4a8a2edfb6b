"""Reviews in Apple's App Store, by the public feed of the latest ones: 500 in each country."""

from __future__ import annotations

import re
from typing import Final

from dsl.values import JsonValue
from engine.evidence import Draft, Source
from engine.fetching import Answer, Ask
from engine.scheduled.facts import BadScheduledSource
from engine.scheduled.reading import (
    Cursor,
    Kind,
    Page,
    Reader,
    Setting,
    Told,
    inner,
    instant_of,
    json_object,
    listed,
    told_tags,
    told_text,
    words,
)

_LAST_PAGE: Final = 10
"""The feed has no more."""
_COUNTRY: Final = re.compile("[a-z]{2}")


class _Reviews(Reader):
    def __init__(self, told: Told) -> None:
        self._told = told
        self._app = told["app"].strip().removeprefix("id")
        if not (self._app.isascii() and self._app.isdigit()):
            raise BadScheduledSource(f"`app` is a number such as 123456789, not `{told['app'][:80]}`")
        self._countries = [each.lower() for each in re.split(r"[\s,]+", told["countries"]) if each]
        if not self._countries or not all(_COUNTRY.fullmatch(each) for each in self._countries):
            raise BadScheduledSource(
                f"`countries` are of two letters each, such as us, de; not `{told['countries'][:80]}`"
            )

    def ask(self, cursor: Cursor) -> Ask:
        country, page = self._place(cursor)
        where = f"{self._countries[country]}/rss/customerreviews/page={page}/id={self._app}"
        return Ask(f"{self._told.address}/{where}/sortby=mostrecent/json", {"Accept": "application/json"})

    def read(self, answer: Answer, cursor: Cursor) -> Page:
        feed = json_object(answer, "feed")["feed"]
        told = inner(feed, "entry")
        # The feed names a single review without a list; the app itself may stand among them, without stars.
        entries = listed(told if isinstance(told, list) else [told])
        reviews = [each for each in entries if inner(each, "im:rating", "label") is not None]
        country, page = self._place(cursor)
        drafts = tuple(self._draft(each, self._countries[country]) for each in reviews)
        if reviews and page < _LAST_PAGE:
            return Page(drafts, {"country": country, "page": page + 1}, is_last=False)
        if country + 1 < len(self._countries):
            return Page(drafts, {"country": country + 1, "page": 1}, is_last=False)
        # Every run reads all: what was written anew stands at its new time, not at the end.
        return Page(drafts, {}, is_last=True)

    def _place(self, cursor: Cursor) -> tuple[int, int]:
        country, page = cursor.get("country"), cursor.get("page")
        at = country if isinstance(country, int) and country < len(self._countries) else 0
        return at, page if isinstance(page, int) else 1

    def _draft(self, entry: dict[str, JsonValue], country: str) -> Draft:
        stars = words(inner(entry, "im:rating", "label")) or ""
        version = words(inner(entry, "im:version", "label"))
        return Draft(
            source=Source.APP_REVIEW,
            external=f"app_store:{words(inner(entry, 'id', 'label'))}",
            time=instant_of(inner(entry, "updated", "label")),
            text=told_text(words(inner(entry, "title", "label")), words(inner(entry, "content", "label"))),
            score=float(stars) if stars in {"1", "2", "3", "4", "5"} else None,
            tags=told_tags([country, f"version {version}" if version else None]),
        )


KIND: Final = Kind(
    name="app_store",
    title="App Store, reviews",
    meaning="The latest 500 reviews of an app in each country, with stars and version; changed ones again. Who wrote "
    "them is not kept.",
    documentation="https://developer.apple.com/forums/thread/83618",
    evidence=Source.APP_REVIEW,
    settings=(
        Setting("app", "The app's number", "The digits after `id` in its address in the store."),
        Setting("countries", "Countries", "Such as us, de", default="us"),
        Setting("address", "Address", default="https://itunes.apple.com", leads=True),
    ),
    begin=_Reviews,
)
