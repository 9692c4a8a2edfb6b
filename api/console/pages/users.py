"""Users: one person's timeline, state, and why a guide was shown or not; who is looked for by an id, is behind a figure
of a funnel, or came last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import Response, url_for

from api.console.behind import behind
from api.console.clips import recordings_of
from api.console.desk import Desk
from api.console.drawing import sentence
from api.console.lines import days, kind_of, kinds
from api.console.linking import url_if
from api.console.registry import Group, Page
from api.problems import UnknownUser
from api.schemas.privacy import PersonExportSchema
from dsl.values import Instant, read_instant
from engine.analytics.population import INTERNAL_SEGMENT
from engine.errors import HistoryRemoved, UnknownGuide
from engine.permissions import Scope
from engine.replay.asking import spelled, why_recorded
from engine.replies import UserView
from engine.stages import place_labels
from engine.timelines import PeopleAsked, people, timeline
from engine.why import document

TABS: Final = {"timeline": "Timeline", "state": "State", "explain": "Why, or why not"}
PER_PAGE: Final = 50
LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """Why, or why not: what is asked. fault: why it cannot be answered."""

    guide: str | None
    at: str
    rules: str
    answer: Mapping[str, Any] | None = None
    fault: str | None = None


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Users shows: one person where the address names one or one is found, else a list."""
    text, id_ = desk.said.get("q", "").strip()[:LONGEST_ID], desk.said.get("id", "")[:LONGEST_ID]
    shared = {"text": text, "id": id_, "user": None, "behind": None}
    if not id_:
        found = None if text else behind(desk)
        if isinstance(found, Response):
            return found
        if found is not None:
            return {**shared, "behind": found, "recorded": recordings_of(desk, found.users)}
        listed = people(
            desk.analyst,
            desk.project.id,
            PeopleAsked(text, everyone=desk.everyone, with_simulated=desk.with_simulated),
            desk.rules,
        )
        if not (text and len(listed) == 1):
            return {**shared, "listed": listed, "has_internal": INTERNAL_SEGMENT in desk.rules.project.segments}
        id_ = listed[0].person.name
    user = _user(desk, id_)
    if user is None:
        return {**shared, "listed": None}
    if desk.said.get("format") == "json" and desk.said.get("id"):
        return _export(desk, id_)
    return {**shared, "id": id_, **_person(desk, user, id_)}


def _user(desk: Desk, id_: str) -> UserView | None:
    service, project = desk.service, desk.project.id
    return service.user(project, user_id=id_) or service.user(project, anonymous_id=id_)


def _person(desk: Desk, user: UserView, id_: str) -> dict[str, Any]:
    tab = desk.said.get("tab", "timeline")
    tab = tab if tab in TABS else "timeline"
    found = {
        "user": user,
        "tab": tab,
        "tabs": [
            {"label": label, "href": desk.url("users", id=id_, tab=name), "current": name == tab}
            for name, label in TABS.items()
        ],
        "name": user.user_id or user.first_id,
        "erase": url_for("users.erase", user_id=user.user_id or user.first_id)
        if desk.may(Scope.PEOPLE_ERASE)
        else None,
        "recorded": recordings_of(desk, [user.user_id or user.first_id]),
    }
    if tab == "timeline":
        return found | _timeline(desk, user)
    if tab == "state":
        account = user.state.get("account_id")
        to_account = url_if(desk, "health", account=account) if isinstance(account, str) else None
        return found | {
            "labels": place_labels(desk.rules.project),
            "state": _with_instants(user.state),
            "to_account": to_account,
            "watched": _watched(desk, user),
        }
    return found | {"asked": _why(desk, user), "guides": sorted(desk.rules.ruleset.by_name)}


def _timeline(desk: Desk, user: UserView) -> dict[str, Any]:
    kind, before = kind_of(desk.said.get("kind")), desk.said.get("before")
    found = timeline(desk.analyst, user, desk.rules.project, kind=kind, before=before, limit=PER_PAGE)
    return {
        "days": days(found.entries, place_labels(desk.rules.project)),
        "kinds": kinds(),
        "kind": kind.value,
        "older": None if found.next is None else desk.here(before=found.next),
        "latest": None if before is None else desk.here(before=None),
    }


def _watched(desk: Desk, user: UserView) -> str | None:
    """Whether a page of theirs records now, and why; None where no rule records anybody."""
    if not desk.rules.ruleset.records:
        return None
    found = why_recorded(desk.service, desk.project.id, user.user_id or user.first_id)
    if found is None:
        return None
    if found.by is None:
        reasons = dict.fromkeys(each.meaning for each in found.records)
        return f"No. {' '.join(reasons)}" if len(found.records) == 1 else "No: no rule is of them."
    by = f"{spelled(found.by)} ({found.by.record.span.file}, line {found.by.record.span.line})"
    return f"Yes, by {by}." if found.recorded else f"No: the project records nothing. The rules would, by {by}."


def _with_instants(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state with the time of its latest event by name."""
    position = state.get("position")
    return {**state, "last_event": None if position is None else Instant(position[0])}


def _why(desk: Desk, user: UserView) -> Asked:
    said = Asked(desk.said.get("guide"), desk.said.get("at", "").strip(), desk.said.get("rules", "then"))
    if said.guide is None:
        return said
    at = read_instant(said.at) if said.at else None
    if said.at and at is None:
        return _at_fault(said, "This is no time; write it as 2026-03-04T10:00:00Z, or leave it empty for now.")
    if at is not None and at > desk.rules.now:
        return _at_fault(said, "This time is still to come: nobody knows what will have happened by then.")
    try:
        found = desk.service.explain(
            desk.project.id,
            said.guide,
            at=at,
            user_id=user.user_id,
            anonymous_id=None if user.user_id is not None else user.first_id,
            rules_of_then=said.rules != "now",
        )
    except (UnknownGuide, HistoryRemoved) as error:
        return _at_fault(said, sentence(error))
    return said if found is None else Asked(said.guide, said.at, said.rules, answer=document(found))


def _at_fault(said: Asked, fault: str) -> Asked:
    return Asked(said.guide, said.at, said.rules, fault=fault)


def _export(desk: Desk, id_: str) -> Response:
    """Everything that is kept of somebody, as a file. That it was exported is recorded."""
    found = desk.service.privacy.export(desk.project.id, id_, by=desk.caller.actor)
    if found is None:
        raise UnknownUser(f"no user with the id `{id_[:200]}` has been seen")
    answer = Response(
        orjson.dumps(PersonExportSchema().dump(found), option=orjson.OPT_INDENT_2), content_type="application/json"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="user.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


PAGE = Page(
    "users", "users", "Users", "One person: timeline, state, why.", Group.PEOPLE, Scope.PEOPLE_READ, view, key="u"
)
