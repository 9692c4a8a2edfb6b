"""Every address, asked by every kind of caller: who is let in, and that nobody sees what belongs to somebody else.

Who may is declared at the address (`api.auth`). An address without a declaration fails here; so does one with an object
in it of which `tenant_objects.OBJECTS` does not know how to make one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from api.app import build_app, create_app
from api.auth import Door
from api.authorisation import LET_IN, ROLES, Address, Kind, addresses, verdict
from engine.environments import Environment
from engine.permissions import ALL_SCOPES, Role, Scope
from engine.replies import KeyKind
from tests.api.asking import Clock, Site
from tests.api.conftest import START, settings_in
from tests.api.tenant_objects import (
    BODIES,
    DECLARED,
    FILES,
    OBJECTS,
    PROJECT,
    PROJECT_WIDE,
    QUERIES,
    RULES,
    Tenant,
)

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
    app = create_app(replace(settings_in(folder), exports_dir=folder / "exports"), clock=clock)
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
