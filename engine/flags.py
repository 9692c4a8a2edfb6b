"""Segments and guides asked as flags: is somebody in a segment now, would a guide be decided for them now?

Reads only. Asking reserves no place, holds nobody out, takes no event that waits to wake a rule, and makes nobody
known: whoever was never seen is judged as a new user of that id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dsl.compiler import CompiledCondition, Compiler
from dsl.needs import Source
from dsl.nodes import InSegment
from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.content import Content
from engine.context import RequestContext, read_context
from engine.decisions import ALONE, Case, Decision, GuideDecision, Surroundings, decide
from engine.errors import UnknownFlag
from engine.facts import UserFacts, facts_of
from engine.guidance import around_of, places_at
from engine.hindsight import situation_at
from engine.plan import StatePlan, plan_for
from engine.reasons import Reason
from engine.rendering import render
from engine.roster import Roster, state_now
from engine.rulebook import Rulebook
from engine.ruleset import ALWAYS_NEEDED, RuleSet
from engine.state import UserState, new_state
from engine.storage import identity

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database


class FlagKind(StrEnum):
    """What a flag asks about: the word before the colon of its key."""

    SEGMENT = "segment"
    PERSONA = "persona"
    GUIDE = "guide"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that can be asked. A persona is a segment too, and can be asked as one."""

    kind: FlagKind
    name: str
    label: str | None = None

    @property
    def key(self) -> str:
        """How it is asked for."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class FlagAnswer:
    """What a flag is for one person now, and why.

    variant: of a guide that has variants and is decided. content: what the guide says to them, None where it is not
    decided. widget: what draws it. revision: of the rules that were asked.
    """

    key: str
    kind: FlagKind
    value: bool
    reason: Reason
    revision: str
    variant: str | None = None
    widget: str | None = None
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, and where they are. person: None for an id that was never seen."""

    connection: Connection
    project_id: int
    user: str
    person: sa.Row[Any] | None
    context: RequestContext
    now: Instant

    def newcomer(self, plan: StatePlan) -> UserState:
        """The state of somebody of this id of whom nothing else is known."""
        return replace(new_state(plan), user_id=self.user)


class Flags:
    """Answers for all projects of one database. Safe to use from several threads."""

    def __init__(self, database: Database, rulebook: Rulebook, *, clock: Callable[[], Instant]) -> None:
        self._database = database
        self._rulebook = rulebook
        self._clock = clock
        self._kept: dict[int, _Segments] = {}

    def all(self, project_id: int) -> tuple[tuple[Flag, ...], str]:
        """What can be asked by the rules in force, and their revision. Raises UnknownProject."""
        with self._database.reading() as connection:
            ruleset = self._rulebook.of(connection, project_id).ruleset
        return flags_of(ruleset.project), ruleset.revision

    def ask(
        self, project_id: int, key: str, *, user: str, context: Mapping[str, JsonValue] | None = None
    ) -> FlagAnswer:
        """One flag for the person of a user id or, failing that, of an anonymous id.

        context: what a request for guidance would tell. Raises UnknownProject, UnknownFlag, NoIdentity.
        """
        with self._database.reading() as connection:
            ruleset = self._rulebook.of(connection, project_id).ruleset
            flag = _flag(ruleset.project, key)
            [answer] = self._answers(connection, project_id, ruleset, [flag], user=user, context=context)
        return answer

    def ask_many(self, project_id: int, keys: Sequence[str] | None, *, user: str) -> tuple[FlagAnswer, ...]:
        """Some flags, or all of them, as `ask` answers each; keys that are nobody's are left out.

        Raises UnknownProject, NoIdentity.
        """
        with self._database.reading() as connection:
            ruleset = self._rulebook.of(connection, project_id).ruleset
            if keys is None:
                wanted = [*flags_of(ruleset.project)]
            else:
                known = _keys_of(ruleset.project)
                wanted = [known[key] for key in dict.fromkeys(keys) if key in known]
            return tuple(self._answers(connection, project_id, ruleset, wanted, user=user, context=None))

    def ask_for_visitor(
        self,
        project_id: int,
        keys: Sequence[str],
        *,
        user_id: str | None,
        anonymous_id: str | None,
        context: Mapping[str, JsonValue] | None = None,
    ) -> tuple[tuple[FlagAnswer, ...], str]:
        """Some flags for the visitor of a page, and the revision of the rules; what they do not have is left out.

        Unlike for a server an anonymous id is never taken for a user id: a page could ask about anybody.
        Raises UnknownProject, NoIdentity.
        """
        ids = identity.read_ids(user_id, anonymous_id)
        with self._database.reading() as connection:
            ruleset = self._rulebook.of(connection, project_id).ruleset
            known = _keys_of(ruleset.project)
            wanted = [known[key] for key in dict.fromkeys(keys) if key in known]
            person = identity.find_person(connection, project_id, user_id, anonymous_id)
            asked = _Asked(connection, project_id, ids[0], person, read_context(context or {}), self._clock())
            return tuple(self._each(asked, ruleset, wanted)), ruleset.revision

    def _answers(
        self,
        connection: Connection,
        project_id: int,
        ruleset: RuleSet,
        flags: Sequence[Flag],
        *,
        user: str,
        context: Mapping[str, JsonValue] | None,
    ) -> Iterator[FlagAnswer]:
        """What some flags are for one person. One decision answers all guides."""
        identity.read_ids(user)
        person = identity.find_person(connection, project_id, user, None) or identity.find_person(
            connection, project_id, None, user
        )
        asked = _Asked(connection, project_id, user, person, read_context(context or {}), self._clock())
        yield from self._each(asked, ruleset, flags)

    def _each(self, asked: _Asked, ruleset: RuleSet, flags: Sequence[Flag]) -> Iterator[FlagAnswer]:
        decided = None
        for flag in flags:
            if flag.kind is FlagKind.GUIDE:
                decided = decided or _decided(asked, ruleset)
                yield _guide(asked, ruleset, flag, decided)
            else:
                yield self._segment(asked, ruleset, flag)

    def _segment(self, asked: _Asked, ruleset: RuleSet, flag: Flag) -> FlagAnswer:
        kept = self._kept.get(asked.project_id)
        if kept is None or kept.project is not ruleset.project:
            kept = self._kept[asked.project_id] = _Segments(ruleset.project)
        condition, plan = kept.of(flag.name)
        facts = _facts(asked, ruleset, plan)
        try:
            is_in, is_out = condition.holds(facts), condition.fails(facts)
        except Exception:
            # As in a decision: a rule that fails shows nothing, and says so.
            return FlagAnswer(flag.key, flag.kind, False, Reason.ERROR, ruleset.revision)
        unmet = Reason.CONDITION_FALSE if is_out else Reason.CONDITION_UNKNOWN
        return FlagAnswer(flag.key, flag.kind, is_in, Reason.TARGETING_MATCH if is_in else unmet, ruleset.revision)


class _Segments:
    """The segments of one version of the rules, each compiled when it is first asked for."""

    def __init__(self, project: RuleProject) -> None:
        self.project = project
        self._compiler = Compiler(project)
        self._made: dict[str, tuple[CompiledCondition, StatePlan]] = {}

    def of(self, name: str) -> tuple[CompiledCondition, StatePlan]:
        """The condition of a segment, and the plan that has what it asks for."""
        if name not in self._made:
            declared = self.project.segments[name]
            condition = self._compiler.condition(InSegment(declared.name, span=declared.span))
            self._made[name] = (condition, plan_for(self.project, {*ALWAYS_NEEDED, *condition.needs}))
        return self._made[name]


def flags_of(project: RuleProject) -> tuple[Flag, ...]:
    """Segments and personas, then guides, surveys and feedback, each in the order of the rules."""
    segments = (
        Flag(
            FlagKind.PERSONA if each.is_persona else FlagKind.SEGMENT,
            name,
            None if each.label is None else each.label.value,
        )
        for name, each in project.segments.items()
    )
    guides = (
        Flag(FlagKind.GUIDE, name, None if each.label is None else each.label.value)
        for name, each in project.guides.items()
    )
    return (*segments, *guides)


def _keys_of(project: RuleProject) -> dict[str, Flag]:
    """Every flag by each key that it can be asked with: a persona as a segment too."""
    known = {flag.key: flag for flag in flags_of(project)}
    personas = [each for each in known.values() if each.kind is FlagKind.PERSONA]
    return {f"{FlagKind.SEGMENT}:{each.name}": replace(each, kind=FlagKind.SEGMENT) for each in personas} | known


def _flag(project: RuleProject, key: str) -> Flag:
    word, _, name = key.partition(":")
    segment = project.segments.get(name)
    if word == FlagKind.GUIDE and name in project.guides:
        return Flag(FlagKind.GUIDE, name)
    if segment is not None and (word == FlagKind.SEGMENT or (word == FlagKind.PERSONA and segment.is_persona)):
        return Flag(FlagKind(word), name)
    raise UnknownFlag(key, [each.key for each in flags_of(project)])


def _facts(asked: _Asked, ruleset: RuleSet, plan: StatePlan) -> UserFacts:
    """The facts of the person under a plan of the rules in force: from their state where it has what the plan asks."""
    connection, person = asked.connection, asked.person
    state, around, now = asked.newcomer(plan), ALONE, asked.now
    if person is not None and _is_in_states(plan, ruleset.plan):
        state = state_now(connection, ruleset.plan, person.id)
        around = Surroundings(log=lambda: Roster(connection, asked.project_id, ruleset).whole_history(person.id))
    elif person is not None:
        situation = situation_at(
            connection,
            asked.project_id,
            replace(ruleset, plan=plan),
            at=now,
            user_id=person.user_id,
            anonymous_id=person.first_id,
            context=asked.context.sent,
        )
        if situation is not None and situation.state is not None:
            state, around = situation.state, situation.around
    return facts_of(
        plan,
        state,
        now=now,
        context=asked.context.sent,
        account=around.account,
        others=around.others,
        log=around.log,
    )


def _is_in_states(plan: StatePlan, in_force: StatePlan) -> bool:
    """True if the states of the rules in force, of one person alone, have all that a plan asks for."""
    return (
        plan.kept.keys() <= in_force.kept.keys() and not plan.account_wide and not plan.attributes.get(Source.ACCOUNT)
    )


def _guide(asked: _Asked, ruleset: RuleSet, flag: Flag, decided_at: _Decided) -> FlagAnswer:
    """What a request for guidance would be told of a guide at this moment."""
    state, around, person, decision = decided_at
    if decision is None:
        # Their history is being folded again: a request would be shown nothing for this moment either.
        return FlagAnswer(flag.key, flag.kind, False, Reason.CONDITION_UNKNOWN, ruleset.revision)
    case = Case(ruleset, state, now=asked.now, person=person, context=asked.context, around=around)
    reasons = {each.guide: each.reason for each in decision.considered}
    reason = reasons.get(flag.name) or case.unwoken(ruleset.by_name[flag.name])
    out = (each for each in (decision.winner, *decision.launchers) if each is not None and each.guide == flag.name)
    decided: GuideDecision | None = next(out, None)
    if decided is None:
        return FlagAnswer(flag.key, flag.kind, False, reason, ruleset.revision)
    try:
        content = render(ruleset, decided, state, now=asked.now, context=asked.context, around=around)
    except Exception:
        # A guide whose words cannot be made shows nothing.
        return FlagAnswer(flag.key, flag.kind, False, Reason.ERROR, ruleset.revision)
    return FlagAnswer(
        flag.key,
        flag.kind,
        True,
        reason,
        ruleset.revision,
        variant=decided.variant,
        widget=decided.kind,
        content=content,
    )


_Decided = tuple[UserState, Surroundings, str, Decision | None]
"""The state and surroundings that were asked, the id that shares are drawn from, and the decision."""


def _decided(asked: _Asked, ruleset: RuleSet) -> _Decided:
    if asked.person is None:
        state = asked.newcomer(ruleset.plan)
        return (
            state,
            ALONE,
            asked.user,
            decide(ruleset, state, (), now=asked.now, person=asked.user, context=asked.context),
        )
    number, first_id = asked.person.id, asked.person.first_id
    # Never saved: what is taken from it here goes on waiting where it is stored.
    roster = Roster(asked.connection, asked.project_id, ruleset)
    roster.load([number])
    state = roster.of(number).state
    if roster.of(number).is_waiting:
        return state, ALONE, first_id, None
    now = asked.now if state.position is None else max(asked.now, state.position[0])
    triggers = roster.take_triggers(number, now=now)
    around = around_of(asked.connection, roster, number, places=places_at(roster.place_of(number), now))
    decision = decide(ruleset, state, triggers, now=now, person=first_id, context=asked.context, around=around)
    return state, around, first_id, decision
