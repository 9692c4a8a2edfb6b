"""What happens in a scenario, as events: each kind of happening is told as the browser or a server would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from dsl.catalog import FIXED, Subject
from dsl.clauses import PAGE_EVENT, every
from dsl.nodes import Guide, GuideKind, Question, Variant
from dsl.suggest import did_you_mean, nearest
from dsl.values import SECOND, Instant, JsonValue, Kind, ValueType, format_instant
from engine.emotion import scale_of
from engine.events import NAMES, EventKind, GuideEvent
from engine.intake import OWN_EVENTS
from engine.scenarios import codes, members
from engine.scenarios.model import Happening, Told
from engine.scenarios.reader import Reader, meant
from engine.scenarios.times import Unclear, read_duration, read_time
from engine.scenarios.tree import Group, Leaf, Tree
from engine.scenarios.values import Values, as_sent
from widgets.registry import QUESTION_TYPES

DEFAULT_ACCOUNT: Final = "account"

_GUIDE_EVENTS: Final[Mapping[str, GuideEvent]] = {
    "shown": GuideEvent.SHOWN,
    "started": GuideEvent.STARTED,
    "completed": GuideEvent.COMPLETED,
    "dismissed": GuideEvent.DISMISSED,
    "snoozed": GuideEvent.SNOOZED,
    "held out": GuideEvent.HELD_OUT,
}
_WORDS: Final[Mapping[str, str]] = {
    "shown": "was seen",
    "started": "is begun",
    "completed": "is completed",
    "dismissed": "is closed",
    "snoozed": "is put off",
    "held out": "was held out",
}

_OWN_WORDS: Final[Mapping[str, str]] = {
    PAGE_EVENT: "visits",
    NAMES[EventKind.IDENTIFY]: "traits",
    NAMES[EventKind.GROUP]: "account",
    GuideEvent.HELD_OUT: "held out",
}
"""Events that have a word of their own in a scenario."""


class Happenings:
    """Reads what happens, one after the other; remembers the time, the page and the device that the user is at."""

    def __init__(self, reader: Reader, *, start: Instant, zone: str, context: Mapping[str, JsonValue]) -> None:
        self._reader = reader
        self._values = Values(reader, zone)
        self._zone = zone
        self._start = start
        self._last = start
        self._submissions = 0
        self.account_id = DEFAULT_ACCOUNT
        self.context: dict[str, JsonValue] = dict(context)

    def history(self, tree: Tree) -> tuple[Happening, ...]:
        """What has happened before, in the order of its times."""
        found = [self._past(item) for item in self._reader.listing(tree, "`events`")]
        self._last = self._start
        return tuple(sorted((each for each in found if each is not None), key=lambda each: each.at))

    def _past(self, tree: Tree) -> Happening | None:
        happening = self._happening(tree, is_past=True)
        if happening is None:
            return None
        if isinstance(tree, Group) and not any(key.text in members.KINDS for key, _ in tree.members):
            message = "an event of the history says what happened"
            self._reader.report(codes.MISSING_MEMBER, tree, message, "write `event: …`, `visits: …` or another of them")
        if happening.at > self._start:
            message = f"{format_instant(happening.at)} is after the scenario begins"
            help_ = f"it begins at {format_instant(self._start)}; what happens later stands in `steps`"
            self._reader.report(codes.NOT_A_TIME, _time_of(tree), message, help_)
        return happening

    def now(self, tree: Tree) -> Happening | None:
        """One thing that happens in a step."""
        before = self._last
        happening = self._happening(tree, is_past=False)
        if happening is not None and happening.at < before:
            message = f"{format_instant(happening.at)} is before what happens above it"
            self._reader.report(codes.NOT_A_TIME, _time_of(tree), message, "put the steps in the order of time")
            return None
        return happening

    def request(self) -> Happening:
        """Guidance is asked for, at the same time as before."""
        return Happening((), self._last, dict(self.context), from_browser=True, words="guidance is asked for")

    def _happening(self, tree: Tree, *, is_past: bool) -> Happening | None:
        found = self._reader.group(tree, "what happens", members.HAPPENING, instead=self._as_event)
        if not isinstance(tree, Group):
            return None
        kinds = [name for name in found if name in members.KINDS]
        for second in kinds[1:]:
            message = f"`{kinds[0]}` and `{second}` are two things"
            self._reader.report(
                codes.TOO_MANY, found[second], message, "make two items of a list of them, each with `- `"
            )
        kind = kinds[0] if kinds else None
        for name, (owner, _) in members.DETAILS.items():
            if name in found and kind != owner:
                message = f"`{name}` goes with `{owner}`" + (f", not with `{kind}`" if kind else "")
                self._reader.report(codes.UNKNOWN_MEMBER, found[name], message)
        self._last = at = self._time(found.get("at"), tree, is_past=is_past)
        self._move(found)
        sender = self._reader.one_of(found["from"], "`from`", ("browser", "server")) if "from" in found else "browser"
        told, words = self._told(kind, found, at) if kind is not None else ((), "guidance is asked for")
        return Happening(told, at, dict(self.context), from_browser=sender != "server", words=words)

    def _as_event(self, tree: Tree) -> str | None:
        """What to write where the name of an event stands by itself, rightly spelled or nearly."""
        if not isinstance(tree, Leaf):
            return None
        events = self._reader.project.catalog.events
        near = tree.text if tree.text in events else next(iter(nearest(tree.text, events)), None)
        return None if near is None else f"write `event: {near}`; its properties stand after `with:`"

    def _time(self, tree: Tree | None, happening: Tree, *, is_past: bool) -> Instant:
        if tree is None:
            if is_past:
                message = "this does not say when it happened"
                self._reader.report(codes.MISSING_MEMBER, happening, message, "write `at: 3 days ago`")
            return self._last
        text = self._reader.text(tree, "`at`")
        if text is None:
            return self._last
        found = read_time(text, now=self._start, before=self._last, zone=self._zone)
        if isinstance(found, Unclear):
            self._reader.report(codes.NOT_A_TIME, tree, found.message, found.help)
            return self._last
        return found

    def _move(self, found: Mapping[str, Tree]) -> None:
        """Take in where the user is from here on."""
        if "page" in found:
            self.context["page"] = self.page(found["page"], "`page`")
        if "visits" in found:
            self.context["page"] = self.page(found["visits"], "`visits`")
        if "device" in found:
            self.context["device"] = self.device(found["device"])

    def page(self, tree: Tree, what: str) -> dict[str, JsonValue]:
        """A page: a path, an address, or its parts."""
        if isinstance(tree, Group):
            parts = self._reader.group(tree, what, members.PAGE)
            return {name: self._reader.text(each, f"`{name}`") for name, each in parts.items()}
        text = self._reader.text(tree, what)
        if text is None:
            return {}
        if "://" in text:
            return {"url": text, "path": urlsplit(text).path or "/"}
        if not text.startswith("/"):
            self._reader.report(codes.WRONG_VALUE, tree, f"`{text}` is no page", f"write `/{text}` or a whole address")
        return {"path": text}

    def device(self, tree: Tree) -> dict[str, JsonValue]:
        """The parts of a device."""
        parts = self._reader.group(tree, "`device`", members.DEVICE)
        return {name: self._reader.text(each, f"`{name}`") for name, each in parts.items()}

    def _told(  # noqa: PLR0911  (one case a kind)
        self, kind: str, found: Mapping[str, Tree], at: Instant
    ) -> tuple[tuple[Told, ...], str]:
        """The events of a happening, and what it is in words."""
        tree = found[kind]
        match kind:
            case "event":
                return self._event(tree, found.get("with"), at)
            case "visits":
                page = dict(self.context.get("page") or {})  # type: ignore[arg-type]
                words = f"a visit of {page.get('path')}"
                return (Told(EventKind.PAGE, PAGE_EVENT, page),), words
            case "traits":
                return (self.identify(tree, at),), "the user's traits change"
            case "account":
                return (self.group(tree, at),), "the account changes"
            case "answered":
                return self._answered(tree, found.get("answers"), at)
            case "friction":
                return self._friction(tree, found.get("selector"))
            case _:
                return self._of_guide(kind, tree, found)

    def _event(self, tree: Tree, properties: Tree | None, at: Instant) -> tuple[tuple[Told, ...], str]:
        known = self._reader.project.catalog.events
        sendable = [name for name in known if name not in NAMES.values() and name not in OWN_EVENTS]
        text = self._reader.text(tree, "`event`")
        if text is None:
            return (), ""
        if text not in sendable:
            own = f"write `{_OWN_WORDS[text]}: …`" if text in _OWN_WORDS else None
            help_ = own or meant(text, sendable, "they know ") or f'declare it in the rules: `event "{text}"`'
            self._reader.report(codes.UNKNOWN_NAME, tree, f"the rules know no event `{text}`", help_)
            return (), text
        sent = self._properties(properties, known[text].properties, at) if properties is not None else {}
        return (Told(EventKind.TRACK, text, sent),), text

    def _properties(self, tree: Tree, types: Mapping[str, ValueType], at: Instant) -> dict[str, JsonValue]:
        read: dict[str, JsonValue] = {}
        for key, value in self._reader.named(tree, "`with`"):
            name = key.text
            if name in types:
                read[name] = self._values.read(value, types[name], f"`{name}`", now=at)
                continue
            near = did_you_mean([f"`{each}`" for each in nearest(name, types)])
            if near is not None:
                self._reader.report(codes.UNKNOWN_NAME, key, f"the event has no property `{name}`", near)
            read[name] = as_sent(value)
        return read

    def identify(self, tree: Tree, at: Instant) -> Told:
        """What is known of the user from an instant on."""
        known = self._reader.project.catalog.user
        return Told(EventKind.IDENTIFY, NAMES[EventKind.IDENTIFY], traits=self._traits(tree, known, "attribute", at))

    def group(self, tree: Tree, at: Instant) -> Told:
        """What is known of the user's account from an instant on."""
        known = self._reader.project.catalog.account
        if isinstance(tree, Group) and "id" not in known:
            own = Group(tuple((key, value) for key, value in tree.members if key.text != "id"), tree.span)
            number = self._reader.text(tree.get("id"), "`id`")
            self.account_id = number or self.account_id
            tree = own
        traits = self._traits(tree, known, "account attribute", at)
        return Told(EventKind.GROUP, NAMES[EventKind.GROUP], traits=traits, group_id=self.account_id)

    def _traits(self, tree: Tree, known: Mapping[str, Subject], what: str, at: Instant) -> dict[str, JsonValue]:
        by_key = {subject.key: subject for subject in known.values()}
        read: dict[str, JsonValue] = {}
        for key, value in self._reader.named(tree, f"the list of {what}s"):
            name = key.text
            subject = known.get(name) or by_key.get(name)
            if what == "attribute" and name in FIXED:
                help_ = "write `user: …` beside `traits`" if name == "user_id" else "it is the time of the first event"
                self._reader.report(codes.UNKNOWN_NAME, key, f"`{name}` cannot be given", help_)
            elif subject is None:
                help_ = meant(name, known, "they know ") or f"declare it in the rules: `{what} {name}: text`"
                self._reader.report(codes.UNKNOWN_NAME, key, f"the rules know no {what} `{name}`", help_)
            else:
                read[subject.key] = self._values.read(value, subject.type, f"`{name}`", now=at)
        return read

    def guide(self, tree: Tree) -> Guide | None:
        """A guide or survey of the rules."""
        guides = self._reader.project.guides
        name = self._reader.known(tree, "guide or survey", guides, "the rules have")
        return guides[name] if name is not None else None

    def _of_guide(self, kind: str, tree: Tree, found: Mapping[str, Tree]) -> tuple[tuple[Told, ...], str]:
        guide = self.guide(tree)
        if guide is None:
            return (), ""
        name = guide.name.text
        properties: dict[str, JsonValue] = {"guide": name}
        if "variant" in found:
            variants = [each.name.text for each in every(guide, Variant)]
            properties["variant"] = self._reader.known(found["variant"], "variant", variants, f"`{name}` has")
        if kind == "dismissed":
            how = self._reader.one_of(found["how"], "`how`", members.DISMISSALS) if "how" in found else "close"
            properties["how"] = how
        if kind == "snoozed":
            properties["seconds"] = self._snooze(tree, found.get("for"))
        words = f"{name} {_WORDS[kind]}"
        return (Told(EventKind.TRACK, _GUIDE_EVENTS[kind].value, properties),), words

    def _snooze(self, tree: Tree, length: Tree | None) -> int:
        text = self._reader.text(length, "`for`")
        if length is None or text is None:
            self._reader.report(codes.MISSING_MEMBER, tree, "this does not say for how long", "write `for: 1 day`")
            return 0
        found = read_duration(text)
        if isinstance(found, Unclear):
            self._reader.report(codes.NOT_A_TIME, length, found.message, found.help)
            return 0
        return found // SECOND

    def _friction(self, tree: Tree, selector: Tree | None) -> tuple[tuple[Told, ...], str]:
        name = self._reader.one_of(tree, "`friction`", members.FRICTION)
        if name is None:
            return (), ""
        properties: dict[str, JsonValue] = {"page": self.context.get("page") or {}, "v": 1}
        if selector is not None:
            properties["selector"] = self._reader.text(selector, "`selector`")
        return (Told(EventKind.TRACK, "$" + name.replace(" ", "_"), properties),), name

    def _answered(self, tree: Tree, answers: Tree | None, at: Instant) -> tuple[tuple[Told, ...], str]:
        guide = self.guide(tree)
        if guide is None:
            return (), ""
        name, questions = guide.name.text, {each.id.text: each for each in every(guide, Question)}
        if guide.kind is GuideKind.GUIDE or not questions:
            self._reader.report(codes.UNKNOWN_NAME, tree, f"`{name}` asks nothing", "name a survey")
            return (), ""
        if answers is None:
            example = next(iter(questions))
            help_ = f"write `answers: {{ {example}: … }}`"
            self._reader.report(codes.MISSING_MEMBER, tree, "this does not say how it was answered", help_)
            return (), ""
        self._submissions += 1
        told = []
        for leaf, value in self._reader.named(answers, "`answers`", example=next(iter(questions))):
            question = self._reader.known(leaf, "question", questions, f"`{name}` has")
            if question is not None:
                told.append(self._answer(name, questions[question], value, at))
        return tuple(told), f"{name} is answered"

    def _answer(self, guide: str, question: Question, tree: Tree, at: Instant) -> Told:
        text: JsonValue = None
        if isinstance(tree, Group):
            # An answer of the user's own beside a choice: `{ other: "…" }`.
            (choice, own), *more = tree.members or ((Leaf("", tree.span), tree),)
            if more or not isinstance(own, Leaf):
                help_ = 'write `{ other: "in their own words" }`'
                self._reader.report(codes.WRONG_SHAPE, tree, f"`{question.id.text}` has one answer", help_)
            text, tree = own.text if isinstance(own, Leaf) else None, choice
        value = self._answer_value(question, tree, at)
        properties: dict[str, JsonValue] = {
            "guide": guide,
            "question": question.id.text,
            "value": value,
            "submission": f"submission {self._submissions}",
        }
        if text is not None:
            properties["text"] = text
        return Told(EventKind.TRACK, GuideEvent.ANSWERED.value, properties)

    def _answer_value(self, question: Question, tree: Tree, at: Instant) -> JsonValue:
        name = f"the answer to `{question.id.text}`"
        wanted = ValueType(Kind(QUESTION_TYPES[question.type].answers))
        if not question.choices:
            value = self._values.read(tree, wanted, name, now=at)
            scale = scale_of(question)
            if scale is not None and isinstance(value, int | float) and not scale[0] <= value <= scale[1]:
                message = f"{name} is {scale[0]} to {scale[1]}, not {value}"
                self._reader.report(codes.WRONG_VALUE, tree, message)
            return value
        ids = [self._choice(question, each) for each in self._reader.one_or_more(tree)]
        return ids if wanted.kind is Kind.TEXT_LIST else ids[0] if len(ids) == 1 else None  # type: ignore[return-value]

    def _choice(self, question: Question, tree: Tree) -> str | None:
        """The id of a choice, named by it or by its words."""
        text = self._reader.text(tree, "a choice")
        by_words = {each.text.value: each.key for each in question.choices if each.text is not None}
        keys = [each.key for each in question.choices]
        if text is None or text in keys:
            return text
        if text in by_words:
            return by_words[text]
        help_ = meant(text, [*keys, *by_words], "it has ")
        self._reader.report(codes.UNKNOWN_NAME, tree, f"`{question.id.text}` has no choice `{text}`", help_)
        return None


def _time_of(happening: Tree) -> Tree:
    found = happening.get("at") if isinstance(happening, Group) else None
    return happening if found is None else found
