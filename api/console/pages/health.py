"""Account health: who does much and gets little of it, with their people, notes, and who looks after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.planning.choices import journey_labels, said_of
from api.console.registry import Group, Page
from engine.account_health import HealthAsked, health
from engine.analytics.health import FEWEST_ACCOUNTS, HIGH, LOW, AccountHealth, Health, Standing
from engine.analytics.history import NothingRecorded
from engine.analytics.tables import HEALTH_COLUMNS, health_rows
from engine.errors import WaypostError
from engine.permissions import Scope

PERIODS: Final[Mapping[str, str]] = {"30": "last 30 days", "91": "last 13 weeks", "7": "last 7 days"}
MOST: Final = 500
"""Accounts that the page tells; the interface tells more."""
MEANINGS: Final[Mapping[Standing, str]] = {
    Standing.STUCK: "does much and gets little: somebody should call",
    Standing.HEALTHY: "does much and gets much",
    Standing.EFFICIENT: "does little and gets much",
    Standing.QUIET: "does little and gets little",
    Standing.BETWEEN: "neither high nor low on one of both",
    Standing.TOO_FEW: f"there are fewer than {FEWEST_ACCOUNTS} accounts to compare",
}


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Account health shows."""
    standing = said_of(desk, "standing", [each.value for each in Standing])
    asked = HealthAsked(
        journey=said_of(desk, "journey", desk.rules.project.journeys),
        days=int(said_of(desk, "days", PERIODS) or next(iter(PERIODS))),
        limit=MOST,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
    )
    shared = {
        "journeys": journey_labels(desk.rules.project),
        "journey_chosen": asked.journey,
        "periods": PERIODS,
        "days": said_of(desk, "days", PERIODS),
        "standings": {each.value: each.value for each in Standing if each is not Standing.TOO_FEW},
        "standing": standing,
        "meanings": MEANINGS,
    }
    try:
        found = health(desk.analyst, desk.project.id, asked, desk.rules)
    except NothingRecorded:
        return {**shared, "found": None, "refused": None}
    except WaypostError as error:
        return {**shared, "found": None, "refused": str(error)}
    owners = sorted({each.owner for each in found.accounts if each.owner})
    owner = said_of(desk, "owner", owners)
    listed = [
        each for each in found.accounts if standing in (None, each.standing.value) and owner in (None, each.owner)
    ]
    if desk.said.get("format") == "csv":
        return as_file(
            health_rows(Health(tuple(listed), found.outcome, found.period, found.left_out, found.version)),
            list(HEALTH_COLUMNS),
            "csv",
            name="health",
        )
    return {
        **shared,
        "found": found,
        "refused": None,
        "listed": listed,
        "stuck": [each for each in listed if each.standing is Standing.STUCK],
        "owners": owners,
        "owner": owner,
        "chosen": next((each for each in found.accounts if each.account == desk.said.get("account")), None),
        "told": sentence(found),
        "chart": chart(found.accounts),
        "names": desk.names,
        "may_write": desk.may(Scope.ACCOUNTS_WRITE),
        "suggested": sorted({*owners, desk.person.email}),
        "most": MOST,
    }


def sentence(found: Health) -> str:
    """What the chart shows, in words."""
    number = len(found.accounts)
    if number < FEWEST_ACCOUNTS:
        return (
            f"{number} account{'' if number == 1 else 's'}: it takes {FEWEST_ACCOUNTS} to say who does much "
            "and who gets little."
        )
    stuck = [each for each in found.accounts if each.standing is Standing.STUCK]
    cared = sum(each.owner is not None for each in stuck)
    said = f"Of {number:,} accounts {len(stuck):,} are busy but stuck: much activity, few outcomes ({found.outcome})."
    return (
        f"{said} {cared or 'None'} of them {'have' if cared > 1 else 'has'} somebody to look after it."
        if stuck
        else said
    )


def chart(accounts: Sequence[AccountHealth]) -> dict[str, Any] | None:
    """The accounts for the chart, by what they are; None where there are too few."""
    placed = [each for each in accounts if each.activity_percentile is not None]
    counted = Counter(each.standing for each in placed)
    if not placed:
        return None
    return {
        "kind": "accounts",
        "low": LOW,
        "high": HIGH,
        "groups": [
            {
                "name": standing.value,
                "isStuck": standing is Standing.STUCK,
                "accounts": [
                    {
                        "name": each.account,
                        "x": each.activity_percentile,
                        "y": each.outcome_percentile,
                        "people": each.people,
                    }
                    for each in placed
                    if each.standing is standing
                ],
            }
            for standing in Standing
            if counted[standing]
        ],
    }


PAGE = Page(
    "health",
    "health",
    "Account health",
    "Who is busy but stuck, and who looks after them.",
    Group.PLAN,
    Scope.PEOPLE_READ,
    view,
)
