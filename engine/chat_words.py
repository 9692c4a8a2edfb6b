"""What a webhook tells a chat tool, in words: a title, a sentence, a few facts, and where to read on.

Plain text throughout: how it is written so that nothing in it comes alive is decided in `engine.chat_formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, urlencode

from engine.webhooks import HookKind

LONGEST_TITLE: Final = 120
LONGEST_TEXT: Final = 1_500
LONGEST_FACT: Final = 300
LONGEST_LINK: Final = 500
"""A longer one leads to the page, and not further."""
MOST_LISTED: Final = 5
"""Names of a list that are told."""


class Tone(StrEnum):
    """How it is marked."""

    BAD = "bad"
    GOOD = "good"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read on, and in which words."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is told."""

    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    link: Link | None = None
    tone: Tone = Tone.PLAIN


def message_of(kind: HookKind, data: Mapping[str, Any], *, project: str, console: str | None) -> Message:
    """What a delivery says. console: the address of the server; without it there is no link."""
    told = _WORDS[kind](data)
    return Message(
        title=shortened(f"{told.title}", LONGEST_TITLE),
        text=shortened(told.text, LONGEST_TEXT),
        facts=tuple((name, shortened(value, LONGEST_FACT)) for name, value in (*told.facts, ("Project", project))),
        link=None if console is None else _link(kind, data, project, console),
        tone=told.tone,
    )


def shortened(text: str, most: int) -> str:
    """A text in one line of so many letters at most: control characters and turns of direction are taken out."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _raised(data: Mapping[str, Any]) -> Message:
    return Message(f"Alert: {_subject(data)}", _said(data, "message"), tone=Tone.BAD)


def _resolved(data: Mapping[str, Any]) -> Message:
    return Message(f"Over: {_subject(data)}", _said(data, "message"), tone=Tone.GOOD)


def _subject(data: Mapping[str, Any]) -> str:
    if "source" in data:
        return f"scheduled source {_said(data, 'name')}"
    what = _said(data, "alert").replace("_", " ")
    place = ".".join(str(data[name]) for name in ("journey", "step") if data.get(name))
    return f"{what} at {place or _said(data, 'guide')}"


def _answered(data: Mapping[str, Any]) -> Message:
    facts = [("Question", f"{_said(data, 'guide')}.{_said(data, 'question')}"), ("By", _who(data))]
    words = _said(data, "text")
    answer = _value(data.get("value"))
    return Message(
        "An answer", words if words and not answer else answer + (f": {words}" if words else ""), tuple(facts)
    )


def _low(data: Mapping[str, Any]) -> Message:
    scale = f" of {data['low']} to {data['high']}" if "low" in data else ""
    words = _said(data, "text")
    return Message(
        "A low score",
        f"{_value(data.get('value'))}{scale}" + (f": {words}" if words else ""),
        (("Question", f"{_said(data, 'guide')}.{_said(data, 'question')}"), ("By", _who(data))),
        tone=Tone.BAD,
    )


def _decided(data: Mapping[str, Any]) -> Message:
    return Message("A guide was decided", f"{_said(data, 'guide')} for {_who(data)}", _variant(data))


def _shown(data: Mapping[str, Any]) -> Message:
    return Message("A guide was shown", f"{_said(data, 'guide')} to {_who(data)}", _variant(data))


def _variant(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return (("Variant", _said(data, "variant")),) if data.get("variant") else ()


def _published(data: Mapping[str, Any]) -> Message:
    facts = [(name.capitalize(), _listed(data.get(name))) for name in ("added", "changed", "removed") if data.get(name)]
    return Message(
        f"Rules version {_said(data, 'version')} is in force", _said(data, "note") or "Without a note.", tuple(facts)
    )


def _asked(data: Mapping[str, Any]) -> Message:
    return Message("A draft of the rules is ready for review", _said(data, "note") or "Without a note.")


def _due(data: Mapping[str, Any]) -> Message:
    moved, themes = len(data.get("moved") or ()), data.get("themes") or 0
    text = (
        f"{_said(data, 'quarter')} is over: {moved} of {themes} themes moved, {data.get('launched') or 'nothing'} "
        f"launched, {len(data.get('late') or ()) or 'nothing'} late, "
        f"{len(data.get('toDrop') or ()) or 'nothing'} to drop."
    )
    facts = [(name, _listed(data.get(key))) for name, key in (("Moved", "moved"), ("Late", "late")) if data.get(key)]
    return Message(f"The review of {_said(data, 'quarter')} is due", text, tuple(facts))


def _exported(data: Mapping[str, Any]) -> Message:
    text = f"{_said(data, 'file')}: {data.get('rows') or 0:,} rows of {_said(data, 'report')}"
    return Message("An export was written", text, tone=Tone.GOOD)


def _test(data: Mapping[str, Any]) -> Message:
    return Message("A test", _said(data, "message"))


_WORDS: Final[Mapping[HookKind, Callable[[Mapping[str, Any]], Message]]] = {
    HookKind.ALERT_RAISED: _raised,
    HookKind.ALERT_RESOLVED: _resolved,
    HookKind.ANSWER_RECEIVED: _answered,
    HookKind.SCORE_LOW: _low,
    HookKind.GUIDE_DECIDED: _decided,
    HookKind.GUIDE_SHOWN: _shown,
    HookKind.GUIDE_PUBLISHED: _published,
    HookKind.REVIEW_ASKED: _asked,
    HookKind.REVIEW_DUE: _due,
    HookKind.EXPORT_FINISHED: _exported,
    HookKind.TEST: _test,
}


def _link(kind: HookKind, data: Mapping[str, Any], project: str, console: str) -> Link:
    page, query, words = _page(kind, data)
    # As the console's own addresses have it: `shop~staging`.
    url = f"{console.rstrip('/')}/console/p/{quote(project.replace('/', '~'), safe='~')}/{page}"
    whole = f"{url}?{urlencode(query)}" if query else url
    return Link(whole if len(whole) <= LONGEST_LINK else url, words)


def _page(kind: HookKind, data: Mapping[str, Any]) -> tuple[str, dict[str, str], str]:
    if kind in {HookKind.ALERT_RAISED, HookKind.ALERT_RESOLVED} and data.get("journey"):
        place = {name: str(data[name]) for name in ("journey", "step") if data.get(name)}
        return "find", place, "Look at the journey"
    if "source" in data:
        return "settings/scheduled", {"source": _said(data, "source")}, "Look at the source"
    page, member, words = _PAGES[kind]
    query = {} if member is None else {member[0]: _said(data, member[1])}
    return page, query, words


_GUIDE: Final = ("rules", ("guide", "guide"), "Look at the guide")
_PAGES: Final[Mapping[HookKind, tuple[str, tuple[str, str] | None, str]]] = {
    HookKind.ALERT_RAISED: _GUIDE,
    HookKind.ALERT_RESOLVED: _GUIDE,
    HookKind.ANSWER_RECEIVED: ("responses", ("survey", "guide"), "Read the answers"),
    HookKind.SCORE_LOW: ("responses", ("survey", "guide"), "Read the answers"),
    HookKind.GUIDE_DECIDED: _GUIDE,
    HookKind.GUIDE_SHOWN: _GUIDE,
    HookKind.GUIDE_PUBLISHED: ("versions", None, "See what changed"),
    HookKind.REVIEW_ASKED: ("rules", None, "Read the draft"),
    HookKind.REVIEW_DUE: ("review", ("quarter", "quarter"), "Open the review"),
    HookKind.EXPORT_FINISHED: ("settings/exports", None, "Get the file"),
    HookKind.TEST: ("settings/webhooks", None, "Open the webhooks"),
}
"""Where to read on: the page, the member of its address with what it is filled, and the words of the link."""


def _said(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return "" if value is None else str(value)


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _who(data: Mapping[str, Any]) -> str:
    return _said(data, "userId") or "a visitor"


def _listed(names: Any) -> str:
    known = [str(each) for each in names or ()]
    more = len(known) - MOST_LISTED
    return ", ".join(known[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
