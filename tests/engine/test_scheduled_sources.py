"""Tickets and reviews that are fetched by schedule: each once, the changed ones again, and nothing told to anybody."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from dsl.values import DAY, HOUR, MINUTE, Duration, Instant, format_instant
from engine.chat_words import message_of
from engine.couriers import Courier
from engine.evidence import TagRule
from engine.evidence_desk import EvidenceDesk
from engine.roadmap.items import StaleItem
from engine.scheduled.desk import ScheduledDesk, SourceWanted
from engine.scheduled.facts import PAUSES, BadScheduledSource, Every
from engine.service import Service
from engine.webhook_desk import WebhookDesk
from engine.webhooks import HookKind
from tests.engine import vendors
from tests.engine.clock import Clock
from tests.engine.fetching import RULES, SECRET, Desk, desk_on
from tests.engine.vendors import Request, Response, served


@pytest.fixture
def desk(service: Service, clock: Clock) -> Desk:
    project = service.ensure_project().id
    service.publish(project, {"a.way": RULES})
    for user in ("ada", "ada@acme.example"):
        message = {"type": "track", "userId": user, "event": "Signed Up", "messageId": user}
        service.receive(project, [message], received=clock.now)
    return Desk(service, clock, project, ScheduledDesk(service.database, allows_private=True))


@pytest.fixture
def quick(sqlite_url: str, clock: Clock) -> Iterator[Desk]:
    """On one kind of database: for what has nothing to do with it."""
    with desk_on(sqlite_url, clock) as desk:
        yield desk


def zendesk_at(address: str, **more: str) -> dict[str, str]:
    return {"address": address, "email": "admin@acme.example", "token": SECRET, **more}


def test_each_ticket_is_taken_once_and_a_changed_one_replaces_what_was_kept(desk: Desk) -> None:
    first = [vendors.ticket(1, "DNS fails", rating={"score": "bad", "comment": "slow"}), vendors.ticket(2, "Billing")]
    vendor = vendors.Zendesk({"": first, "c1": [vendors.ticket(3, "Domain lost", requester_id=8)]})
    with served(vendor) as (address, asked):
        made = desk.add("zendesk", zendesk_at(address))
        assert desk.work() == (1, 0)
        run = desk.last(made.id)
        assert (run.state, run.pages, run.found, run.kept, run.refused, run.error) == ("done", 2, 3, 3, 0, None)
        assert desk.told() == [
            ("zendesk:1", "DNS fails\nDNS fails, since this morning.\nslow", 1.0, "ada"),
            ("zendesk:2", "Billing\nBilling, since this morning.", None, "ada"),
            # Its requester is nobody who is known here.
            ("zendesk:3", "Domain lost\nDomain lost, since this morning.", None, None),
        ]
        [one, *_] = desk.evidence()
        assert (one.draft.tags, one.draft.language, one.draft.link) == (("dns",), "en", f"{address}/agent/tickets/1")
        assert one.emotion is not None
        assert one.emotion.valence < 0
        assert one.by == f"source {made.id}"

        # Nothing is due until an hour or a day has passed; then it goes on where it ended.
        assert desk.work() == (0, 0)
        vendor.pages["end"] = [vendors.ticket(1, "DNS fails again"), vendors.ticket(2, "Gone", status="deleted")]
        desk.clock.pass_(Duration(DAY))
        assert desk.work() == (1, 0)
        assert asked[-1].query["cursor"] == "end"
    run = desk.last(made.id)
    assert (run.found, run.kept, run.updated, run.known, run.removed) == (1, 0, 1, 0, 1)
    assert [external for external, *_ in desk.told()] == ["zendesk:1", "zendesk:3"]
    assert desk.told()[0][1].startswith("DNS fails again")


def test_a_person_who_is_erased_takes_what_was_fetched_of_them_along(desk: Desk) -> None:
    with served(vendors.Zendesk({"": [vendors.ticket(1, "DNS fails")]})) as (address, _):
        made = desk.add("zendesk", zendesk_at(address))
        desk.work()
        assert len(desk.told()) == 1
        desk.service.privacy.erase(desk.project, "ada")
        assert desk.told() == []
        # Asked anew from the beginning, what they said before stays out.
        desk.change(made.id, {"values": {"since": "2026-01-01"}})
        desk.work()
        assert desk.told() == []
        assert desk.last(made.id).refused == 1


def test_a_step_comes_by_the_words_of_a_rule_or_is_the_one_that_was_chosen(quick: Desk) -> None:
    evidence = EvidenceDesk(quick.service.database)
    rules = quick.service.rules_now(quick.project)
    evidence.set_rules(
        quick.project, rules, [TagRule("activation", "verify", words=("dns",))], revision=0, by="member 1"
    )
    pages = {"": [vendors.ticket(1, "DNS fails"), vendors.ticket(2, "Password")]}
    with served(vendors.Zendesk(pages)) as (address, _):
        quick.add("zendesk", zendesk_at(address), step="activation.signup")
        quick.work()
    placed = [(each.draft.place, each.tagged_by) for each in quick.evidence()]
    assert placed == [(("activation", "verify"), "rule"), (("activation", "signup"), "hand")]


def test_what_somebody_said_by_hand_stays_when_the_ticket_changes(quick: Desk) -> None:
    vendor = vendors.Zendesk({"": [vendors.ticket(1, "DNS fails")]})
    with served(vendor) as (address, _):
        quick.add("zendesk", zendesk_at(address))
        quick.work()
        evidence, rules = EvidenceDesk(quick.service.database), quick.service.rules_now(quick.project)
        [one] = quick.evidence()
        said = {"place": ("activation", "signup"), "feelings": ("frustrated",)}
        evidence.change(quick.project, rules, one.id, said, revision=one.revision, by="member 1")
        vendor.pages["end"] = [vendors.ticket(1, "DNS fails again")]
        quick.clock.pass_(Duration(DAY))
        quick.work()
    [one] = quick.evidence()
    assert (one.draft.place, one.draft.feelings) == (("activation", "signup"), ("frustrated",))
    assert one.draft.text.startswith("DNS fails again")


def test_two_accounts_that_count_alike_leave_each_others_tickets_alone(desk: Desk) -> None:
    ours = vendors.Zendesk({"": [vendors.ticket(1, "DNS fails"), vendors.ticket(2, "Billing")]})
    theirs = vendors.Zendesk(
        {"": [vendors.ticket(1, "Other"), vendors.ticket(2, "", status="deleted"), vendors.ticket(3, "New")]}
    )
    with served(ours) as (first, _), served(theirs) as (second, _):
        one = desk.add("zendesk", zendesk_at(first))
        desk.work()
        desk.change(one.id, {"name": "Support EU"})
        two = desk.add("zendesk", zendesk_at(second))
        desk.work()
        run = desk.last(two.id)
        assert (run.kept, run.updated, run.known, run.removed, run.refused) == (1, 0, 0, 0, 2)
        why = "its id is known from another source of the project, `Support EU`: what that one brought stays"
        assert run.problems == (("zendesk:1", why), ("zendesk:2", why))
        assert [text.partition("\n")[0] for _, text, *_ in desk.told()] == ["DNS fails", "Billing", "New"]

        # Its own ticket is still its own; what the source that is gone brought is taken over by the one that is left.
        ours.pages["end"] = [vendors.ticket(1, "DNS fails again")]
        desk.clock.pass_(Duration(DAY))
        desk.work()
        assert desk.last(one.id).updated == 1
        desk.sources.remove(desk.project, one.id, by="member 1", now=desk.clock.now)
        theirs.pages["end"] = [vendors.ticket(1, "Other")]
        desk.clock.pass_(Duration(DAY))
        desk.work()
    assert (desk.last(two.id).updated, desk.last(two.id).refused) == (1, 0)
    assert [text.partition("\n")[0] for _, text, *_ in desk.told()] == ["Other", "Billing", "New"]


def test_a_ticket_that_is_written_while_a_run_lasts_is_not_lost(quick: Desk) -> None:
    began = quick.clock.now

    def at(later: int) -> str:
        return format_instant(Instant(began + later))

    vendor = vendors.Zendesk(
        {
            "": [vendors.ticket(1, "DNS fails")],
            "c1": [
                vendors.ticket(2, "Meanwhile", created_at=at(50 * MINUTE)),
                vendors.ticket(3, "By a clock ahead", created_at=at(63 * MINUTE)),
                vendors.ticket(4, "Tomorrow", created_at=at(DAY)),
            ],
        }
    )

    def slow(asked: Request) -> Response:
        if asked.query.get("cursor") == "c1":
            quick.clock.pass_(Duration(HOUR))
        return vendor(asked)

    with served(slow) as (address, _):
        made = quick.add("zendesk", zendesk_at(address))
        quick.work()
    assert [each.draft.time for each in quick.evidence()][1:] == [began + 50 * MINUTE, quick.clock.now]
    assert [name for name, _ in quick.last(made.id).problems] == ["zendesk:4"]


# --- when something goes wrong

WRONG: list[tuple[Response, str, Duration]] = [
    ((429, {"Retry-After": "3600"}, b""), "it was asked too often", Duration(HOUR)),
    ((429, {"Retry-After": "10"}, b""), "it was asked too often", PAUSES[0]),
    ((503, {}, b"down"), "something is wrong there", PAUSES[0]),
    ((401, {}, b""), "it does not take the credentials", PAUSES[0]),
    ((302, {"Location": "http://127.0.0.1/"}, b""), "it wanted to lead elsewhere", PAUSES[0]),
    ((200, {}, b"<html>"), "the answer is no JSON", PAUSES[0]),
    ((200, {}, b'{"error": "no"}'), "the answer has no `tickets`", PAUSES[0]),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("answer", "why", "pause"), WRONG, ids=range(len(WRONG)))
def test_after_a_failure_it_is_asked_less_often_and_said_why(
    quick: Desk, answer: Response, why: str, pause: Duration
) -> None:
    with served(lambda _: answer) as (address, _):
        made = quick.add("zendesk", zendesk_at(address))
        quick.work()
    run, found = quick.last(made.id), quick.sources.source(quick.project, made.id)
    assert run.state == "failed"
    assert why in (run.error or "")
    assert (found.failures, found.next_run) == (1, quick.clock.now + pause)


def test_what_a_page_brought_before_a_failure_stays_and_the_next_run_goes_on_there(quick: Desk) -> None:
    vendor = vendors.Zendesk({"": [vendors.ticket(1, "One")], "c1": [vendors.ticket(2, "Two")]})
    failing = True

    def sometimes(asked: Request) -> Response:
        return (500, {}, b"") if failing and asked.query.get("cursor") == "c1" else vendor(asked)

    with served(sometimes) as (address, asked):
        made = quick.add("zendesk", zendesk_at(address))
        quick.work()
        assert (quick.last(made.id).state, quick.last(made.id).kept) == ("failed", 1)
        failing = False
        quick.clock.pass_(PAUSES[0])
        quick.work()
        assert [each.query.get("cursor") for each in asked] == [None, "c1", "c1"]
    assert quick.sources.source(quick.project, made.id).failures == 0
    assert [each[0] for each in quick.told()] == ["zendesk:1", "zendesk:2"]


def test_after_many_failures_it_is_turned_off_and_webhooks_are_told(
    quick: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    hooks = WebhookDesk(quick.service.database)
    hook, _ = hooks.add(
        quick.project, "https://hooks.example.com/", [HookKind.ALERT_RAISED], by="member 1", now=quick.clock.now
    )
    with served(lambda _: (401, {}, b"")) as (address, _), caplog.at_level(logging.DEBUG):
        made = quick.add("zendesk", zendesk_at(address))
        for pause in PAUSES:
            assert quick.work() == (1, 0)
            quick.clock.pass_(pause)
        assert quick.work() == (1, 1)
        quick.clock.pass_(Duration(30 * DAY))
        assert quick.work() == (0, 0)
        found = quick.sources.source(quick.project, made.id)
        assert not found.is_on
        assert "it does not take the credentials" in (found.stopped or "")
        assert [each.kind for each in hooks.deliveries(quick.project, hook.id)] == [HookKind.ALERT_RAISED]
        told = {"alert": "source_stopped", "source": made.id, "name": found.name, "message": "it was turned off"}
        words = message_of(HookKind.ALERT_RAISED, told, project="shop", console="https://w.example")
        assert (words.title, words.text) == ("Alert: scheduled source Zendesk, tickets", "it was turned off")
        assert words.link is not None
        assert words.link.url == f"https://w.example/console/p/shop/settings/scheduled?source={made.id}"
        # On again it begins anew.
        on = quick.change(made.id, {"is_on": True})
        assert (on.failures, on.stopped, on.next_run) == (0, None, quick.clock.now)
    assert SECRET not in caplog.text


def test_nothing_is_told_of_a_source_that_somebody_mends_while_its_last_run_fails(quick: Desk) -> None:
    hooks = WebhookDesk(quick.service.database)
    hook, _ = hooks.add(
        quick.project, "https://hooks.example.com/", [HookKind.ALERT_RAISED], by="member 1", now=quick.clock.now
    )

    def refusing(_: Request) -> Response:
        if quick.sources.source(quick.project, made.id).failures == len(PAUSES):
            quick.change(made.id, {"values": {"token": "new"}})
        return 401, {}, b""

    with served(refusing) as (address, _):
        made = quick.add("zendesk", zendesk_at(address))
        for pause in PAUSES:
            quick.work()
            quick.clock.pass_(pause)
        assert quick.work() == (1, 0)
    assert quick.last(made.id).state == "failed"
    found = quick.sources.source(quick.project, made.id)
    assert (found.is_on, found.stopped) == (True, None)
    assert hooks.deliveries(quick.project, hook.id) == []


def test_the_name_of_a_source_may_not_lead_into_our_own_network(quick: Desk) -> None:
    careful = ScheduledDesk(quick.service.database)
    rules = quick.service.rules_now(quick.project).project
    for url in ("http://acme.example", "https://10.0.0.7", "https://localhost", "https://user:pw@acme.example"):
        wanted = SourceWanted("url", "", {"address": url})
        with pytest.raises(BadScheduledSource):
            careful.add(quick.project, wanted, rules, by="member 1", now=quick.clock.now)
    with served(lambda _: (200, {}, b"id,text\n1,a\n")) as (address, asked):
        made = quick.add("url", {"address": address})
        quick.work(Courier())
        assert asked == []
    assert "private network" in (quick.last(made.id).error or "")


# --- who changes what

REFUSED = [
    ("nowhere", {}, "is no kind of source"),
    ("zendesk", {"address": "https://acme.zendesk.com", "email": "a@b.c"}, "`token` is missing"),
    ("zendesk", {**zendesk_at("https://acme.zendesk.com"), "colour": "red"}, "`colour` is no setting"),
    ("zendesk", zendesk_at("https://acme.zendesk.com", user="name"), "is one of `external_id`, `email`"),
    ("zendesk", zendesk_at("https://acme.zendesk.com", since="yesterday"), "is a day like"),
    ("app_store", {"app": "12 3"}, "`app` is a number"),
    ("app_store", {"app": "123", "countries": "Germany"}, "of two letters each"),
    ("app_store", {"app": "123", "countries": ","}, "of two letters each"),
    ("url", {"address": "https://a.example/t.csv", "columns": "A=nonsense"}, "is not a mapping"),
    ("url", {"address": "https://a.example/t.csv", "zone": "Mars"}, "there is no time zone"),
    ("url", {"address": "https://a.example/t.csv", "authorization": "a\r\nb: c"}, "stands on one line"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "values", "why"), REFUSED, ids=range(len(REFUSED)))
def test_a_source_that_could_never_be_fetched_is_refused_at_once(
    quick: Desk, kind: str, values: dict[str, str], why: str
) -> None:
    with pytest.raises(BadScheduledSource, match=why):
        quick.add(kind, values)


def test_secrets_are_told_to_nobody_and_do_not_follow_to_another_address(quick: Desk) -> None:
    made = quick.add("zendesk", zendesk_at("https://acme.zendesk.com"))
    assert made.secrets == ("token",)
    assert SECRET not in str(quick.sources.sources(quick.project))
    assert SECRET not in str(quick.service.auditing.entries(quick.project))
    with pytest.raises(BadScheduledSource, match="give the `token` again"):
        quick.change(made.id, {"values": {"address": "https://evil.example"}})
    # Left blank it stays; the address may change where it is given anew.
    assert quick.change(made.id, {"values": {"email": "b@acme.example", "token": ""}}).secrets == ("token",)
    moved = quick.change(made.id, {"values": {"address": "https://b.zendesk.com", "token": "new"}})
    assert moved.settings["address"] == "https://b.zendesk.com"
    acts = [entry.action for entry in quick.service.auditing.entries(quick.project)]
    assert acts[:3] == ["source.change", "source.change", "source.add"]


def test_a_change_from_an_old_page_and_an_unknown_step_are_refused(quick: Desk) -> None:
    made = quick.add("zendesk", zendesk_at("https://acme.zendesk.com"))
    rules = quick.service.rules_now(quick.project).project
    with pytest.raises(StaleItem):
        quick.sources.change(
            quick.project, made.id, {"name": "x"}, rules, revision=7, by="member 1", now=quick.clock.now
        )
    with pytest.raises(BadScheduledSource, match="step"):
        quick.change(made.id, {"step": "activation.nowhere"})
    assert quick.change(made.id, {"is_on": False}).next_run is None
    with pytest.raises(BadScheduledSource, match="turn it on first"):
        quick.sources.call(quick.project, made.id, now=quick.clock.now)
    quick.sources.remove(quick.project, made.id, by="member 1", now=quick.clock.now)
    assert quick.sources.sources(quick.project) == ()


def test_the_worker_fetches_by_itself(quick: Desk) -> None:
    from engine.jobs.registry import JOBS
    from engine.jobs.runner import Runner

    runner = Runner(
        quick.service,
        analyst=lambda: pytest.fail("it asks no lake"),
        clock=quick.clock,
        holder="worker 1",
        courier=Courier(allows_private=True),
        jobs=[each for each in JOBS if each.name == "sources"],
    )
    with served(lambda _: (200, {}, b"id,text\n1,It hangs\n")) as (address, _):
        made = quick.add("url", {"address": address}, every=Every.HOURLY)
        assert runner.run_due() == ["sources"]
        quick.clock.pass_(Duration(MINUTE))
        quick.sources.call(quick.project, made.id, now=quick.clock.now)
        runner.run_due()
    assert len(quick.sources.runs(quick.project, made.id)) == 2
    [state] = runner.states()
    assert state.error is None
