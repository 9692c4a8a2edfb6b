"""Questions about everybody: how many come from step to step.

The door of the analyses, beside `engine.service`, the door of what is live. Reads the log only to copy it into the
lake, and the lake for everything else; from the database only who meets a condition now.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from dsl.nodes import Condition
from dsl.project import load
from dsl.values import MINUTE
from engine.analytics import groups
from engine.analytics.asked import BadBreakdown, FunnelAsked, NoSuchStep, PeopleWhere, Plan, plan_of
from engine.analytics.conversion import Question, Who, conversion, people_behind
from engine.analytics.designs import NoDesign, Walked, design, people_on_design, refuse_no_path
from engine.analytics.engines import engine_at
from engine.analytics.funnel_answer import FunnelAnswer
from engine.analytics.funnels import Unit
from engine.analytics.groups import Grouping
from engine.analytics.history import History, NothingRecorded, open_history
from engine.analytics.population import INTERNAL_SEGMENT, Population
from engine.kept_answers import Asker, KeptAnswer, KeptAnswers, Served, keep
from engine.membership import RulesNow, members
from engine.storage import versions
from engine.storage.lake import Lake, Manifest
from engine.storage.lake_rows import forget_contexts

if TYPE_CHECKING:
    from engine.storage.store import Database

__all__ = ["Analyst", "FunnelAsked", "NothingRecorded", "UsersBehind"]

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class UsersBehind:
    """A page of the ids behind a figure; `next` is the last of them where there are more."""

    users: tuple[str, ...]
    next: str | None

    @classmethod
    def page(cls, found: Sequence[str], limit: int) -> UsersBehind:
        """The first `limit` of the ids that were found: one more is there where more follow."""
        users = tuple(found[:limit])
        return cls(users, users[-1] if len(found) > limit else None)


class Analyst:
    """Answers questions about the people of a database.

    lakes: the folder of all lakes. master: of Spark; without one DuckDB counts in this process. memory: the most that
    DuckDB takes, such as `4GB`. Answers are kept by question and version of the data; one is computed at a time.
    timer: seconds that only go forward, by which it is known which answers take long (`engine.kept_answers`).
    """

    def __init__(
        self,
        database: Database,
        lakes: Path,
        *,
        master: str | None = None,
        memory: str | None = None,
        timer: Callable[[], float] | None = None,
    ) -> None:
        self._database = database
        self._lakes = lakes
        self._master = master
        self._memory = memory
        self._answers = KeptAnswers(timer)
        self._one_at_a_time = Lock()
        self._asker: Asker | None = None

    def asked_by(self, asker: Asker) -> Analyst:
        """The same analyst for somebody who accepts stale answers, or wants to know how an answer was come by."""
        mine = copy(self)
        mine._asker = asker
        return mine

    @property
    def database(self) -> Database:
        """The database, for what the lake does not hold: decisions, rules, who meets a condition now."""
        return self._database

    def sync(self, project_id: int, *, progress: Callable[[int], None] | None = None) -> Manifest:
        """Copy into the lake what the log has more; `progress` hears how many events were copied."""
        with self._database.reading() as connection:
            return self.lake(project_id).sync(connection, project_id, progress=progress)

    def funnel(self, project_id: int, asked: FunnelAsked, rules: RulesNow) -> FunnelAnswer:
        """How many come from step to step.

        Raises NothingRecorded, UnknownJourney, BadCondition, and what impossible funnels raise
        (`engine.analytics.funnels`).
        """
        rules = self._knowing_names(project_id, asked, rules)
        plan = plan_of(asked, rules.project)

        def answer(history: History) -> FunnelAnswer:
            question = self._question(project_id, history, plan, rules)
            found = conversion(history, question)
            if not plan.has_design:
                return found
            return replace(found, design=design(history, question))

        return self._kept(project_id, ("funnel", asked), plan, rules, answer)

    def users_behind(
        self,
        project_id: int,
        asked: FunnelAsked,
        who: Who | Walked,
        rules: RulesNow,
        *,
        after: str = "",
        limit: int = 100,
    ) -> UsersBehind:
        """Those behind a figure of a funnel or of its design, by their ids; of a funnel of accounts these, of sessions
        whose they are. Raises what `funnel` does, NoSuchStep, NoDesign, BadPath."""
        rules = self._knowing_names(project_id, asked, rules)
        plan = plan_of(asked, rules.project)
        _refuse_unknown(who, plan)

        def answer(history: History) -> UsersBehind:
            question = self._question(project_id, history, plan, rules)
            if isinstance(who, Walked):
                found = people_on_design(history, question, who, after=after, limit=limit + 1)
            else:
                found = people_behind(history, question, who, after=after, limit=limit + 1)
            return UsersBehind.page(found, limit)

        return self._kept(project_id, ("users", asked, who, after, limit), plan, rules, answer)

    @contextmanager
    def history(self, project_id: int, population: Population | None = None) -> Iterator[History]:
        """The events of a project up to now, for analyses of your own. Raises NothingRecorded."""
        self.sync(project_id)
        lake, spill = self.lake(project_id), self._lakes / "spill"
        with (
            engine_at(self._master, lake=lake.folder, memory=self._memory, spill=spill) as engine,
            open_history(lake, engine, population) as history,
        ):
            yield history

    def lake(self, project_id: int) -> Lake:
        """The lake of a project."""
        return Lake.of_project(self._lakes, project_id)

    def population(
        self,
        project_id: int,
        rules: RulesNow,
        *,
        everyone: bool,
        with_simulated: bool,
        where: PeopleWhere | None = None,
    ) -> Population:
        """Who counts: the switch, with your own people as the rules in force know them, and a condition."""
        internal = rules.project.segments.get(INTERNAL_SEGMENT)
        return Population(
            everyone=everyone,
            with_simulated=with_simulated,
            internal=self._members(project_id, internal.where, rules) if internal and not everyone else frozenset(),
            persons=None if where is None else self._members(project_id, where.condition, rules),
        )

    def _members(self, project_id: int, condition: Condition, rules: RulesNow) -> frozenset[int]:
        """Who meets a condition, kept for a minute and for the same data: every question of a page asks who your own
        people are, and an answer about newer data must know those who came with them."""

        def found() -> frozenset[int]:
            with self._database.reading() as connection:
                return members(connection, project_id, rules, {"": condition})[""]

        version = self.lake(project_id).manifest().version
        key = (project_id, condition, rules.ruleset.plan.revision, rules.now // MINUTE, version)
        known: frozenset[int] = self._answers.memo(key, found)
        return known

    def forget(self) -> None:
        """Drop what is kept of people: for when somebody was erased.

        Waits for nobody: a question that is being answered keeps its answer where nobody looks any more.
        """
        self._answers.forget()
        forget_contexts()

    def _knowing_names(self, project_id: int, asked: FunnelAsked, rules: RulesNow) -> RulesNow:
        """The rules, with all names that were really received until now where the question has a condition of its own:
        nobody has to declare a trait to ask about it."""
        if asked.where is None and not any(" where " in text for text in (*asked.steps, *asked.exclude)):
            return rules
        return self.knowing_names(project_id, rules)

    def knowing_names(self, project_id: int, rules: RulesNow) -> RulesNow:
        """The rules, with all names that were really received until now."""
        with self._database.reading() as connection:
            seen = versions.seen(connection, project_id)
        project = rules.project
        if seen == project.seen:
            return rules
        return replace(rules, project=load(dict(project.sources), seen=seen, zone=project.zone))

    def _question(self, project_id: int, history: History, plan: Plan, rules: RulesNow) -> Question:
        return plan.question(self._grouping(project_id, history, plan, rules))

    def _grouping(self, project_id: int, history: History, plan: Plan, rules: RulesNow) -> Grouping | None:
        split = plan.split
        match split.kind if split is not None else None, split.name if split is not None else "":
            case "trait", name:
                return groups.by_trait(history, name)
            case "account", name:
                return groups.by_account_trait(history, name, of_people=plan.asked.unit is not Unit.ACCOUNT)
            case "guide", name:
                return groups.by_guide(history, name)
            case "persona", _:
                with self._database.reading() as connection:
                    return groups.by_membership(members(connection, project_id, rules, plan.personas))
            case _:
                return None

    def _kept(
        self,
        project_id: int,
        key: Hashable,
        plan: Plan,
        rules: RulesNow,
        answer: Callable[[History], Found],
    ) -> Found:
        asked = plan.asked
        return self.answer(
            project_id,
            key,
            rules,
            answer,
            everyone=asked.everyone,
            with_simulated=asked.with_simulated,
            where=plan.people,
            asks_now=bool(plan.people is not None or plan.personas),
        )

    def answer(
        self,
        project_id: int,
        key: Hashable,
        rules: RulesNow,
        answer: Callable[[History], Found],
        *,
        everyone: bool = False,
        with_simulated: bool = False,
        where: PeopleWhere | None = None,
        asks_now: bool = False,
    ) -> Found:
        """An answer that was given before to the same question about the same data, else a new one.

        An earlier answer to the question where a new one takes long and the asker accepts that.
        key: the question. where: who counts. asks_now: the answer may change with the hour, without any event.
        """
        kept, version = self._answers, self.sync(project_id).version
        of_some = where is not None or INTERNAL_SEGMENT in rules.project.segments
        when = rules.now // MINUTE if asks_now or of_some else 0
        question = (project_id, key, rules.ruleset.plan.revision, frozenset(rules.project.sources.items()))
        whole = (question, version, when)
        known, asker = kept.exact(whole), self._asker
        earlier = kept.earlier(question) if known is None and asker is not None and asker.accepts_stale else None
        if known is None and earlier is None:
            with self._one_at_a_time:
                # Whoever had it before may have asked the same.
                known = kept.exact(whole)
                if known is None:
                    shelf, began = kept.shelf(), kept.now()
                    chosen = self.population(
                        project_id, rules, everyone=everyone, with_simulated=with_simulated, where=where
                    )
                    # A minute later the same people count, as a rule: then nothing of the answer has changed.
                    same = (question, version, chosen) if of_some and not asks_now else None
                    known = None if same is None else kept.exact(same)
                    if known is None:
                        with self.history(project_id, chosen) as history:
                            found = answer(history)
                        known = KeptAnswer(found, version, kept.now() - began, kept.now())
                    keep(shelf, question, whole, known)
                    if same is not None:
                        keep(shelf, question, same, known)
        given = known if known is not None else earlier
        assert given is not None  # noqa: S101  (one of them is there)
        if asker is not None:
            age = kept.now() - given.at
            asker.served.append(Served(given.version, version, given is earlier, given.took, age))
        answered: Found = given.found
        return answered


def _refuse_unknown(who: Who | Walked, plan: Plan) -> None:
    """Refuse what no figure of a funnel stands for."""
    if isinstance(who, Who):
        numbers: tuple[int, ...] = (who.step,)
        if who.group is not None and plan.split is None:
            raise BadBreakdown("`group` is one of a breakdown's groups: say which breakdown, such as `week` or a trait")
    else:
        numbers = who.path or ()
        if not plan.has_design:
            raise NoDesign
        refuse_no_path(who.path)
    if not all(0 <= number < len(plan.labels) for number in numbers):
        raise NoSuchStep(len(plan.labels))
