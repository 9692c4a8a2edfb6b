"""What a page works with: who looks at it, at which project, and what its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from flask import request, url_for

from api.analyses import analyst
from api.auth import Caller, caller, signed_in
from api.console.registry import CARRIED, Group, Page, pages
from api.serving import serving
from api.talking import comments_desk, kinds_for, may_speak_of, names_of_members, sharing_desk
from dsl.formatter import format_condition
from dsl.labels import label_of
from dsl.nodes import Journey
from dsl.values import Duration, Instant
from engine.analyst import Analyst
from engine.analytics.asked import FunnelAsked
from engine.analytics.funnel_answer import FunnelAnswer
from engine.comments import BadComment, Comment, Wanted
from engine.members import SignedIn
from engine.membership import RulesNow
from engine.permissions import Scope
from engine.replies import ProjectView
from engine.roadmap.readings import Whose
from engine.service import Service
from engine.shared_links import CHOICES, NOT_OF_THE_SELECTION, SharedLink
from engine.stages import step_labels


class Who(StrEnum):
    """Who counts, as the one switch of every page says it."""

    CUSTOMERS = "customers"
    SIMULATED = "simulated"
    EVERYONE = "everyone"


WHO_COUNTS: Mapping[Who, str] = {
    Who.CUSTOMERS: "Customers only",
    Who.SIMULATED: "Simulated people too",
    Who.EVERYONE: "Everyone: own people and bots too",
}


@dataclass(frozen=True, slots=True)
class Selected:
    """A part of what was selected. name: its member of the address. words: as people call it."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a page is shown to by a read-only link. with_words: what users said may be seen too. until: it is valid."""

    with_words: bool
    until: Instant


_NOT_OURS: Final = frozenset({"project", "endpoint"})


@dataclass(frozen=True)
class Desk:
    """The request at hand, as pages see it. audience: None for whoever is signed in."""

    project: ProjectView
    person: SignedIn
    caller: Caller
    said: Mapping[str, str]
    audience: Audience | None = None

    @property
    def is_shared(self) -> bool:
        """True where somebody looks who is not signed in: nothing to change, nowhere to go, no list of users."""
        return self.audience is not None

    @property
    def shows_words(self) -> bool:
        """Whether what users said word for word may be shown."""
        return self.audience is None or self.audience.with_words

    @property
    def service(self) -> Service:
        """The engine's service."""
        return serving().service

    @property
    def analyst(self) -> Analyst:
        """The engine's analyst."""
        return analyst()

    @cached_property
    def rules(self) -> RulesNow:
        """The rules in force."""
        return self.service.rules_now(self.project.id)

    def number(self, name: str, *, digits: int = 9) -> int | None:
        """A whole number of the address; None for anything else. digits: the most, so that any table can hold it."""
        said = self.said.get(name, "")
        return int(said) if said.isascii() and said.isdigit() and len(said) <= digits else None

    @cached_property
    def who(self) -> Who:
        """Who counts on this page."""
        try:
            return Who(self.said.get("who", Who.CUSTOMERS))
        except ValueError:
            return Who.CUSTOMERS

    @property
    def everyone(self) -> bool:
        """True where the switch counts all."""
        return self.who is Who.EVERYONE

    @property
    def with_simulated(self) -> bool:
        """True where it counts simulated people too."""
        return self.who is Who.SIMULATED

    @property
    def whose(self) -> Whose:
        """The same, as the plan's figures take it."""
        return Whose(everyone=self.everyone, with_simulated=self.with_simulated)

    def funnel(self, journey: str, *, breakdown: str | None = None, window: Duration | None = None) -> FunnelAnswer:
        """The funnel of a journey, of those who count here. Raises NothingRecorded."""
        asked = FunnelAsked(
            journey=journey,
            breakdown=breakdown,
            window=window,
            everyone=self.everyone,
            with_simulated=self.with_simulated,
        )
        return self.analyst.funnel(self.project.id, asked, self.rules)

    @cached_property
    def journey(self) -> Journey | None:
        """The journey that is looked at: the one of the address, else the first; None where none is declared."""
        journeys = self.rules.project.journeys
        return journeys.get(self.said.get("journey", "")) or next(iter(journeys.values()), None)

    @cached_property
    def step(self) -> str | None:
        """The step that is looked at, where the address names one of the journey."""
        said = self.said.get("step")
        return said if self.journey is not None and said in {each.name.text for each in self.journey.steps} else None

    @cached_property
    def personas(self) -> dict[str, str]:
        """What people call each persona, by its name."""
        return {name: label_of(each) for name, each in self.rules.project.segments.items() if each.is_persona}

    @property
    def persona(self) -> str | None:
        """The persona that is looked at, where the address names one."""
        said = self.said.get("persona")
        return said if said in self.personas else None

    @property
    def persona_where(self) -> str | None:
        """Its condition, as questions take it."""
        return None if self.persona is None else format_condition(self.rules.project.segments[self.persona].where)

    @property
    def name(self) -> str:
        """The project's name in addresses."""
        return self.project.slug.replace("/", "~")

    @property
    def presenting(self) -> bool:
        """True where the page is shown to others: without its frame, and larger."""
        return self.said.get("present") == "1"

    @property
    def method(self) -> tuple[Page, ...]:
        """The steps of the method, in their order."""
        return tuple(each for each in pages() if each.group is Group.METHOD and self.may(each.scope))

    @property
    def selected(self) -> list[Selected]:
        """What was selected on the way here, and goes on to the next page."""
        labels = {} if self.journey is None else step_labels(self.journey)
        found = [
            ("step", None if self.step is None else labels[self.step]),
            ("persona", None if self.persona is None else self.personas[self.persona]),
            ("condition", self.said.get("condition")),
        ]
        return [Selected(name, words) for name, words in found if words]

    def may(self, scope: Scope) -> bool:
        """Whether the person's role allows something; to whom a page is shown by a link, nothing is allowed."""
        return not self.is_shared and scope in self.caller.scopes

    @cached_property
    def open_comments(self) -> Mapping[str, int]:
        """How many comments are open at each place that has one."""
        return {} if self.is_shared else comments_desk().counts(self.project.id, kinds_for(self.caller))

    def comments(self, place: str) -> list[Comment]:
        """What was said at a place, the first one first; nothing of users whom the person may not look up."""
        if self.is_shared or not self._may_speak_of(place):
            return []
        found = comments_desk().listed(self.project.id, Wanted(kinds_for(self.caller), place=place, limit=500))
        return found[::-1]

    def may_comment(self, place: str) -> bool:
        """Whether the person may say something at a place."""
        return self.may(Scope.COMMENTS_WRITE) and self._may_speak_of(place)

    def _may_speak_of(self, place: str) -> bool:
        try:
            return may_speak_of(self.caller, place)
        except BadComment:
            # Accounts and answers are named by those who send events: what cannot be a place has no comments.
            return False

    @property
    def selection(self) -> dict[str, str]:
        """What the address says that a link would show."""
        return {name: value for name, value in self.said.items() if value and name not in NOT_OF_THE_SELECTION}

    @property
    def days_of_links(self) -> tuple[int, ...]:
        """For how long links may be made, as pages offer it."""
        return CHOICES

    @cached_property
    def shared_links(self) -> list[SharedLink]:
        """The links to pages that still work, the latest first."""
        now = serving().clock()
        return [each for each in sharing_desk().listed(self.project.id) if not each.is_over(now)]

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What people of the console are called, by how the service names them: `member 3`."""
        return {} if self.is_shared else names_of_members(self.caller.root)

    def url(self, page: str, **changes: Any) -> str:
        """The address of a page of this project with the selection at hand; a change to None takes a member away.

        Blank where the page is shown by a link: from there one goes nowhere.
        """
        if self.is_shared:
            return ""
        kept = {name: self.said[name] for name in CARRIED if self.said.get(name)}
        wanted = {name: value for name, value in {**kept, **changes}.items() if value not in (None, "")}
        return url_for(f"pages.{page}", project=self.name, **wanted)

    def here(self, **changes: Any) -> str:
        """The address of the page at hand, changed; blank where it is shown by a link."""
        if self.is_shared:
            return ""
        wanted = {**self.said, **changes}
        named = {name: value for name, value in wanted.items() if value not in (None, "")}
        return url_for(str(request.endpoint), project=self.name, **named)


def desk() -> Desk:
    """The desk of the request at hand, which has been let in."""
    who = caller()
    project = serving().service.project(who.project_id)
    assert project is not None  # noqa: S101  (the caller was let in to it)
    return Desk(project, signed_in(), who, _said())


def _said() -> dict[str, str]:
    """What the address says, but for what `url_for` takes for something of its own: another project, host or scheme.

    Zero characters are left out: no text that is kept has any, and a database may not be asked for one.
    """
    said = request.args.items()
    return {name: text.replace("\0", "") for name, text in said if not name.startswith("_") and name not in _NOT_OURS}


def projects_of(person: SignedIn) -> list[ProjectView]:
    """The environments that somebody may look at, production first."""
    tenancy = serving().service.tenancy
    return [each for root in person.roles for each in tenancy.environments_of(root)]
