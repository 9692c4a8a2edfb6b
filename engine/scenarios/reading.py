"""A scenario file read against the rules that it tests: every mistake of it in one run, each with its place.

Two steps, since a file names its own rules: `open_file` says which they are, `read_scenarios` reads the rest with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.diagnostics import Diagnostic, Span
from dsl.project import RuleProject, load
from dsl.values import Instant, read_number
from engine.context import FROM_CONTEXT
from engine.events import NAMES, EventKind
from engine.scenarios import codes, members
from engine.scenarios.expectations import read_expectations
from engine.scenarios.happenings import Happenings
from engine.scenarios.model import Happening, Scenario, ScenarioFile, Step, Told
from engine.scenarios.reader import Reader
from engine.scenarios.times import Unclear, read_time
from engine.scenarios.tree import Group, Items, Leaf, Tree, parse_tree
from engine.schedule import is_zone

DEFAULT_START: Final = "2026-01-05 09:00"
"""A Monday morning, in the file's zone: the same whenever the scenarios run."""

_EPOCH: Final = Instant(0)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A scenario file before its rules are known.

    rules: the paths that it names, seen from the file; () for the rules beside it. zone: the project's time zone.
    """

    file: str
    tree: Tree | None
    rules: tuple[tuple[str, Span], ...]
    zone: str
    diagnostics: tuple[Diagnostic, ...]


def open_file(text: str, *, file: str) -> OpenedFile:
    """Read the text of a scenario file as far as it can be without its rules. Never raises on any text."""
    parsed = parse_tree(text, file=file)
    if parsed.tree is None:
        return OpenedFile(file, None, (), "UTC", parsed.diagnostics)
    reader = Reader(load({}))
    found = reader.group(parsed.tree, "a scenario file", members.FILE)
    rules: list[tuple[str, Span]] = []
    for each in reader.one_or_more(found["rules"]) if "rules" in found else ():
        path = reader.text(each, "`rules`")
        if path is not None:
            rules.append((path, each.span))
    zone = reader.text(found.get("zone"), "`zone`") or "UTC"
    if not is_zone(zone):
        reader.report(codes.WRONG_VALUE, found["zone"], f"`{zone}` is no time zone", "write one such as Europe/Berlin")
        zone = "UTC"
    if isinstance(parsed.tree, Group) and "scenarios" not in found:
        help_ = "write `scenarios:` and a list of them"
        reader.report(codes.MISSING_MEMBER, parsed.tree, "this file has no scenarios", help_)
    return OpenedFile(file, parsed.tree, tuple(rules), zone, tuple(reader.found))


def read_scenarios(opened: OpenedFile, project: RuleProject) -> ScenarioFile:
    """Read the scenarios of a file with the rules that they test. A scenario with a mistake in it is left out."""
    tree = opened.tree
    if not isinstance(tree, Group):
        return ScenarioFile(opened.file, (), opened.diagnostics)
    scenarios: list[Scenario] = []
    diagnostics = list(opened.diagnostics)
    listed = tree.get("scenarios")
    reader = Reader(project)
    for each in reader.listing(listed, "`scenarios`") if listed is not None else ():
        own = Reader(project)
        scenario = _Story(own, opened.zone, tree).read(each)
        if scenario is not None and scenario.name in {other.name for other in scenarios}:
            own.report(codes.TOO_MANY, each, f"two scenarios are called “{scenario.name}”", "say what differs")
        diagnostics += own.found
        if scenario is not None and not own.found:
            scenarios.append(scenario)
    # What the file gives is read once for each scenario.
    return ScenarioFile(opened.file, tuple(scenarios), tuple(dict.fromkeys([*reader.found, *diagnostics])))


class _Story:
    """Reads one scenario. What the file gives to all of them comes before what the scenario gives itself."""

    def __init__(self, reader: Reader, zone: str, file: Group) -> None:
        self._reader = reader
        self._zone = zone
        self._file = file

    def read(self, tree: Tree) -> Scenario | None:
        """The scenario, or None where too little of it could be read."""
        found = self._reader.group(tree, "a scenario", members.SCENARIO, instead=_below)
        if not isinstance(tree, Group):
            return None
        name = self._reader.text(found.get("name"), "`name`")
        if name is None and "name" not in found:
            self._reader.report(codes.MISSING_MEMBER, tree, "this scenario has no name", "write `name:` and a sentence")
        given = [each for each in (self._file.get("given"), found.get("given")) if each is not None]
        start = self._start(found.get("start") or self._file.get("start"))
        story = _Given(self._reader, given, start=start, zone=self._zone)
        steps = self._steps(tree, found, story.happenings)
        if not _expects(found):
            message = "this scenario expects nothing in particular, and cannot fail"
            help_ = "write `expect: shown GUIDE`, or `expect: nothing` where nothing is to be shown"
            self._reader.report(codes.NOTHING_EXPECTED, tree, message, help_)
        if name is None:
            return None
        return Scenario(
            name=" ".join(name.split()),
            span=tree.span,
            user=story.user,
            user_span=story.user_span or tree.span,
            before=story.before,
            colleagues=story.colleagues,
            responses=story.responses,
            has_consent=story.has_consent,
            steps=steps,
        )

    def _start(self, tree: Tree | None) -> Instant:
        default = read_time(DEFAULT_START, now=_EPOCH, before=_EPOCH, zone=self._zone)
        base = _EPOCH if isinstance(default, Unclear) else default
        text = self._reader.text(tree, "`start`")
        if tree is None or text is None:
            return base
        found = read_time(text, now=base, before=base, zone=self._zone)
        if isinstance(found, Unclear):
            self._reader.report(codes.NOT_A_TIME, tree, found.message, "write `2026-03-02 09:00`")
            return base
        return found

    def _steps(self, tree: Group, found: dict[str, Tree], happenings: Happenings) -> tuple[Step, ...]:
        if "steps" not in found:
            return (self._step(tree, found, happenings),)
        for name in members.STEP:
            if name in found:
                message = f"`{name}` stands beside `steps`"
                self._reader.report(codes.TOO_MANY, found[name], message, "make it the first of the steps")
        steps = self._reader.listing(found["steps"], "`steps`")
        read = [(each, self._reader.group(each, "a step", members.STEP, instead=_below)) for each in steps]
        return tuple(self._step(each, inner, happenings) for each, inner in read)

    def _step(self, tree: Tree, found: dict[str, Tree], happenings: Happenings) -> Step:
        happens = [happenings.now(each) for each in self._reader.one_or_more(found["when"])] if "when" in found else []
        known = tuple(each for each in happens if each is not None) or (happenings.request(),)
        expected = read_expectations(found["expect"], self._reader) if "expect" in found else ()
        seen = self._reader.yes_or_no(found.get("seen"), "`seen`", default=True)
        span = found["expect"].span if "expect" in found else tree.span
        return Step(span, known, expected, seen)


def _below(tree: Tree) -> str | None:
    """Below which word something stands that was written beside it."""
    word = tree.text if isinstance(tree, Leaf) else None
    if word in members.GIVEN and word not in members.HAPPENING:
        return f"write it below `given:`: `given: {{ {word}: … }}`"
    return f"write it below `when:`: `when: {{ {word}: … }}`" if word in members.HAPPENING else None


def _in_given(tree: Tree) -> str | None:
    return "write `events:` below it, and the list below that" if isinstance(tree, Items) else None


def _expects(found: Mapping[str, Tree]) -> bool:
    """True if the scenario, or one of its steps, says what it expects, rightly or not."""
    steps = found.get("steps")
    listed = steps.items if isinstance(steps, Items) else ()
    return "expect" in found or any(isinstance(each, Group) and each.get("expect") is not None for each in listed)


class _Given:
    """What is so before a scenario begins, out of several `given`."""

    def __init__(self, reader: Reader, given: Sequence[Tree], *, start: Instant, zone: str) -> None:
        self._reader = reader
        self._groups = [reader.group(each, "`given`", members.GIVEN, instead=_in_given) for each in given]
        self._start = start
        self.user: str | None = None
        self.user_span: Span | None = None
        self.has_consent = True
        self.responses: dict[str, int] = {}
        self.happenings = Happenings(reader, start=start, zone=zone, context={})
        self._simple()
        here = dict(self.happenings.context)
        told = self._known()
        past = [each for tree in self._all("events") for each in self.happenings.history(tree)]
        self.before = _with_known(told, past, start)
        # The page that is given is where the user is when the story begins.
        self.happenings.context.update(here)
        self.colleagues = tuple(
            self._colleague(each, zone)
            for tree in self._all("colleagues")
            for each in reader.listing(tree, "`colleagues`")
        )

    def _all(self, name: str) -> list[Tree]:
        return [group[name] for group in self._groups if name in group]

    def _simple(self) -> None:
        for tree in self._all("user"):
            self.user, self.user_span = self._reader.text(tree, "`user`"), tree.span
        for tree in self._all("consent"):
            self.has_consent = self._reader.yes_or_no(tree, "`consent`", default=True)
        for tree in self._all("responses"):
            self._count(tree)
        context = self.happenings.context
        for tree in self._all("page"):
            context["page"] = self.happenings.page(tree, "`page`")
        for tree in self._all("device"):
            context["device"] = self.happenings.device(tree)
        for name in sorted(FROM_CONTEXT):
            for tree in self._all(name):
                context[name] = self._reader.text(tree, f"`{name}`")

    def _count(self, tree: Tree) -> None:
        for key, value in self._reader.named(tree, "`responses`"):
            name = self._reader.known(key, "guide or survey", self._reader.project.guides, "the rules have")
            number = read_number(value.text) if isinstance(value, Leaf) else None
            if not isinstance(number, int) or number < 0:
                self._reader.report(codes.WRONG_VALUE, value, "`responses` are a number", "write one such as `500`")
            elif name is not None:
                self.responses[name] = number

    def _known(self) -> list[Told]:
        """What is known of the user and of the account."""
        # Somebody with an id is identified, whatever else is known of them.
        told = [Told(EventKind.IDENTIFY, NAMES[EventKind.IDENTIFY])]
        told += [self.happenings.identify(tree, self._start) for tree in self._all("traits")]
        told += [self.happenings.group(tree, self._start) for tree in self._all("account")]
        if self._all("colleagues") and not self._all("account"):
            told.append(self.happenings.group(Group((), self._all("colleagues")[0].span), self._start))
        return told

    def _colleague(self, tree: Tree, zone: str) -> tuple[Happening, ...]:
        found = self._reader.group(tree, "a colleague", ("events",))
        own = Happenings(self._reader, start=self._start, zone=zone, context={})
        own.account_id = self.happenings.account_id
        if "events" not in found:
            if isinstance(tree, Group):
                self._reader.report(codes.MISSING_MEMBER, tree, "a colleague has `events`", "write `events:`")
            return ()
        joined = own.group(Group((), tree.span), self._start)
        return _with_known([joined], own.history(found["events"]), self._start)


def _with_known(told: Sequence[Told], past: Sequence[Happening], start: Instant) -> tuple[Happening, ...]:
    """A history, after what is known: that was told by a server before anything else happened."""
    at = min([start, *(each.at for each in past)])
    known = (Happening((each,), at, {}, from_browser=False, words="") for each in told)
    return (*known, *sorted(past, key=lambda each: each.at))
