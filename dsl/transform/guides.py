"""From words to guides, surveys and their clauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from lark import Token

from dsl.clauses import MOST_PRIORITY
from dsl.codes import syntax
from dsl.nodes import (
    At,
    AtLeastBetween,
    AtMost,
    Clause,
    Draft,
    Elapsed,
    ElementVisible,
    Ending,
    EventRef,
    ExitIntent,
    Expires,
    For,
    Frequency,
    From,
    Goal,
    Guide,
    GuideKind,
    Holdout,
    IdleFor,
    Limits,
    NotWith,
    OnEvent,
    OnlyBetween,
    OnlyOn,
    OnPage,
    OnPageFor,
    OnSessionStart,
    Paused,
    PerSession,
    Priority,
    Record,
    Rollout,
    Sample,
    Scrolled,
    StopAfter,
    Testers,
    Unless,
    Wait,
    When,
)
from dsl.transform.content import ContentBuilder
from dsl.transform.literals import Children

WEEKDAYS: Final = {
    "monday": (1,),
    "tuesday": (2,),
    "wednesday": (3,),
    "thursday": (4,),
    "friday": (5,),
    "saturday": (6,),
    "sunday": (7,),
    "weekdays": (1, 2, 3, 4, 5),
    "weekends": (6, 7),
}
"""What may stand after `only on`, as ISO weekdays."""


RECORD_CLAUSES: Final[Mapping[type[Clause], tuple[str, str]]] = {
    At: ("at", "name several steps in one clause, separated by commas; or write a `record` for each"),
    For: ("for", "name several segments in one clause, separated by commas; or write a `record` for each"),
    Sample: ("sample", "leave one of them out; for another share of other users write a `record` for each"),
}
"""The clauses of a `record`, each with what to do about a second one."""


class GuideBuilder(ContentBuilder):
    """Makes guides, limits and what is recorded of words."""

    def guide(self, children: Children) -> Guide:
        return self._guide(GuideKind.GUIDE, children)

    def survey(self, children: Children) -> Guide:
        return self._guide(GuideKind.SURVEY, children)

    def feedback(self, children: Children) -> Guide:
        return self._guide(GuideKind.FEEDBACK, children)

    def _guide(self, kind: GuideKind, children: Children) -> Guide:
        word, name, label, _, *clauses, end = children
        return Guide(kind, self.name(name), self.optional_text(label), tuple(clauses), span=self.span(word, end))

    # Limits

    def limits(self, children: Children) -> Limits:
        return Limits(tuple(children[2:-1]), span=self.span(children[0], children[-1]))

    def at_most_limit(self, children: Children) -> AtMost:
        word, number, what, *per = children
        period = PerSession.SESSION if len(per) == 1 else self.duration(per[1])
        return AtMost(self.whole(number), self._singular(what), period, span=self.span(word, per[-1]))

    def at_least_limit(self, children: Children) -> AtLeastBetween:
        word, length, _, what = children
        return AtLeastBetween(self.duration(length), self._singular(what), span=self.span(word, what))

    def _singular(self, token: Token) -> str:
        text = self.name(token).text
        return text[:-1] if len(text) > 1 and text[-1] == "s" else text

    # What is recorded

    def record(self, children: Children) -> Record:
        word, *clauses = children
        first: dict[type[Clause], Clause] = {}
        for clause in clauses:
            if first.setdefault(type(clause), clause) is not clause:
                said, help_ = RECORD_CLAUSES[type(clause)]
                message = f"`{said}` stands here a second time"
                self.diagnostics.append(syntax.TWICE.at(clause.span, message, help=help_))
        return Record(
            cast("At | None", first.get(At)),
            cast("For | None", first.get(For)),
            cast("Sample | None", first.get(Sample)),
            span=self.span(word, clauses[-1] if clauses else word),
        )

    def record_at(self, children: Children) -> At:
        return self.at_clause(children)

    def record_for(self, children: Children) -> For:
        return self.for_clause(children)

    def record_sample(self, children: Children) -> Sample:
        return self.sample(children)

    # When and for whom

    def at_clause(self, children: Children) -> At:
        places = tuple(self.place(token) for token in children[1::2])
        return At(places, span=self.span(children[0], children[-1]))

    def on_event(self, children: Children) -> OnEvent:
        return self._on_event(children, first=False)

    def on_first(self, children: Children) -> OnEvent:
        return self._on_event(children, first=True)

    def _on_event(self, children: Children, *, first: bool) -> OnEvent:
        word, *event = children
        ref = self.event_ref(event)
        return OnEvent(ref, first, span=self.span(word, ref))

    def event_ref(self, children: Children) -> EventRef:
        """`"E" [where …]`: the name, the word `where`, the condition."""
        name, word, where = children
        return EventRef(self.literal_text(name), where, span=self.span(name, name if word is None else where))

    def on_page(self, children: Children) -> OnPage:
        word, pattern = children
        return OnPage(self.literal_text(pattern), span=self.span(word, pattern))

    def on_session_start(self, children: Children) -> OnSessionStart:
        return OnSessionStart(span=self.span(children[0], children[0]))

    def for_clause(self, children: Children) -> For:
        return For(self.names(children[1:]), span=self.span(children[0], children[-1]))

    def when(self, children: Children) -> When:
        word, condition = children
        return When(condition, span=self.span(word, condition))

    def unless(self, children: Children) -> Unless:
        word, condition = children
        return Unless(condition, span=self.span(word, condition))

    # What only the browser can see

    def wait_idle(self, children: Children) -> Wait:
        word, first, length = children
        return Wait(IdleFor(self.duration(length), span=self.span(first, length)), span=self.span(word, length))

    def wait_visible(self, children: Children) -> Wait:
        word, first, selector, visible, _, length = children
        duration = None if length is None else self.duration(length)
        last = length or visible
        until = ElementVisible(self.literal_text(selector), duration, span=self.span(first, last))
        return Wait(until, span=self.span(word, last))

    def wait_scrolled(self, children: Children) -> Wait:
        word, first, percent = children
        return Wait(Scrolled(self.percent(percent), span=self.span(first, percent)), span=self.span(word, percent))

    def wait_exit(self, children: Children) -> Wait:
        word, first = children
        return Wait(ExitIntent(span=self.span(first, first)), span=self.span(word, first))

    def wait_on_page(self, children: Children) -> Wait:
        word, first, length = children
        return Wait(OnPageFor(self.duration(length), span=self.span(first, length)), span=self.span(word, length))

    def wait_elapsed(self, children: Children) -> Wait:
        word, length = children
        return Wait(Elapsed(self.duration(length), span=self.span(length, length)), span=self.span(word, length))

    # How often

    def once(self, children: Children) -> Frequency:
        return Frequency(at_most=1, span=self.span(children[0], children[0]))

    def once_every(self, children: Children) -> Frequency:
        word, length, _, _, times = children
        return Frequency(
            every=self.duration(length),
            at_most=None if times is None else times.number,
            span=self.span(word, length if times is None else times.last),
        )

    def shown_at_most(self, children: Children) -> Frequency:
        word, _, times, _, length = children
        per = None if length is None else self.duration(length)
        return Frequency(at_most=times.number, per=per, span=self.span(word, length or times.last))

    def until(self, children: Children) -> Frequency:
        word = children[0]
        return Frequency(until=Ending(word.split()[1]), span=self.span(word, word))

    def priority(self, children: Children) -> Priority:
        word, number = children
        return Priority(self.whole(number, high=MOST_PRIORITY), span=self.span(word, number))

    def not_with(self, children: Children) -> NotWith:
        return NotWith(self.names(children[1:]), span=self.span(children[0], children[-1]))

    def rollout(self, children: Children) -> Rollout:
        word, percent = children
        return Rollout(self.percent(percent), span=self.span(word, percent))

    def sample(self, children: Children) -> Sample:
        word, percent = children
        return Sample(self.percent(percent), span=self.span(word, percent))

    def holdout(self, children: Children) -> Holdout:
        word, percent = children
        return Holdout(self.percent(percent), span=self.span(word, percent))

    def goal(self, children: Children) -> Goal:
        word, *event, _, length = children
        return Goal(self.event_ref(event), self.duration(length), span=self.span(word, length))

    # Schedule

    def from_clause(self, children: Children) -> From:
        word, moment = children
        return From(moment, span=self.span(word, moment))

    def expires(self, children: Children) -> Expires:
        word, moment = children
        return Expires(moment, span=self.span(word, moment))

    def only_on(self, children: Children) -> OnlyOn:
        days = {day for word in children[1::2] for day in WEEKDAYS[str(word)]}
        return OnlyOn(tuple(sorted(days)), span=self.span(children[0], children[-1]))

    def only_between(self, children: Children) -> OnlyBetween:
        word, start, _, end = children
        return OnlyBetween(self._minutes(start), self._minutes(end), span=self.span(word, end))

    def _minutes(self, token: Token) -> int:
        hours, minutes = (int(part) for part in str(token).split(":"))
        if hours < 24 and minutes < 60:
            return hours * 60 + minutes
        self.diagnostics.append(
            syntax.CLOCK.at(self.span(token, token), f"there is no time of day `{token}`", help="write 00:00 to 23:59")
        )
        return 0

    def stop_after(self, children: Children) -> StopAfter:
        word, number, last = children
        return StopAfter(self.whole(number, low=1), span=self.span(word, last))

    def draft(self, children: Children) -> Draft:
        return Draft(span=self.span(children[0], children[0]))

    def paused(self, children: Children) -> Paused:
        return Paused(span=self.span(children[0], children[0]))

    def testers(self, children: Children) -> Testers:
        word, name = children
        return Testers(self.name(name), span=self.span(word, name))
