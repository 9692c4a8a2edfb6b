"""Tools that say what happened: why somebody was shown a guide, where people leave, what came before, what they felt.

The answers are those of the HTTP interface and of `--json`, member for member.
"""

from __future__ import annotations

from typing import Any

from api.mcp.desk import Desk
from api.mcp.errors import RulesFaulty
from api.mcp.shapes import BestOpportunitiesSchema, FunnelOfSchema, PathsOfSchema, RecordsOfSchema, WhyAskedSchema
from api.mcp.tool import tool
from api.planning import opportunities_page
from api.problems import UnknownUser
from api.schemas.funnels import FunnelSchema, funnel_document
from api.schemas.funnels import read_asked as read_funnel
from api.schemas.opportunities import OpportunitiesSchema
from api.schemas.opportunities import read_asked as read_opportunities
from api.schemas.paths import PathsSchema, paths_document, read_paths
from api.schemas.step_records import StepRecordsSchema, read_records
from api.schemas.why import WhySchema
from dsl.values import JsonValue
from engine import paths as backward
from engine.permissions import Scope
from engine.replies import Refused
from engine.stages import NO_MARKS, step_marks
from engine.step_records import Records, of_step, records
from engine.unsaved import Unsaved
from engine.why import Why, document


@tool(
    "Explain a decision",
    Scope.PEOPLE_READ,
    asks=WhyAskedSchema,
    answers=WhySchema,
    has_words_of_users=True,
)
def explain_decision(desk: Desk, asked: dict[str, Any]) -> dict[str, JsonValue]:
    """Why a guide is shown to one person, or why not, now or at a past instant.

    Every gate and condition with what is known of the person, and the nearest change that would show it, which was
    tried with the evaluator. With `rules` = `draft`, whether the working draft would show it.
    """
    found = _by_draft(desk, asked) if asked["rules"] == "draft" else _by_published(desk, asked)
    if found is None:
        raise UnknownUser(f"no user with the id `{asked['user']}` has been seen")
    return document(found)


@tool("Funnel", Scope.RECORDS_READ, asks=FunnelOfSchema, answers=FunnelSchema, has_words_of_users=True)
def funnel(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """How many come from step to step of a journey, or from event to event, in what time, and the sharpest drop.

    Shares are of those who entered, each with its 95 % interval. With `breakdown` there are `groups` instead of
    `steps`. Say the interval and who is left out with any figure that you quote.
    """
    journey, rules = asked["journey"], desk.rules()
    answer = desk.analyst().funnel(desk.project_id, read_funnel(asked, journey=journey), rules)
    return funnel_document(answer, NO_MARKS if journey is None else step_marks(rules.project, journey))


@tool("What came before", Scope.RECORDS_READ, asks=PathsOfSchema, answers=PathsSchema, has_words_of_users=True)
def paths(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """The last steps of people before they left at a step of a journey, beside those who went on from it.

    `contrast` has what those who left met more often, with an interval; only what `is_sure` is more than chance, and
    none of it is a cause. `links` have conditions that a rule may use as they are. Or the last steps `before` an event.
    """
    question = read_paths(asked, journey=asked["journey"])
    return paths_document(backward.paths(desk.analyst(), desk.project_id, question, desk.rules()))


@tool("Records of steps", Scope.RECORDS_READ, asks=RecordsOfSchema, answers=StepRecordsSchema, has_words_of_users=True)
def step_records(desk: Desk, asked: dict[str, Any]) -> Records:
    """What became of those who came to each step of a journey: who went on, how long it took, how hard it was, what
    they felt; over everybody or `by` persona, day or week.

    Every figure has its n and a 95 % interval; below five it says so instead.
    """
    journey, step, rules = asked["journey"], asked["step"], desk.rules()
    found = records(desk.analyst(), desk.project_id, read_records(asked, journey), rules)
    return found if step is None else of_step(found, journey, step, rules)


@tool(
    "Opportunities",
    Scope.RECORDS_READ,
    asks=BestOpportunitiesSchema,
    answers=OpportunitiesSchema,
    has_words_of_users=True,
)
def opportunities(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """Where users could be won: people lost a week at a step × the share within reach, with the causes that the data
    propose, the most worthwhile first. A person confirms or dismisses them.
    """
    question = read_opportunities(asked)
    found = desk.planner().opportunities(desk.project_id, desk.rules(), question)
    return opportunities_page(found, question, after=asked["after"], limit=asked["limit"])


def _by_published(desk: Desk, asked: dict[str, Any]) -> Why | None:
    explain, user, at = desk.service.explain, asked["user"], asked["at"]
    then = asked["rules"] == "then"
    return explain(desk.project_id, asked["guide"], at=at, user_id=user, rules_of_then=then) or explain(
        desk.project_id, asked["guide"], at=at, anonymous_id=user, rules_of_then=then
    )


def _by_draft(desk: Desk, asked: dict[str, Any]) -> Why | None:
    service, project = desk.service, desk.project_id
    unsaved = Unsaved(service.database, service.publications, clock=desk.clock)
    files, previous = desk.drafts.one(project).files, service.rules(project)
    found = unsaved.explain(project, files, asked["guide"], user=asked["user"], at=asked["at"], previous=previous)
    if isinstance(found, Refused):
        raise RulesFaulty(found.diagnostics, found.sources)
    return found
