"""What every kind of source has in common: settings, a place to go on from, pages of drafts."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import orjson

from dsl.values import SECOND, Instant, JsonValue, from_datetime, read_instant
from engine.evidence import LONGEST_TAG, LONGEST_TEXT, MOST_TAGS, Draft, Source
from engine.fetching import Answer, Ask, Unanswered

Cursor: TypeAlias = Mapping[str, JsonValue]
"""Where to go on; empty at the very beginning. What is in it is up to the kind."""


class UnexpectedAnswer(Unanswered):
    """The address answered something else than its documentation says."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a source of a kind is told. leads: it says where to go. choices: what it may be; empty for all."""

    name: str
    label: str
    hint: str = ""
    default: str = ""
    is_secret: bool = False
    is_required: bool = True
    leads: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a source was told: settings and secrets by name, with the defaults. since: from when on to look."""

    settings: Mapping[str, str]
    since: Instant

    def __getitem__(self, name: str) -> str:
        return self.settings[name]

    @property
    def address(self) -> str:
        """Where the source is, for paths to follow."""
        return self["address"].rstrip("/")


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer holds. problems: items that cannot be read, by id. gone: ids of what is no more there.

    cursor: where the next question begins. is_last: nothing more is there for now.
    """

    drafts: tuple[Draft, ...]
    cursor: Cursor
    is_last: bool
    problems: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()


class Reader(ABC):
    """Asks and reads for one run. Pure but for the grant that it remembers."""

    def grant(self, now: Instant) -> Ask | None:  # noqa: ARG002
        """What to ask before everything else, for a grant that lasts as long as a run; None where nothing is needed."""
        return None

    def granted(self, answer: Answer) -> None:  # noqa: B027  (nothing is asked, so nothing is to be taken)
        """Take the answer to `grant`. Raises UnexpectedAnswer."""

    @abstractmethod
    def ask(self, cursor: Cursor) -> Ask:
        """The next question."""

    @abstractmethod
    def read(self, answer: Answer, cursor: Cursor) -> Page:
        """What the answer to `ask(cursor)` holds. Raises UnexpectedAnswer."""

    def afresh(self, cursor: Cursor) -> Cursor:
        """Where to go on once the address does not know the place any more; there again, unless such places expire."""
        return cursor


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source.

    documentation: the page that the reader follows. evidence: what its items are; None where the setting `evidence`
    says so.
    """

    name: str
    title: str
    meaning: str
    documentation: str
    evidence: Source | None
    settings: tuple[Setting, ...]
    begin: Callable[[Told], Reader]


SINCE: Final = Setting(
    "since",
    "From this day on",
    "Such as 2026-01-31; what was changed before is not fetched. Blank: from 90 days before the source was made.",
    is_required=False,
)


def whose_id(who: str, items: str, *, default: str, choices: tuple[str, ...]) -> Setting:
    """The setting `user`: which of the ids that somebody has there is the one that they are known by here."""
    hint = f"{items} of users who are not known here are kept without a user."
    return Setting("user", f"The {who}'s id here is their", hint, default, choices=choices)


def read_day(text: str) -> Instant | None:
    """The start of a day in UTC."""
    try:
        return from_datetime(datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError:
        return None


def json_object(answer: Answer, *needed: str) -> dict[str, JsonValue]:
    """The object that was answered, with the members that it must have. Raises UnexpectedAnswer."""
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise UnexpectedAnswer("the answer is no JSON: is the address right?") from None
    if not isinstance(value, dict):
        raise UnexpectedAnswer("the answer is no JSON object: is the address right?")
    for name in needed:
        if name not in value:
            raise UnexpectedAnswer(f"the answer has no `{name}`: is the address right?")
    return value


def listed(value: JsonValue) -> list[dict[str, JsonValue]]:
    """The objects of a list; those of another form are left out."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def inner(value: JsonValue, *path: str) -> JsonValue:
    """What stands in objects within objects; None where one of them is not there."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def whole(value: JsonValue, otherwise: int) -> int:
    """A whole number; another one for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def stars(value: JsonValue) -> float | None:
    """A rating of one to five; None for anything else."""
    rating = whole(value, 0)
    return float(rating) if 1 <= rating <= 5 else None


def words(value: JsonValue) -> str | None:
    """A text or a number as text; None for nothing, and for blank."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def instant_of(value: JsonValue) -> Instant | None:
    """A time: a text, in UTC where it does not say in which zone; or seconds since 1970."""
    if isinstance(value, str):
        found = read_instant(value)
        if found is None:
            try:
                moment = datetime.fromisoformat(value)
                found = from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
            except (ValueError, OverflowError):
                found = None
        return found
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        return None
    return Instant(int(value) * SECOND)


def told_text(*parts: str | None) -> str:
    """Several texts as one, no longer than evidence may be; what is said twice, once."""
    text = "\n".join(dict.fromkeys(part.strip().replace("\0", "") for part in parts if part and part.strip()))
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def told_tags(found: Sequence[JsonValue] | JsonValue) -> tuple[str, ...]:
    """Tags as evidence may have them."""
    names = [words(each) for each in found] if isinstance(found, list | tuple) else []
    return tuple(name[:LONGEST_TAG] for name in names if name)[:MOST_TAGS]


def path_of(url: JsonValue) -> str | None:
    """The path of a page's address, without what may be a secret in it."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return None


def language_of(locale: JsonValue) -> str | None:
    """The language of `en-US`."""
    text = words(locale)
    return None if text is None else text.replace("_", "-").partition("-")[0].lower()[:8] or None


def basic(name: str, password: str) -> str:
    """The header of Basic authorization."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


class _Plain(HTMLParser):
    _BREAKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"})
    _SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in self._BREAKS:
            self.parts.append("\n")
        self._silent += tag in self._SILENT

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self._SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: ARG002
        # What office programs write as `<![if …]>` is a comment, as in browsers, whatever stands in it.
        return self.parse_bogus_comment(i)


def plain(markup: JsonValue) -> str | None:
    """The text of HTML; what cannot be read as such stays as it is written."""
    if not isinstance(markup, str):
        return None
    reader = _Plain()
    try:
        reader.feed(markup)
        reader.close()
        text = "".join(reader.parts)
    except (AssertionError, ValueError):
        text = markup
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line) or None
