"""Reviews in Google Play, by the Play Developer API: those of the last week, with words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

import orjson

from dsl.values import SECOND, Instant, JsonValue
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
    language_of,
    listed,
    stars,
    told_tags,
    told_text,
    words,
)

_SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_LASTS: Final = 3_600
"""Seconds for which a service account asks."""


class _Reviews(Reader):
    def __init__(self, told: Told) -> None:
        self._told = told
        self._account = _account(told["credentials"])
        self._token = ""

    def grant(self, now: Instant) -> Ask:
        account = self._account
        if "refresh_token" in account:
            wanted = {
                "grant_type": "refresh_token",
                **{name: account[name] for name in ("client_id", "client_secret", "refresh_token")},
            }
        else:
            wanted = {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": _assertion(account, self._told["token_address"], now),
            }
        return Ask(self._told["token_address"], _FORM, urlencode(wanted).encode())

    def granted(self, answer: Answer) -> None:
        self._token = words(json_object(answer, "access_token")["access_token"]) or ""

    def ask(self, cursor: Cursor) -> Ask:
        query = {"maxResults": "100"}
        if token := words(cursor.get("token")):
            query["token"] = token
        where = f"androidpublisher/v3/applications/{quote(self._told['package'].strip(), safe='')}/reviews"
        return Ask(
            f"{self._told.address}/{where}?{urlencode(query)}",
            {"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
        )

    def read(self, answer: Answer, cursor: Cursor) -> Page:  # noqa: ARG002
        told = json_object(answer)
        # An app without reviews is answered with an empty object.
        found = [(words(each.get("reviewId")), each) for each in listed(told.get("reviews"))]
        drafts = tuple(self._draft(number, said) for number, each in found if number and (said := _said(each)))
        token = words(inner(told, "tokenPagination", "nextPageToken"))
        # Every run reads all that there is: a review that was written anew is told as changed.
        return Page(drafts, {"token": token} if token else {}, is_last=token is None)

    def afresh(self, cursor: Cursor) -> Cursor:  # noqa: ARG002
        return {}

    def _draft(self, number: str, said: dict[str, JsonValue]) -> Draft:
        version = words(said.get("appVersionName"))
        seconds = words(inner(said, "lastModified", "seconds"))
        is_number = seconds is not None and seconds.isascii() and seconds.isdigit()
        return Draft(
            source=Source.APP_REVIEW,
            external=f"google_play:{number}",
            time=instant_of(int(seconds)) if seconds is not None and is_number else None,
            # A title, where there is one, stands before a tab.
            text=told_text(*(words(said.get("text")) or "").split("\t")),
            language=language_of(said.get("reviewerLanguage")),
            score=stars(said.get("starRating")),
            tags=told_tags([f"version {version}" if version else None]),
        )


def _said(review: dict[str, JsonValue]) -> dict[str, JsonValue] | None:
    """What the user wrote last; a comment of the developer is none."""
    found = [each["userComment"] for each in listed(review.get("comments")) if "userComment" in each]
    return found[-1] if found and isinstance(found[-1], dict) else None


def _account(written: str) -> Mapping[str, str]:
    """Raises BadScheduledSource."""
    try:
        read = orjson.loads(written)
    except orjson.JSONDecodeError:
        read = None
    if isinstance(read, dict) and all(isinstance(value, str) for value in read.values()):
        for names in (("client_id", "client_secret", "refresh_token"), ("client_email", "private_key")):
            if read.keys() >= set(names):
                return read
    raise BadScheduledSource(
        "the credentials are the JSON file of a service account, or `client_id`, `client_secret` and `refresh_token` "
        "of an OAuth client as JSON"
    )


def _assertion(account: Mapping[str, str], audience: str, now: Instant) -> str:
    import jwt  # noqa: PLC0415  (only here)

    seconds = now // SECOND
    claims = {"iss": account["client_email"], "scope": _SCOPE, "aud": audience, "iat": seconds, "exp": seconds + _LASTS}
    try:
        return jwt.encode(claims, account["private_key"], algorithm="RS256")
    except NotImplementedError:
        raise BadScheduledSource(
            "to sign for a service account this server needs the package `cryptography` (the extra `oidc` brings it); "
            "an OAuth client with a refresh token needs nothing"
        ) from None
    except (ValueError, TypeError, jwt.exceptions.InvalidKeyError):
        raise BadScheduledSource("the `private_key` of the service account cannot be read") from None


KIND: Final = Kind(
    name="google_play",
    title="Google Play, reviews",
    meaning="Reviews with words, of the last week: more the API does not tell. Who wrote them is not kept.",
    documentation="https://developers.google.com/android-publisher/api-ref/rest/v3/reviews/list",
    evidence=Source.APP_REVIEW,
    settings=(
        Setting("package", "The app's package", "Such as com.acme.app"),
        Setting(
            "credentials",
            "Credentials",
            "The JSON file of a service account that may reply to reviews; or client_id, client_secret and "
            "refresh_token of an OAuth client, as JSON.",
            is_secret=True,
        ),
        Setting("address", "Address", default="https://androidpublisher.googleapis.com", leads=True),
        Setting("token_address", "Where grants are", default="https://oauth2.googleapis.com/token", leads=True),
    ),
    begin=_Reviews,
)
