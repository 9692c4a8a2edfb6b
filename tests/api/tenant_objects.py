"""Projects with everything in them that an address can name, and how one of each is made."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.cookies import CSRF_HEADER, SESSION
from api.exporting import report_desk
from dsl.values import DAY, Duration
from engine.analyst import Analyst
from engine.commenting import Comments
from engine.couriers import Brought, Courier
from engine.evidence import Draft, Source
from engine.evidence_desk import EvidenceDesk
from engine.heat_snapshots import HeatSnapshots, read_snapshot
from engine.import_desk import ImportDesk
from engine.import_runs import ImportAsked
from engine.mapping.cartographer import Author, Cartographer, MapAsked
from engine.permissions import Role, Scope
from engine.replay.desk import ReplayDesk
from engine.replay.parts import read_part
from engine.replay.settings import ReplayMode, ReplaySettings
from engine.replies import KeyKind
from engine.report_desk import ReportDesk
from engine.report_schedules import Every, FileForm, Wanted
from engine.roadmap.items import ItemDraft
from engine.roadmap.metrics import Metric
from engine.roadmap.planner import Planner
from engine.roadmap.themes import ThemeDraft
from engine.scheduled.desk import ScheduledDesk, SourceWanted
from engine.shared_links import LinkDraft
from engine.sharing import Sharing
from engine.step_alert_desk import StepAlertDesk
from engine.step_alerts import Direction, Watch
from engine.step_alerts import Metric as Watchable
from engine.webhook_desk import WebhookDesk
from engine.webhooks import HookKind
from tests.api.asking import Site
from tests.recordings import part as recorded_part

RULES = """event "Signed Up"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
  }
}

guide help "Help" {
  on "Signed Up"
  show modal { title "Help" }
  once every 7 days
  expires 2099-01-01
}
"""


@dataclass(frozen=True)
class Tenant:
    """A project with everything in it that an address can name."""

    id: int
    slug: str
    site: Site
    public: str
    secret: str
    people: dict[Role, int]

    def key(self, *scopes: Scope) -> str:
        return self.site.service.tenancy.create_key(self.id, KeyKind.SECRET, scopes=frozenset(scopes)).text

    def session(self, role: Role) -> dict[str, str]:
        """The headers of somebody who is signed in."""
        session = self.site.service.sign_in.start(self.people[role], lasts=Duration(7 * DAY))
        return {
            "Cookie": f"{SESSION}={session.cookie}",
            CSRF_HEADER: session.signed_in.csrf,
            "Waypost-Project": self.slug,
        }


Maker = Callable[[Tenant], str]


def a_member(tenant: Tenant) -> str:
    service, number = tenant.site.service, len(tenant.site.service.staff.members(root(tenant)))
    link = service.staff.invite(root(tenant), f"m{number}@{tenant.id}.example", Role.VIEWER)
    user = service.sign_in.known_elsewhere("https://id.example", link.token, email=link.link.email)
    return str(user)


def root(tenant: Tenant) -> int:
    found = tenant.site.service.project(tenant.id)
    assert found is not None
    return found.root


def a_signing_secret(tenant: Tenant) -> str:
    vouching = tenant.site.service.vouching
    for secret in vouching.secrets(tenant.id):
        vouching.withdraw_secret(tenant.id, secret.id)
    return str(vouching.add_secret(tenant.id)[0].id)


def a_user(tenant: Tenant) -> str:
    tenant.site.clock.move(Duration(1))  # a name of its own: one who was erased stays erased
    name = f"user-{tenant.id}-{tenant.site.clock.now}"
    tenant.site.post("/v1/track", {"userId": name, "event": "Signed Up"}, key=tenant.public)
    return name


def a_response(tenant: Tenant) -> str:
    tenant.site.clock.move(Duration(1))
    answer = {"guide": "help", "question": "why", "value": "lost", "submission": str(tenant.site.clock.now)}
    message = {"userId": f"answers-{tenant.id}", "event": "$answered", "properties": answer}
    tenant.site.post("/v1/track", message, key=tenant.public)
    events = tenant.site.service.recent_events(tenant.id, limit=1).items
    return str(events[0].event.seq)


def a_decision(tenant: Tenant) -> str:
    user = f"decided-{tenant.id}-{tenant.site.clock.now}"
    tenant.site.clock.move(Duration(1))
    message = {"type": "track", "userId": user, "event": "Signed Up", "context": {"page": {"path": "/"}}}
    context = {"page": {"path": "/"}, "userAgent": "Mozilla/5.0"}
    body = {"batch": [message], "decide": True, "context": context}
    answer = tenant.site.post("/v1/batch", body, key=tenant.public)
    assert answer.json is not None
    return str(answer.json["decisions"][0]["id"])


def a_version(tenant: Tenant) -> str:
    """One that our own project has not reached yet, unless it is asked for ours."""
    publications = tenant.site.service.publications
    ours, count = len(publications.versions(1)), len(publications.versions(tenant.id))
    for number in range(count, max(ours, count) + 1 if tenant.id != 1 else count):
        tenant.site.service.publish(tenant.id, {"rules.way": RULES + "\n" * (number + 1)})
    return str(len(publications.versions(tenant.id)))


def planner_of(tenant: Tenant) -> Planner:
    return Planner(tenant.site.service.database)


def a_theme(tenant: Tenant) -> str:
    draft = ThemeDraft(title="A problem", journey="activation", metric=Metric.COMPLETION, target=0.5)
    rules = tenant.site.service.rules_now(tenant.id)
    return str(planner_of(tenant).add_theme(tenant.id, rules, draft, by="key 1").id)


def an_evidence(tenant: Tenant) -> str:
    desk = EvidenceDesk(tenant.site.service.database)
    rules = tenant.site.service.rules_now(tenant.id)
    tenant.site.clock.move(Duration(1))
    draft = Draft(Source.INTERVIEW, text="it was hard", external=str(rules.now))
    (receipt,) = desk.take_in(tenant.id, rules, [draft], by="key 1")
    return str(receipt.id)


def a_snapshot(tenant: Tenant) -> str:
    service = tenant.site.service
    database = service.database
    maps = Cartographer(
        database, Planner(database), Analyst(database, tenant.site.app.extensions["waypost"].settings.lakes)
    )
    rules = service.rules_now(tenant.id)
    return str(maps.take(tenant.id, rules, MapAsked("activation"), by=Author("key 1")).id)


def a_heat_snapshot(tenant: Tenant) -> str:
    page = {"type": 0, "id": 1, "childNodes": []}
    events: list[Any] = [
        {"type": 4, "timestamp": 1, "data": {"href": "https://a.example/", "width": 800, "height": 600}},
        {"type": 2, "timestamp": 1, "data": {"node": page, "initialOffset": {"left": 0, "top": 0}}},
    ]
    pictures, now = HeatSnapshots(tenant.site.service.database), tenant.site.clock.now
    return str(pictures.take(tenant.id, read_snapshot("/dns", events), by="key 1", now=now).id)


def a_comment(tenant: Tenant) -> str:
    now = tenant.site.clock.now
    found = Comments(tenant.site.service.database).add(tenant.id, "draft", "Why?", by="key 1", now=now)
    return str(found.id)


def a_shared_link(tenant: Tenant) -> str:
    draft, now = LinkDraft(page="find", query={}), tenant.site.clock.now
    return str(Sharing(tenant.site.service.database, os.urandom).make(tenant.id, draft, by="key 1", now=now).link.id)


def a_rehearsal(tenant: Tenant) -> str:
    service, clock = tenant.site.service, tenant.site.clock
    desk, table = ImportDesk(service.database), b"user_id,event,timestamp\nu1,Signed Up,2026-01-01\n"
    asked = ImportAsked(format="csv", name="events.csv", size=len(table), is_rehearsal=True)
    number = desk.begin(tenant.id, asked, by="key 1", now=clock.now).id
    desk.add_part(tenant.id, number, 0, table)
    desk.work(service, clock=clock, renew=lambda: True)
    return str(number)


def a_source(tenant: Tenant) -> str:
    service, now = tenant.site.service, tenant.site.clock.now
    wanted = SourceWanted("url", "", {"address": f"https://files.example/{tenant.id}.csv"})
    rules = service.rules_now(tenant.id).project
    return str(ScheduledDesk(service.database).add(tenant.id, wanted, rules, by="key 1", now=now).id)


def an_import(tenant: Tenant) -> str:
    asked = ImportAsked("csv", "events.csv", 7)
    desk = ImportDesk(tenant.site.service.database)
    for each in desk.runs(tenant.id)[:-1]:  # so that there are never too many
        desk.remove(tenant.id, each.id, by="key 1", now=tenant.site.clock.now)
    return str(desk.begin(tenant.id, asked, by="key 1", now=tenant.site.clock.now).id)


def a_webhook(tenant: Tenant) -> str:
    desk = WebhookDesk(tenant.site.service.database)
    url, now = "https://hooks.example.com/in", tenant.site.clock.now
    return str(desk.add(tenant.id, url, [HookKind.ALERT_RAISED], by="key 1", now=now)[0].id)


class Taking(Courier):
    """An address that takes everything."""

    def bring(self, *_: object) -> Brought:
        return Brought(200, None)


def a_delivery(tenant: Tenant) -> str:
    desk, now = WebhookDesk(tenant.site.service.database), tenant.site.clock.now
    hook = int(a_webhook(tenant))
    desk.test(tenant.id, hook, now=now)
    desk.bring(Taking(), clock=tenant.site.clock, renew=lambda: True)
    return str(desk.deliveries(tenant.id, hook)[0].id)


def a_step_alert(tenant: Tenant) -> str:
    desk, now = StepAlertDesk(tenant.site.service.database), tenant.site.clock.now
    for each in desk.alerts(tenant.id):  # the same is watched once
        desk.remove(tenant.id, each.id, by="key 1", now=now)
    rules = tenant.site.service.rules_now(tenant.id)
    journey = next(iter(rules.project.journeys.values()))
    step = journey.steps[0].name.text
    watch = Watch(Watchable.DROP, journey.name.text, step, None, Direction.RISES, 5.0, 7, 28, None)
    return str(desk.add(tenant.id, watch, rules, by="key 1", now=now).id)


def a_recording(tenant: Tenant) -> str:
    service, now = tenant.site.service, tenant.site.clock.now
    said = {"type": "track", "event": "Signed Up", "userId": "ada"}
    service.receive(tenant.id, [said], received=now)
    made = read_part(recorded_part(now, recording=str(uuid.uuid4()), anonymousId=None), now=now)
    rules = service.rules_now(tenant.id)
    ReplayDesk(service.database).take(tenant.id, made, ReplaySettings(ReplayMode.MOMENTS), rules)
    return made.recording


def exports_of(tenant: Tenant) -> ReportDesk:
    return report_desk(tenant.site.service.database, tenant.site.app.extensions["waypost"].settings)


def an_export(tenant: Tenant) -> str:
    desk, now = exports_of(tenant), tenant.site.clock.now
    for each in desk.schedules(tenant.id):  # a name is one export's
        desk.remove(tenant.id, each.id, by="key 1", now=now)
    wanted = Wanted("all", "evidence", {}, FileForm.CSV, None, Every.DAY, 6, 1)
    return str(desk.add(tenant.id, wanted, zone="UTC", by="key 1", now=now).id)


def a_run(tenant: Tenant) -> str:
    number = int(an_export(tenant))
    desk = exports_of(tenant)
    desk.run_now(tenant.id, number, now=tenant.site.clock.now)
    desk.work(tenant.site.service, clock=tenant.site.clock, renew=lambda: True)
    return str(desk.runs(tenant.id, schedule_id=number)[0].id)


OBJECTS: dict[str, Maker] = {
    "recording": a_recording,
    "link_id": a_shared_link,
    "comment_id": a_comment,
    "snapshot_id": a_snapshot,
    "heat_snapshot_id": a_heat_snapshot,
    "evidence_id": an_evidence,
    "user_id": a_user,
    "response_id": a_response,
    "version": a_version,
    "decision_id": a_decision,
    "key_id": lambda tenant: str(tenant.site.service.create_key(tenant.id, KeyKind.PUBLIC).view.id),
    "member_id": a_member,
    "invite_id": lambda tenant: str(
        tenant.site.service.staff.invite(root(tenant), f"i@{tenant.id}.example", Role.VIEWER).link.id
    ),
    "secret_id": a_signing_secret,
    "theme_id": a_theme,
    "webhook_id": a_webhook,
    "delivery_id": a_delivery,
    "step_alert_id": a_step_alert,
    "export_id": an_export,
    "run_id": a_run,
    "import_id": an_import,
    "rehearsal_id": a_rehearsal,
    "mapping_id": lambda tenant: str(
        ImportDesk(tenant.site.service.database)
        .keep_mapping(tenant.id, "shop", ["who=user_id"], zone="UTC", now=tenant.site.clock.now)
        .id
    ),
    "source_id": a_source,
    "item_id": lambda tenant: str(
        planner_of(tenant)
        .add_item(tenant.id, tenant.site.service.rules_now(tenant.id), ItemDraft(title="An item"), by="key 1")
        .id
    ),
    "picker_id": lambda tenant: str(
        tenant.site.service.picking.open(tenant.id, url="https://a.example/", origin="https://a.example", by="key 1")[
            0
        ].id
    ),
}
"""How to make an object of a tenant that an address names, by the name of the parameter."""

DECLARED = {"guide", "journey", "step", "opportunity"}
"""What the rules of every project may name alike; another project's rules are never looked at."""

PROJECT = {"project"}
"""Named by the addresses of pages: tried above."""

FILES = {"/sdk/<path:name>", "/docs/<name>", "/console/static/<name>", "/console/shared/<token>"}
"""Addresses whose parameter names a file that everybody may read, or is itself what lets in (test_shared_links.py)."""

BODIES: dict[str, Any] = {
    "PUT /api/v1/imports/<int:import_id>/parts": "12345",
    "PATCH /api/v1/step-alerts/<int:step_alert_id>": {"revision": 1, "note": "ours"},
    "PATCH /api/v1/sources/<int:source_id>": {"revision": 1, "name": "ours"},
    "PATCH /api/v1/exports/<int:export_id>": {"revision": 1, "hour": 7},
    "PATCH /api/v1/webhooks/<int:webhook_id>": {"revision": 1, "note": "ours"},
    "PATCH /api/v1/evidence/<int:evidence_id>": {"revision": 1, "text": "Where is it?"},
    "PATCH /api/v1/comments/<int:comment_id>": {"revision": 1, "resolved": True},
    "PATCH /api/v1/members/<int:member_id>": {"role": "viewer"},
    "PATCH /api/v1/roadmap/themes/<int:theme_id>": {"revision": 1, "owner": "Ada"},
    "PATCH /api/v1/roadmap/items/<int:item_id>": {"revision": 1, "owner": "Ada"},
    "POST /api/v1/roadmap/items/<int:item_id>/override": {"revision": 1, "why": "promised"},
}
"""What is sent, where an empty object will not do."""

QUERIES = {
    "PUT /api/v1/imports/<int:import_id>/parts": "?number=0",
    "GET /api/v1/users/<path:user_id>/explain": "?guide=help",
    "DELETE /api/v1/roadmap/themes/<int:theme_id>": "?revision=1",
    "DELETE /api/v1/roadmap/items/<int:item_id>": "?revision=1",
}

PROJECT_WIDE = {"member_id", "invite_id"}
"""What belongs to a project as a whole, so that its other environments name the same."""
