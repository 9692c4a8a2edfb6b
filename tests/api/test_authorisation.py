"""Every address, asked by every kind of caller: who is let in, and that nobody sees what belongs to somebody else.

Who may is declared at the address (`api.auth`). An address without a declaration fails here; so does one with an object
in it of which OBJECTS does not know how to make one.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from api.app import build_app, create_app
from api.auth import Door
from api.authorisation import LET_IN, ROLES, Address, Kind, addresses, verdict
from api.cookies import CSRF_HEADER, SESSION
from dsl.values import DAY, Duration
from engine.analyst import Analyst
from engine.commenting import Comments
from engine.environments import Environment
from engine.evidence import Draft, Source
from engine.evidence_desk import EvidenceDesk
from engine.import_desk import ImportDesk
from engine.import_runs import ImportAsked
from engine.mapping.cartographer import Author, Cartographer, MapAsked
from engine.permissions import ALL_SCOPES, Role, Scope
from engine.replies import KeyKind
from engine.roadmap.items import ItemDraft
from engine.roadmap.metrics import Metric
from engine.roadmap.planner import Planner
from engine.roadmap.themes import ThemeDraft
from engine.shared_links import LinkDraft
from engine.sharing import Sharing
from engine.webhook_desk import WebhookDesk
from engine.webhooks import HookKind
from tests.api.asking import Clock, Site
from tests.api.conftest import START, settings_in

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

REFUSALS = {
    "missing_key",
    "unknown_key",
    "key_not_allowed",
    "missing_scope",
    "not_signed_in",
    "forged_request",
    "origin_not_allowed",
    "which_project",
}


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


@dataclass(frozen=True)
class World:
    """Two tenants, and the second environment of the first."""

    site: Site
    ours: Tenant
    theirs: Tenant
    staging: Tenant


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("tenants")
    clock = Clock(START)
    shutil.copy(new_database, folder)
    app = create_app(settings_in(folder), clock=clock)
    service = app.extensions["waypost"].service
    site = Site(app, app.test_client(use_cookies=False), service, clock)
    service.tenancy.add("other")
    service.tenancy.add("default", Environment.STAGING)
    yield World(site, *(tenant(site, slug) for slug in ("default", "other", "default/staging")))
    service.close()


def tenant(site: Site, slug: str) -> Tenant:
    service = site.service
    project = service.tenancy.by_slug(slug)
    assert project is not None
    for _ in range(2):  # two versions, so that there is one to go back to
        service.publish(project.id, {"rules.way": RULES + "\n" * _})
    people = {
        role: service.sign_in.known_elsewhere(
            "https://id.example", f"{slug}-{role}", email=f"{role}@{project.root}.example", roles={project.root: role}
        )
        for role in Role
        if project.root_id is None
    }
    public = service.create_key(project.id, KeyKind.PUBLIC).text
    return Tenant(project.id, slug, site, public, service.create_key(project.id, KeyKind.SECRET).text, people)


# --- who is let in


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def as_kind(tenant: Tenant, kind: Kind, scope: Scope) -> dict[str, str]:
    match kind:
        case Kind.NOBODY:
            return {}
        case Kind.PUBLIC_KEY:
            return bearer(tenant.public)
        case Kind.SECRET_KEY:
            return bearer(tenant.key(scope))
        case Kind.OTHER_SECRET_KEY:
            return bearer(tenant.key(*(ALL_SCOPES - {scope})))
        case _:
            return tenant.session(ROLES[kind])


def every_address() -> list[Address]:
    return list(addresses(build_app()))


def named(address: Address) -> str:
    return f"{address.method} {address.rule}"


def filled(rule: str, values: dict[str, str]) -> str:
    """The address with values in place of its parameters; for the others something that is nowhere."""
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", lambda found: values.get(found[2]) or missing(found[1]), rule)


def missing(converter: str | None) -> str:
    return "2000000000" if converter == "int" else "nowhere-to-be-found"


def ask(site: Site, address: Address, path: str, headers: dict[str, str], body: object) -> TestResponse:
    data = None if address.method in {"GET", "DELETE"} else orjson.dumps(body)
    return site.client.open(path, method=address.method, data=data, headers=headers)


def code(answer: TestResponse) -> str:
    if answer.content_type != "application/problem+json":
        return answer.headers.get("Waypost-Problem", "")
    return str(orjson.loads(answer.get_data())["code"])


def test_every_address_declares_who_may_call_it() -> None:
    assert [named(address) for address in every_address() if address.gate is None] == []


@pytest.mark.parametrize("address", every_address(), ids=named)
def test_who_is_let_in_is_what_is_declared(world: World, address: Address) -> None:
    assert address.gate is not None
    path = filled(address.rule, {"project": world.ours.slug})
    told: dict[str, str] = {}
    for kind in Kind:
        headers = as_kind(world.ours, kind, address.gate.scope or Scope.EVENTS_WRITE)
        answer = ask(world.site, address, path, headers, {})
        assert answer.status_code < 500, (kind, answer.get_data(as_text=True))
        found = code(answer)
        told[kind] = found if found in REFUSALS else LET_IN
    assert told == {kind.value: verdict(address.gate, kind) for kind in Kind}


@pytest.mark.parametrize(
    "address", [one for one in every_address() if one.gate is not None and one.gate.scope is not None], ids=named
)
def test_a_project_of_others_looks_like_one_that_is_not_there(world: World, address: Address) -> None:
    admin = world.ours.session(Role.ADMIN)
    answers = [
        ask(
            world.site,
            address,
            filled(address.rule, {"project": slug}),
            {**admin, "Waypost-Project": slug},
            {},
        )
        for slug in (world.theirs.slug, "no-such-project")
    ]
    assert [(answer.status_code, code(answer)) for answer in answers] == [(404, "unknown_project")] * 2
    if address.gate is not None and address.gate.door is not Door.PAGE:
        assert told_by(answers[0]) == told_by(answers[1])
    else:
        assert answers[0].data == answers[1].data


# --- whose objects are seen

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


def a_comment(tenant: Tenant) -> str:
    now = tenant.site.clock.now
    found = Comments(tenant.site.service.database).add(tenant.id, "draft", "Why?", by="key 1", now=now)
    return str(found.id)


def a_shared_link(tenant: Tenant) -> str:
    draft, now = LinkDraft(page="find", query={}), tenant.site.clock.now
    return str(Sharing(tenant.site.service.database, os.urandom).make(tenant.id, draft, by="key 1", now=now).link.id)


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


OBJECTS: dict[str, Maker] = {
    "link_id": a_shared_link,
    "comment_id": a_comment,
    "snapshot_id": a_snapshot,
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
    "import_id": an_import,
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


def parameters(address: Address) -> set[str]:
    return set(re.findall(r"<(?:[^>:]+:)?(\w+)>", address.rule))


def with_objects() -> list[Address]:
    return [one for one in every_address() if parameters(one) - DECLARED - PROJECT and one.rule not in FILES]


def told_by(answer: TestResponse, identifier: str = "") -> tuple[int, dict[str, Any]]:
    """An answer but for its request id, and for the name that was asked for."""
    text = answer.get_data(as_text=True)
    if len(identifier) > 4:
        text = text.replace(identifier, "…")
    document = orjson.loads(text)
    document.pop("request_id", None)
    if len(identifier) <= 4 and "detail" in document:
        document["detail"] = re.sub(rf"\b{re.escape(identifier)}\b", "…", document["detail"])
    return answer.status_code, document


def test_every_object_that_an_address_names_is_tried() -> None:
    known = OBJECTS.keys() | DECLARED | PROJECT
    forgotten = {named(one): parameters(one) - known for one in with_objects() if parameters(one) - known}
    assert forgotten == {}, "say in OBJECTS how to make one of another tenant"


@pytest.mark.parametrize("address", with_objects(), ids=named)
@pytest.mark.parametrize("who", ["a key", "an admin"])
def test_an_object_of_others_looks_exactly_like_a_missing_one(world: World, address: Address, who: str) -> None:
    assert address.gate is not None
    is_for_pages = address.gate.scope is None
    if is_for_pages and who == "an admin":
        return  # pages bring a key, never a session: the matrix above tells
    body, query = BODIES.get(named(address), {}), QUERIES.get(named(address), "")
    strangers = [world.theirs]
    if not parameters(address) & PROJECT_WIDE:
        strangers.append(world.staging)

    def asked(values: dict[str, str]) -> TestResponse:
        headers = bearer(world.ours.public if is_for_pages else world.ours.secret)
        if who == "an admin":
            headers = world.ours.session(Role.ADMIN)
        path = filled(address.rule, {"journey": "activation", **values})
        return ask(world.site, address, path + query, headers, body)

    (name,) = parameters(address) - DECLARED
    for stranger in strangers:
        theirs = OBJECTS[name](stranger)
        missing_name = missing("int" if theirs.isdigit() else None)
        foreign, absent = told_by(asked({name: theirs}), theirs), told_by(asked({}), missing_name)
        assert foreign == absent, f"{stranger.slug} shines through"
        assert foreign[0] == 404 or foreign[1].get("show") is False
    own = asked({name: OBJECTS[name](world.ours)})
    assert own.status_code in {200, 201}, own.get_data(as_text=True)
