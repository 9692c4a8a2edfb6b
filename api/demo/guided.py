"""The story of the demo, told in the console: a strip above each page says where it stands and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import Any, Final

from flask import render_template, url_for
from markupsafe import Markup

from api.console.desk import Desk
from api.console.registry import Page
from api.demo import material
from api.demo.week import NextWeek
from api.planning import planner
from dsl.nodes import GuideKind
from engine.membership import RulesNow
from engine.service import Service

STEP: Final = "verify_domain"
PERSONA: Final = "enterprise"
_SHOWN: Final = "$shown"
_ANSWERED: Final = "$answered"
_MOST: Final = 500


class Done(Enum):
    """What ends a part of the story."""

    VISITED = "its page was opened"
    PUBLISHED = "a guide for the step is in force"
    SHOWN = "somebody real saw it"
    ANSWERED = "somebody real answered"
    A_WEEK = "a week has gone by"
    PROVEN = "its page was opened after the week"
    PLANNED = "an item of the roadmap is about the step"


@dataclass(frozen=True, slots=True)
class Told:
    """A part of the story as it is written. page: of the console, with its selection; else href. action: what its
    button does besides opening that, as the template knows it.
    """

    title: str
    hint: str
    done: Done
    page: str | None = None
    selection: tuple[tuple[str, str], ...] = ()
    href: str | None = None
    button: str = "Go there"
    action: str | None = None


_AT_STEP: Final = (("step", STEP),)
_OF_PERSONA: Final = (("step", STEP), ("persona", PERSONA))
STORY: Final = (
    Told(
        "Find",
        "Where do customers leave? The funnel marks the sharpest drop: at the proof that a domain is theirs.",
        Done.VISITED,
        "find",
    ),
    Told(
        "Trace",
        "Walk back from that drop: what came before leaving, and did not for those who went on?",
        Done.VISITED,
        "trace",
        _AT_STEP,
    ),
    Told(
        "Feel",
        "Two causes in their own words. Self-serve customers are confused by the page; Enterprise customers "
        "understand it, and may not change their DNS.",
        Done.VISITED,
        "feel",
        _OF_PERSONA,
    ),
    Told(
        "Act",
        "A rule helps the first group already. Nobody helps Enterprise: see what that is worth, and the rule that was "
        "written for it.",
        Done.VISITED,
        "act",
        _OF_PERSONA,
    ),
    Told(
        "Publish",
        "Write the rule in the editor, or put the prepared one in force. Three in ten are held out, so that the effect "
        "can be told.",
        Done.PUBLISHED,
        "rules",
        button="Open the editor",
        action="publish",
    ),
    Told(
        "Meet it",
        "In the product: create an account for a large company, add a domain, press “Check DNS”. The tooltip comes in "
        "the same reply. (Three in ten are held out: then restart as a new user.)",
        Done.SHOWN,
        href="/stage?new",
        button="Open the product",
    ),
    Told(
        "Answer",
        "Fill in the records, verify, and say how it went. Then look at Feel again: your answer is in the curve.",
        Done.ANSWERED,
        href="/stage",
        button="Back to the product",
    ),
    Told(
        "A week goes by",
        "A thousand new customers live through the next seven days with the rules in force.",
        Done.A_WEEK,
        action="week",
    ),
    Told(
        "Prove",
        "What the rule changed: those who were shown it against those who were held out, with the interval that holds "
        "on whatever day you look.",
        Done.PROVEN,
        "prove",
        _OF_PERSONA,
    ),
    Told(
        "Put it on the roadmap",
        "The cause behind the cause is the page itself: make an item of it, with its step and its evidence.",
        Done.PLANNED,
        "opportunities",
        _AT_STEP,
    ),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the story as it stands."""

    told: Told
    is_done: bool
    href: str | None


class GuidedStory:
    """Knows how far the one visitor of a demo is."""

    def __init__(self, service: Service, week: NextWeek) -> None:
        self._service = service
        self._week = week
        self._visited: set[tuple[str, int]] = set()
        self._cursor: int | None = None
        self._heard: set[tuple[str, str]] = set()
        self._one_at_a_time = Lock()

    def strip(self, desk: Desk, page: Page | None) -> Markup:
        """The strip above a page."""
        weeks = self._week.progress.weeks
        if page is not None:
            self._visited.add((page.name, min(weeks, 1)))
        self._listen(desk.project.id)
        parts = list(self._parts(desk))
        current = next((number for number, part in enumerate(parts) if not part.is_done), None)
        return Markup(  # noqa: S704  (the template escapes)
            render_template("story.html", parts=parts, current=current, files=_with_the_rule(desk), week=self._week)
        )

    def _listen(self, project_id: int) -> None:
        """Hear what real visitors did since the last page."""
        with self._one_at_a_time:
            if self._cursor is None:
                self._cursor = self._service.recent_events(project_id, limit=1).next
            while True:
                found = self._service.recent_events(project_id, after=self._cursor, limit=_MOST)
                self._cursor = found.next
                self._heard |= {
                    (each.event.name, str(each.event.properties.get("guide")))
                    for each in found.items
                    if not each.simulated
                }
                if len(found.items) < _MOST:
                    return

    def _parts(self, desk: Desk) -> Iterator[Part]:
        kept: dict[str, Any] = {"project": desk.name, "who": "simulated", "journey": material.JOURNEY}
        done = self._done(desk)
        for told in STORY:
            href = told.href if told.page is None else url_for(f"pages.{told.page}", **{**kept, **dict(told.selection)})
            is_visited = told.done is Done.VISITED and any(told.page == name for name, _ in self._visited)
            yield Part(told, is_visited or told.done in done, href)

    def _done(self, desk: Desk) -> set[Done]:
        ours, weeks = guides_written(desk.rules), self._week.progress.weeks
        found = {
            Done.PUBLISHED: bool(ours),
            Done.SHOWN: any((_SHOWN, guide) in self._heard for guide in ours),
            Done.ANSWERED: any(name == _ANSWERED for name, _ in self._heard),
            Done.A_WEEK: weeks > 0,
            Done.PROVEN: weeks > 0 and ("prove", 1) in self._visited,
            Done.PLANNED: any(item.draft.step == STEP for item in planner().items(desk.project.id)),
        }
        return {each for each, holds in found.items() if holds}


def guides_written(rules: RulesNow) -> list[str]:
    """The guides in force at the step, besides the one that the demo began with."""
    return [
        each.name
        for each in rules.ruleset.guides
        if each.kind is GuideKind.GUIDE
        and (material.JOURNEY, STEP) in each.standing
        and each.name != material.HELP
        and not (each.is_draft or each.is_paused)
    ]


def _with_the_rule(desk: Desk) -> dict[str, str]:
    files = dict(desk.service.publications.files(desk.project.id) or {})
    return {**files, material.STORY_FILE: material.story_rule()}
