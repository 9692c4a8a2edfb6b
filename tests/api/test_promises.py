"""Real answers have the form that the OpenAPI document promises, down to the content of guidance."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from api.app import build_app, openapi
from api.cookies import SESSION
from dsl.values import DAY, Duration
from engine import passwords
from engine.drafting import Drafts
from engine.permissions import Role
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.api.promised import ADA, ASKED, CELL_PLACE, CONTEXT, DRAFT_FILES, RULES, SHARED, track


@pytest.fixture
def lively(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A project with rules, a journey, a shown guide, an answered survey, people of the console and a session."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=3, r=1, p=1))
    staff = site.service.staff
    ada = staff.add(1, ADA["email"], Role.ADMIN, password=ADA["password"])
    staff.add(1, "bob@example.com", Role.VIEWER, password=ADA["password"])
    staff.invite(1, "eve@example.com", Role.VIEWER)
    site.service.vouching.add_secret(1)
    session = site.service.sign_in.start(ada.user_id, lasts=Duration(DAY))
    site.client.set_cookie(SESSION, session.cookie)
    site.client.environ_base["HTTP_X_CSRF_TOKEN"] = session.signed_in.csrf
    published = site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY)
    assert published.status_code == 200, published.get_data(as_text=True)
    drafts = Drafts(site.service.database, site.service.publications)
    drafts.save(1, DRAFT_FILES, base=1, revision=0, by="key 1", now=site.clock.now)
    commented = site.post("/api/v1/comments", {"place": CELL_PLACE, "text": "Who said so?"}, key=SECRET_KEY)
    assert commented.status_code == 201, commented.get_data(as_text=True)
    shared = site.post(SHARED, {"page": "find"}, key=SECRET_KEY)
    assert shared.status_code == 201, shared.get_data(as_text=True)
    answers = [
        track("$answered", guide="verify_effort", question="ease", value=2, submission="s1"),
        track(
            "$answered", guide="verify_effort", question="detail", value="it broke", text="it broke", submission="s1"
        ),
        track("$rage_click", page={"path": "/dns"}, evidence={}, v=1),
    ]
    said = site.post("/v1/batch", {"batch": [track("Signed Up"), *answers]}, Origin=ORIGIN)
    assert said.json is not None
    assert said.json["rejected"] == []
    return site


@cache
def promised() -> tuple[dict[str, Any], Registry[Any]]:
    """The document, and where its references lead: the same for every application, and a second's work."""
    document = openapi(build_app())
    registry: Registry[Any] = Registry()
    return document, registry.with_resource("urn:api", Resource(contents=document, specification=DRAFT202012))


def errors(path: str, method: str, status: int, body: bytes) -> list[str]:
    """Where an answer is not what the document promises."""
    document, registry = promised()
    operation = document["paths"][path][method]["responses"]
    answer = operation.get(str(status)) or operation["default"]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    media = answer["content"].get("application/json") or answer["content"]["application/problem+json"]
    validator = Draft202012Validator(absolute(media["schema"]), registry=registry)
    return [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in validator.iter_errors(orjson.loads(body))
    ]


def absolute(schema: Any) -> Any:
    """References of the document's own as references into the document."""
    if isinstance(schema, list):
        return [absolute(one) for one in schema]
    if isinstance(schema, dict):
        return {key: f"urn:api{value}" if key == "$ref" else absolute(value) for key, value in schema.items()}
    return schema


@pytest.mark.parametrize(("method", "path", "address", "body", "status"), ASKED)
def test_an_answer_is_what_was_promised(
    lively: Site, method: str, path: str, address: str, body: object, status: int
) -> None:
    key = SECRET_KEY if address.startswith(("/api/", "/flags/definitions")) else PUBLIC_KEY
    headers = {"Authorization": f"Bearer {key}"}
    answer = lively.client.open(address, method=method.upper(), json=body, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert errors(path, method, status, answer.get_data()) == []


def test_an_answer_of_another_form_would_be_found(lively: Site) -> None:
    answer = lively.post("/v1/batch", {"batch": [track("Domain Verified")], "decide": True, "context": CONTEXT})
    receipt = orjson.loads(answer.get_data())
    receipt["decisions"][0]["content"]["questions"][0]["text"] = {"html": "<b>"}
    assert errors("/v1/batch", "post", 202, orjson.dumps(receipt)) != []
    assert errors("/v1/batch", "post", 202, b'{"accepted": "1"}') != []


def test_every_address_of_the_document_is_asked_here(site: Site) -> None:
    promised = {
        (method, path)
        for path, operations in openapi(site.app)["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert promised == {(method, path) for method, path, _, _, _ in ASKED}


def test_guidance_waits_for_what_only_the_browser_sees_and_is_confirmed(lively: Site) -> None:
    answer = lively.post("/v1/batch", {"batch": [track("DNS Check Failed")], "decide": True, "context": CONTEXT})
    assert answer.json is not None
    (decision,) = answer.json["decisions"]
    assert (decision["guide"], decision["wait"]) == ("verify_help", {"until": "idle", "seconds": 5})
    confirmed = lively.post(f"/v1/decisions/{decision['id']}/confirm", {"context": CONTEXT})
    assert confirmed.status_code == 200
    assert confirmed.json is not None
    assert confirmed.json["show"] is True
    path = "/v1/decisions/{decision_id}/confirm"
    assert errors(path, "post", 200, confirmed.get_data()) == []


def test_the_record_of_a_step_knows_the_answer_at_once(lively: Site) -> None:
    record = lively.get("/api/v1/journeys/activation/steps/verify_domain").json
    assert record is not None
    assert (record["entered"], record["completed"], record["in_progress"]) == (1, 0, 1)
    assert (record["emotion"]["mean"], record["emotion"]["note"]) == (None, "not enough answers")
    assert record["emotion"]["n"] == 1
    assert record["friction"]["score"] == pytest.approx(0.35)
    assert [one["text"] for one in record["verbatims"]] == ["it broke"]
    ease = next(one for one in record["questions"] if one["question"] == "ease")
    assert (ease["answered"], ease["distribution"]) == (1, {"2": 1})


def test_an_unknown_member_of_a_query_is_refused(lively: Site) -> None:
    for query in ("simulated=perhaps", "simulate=true", "simulated=true&page=2"):
        answer = lively.get(f"/api/v1/journeys/activation/steps/signup?{query}")
        assert (answer.status_code, problem(answer)["code"]) == (422, "invalid_fields")
    assert lively.get("/api/v1/journeys/activation/steps/signup?simulated=true").status_code == 200
