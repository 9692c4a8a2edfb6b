"""Every occasion of a webhook: what is told of it, signed so that the library of Standard Webhooks takes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from dsl.values import DAY, SECOND, Duration, Instant
from engine import webhooks
from engine.alerts import Alert, AlertKind
from engine.couriers import Brought, Courier
from engine.drafting import Drafts
from engine.drafts import DraftState
from engine.guide_episodes import note_episodes
from engine.roadmap.planner import Planner
from engine.roadmap.reviewing import Reviewer
from engine.roadmap.reviews_due import note_review
from engine.service import Service
from engine.telling_hooks import note_for_hooks, wants_reviews
from engine.webhook_desk import WebhookDesk
from engine.webhooks import (
    CHOSEN,
    BadWebhook,
    DeliveryState,
    Format,
    HookKind,
    NoSuchDelivery,
    NothingToResend,
)
from tests.engine.clock import Clock
from tests.engine.serving import guide

URL = "https://hooks.example.com/waypost"
RULES = (
    'event "Stuck"\n'
    + guide("help", "once every 7 days")
    + guide("other", "once every 7 days", on=None).replace("guide other", "guide other", 1)
    + """
survey mood "Mood" {
  ask nps friend "Would you tell a friend?"
  ask effort ease "How easy?"
  ask text detail "What else?"
  expires 2099-12-31
}
"""
)


class Keeping(Courier):
    """Keeps what it brings, as it came over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.brought: list[tuple[bytes, dict[str, str]]] = []

    def bring(self, url: str, body: bytes, headers: Any) -> Brought:  # noqa: ARG002
        self.brought.append((body, dict(headers)))
        return Brought(200, None)


class Site:
    """A project with one webhook that hears of everything."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service, self.clock, self.courier = service, clock, Keeping()
        self.project = service.ensure_project().id
        self.publish(RULES)
        self.desk = WebhookDesk(service.database, rules_of=service.rules_now)
        self.hook, self.secret = self.desk.add(self.project, URL, CHOSEN, by="member 1", now=clock.now)

    def publish(self, text: str) -> None:
        found = self.service.publish(self.project, {"a.way": text})
        assert not getattr(found, "diagnostics", ()), found

    def happened(self, name: str, user: str, **properties: Any) -> None:
        message = {
            "type": "track",
            "userId": user,
            "event": name,
            "messageId": f"{user}-{name}-{properties}",
            "properties": properties,
        }
        self.service.receive(self.project, [message], received=self.clock.now, decide=name == "Stuck")

    def told(self) -> list[dict[str, Any]]:
        """What was brought since, each checked by the library."""
        self.desk.note_what_happened(self.clock.now)
        self.desk.bring(self.courier, clock=self.clock, renew=lambda: True)
        found = [Webhook(self.secret).verify(body, headers) for body, headers in self.courier.brought]
        self.courier.brought.clear()
        return found


@pytest.fixture
def site(sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", at_the_time_of(clock))
    service = Service.open(sqlite_url, clock=clock)
    yield Site(service, clock)
    service.close()


@pytest.fixture
def anywhere(service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The same on each kind of database in turn."""
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", at_the_time_of(clock))
    return Site(service, clock)


def at_the_time_of(clock: Clock) -> type[datetime]:
    """The library's `datetime`: it asks whether a delivery is old."""

    class AtTheTime(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromtimestamp(clock.now / SECOND, tz)

    return AtTheTime


def test_every_occasion_is_told_once_and_its_signature_holds(anywhere: Site) -> None:
    site = anywhere
    assert site.told() == []
    heard: list[dict[str, Any]] = []
    site.happened("$answered", "ada", guide="mood", question="friend", value=3, submission="s1")
    site.happened("Stuck", "bob")
    site.happened("$shown", "bob", guide="help", variant="A")
    site.publish(RULES + guide("more", "once every 7 days"))
    note_episodes(
        site.service.database,
        site.project,
        [Alert("help", AlertKind.SHOWS_COLLAPSED, 1.0, 20.0, "shown seldom")],
        site.clock.now,
    )
    site.clock.pass_(Duration(DAY))
    note_episodes(site.service.database, site.project, [], site.clock.now)
    drafts = Drafts(site.service.database, site.service.publications)
    draft = drafts.save(site.project, {"a.way": RULES}, revision=0, base=2, by="member 2", now=site.clock.now)
    drafts.mark(
        site.project, DraftState.REVIEW, note="look", revision=draft.revision, by="member 2", now=site.clock.now
    )
    site.desk.test(site.project, site.hook.id, now=site.clock.now)
    assert wants_reviews(site.service.database, site.project)
    rules = replace(site.service.rules_now(site.project), now=Instant(site.clock.now - 20 * DAY))
    for _ in range(2):
        assert note_review(
            site.service.database, site.project, Reviewer(Planner(site.service.database)), rules, rules.now
        )
    with site.service.database.writing() as connection:
        done = {"export": "daily", "report": "events", "run": 1, "file": "daily-2026-11-03.csv", "rows": 3}
        note_for_hooks(connection, site.project, HookKind.EXPORT_FINISHED, "export:1", done, site.clock.now)
    heard = site.told()
    assert {each["type"] for each in heard} == {kind.value for kind in HookKind}
    assert len(heard) == len({each["type"] for each in heard}), "each once"
    by_kind = {each["type"]: each["data"] for each in heard}
    assert by_kind["score.low"] | {"userId": "ada"} == by_kind["score.low"]
    assert (by_kind["score.low"]["type"], by_kind["score.low"]["value"], by_kind["score.low"]["high"]) == ("nps", 3, 10)
    assert (by_kind["guide.decided"]["guide"], by_kind["guide.decided"]["userId"]) == ("help", "bob")
    assert (by_kind["guide.shown"]["guide"], by_kind["guide.shown"]["variant"]) == ("help", "A")
    assert (by_kind["review.due"]["quarter"], by_kind["review.asked"]["note"]) == ("2026-Q3", "look")
    assert site.told() == []


def test_a_body_that_was_changed_is_not_taken(site: Site) -> None:
    site.desk.test(site.project, site.hook.id, now=site.clock.now)
    site.desk.bring(site.courier, clock=site.clock, renew=lambda: True)
    ((body, headers),) = site.courier.brought
    with pytest.raises(WebhookVerificationError):
        Webhook(site.secret).verify(body.replace(b"test", b"tset"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhooks.new_secret(b"8" * 32)).verify(body, headers)


@pytest.mark.parametrize(
    ("question", "value", "is_low"),
    [
        ("friend", 6, True),
        ("friend", 7, False),
        ("ease", 3, True),
        ("ease", 4, False),
        ("ease", 99, False),
        ("ease", True, False),
        ("detail", "bad", False),
        ("nothing", 1, False),
    ],
)
def test_a_score_is_low_in_the_lowest_third_or_of_a_detractor(
    site: Site, question: str, value: object, is_low: bool
) -> None:
    site.happened("$answered", "ada", guide="mood", question=question, value=value, submission="s1")
    assert ("score.low" in [each["type"] for each in site.told()]) is is_low


def test_only_the_guides_that_were_chosen_are_told_of_and_no_simulated_people(site: Site) -> None:
    hook = site.desk.change(
        site.project, site.hook.id, {"guides": ["other", "other"]}, revision=1, by="member 1", now=site.clock.now
    )
    assert hook.guides == ("other",)
    site.happened("$shown", "bob", guide="help")
    site.happened("$shown", "bob", guide="other")
    assert [each["data"]["guide"] for each in site.told()] == ["other"]
    site.publish(RULES + guide("more", "once every 7 days"))
    assert [each["type"] for each in site.told()] == ["guide.published"], "rules are of no one guide"
    with pytest.raises(BadWebhook):
        site.desk.add(site.project, URL, CHOSEN, guides=[f"g{n}" for n in range(51)], by="member 1", now=site.clock.now)


def test_of_a_decision_for_somebody_who_was_erased_nothing_is_told(site: Site) -> None:
    site.happened("Stuck", "bob")
    site.desk.note_what_happened(site.clock.now)
    site.service.privacy.erase(site.project, "bob")
    assert site.told() == []
    assert {each.state for each in site.desk.deliveries(site.project, site.hook.id)} == {DeliveryState.GONE}


def test_what_is_over_may_be_told_again_and_what_waits_may_not(site: Site) -> None:
    site.desk.test(site.project, site.hook.id, now=site.clock.now)
    (waiting,) = site.desk.deliveries(site.project, site.hook.id)
    again = {"by": "member 1", "now": site.clock.now}
    with pytest.raises(NothingToResend, match="waits"):
        site.desk.resend(site.project, waiting.id, **again)
    assert len(site.told()) == 1
    resent = site.desk.resend(site.project, waiting.id, **again)
    assert (resent.state, resent.tries) == (DeliveryState.WAITING, 0)
    assert len(site.told()) == 1
    with pytest.raises(NoSuchDelivery):
        site.desk.resend(site.project, 999, **again)


def test_a_quarter_that_is_over_for_long_is_not_told_of(site: Site) -> None:
    rules = site.service.rules_now(site.project)
    reviewer = Reviewer(Planner(site.service.database))
    assert note_review(site.service.database, site.project, reviewer, rules, site.clock.now) is False


def test_a_chat_tool_gets_words_and_a_link(site: Site) -> None:
    desk = WebhookDesk(site.service.database, rules_of=site.service.rules_now, console="https://way.example.com/in/")
    desk.change(site.project, site.hook.id, {"format": Format.SLACK}, revision=1, by="member 1", now=site.clock.now)
    site.happened("$answered", "<!channel>", guide="mood", question="detail", value="slow", submission="s1")
    desk.note_what_happened(site.clock.now)
    desk.bring(site.courier, clock=site.clock, renew=lambda: True)
    ((body, headers),) = site.courier.brought
    said = Webhook(site.secret).verify(body, headers)
    assert said["blocks"][1]["text"]["text"].startswith("slow\nQuestion: mood.detail\nBy: <!channel>")
    assert said["blocks"][1]["text"]["type"] == "plain_text"
    assert said["blocks"][2]["text"]["text"] == (
        "<https://way.example.com/in/console/p/default/responses?survey=mood|Read the answers>"
    )
