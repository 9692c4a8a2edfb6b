"""Why, or why not, of people in a database: past instants are made again from the log."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.values import MINUTE, Duration, Instant, format_instant
from engine.errors import UnknownGuide
from engine.reasons import Reason
from engine.replies import Published
from engine.service import Service
from engine.why import Why
from tests.engine.clock import Clock

RULES = """attribute plan: text
account attribute industry: text
event "Invited"

survey feelings "Feelings" {
  when plan is "trial"
  when account.industry is "health" or anyone in account did "Invited"
  ask effort ease "How easy?"
  once every 1 day
  stop after 1 responses
  expires 2099-01-01
}
"""


def told(service: Service, project: int, clock: Clock, user: str, **message: Any) -> None:
    sent = {"userId": user, "timestamp": format_instant(clock()), "messageId": f"{user} {message}", **message}
    receipt = service.receive(project, [sent], received=clock())
    assert (receipt.accepted, receipt.rejected) == (1, ())


@pytest.fixture
def telling(service: Service, project: int, clock: Clock) -> Service:
    """Two users of an account: u1 on trial; u2 invites somebody a minute later, and answers a minute after that."""
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    for user in ("u1", "u2"):
        told(service, project, clock, user, type="group", groupId="acme")
    told(service, project, clock, "u1", type="identify", traits={"plan": "trial"})
    clock.pass_(Duration(MINUTE))
    told(service, project, clock, "u2", type="track", event="Invited")
    clock.pass_(Duration(MINUTE))
    answer = {"guide": "feelings", "question": "ease", "value": 3, "submission": "s1"}
    told(service, project, clock, "u2", type="track", event="$answered", properties=answer)
    return service


def asked(service: Service, project: int, clock: Clock, user: str, *, minutes_ago: int = 0) -> Why:
    found = service.explain(project, "feelings", user_id=user, at=Instant(clock() - minutes_ago * MINUTE))
    assert found is not None
    return found


def test_at_each_instant_what_others_of_the_account_had_done_by_then_counts(
    telling: Service, project: int, clock: Clock
) -> None:
    reasons = [asked(telling, project, clock, "u1", minutes_ago=ago).reason for ago in (2, 1, 0)]
    assert reasons == [Reason.CONDITION_UNKNOWN, Reason.TARGETING_MATCH, Reason.QUOTA_REACHED]


def test_the_nearest_change_of_a_past_instant_is_what_did_happen_then(
    telling: Service, project: int, clock: Clock
) -> None:
    found = asked(telling, project, clock, "u1", minutes_ago=2)
    assert [change.text for change in found.changes] == [
        "`Invited`",
        "`account.industry` would have to be `health`",
    ]


def test_nobody_is_explained_and_no_unknown_guide(telling: Service, project: int) -> None:
    assert telling.explain(project, "feelings", user_id="nobody") is None
    with pytest.raises(UnknownGuide, match="did you mean `feelings`"):
        telling.explain(project, "feeling", user_id="u1")


def test_a_visitor_is_explained_by_the_anonymous_id(telling: Service, project: int, clock: Clock) -> None:
    sent = {"type": "track", "event": "Invited", "anonymousId": "a1", "timestamp": format_instant(clock())}
    telling.receive(project, [sent], received=clock())
    found = telling.explain(project, "feelings", anonymous_id="a1")
    assert found is not None
    assert (found.user, found.reason) == ("a1", Reason.QUOTA_REACHED)
