"""What is asked of every address, with which answer: the rows of the promises, and what they are about."""

from __future__ import annotations

from typing import Any

from api.posthog import CAPTURE_PATHS, FLAGS_PATHS, RESULTS_PATH
from tests.api.promised_heat import HEAT_ASKED
from tests.api.promised_ways import WAYS_ASKED

RULES = """event "Signed Up"
event "DNS Check Failed" {
  attempt: number
}
event "Domain Verified"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify_domain "Verify it" reached by "Domain Verified" attempted by "DNS Check Failed" touchpoint "/dns"
  }
}

guide verify_help "Help with DNS" {
  at activation.verify_domain
  on "DNS Check Failed"
  wait until idle for 5 seconds

  show tooltip beside "#dns" {
    title "Two records"
    body "Copy **both** of them. [How](/docs/dns)"
    button "Done" completes
    button "Later" snoozes 1 day
  }

  once every 7 days
  holdout 0%
  expires 2099-01-01
}

survey verify_effort "Effort" {
  at activation.verify_domain
  on "Domain Verified"

  ask effort ease "How easy was it?"
  ask choice cause "What slowed you down?" if ease <= 4 {
    "I did not know what to do" feels confused
    other
  }
  ask text detail "What should we fix?" optional
  thanks "Thank you."

  once every 90 days
  expires 2099-01-01
}
"""
CONTEXT = {"page": {"path": "/dns"}, "userAgent": "Mozilla/5.0"}


def track(event: str, **properties: object) -> dict[str, object]:
    return {"type": "track", "event": event, "userId": "u1", "properties": properties, "context": CONTEXT}


SEGMENT_AT = "/v1/mirrors/segment"
CAPTURED = {"event": "Domain Verified", "distinct_id": "u1", "uuid": "u1", "properties": {"$set": {"plan": "pro"}}}
ADA = {"email": "ada@example.com", "password": "correct horse battery"}
EFFECT = "/api/v1/guides/{guide}/effect"
JOURNEY = "/api/v1/journeys/{journey}"
FUNNEL = "/api/v1/journeys/{journey}/funnel"
PATHS = "/api/v1/journeys/{journey}/paths"
EXPLAIN = "/api/v1/users/{user_id}/explain"
PLAN = "/api/v1/plan"
RULES_AT = "/api/v1/rules"
QA = 'segment qa where email ends with "@ours.example"\n'
DRAFT_FILES = {"rules.way": RULES.replace("idle for 5", "idle for 6") + QA}
DRAFT = {"files": DRAFT_FILES, "base": 1, "revision": 1}
MERGED = ("base", "ours", "theirs")
WRITTEN = {"files": {"new.way": "attribute plan: text\n"}, "file": "new.way"}
MATCHING = {"files": {"rules.way": RULES}, "guide": "verify_help"}
UNSAVED = {**MATCHING, "file": "rules.way"}
CHANGED = {
    "text": RULES,
    "guide": "verify_help",
    "document": {
        "guide": "verify_help",
        "kind": "guide",
        "label": "Help",
        "rows": [{"kind": "draft", "values": {}}],
    },
}
RENAMED = {**MATCHING, "name": "verify_hint"}
BEGUN = {"files": {}, "start": "announcement", "values": {"goal": "Signed Up"}}
PROJECT = "/api/v1/project"
PICKERS = "/api/v1/pickers"
FLAGS = "/api/v1/flags"
OPPORTUNITIES = "/api/v1/opportunities"
CONFIRMED = {"status": "confirmed", "why": "seen in three interviews", "cause": "nobody finds it", "revision": 0}
DISMISSED = {"status": "dismissed", "why": "not ours", "revision": 1}
ROADMAP = "/api/v1/roadmap"
THEME = {"title": "Hard to verify", "journey": "activation", "metric": "completion", "target": 0.7, "due": "2026-Q4"}
ITEM = {
    "title": "Say what the record is for",
    "kind": "bug",
    "story": "As a new user I want to know what to enter.",
    "journey": "activation",
    "step": "verify_domain",
    "metric": "completion",
    "evidence": ["https://tracker.example/7"],
    "efforts": [{"by": "Ada", "low": 2, "high": 4}],
    "impact": {"low": 10, "high": 20},
    "timebox": "2026-12",
    "sprint": "23",
    "owner": "Ada",
    "guide": "verify_help",
    "external": "PB-7",
}
EVIDENCE = "/api/v1/evidence"
SAID = {
    "source": "usability_test",
    "external": "t1",
    "time": "2026-01-01T00:00:00Z",
    "quotes": ["where am I?"],
    "feelings": ["confused"],
    "task": "verify the domain",
    "success": "with_help",
    "seconds": 90,
    "step": "activation.verify_domain",
}
DNS = {"step": "activation.verify_domain", "source": "nps", "words": ["dns"], "tag": "domain", "page": "/dns/*"}
REPLAYS = "/api/v1/replays"
NOBODYS = "3f2b8a52-7c10-4f0e-9a7b-0d6f0c5f3a11"
RECORDS = {"mode": "moments", "days": 30, "megabytes_a_day": 500}
KEYS = "/api/v1/keys"
IMPORTS = "/api/v1/imports"
WEBHOOKS = "/api/v1/webhooks"
MEMBERS = "/api/v1/members"
INVITES = "/api/v1/invites"
COMMENTS = "/api/v1/comments"
SHARED = "/api/v1/shared-links"
CELL_PLACE = "map:activation::thoughts:verify_domain"

MAP = f"{JOURNEY}/map"
ACTIVATION_MAP = "/api/v1/journeys/activation/map"
CELL = {"row": "motivation", "step": "verify_domain", "text": "wants to send today", "revision": 0}
AIM = {"step": "verify_domain", "metric": "completion", "target": 0.8, "due": "2026-Q4", "revision": 0}

ASKED: list[tuple[str, str, str, Any, int]] = [
    ("get", "/healthz", "/healthz", None, 200),
    ("get", "/readyz", "/readyz", None, 200),
    ("get", "/version", "/version", None, 200),
    (
        "post",
        "/v1/batch",
        "/v1/batch",
        {"batch": [track("DNS Check Failed"), 7], "decide": True, "context": CONTEXT},
        202,
    ),
    ("post", "/v1/batch", "/v1/batch", {"batch": [track("Domain Verified")], "decide": True, "context": CONTEXT}, 202),
    ("post", SEGMENT_AT, SEGMENT_AT, [{**track("Domain Verified"), "messageId": "s1"}, 7], 200),
    *(("post", path, path, CAPTURED, 200) for path in CAPTURE_PATHS),
    ("post", RESULTS_PATH, RESULTS_PATH, {"batch": [CAPTURED, {"uuid": "x"}]}, 200),
    *(("post", path, f"{path}?v=2", {"distinct_id": "u1"}, 200) for path in FLAGS_PATHS),
    ("get", "/flags/definitions", "/flags/definitions", None, 200),
    ("post", "/v1/import", "/v1/import", {"batch": [track("Signed Up")]}, 202),
    ("post", "/v1/track", "/v1/track", {"event": "Signed Up", "userId": "u2"}, 202),
    ("post", "/v1/identify", "/v1/identify", {"userId": "u2", "traits": {"plan": "pro"}}, 202),
    ("post", "/v1/page", "/v1/page", {"userId": "u2", "properties": {"path": "/"}}, 202),
    ("post", "/v1/screen", "/v1/screen", {"userId": "u2", "name": "Home"}, 202),
    ("post", "/v1/group", "/v1/group", {"userId": "u2", "groupId": "acme"}, 202),
    ("post", "/v1/alias", "/v1/alias", {"userId": "u2", "previousId": "a2"}, 202),
    ("post", "/v1/decide", "/v1/decide", {"userId": "u1", "context": CONTEXT}, 200),
    ("get", "/api/v1/rules", "/api/v1/rules", None, 200),
    ("post", "/api/v1/rules", "/api/v1/rules", {"files": {"rules.way": 'event "A"\n'}}, 200),
    ("post", "/api/v1/rules", "/api/v1/rules", {"files": {"rules.way": "guide {"}}, 422),
    ("post", "/api/v1/rules", "/api/v1/rules", {"files": {}}, 422),
    ("get", "/api/v1/users", "/api/v1/users?id=u1", None, 200),
    ("get", "/api/v1/users", "/api/v1/users?id=nobody", None, 404),
    ("get", "/api/v1/users", "/api/v1/users", None, 422),
    ("get", "/api/v1/users/{user_id}", "/api/v1/users/u1", None, 200),
    ("get", "/api/v1/users/{user_id}", "/api/v1/users/nobody", None, 404),
    ("get", "/api/v1/live", "/api/v1/live?limit=20&everyone=true", None, 200),
    ("get", "/api/v1/live", "/api/v1/live?after=1.2.3&event=Signed Up&user=u1", None, 200),
    ("get", "/api/v1/live", "/api/v1/live?after=soon", None, 422),
    ("get", EXPLAIN, "/api/v1/users/u1/explain?guide=verify_help", None, 200),
    ("get", EXPLAIN, "/api/v1/users/u1/explain?guide=verify_effort&at=2026-01-01T00:00:00Z&rules=now", None, 200),
    ("get", EXPLAIN, "/api/v1/users/u1/explain?guide=verify_effort&at=2026-01-01T00:00:00Z", None, 404),
    ("get", EXPLAIN, "/api/v1/users/u1/explain?guide=nothing", None, 404),
    ("get", EXPLAIN, "/api/v1/users/u1/explain", None, 422),
    ("get", "/api/v1/users/{user_id}/recorded", "/api/v1/users/u1/recorded", None, 200),
    ("get", "/api/v1/users/{user_id}/recorded", "/api/v1/users/nobody/recorded", None, 404),
    ("get", "/api/v1/journeys/{journey}/steps/{step}", "/api/v1/journeys/activation/steps/verify_domain", None, 200),
    ("get", "/api/v1/journeys/{journey}/steps/{step}", "/api/v1/journeys/activation/steps/nothing", None, 404),
    ("get", FUNNEL, "/api/v1/journeys/activation/funnel?window=7d&order=any&by=session", None, 200),
    ("get", FUNNEL, "/api/v1/journeys/activation/funnel?breakdown=plan&everyone=true", None, 200),
    ("get", FUNNEL, "/api/v1/journeys/activation/funnel?window=soon", None, 422),
    ("get", FUNNEL, "/api/v1/journeys/activation/funnel?where=plann is set and", None, 422),
    ("get", FUNNEL, "/api/v1/journeys/nothing/funnel", None, 404),
    ("get", f"{FUNNEL}/users", "/api/v1/journeys/activation/funnel/users?at=1&limit=1", None, 200),
    ("get", f"{FUNNEL}/users", "/api/v1/journeys/activation/funnel/users?manner=as designed", None, 200),
    ("get", f"{FUNNEL}/users", "/api/v1/journeys/activation/funnel/users?at=3", None, 404),
    ("get", f"{FUNNEL}/users", "/api/v1/journeys/activation/funnel/users", None, 422),
    ("get", "/api/v1/funnel", "/api/v1/funnel?step=Signed Up&step=Domain Verified", None, 200),
    ("get", "/api/v1/funnel", "/api/v1/funnel?step=Signed Up", None, 422),
    ("get", PATHS, "/api/v1/journeys/activation/paths?at=verify_domain&back=3", None, 200),
    ("get", PATHS, "/api/v1/journeys/activation/paths?at=nowhere", None, 404),
    ("get", PATHS, "/api/v1/journeys/nothing/paths", None, 404),
    ("get", PATHS, "/api/v1/journeys/activation/paths?back=99", None, 422),
    ("get", f"{PATHS}/chain", "/api/v1/journeys/activation/paths/chain?chain=Signed Up&chain=Left", None, 200),
    ("get", f"{PATHS}/users", "/api/v1/journeys/activation/paths/users?limit=1", None, 200),
    ("get", "/api/v1/paths", "/api/v1/paths?before=Domain Verified", None, 200),
    ("get", "/api/v1/paths", "/api/v1/paths", None, 422),
    ("get", "/api/v1/paths/chain", "/api/v1/paths/chain?before=Domain Verified&chain=a&chain=b", None, 200),
    ("get", "/api/v1/paths/chain", "/api/v1/paths/chain?before=Domain Verified", None, 422),
    ("get", "/api/v1/paths/users", "/api/v1/paths/users?before=Domain Verified", None, 200),
    ("get", "/api/v1/funnel/users", "/api/v1/funnel/users?step=Signed Up&step=Domain Verified&at=1", None, 200),
    *HEAT_ASKED,
    ("get", f"{JOURNEY}/records", "/api/v1/journeys/activation/records?by=day", None, 200),
    ("get", f"{JOURNEY}/records", "/api/v1/journeys/activation/records?by=persona", None, 422),
    ("get", f"{JOURNEY}/records", "/api/v1/journeys/activation/records?by=month", None, 422),
    ("get", f"{JOURNEY}/records", "/api/v1/journeys/nothing/records", None, 404),
    ("get", f"{JOURNEY}/transitions", "/api/v1/journeys/activation/transitions?where=user_id is set", None, 200),
    ("get", f"{JOURNEY}/transitions", "/api/v1/journeys/activation/transitions?from=2999-01-01T00:00:00Z", None, 422),
    ("get", f"{JOURNEY}/curve", "/api/v1/journeys/activation/curve?by=week&simulated=true", None, 200),
    ("get", f"{JOURNEY}/curve", "/api/v1/journeys/nothing/curve", None, 404),
    ("get", f"{JOURNEY}/responses", "/api/v1/journeys/activation/responses?step=verify_domain&limit=1", None, 200),
    ("get", f"{JOURNEY}/responses", "/api/v1/journeys/activation/responses?step=nothing", None, 404),
    ("get", f"{JOURNEY}/asked", "/api/v1/journeys/activation/asked?survey=verify_effort&by=day", None, 200),
    ("get", f"{JOURNEY}/asked", "/api/v1/journeys/activation/asked?survey=nothing", None, 404),
    ("get", f"{JOURNEY}/asked/silent", "/api/v1/journeys/activation/asked/silent?limit=1", None, 200),
    ("get", f"{JOURNEY}/terms", "/api/v1/journeys/activation/terms?limit=5", None, 200),
    ("get", f"{JOURNEY}/terms", "/api/v1/journeys/activation/terms?limit=0", None, 422),
    ("get", "/api/v1/responses/tags", "/api/v1/responses/tags", None, 200),
    ("patch", "/api/v1/responses/{response_id}/tags", "/api/v1/responses/2/tags", {"add": ["dns"]}, 200),
    ("patch", "/api/v1/responses/{response_id}/tags", "/api/v1/responses/2/tags", {"add": ["a,b"]}, 422),
    ("patch", "/api/v1/responses/{response_id}/tags", "/api/v1/responses/99/tags", {"remove": ["dns"]}, 404),
    (
        "post",
        "/api/v1/responses/disagreements",
        "/api/v1/responses/disagreements",
        {"survey": "verify_effort", "id": "1-2", "verdict": "text"},
        404,
    ),
    ("post", "/api/v1/responses/disagreements", "/api/v1/responses/disagreements", {"id": "1-2"}, 422),
    ("get", f"{JOURNEY}/disagreements", "/api/v1/journeys/activation/disagreements?read=false", None, 200),
    (
        "post",
        f"{JOURNEY}/disagreements",
        "/api/v1/journeys/activation/disagreements",
        {"id": "1-1", "verdict": "text"},
        404,
    ),
    ("post", f"{JOURNEY}/disagreements", "/api/v1/journeys/activation/disagreements", {"id": "1-1"}, 422),
    ("get", EFFECT, "/api/v1/guides/verify_help/effect?lift=0.1&since=2026-01-01T00:00:00Z", None, 200),
    ("get", EFFECT, "/api/v1/guides/verify_help/effect?persona=nobody", None, 404),
    ("get", EFFECT, "/api/v1/guides/verify_help/effect?since=lately", None, 422),
    ("get", EFFECT, "/api/v1/guides/nothing/effect", None, 404),
    ("get", "/api/v1/kpis", "/api/v1/kpis?journey=activation&revenue=Campaign Sent.recipients", None, 200),
    ("get", "/api/v1/kpis", "/api/v1/kpis?from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z", None, 422),
    ("get", "/api/v1/answers", "/api/v1/answers", None, 200),
    ("get", "/api/v1/kpis", "/api/v1/kpis?where=plann is set and", None, 422),
    ("get", "/api/v1/kpis", "/api/v1/kpis?journey=nothing", None, 404),
    ("get", "/api/v1/accounts/health", "/api/v1/accounts/health?standing=busy but stuck&days=90", None, 200),
    ("get", "/api/v1/accounts/health", "/api/v1/accounts/health?journey=nothing", None, 404),
    ("get", "/api/v1/accounts/health", "/api/v1/accounts/health?days=0", None, 422),
    ("post", "/api/v1/accounts/care", "/api/v1/accounts/care", {"account": "nobody", "owner": "Ada"}, 404),
    ("post", "/api/v1/accounts/care", "/api/v1/accounts/care", {"account": "acme"}, 422),
    ("post", "/v1/decisions/{decision_id}/confirm", "/v1/decisions/dec_x/confirm", {}, 404),
    ("get", PLAN, PLAN, None, 200),
    ("post", PLAN, PLAN, {"plan": {"events": {"A": {"mode": "block", "schema": {"type": "object"}}}}}, 200),
    ("post", PLAN, PLAN, {"plan": {"events": {"A": {"schema": {"type": "objekt"}}}}}, 422),
    ("post", f"{PLAN}/check", f"{PLAN}/check", {"plan": {"mode": "wran"}}, 200),
    ("get", f"{PLAN}/violations", f"{PLAN}/violations?limit=2", None, 200),
    ("delete", f"{PLAN}/violations", f"{PLAN}/violations", None, 200),
    ("get", "/metrics", "/metrics", None, 404),
    ("post", f"{RULES_AT}/check", f"{RULES_AT}/check", {"files": {"rules.way": "guide {"}}, 200),
    ("get", f"{RULES_AT}/draft", f"{RULES_AT}/draft", None, 200),
    ("put", f"{RULES_AT}/draft", f"{RULES_AT}/draft", {**DRAFT, "revision": 1}, 200),
    ("put", f"{RULES_AT}/draft", f"{RULES_AT}/draft", {**DRAFT, "revision": 0}, 409),
    ("put", f"{RULES_AT}/draft", f"{RULES_AT}/draft", {**DRAFT, "files": {"rules": ""}}, 422),
    ("post", f"{RULES_AT}/draft/discard", f"{RULES_AT}/draft/discard", {"revision": 1}, 200),
    ("put", f"{RULES_AT}/draft/state", f"{RULES_AT}/draft/state", {"revision": 1, "state": "review"}, 200),
    ("get", f"{RULES_AT}/draft/review", f"{RULES_AT}/draft/review", None, 200),
    ("get", f"{RULES_AT}/draft/audience", f"{RULES_AT}/draft/audience?simulated=true", None, 200),
    ("post", f"{RULES_AT}/draft/publish", f"{RULES_AT}/draft/publish", {"revision": 1, "note": "why"}, 200),
    ("put", f"{RULES_AT}/trial", f"{RULES_AT}/trial", {"revision": 1, "segment": "qa"}, 200),
    ("put", f"{RULES_AT}/trial", f"{RULES_AT}/trial", {"revision": 1, "segment": "nobody"}, 422),
    ("delete", f"{RULES_AT}/trial", f"{RULES_AT}/trial", None, 422),
    ("post", f"{RULES_AT}/merge", f"{RULES_AT}/merge", dict.fromkeys(MERGED, DRAFT_FILES), 200),
    ("post", f"{RULES_AT}/complete", f"{RULES_AT}/complete", {**WRITTEN, "position": 0}, 200),
    ("get", f"{RULES_AT}/form", f"{RULES_AT}/form", None, 200),
    ("post", f"{RULES_AT}/form", f"{RULES_AT}/form", UNSAVED, 200),
    ("post", f"{RULES_AT}/form", f"{RULES_AT}/form", {**UNSAVED, "guide": "nothing"}, 404),
    ("post", f"{RULES_AT}/form/apply", f"{RULES_AT}/form/apply", CHANGED, 200),
    ("post", f"{RULES_AT}/form/apply", f"{RULES_AT}/form/apply", {**CHANGED, "document": {}}, 422),
    ("post", f"{RULES_AT}/form/rename", f"{RULES_AT}/form/rename", RENAMED, 200),
    ("post", f"{RULES_AT}/form/rename", f"{RULES_AT}/form/rename", {**RENAMED, "name": ""}, 422),
    ("post", f"{RULES_AT}/starts", f"{RULES_AT}/starts", {"files": {}}, 200),
    ("post", f"{RULES_AT}/starts/begin", f"{RULES_AT}/starts/begin", BEGUN, 200),
    ("post", f"{RULES_AT}/starts/begin", f"{RULES_AT}/starts/begin", {**BEGUN, "values": {"link": 3}}, 422),
    ("post", f"{RULES_AT}/preview", f"{RULES_AT}/preview", UNSAVED, 200),
    ("post", f"{RULES_AT}/preview", f"{RULES_AT}/preview", {**UNSAVED, "guide": "nothing"}, 404),
    ("post", f"{RULES_AT}/matching", f"{RULES_AT}/matching", MATCHING, 200),
    ("post", f"{RULES_AT}/matching", f"{RULES_AT}/matching", {**MATCHING, "guide": "nothing"}, 404),
    ("post", f"{RULES_AT}/explain", f"{RULES_AT}/explain", {**MATCHING, "user": "u1"}, 200),
    ("post", f"{RULES_AT}/explain", f"{RULES_AT}/explain", {**MATCHING, "user": "nobody"}, 404),
    ("post", f"{RULES_AT}/hover", f"{RULES_AT}/hover", {**WRITTEN, "position": 1}, 200),
    ("post", f"{RULES_AT}/format", f"{RULES_AT}/format", {"text": "guide {"}, 200),
    ("get", "/api/v1/guides", "/api/v1/guides", None, 200),
    ("get", FLAGS, FLAGS, None, 200),
    ("post", FLAGS, FLAGS, {"flag": "guide:verify_help", "user": "u1", "context": CONTEXT}, 200),
    ("post", FLAGS, FLAGS, {"flag": "guide:nothing", "user": "u1"}, 404),
    ("put", "/api/v1/guides/{guide}/paused", "/api/v1/guides/verify_help/paused", {"paused": True}, 200),
    ("put", "/api/v1/guides/{guide}/paused", "/api/v1/guides/nothing/paused", {"paused": True}, 404),
    ("get", f"{RULES_AT}/versions", f"{RULES_AT}/versions", None, 200),
    ("get", f"{RULES_AT}/versions/{{version}}", f"{RULES_AT}/versions/1", None, 200),
    ("get", f"{RULES_AT}/versions/{{version}}", f"{RULES_AT}/versions/9", None, 404),
    ("post", f"{RULES_AT}/rollback", f"{RULES_AT}/rollback", {"version": 1}, 200),
    ("put", f"{RULES_AT}/stopped", f"{RULES_AT}/stopped", {"stopped": True}, 200),
    ("get", "/api/v1/alerts", "/api/v1/alerts", None, 200),
    ("post", "/api/v1/guides/{guide}/backtest", "/api/v1/guides/verify_help/backtest", {}, 200),
    ("get", "/api/v1/users/{user_id}/export", "/api/v1/users/u1/export", None, 200),
    ("delete", "/api/v1/users/{user_id}", "/api/v1/users/u1", None, 200),
    ("get", f"{PROJECT}/retention", f"{PROJECT}/retention", None, 200),
    ("put", f"{PROJECT}/retention", f"{PROJECT}/retention", {"days": 400}, 200),
    ("get", f"{REPLAYS}/settings", f"{REPLAYS}/settings", None, 200),
    ("put", f"{REPLAYS}/settings", f"{REPLAYS}/settings", RECORDS, 200),
    ("put", f"{REPLAYS}/settings", f"{REPLAYS}/settings", {**RECORDS, "days": 0}, 422),
    ("post", "/v1/replays", "/v1/replays", {}, 403),
    ("get", REPLAYS, f"{REPLAYS}?step=activation.verify_domain&everyone=true", None, 200),
    ("get", REPLAYS, f"{REPLAYS}?persona=nobody", None, 404),
    ("get", f"{REPLAYS}/{{recording}}", f"{REPLAYS}/{NOBODYS}", None, 404),
    ("get", f"{REPLAYS}/{{recording}}/events", f"{REPLAYS}/{NOBODYS}/events", None, 404),
    ("delete", f"{REPLAYS}/{{recording}}", f"{REPLAYS}/{NOBODYS}", None, 404),
    ("get", PROJECT, PROJECT, None, 200),
    ("patch", PROJECT, PROJECT, {"allowed_origins": ["https://a.example"], "signed_users": True}, 200),
    ("patch", PROJECT, PROJECT, {"allowed_origins": ["nowhere"]}, 422),
    ("get", "/api/v1/projects", "/api/v1/projects", None, 200),
    ("post", "/api/v1/projects", "/api/v1/projects", {"project": "shop", "zone": "Europe/Berlin"}, 201),
    ("post", "/api/v1/projects", "/api/v1/projects", {"project": "default"}, 409),
    ("post", f"{PROJECT}/environments", f"{PROJECT}/environments", {"environment": "staging"}, 201),
    ("get", f"{PROJECT}/signing", f"{PROJECT}/signing?days=30", None, 200),
    ("post", f"{PROJECT}/signing/secrets", f"{PROJECT}/signing/secrets", {}, 201),
    ("delete", f"{PROJECT}/signing/secrets/{{secret_id}}", f"{PROJECT}/signing/secrets/1", None, 200),
    ("post", PICKERS, PICKERS, {"url": "http://localhost/domains/7"}, 201),
    ("post", PICKERS, PICKERS, {"url": "https://elsewhere.example/"}, 422),
    ("get", PICKERS, PICKERS, None, 200),
    ("get", f"{PICKERS}/{{picker_id}}", f"{PICKERS}/9", None, 404),
    ("delete", f"{PICKERS}/{{picker_id}}", f"{PICKERS}/9", None, 404),
    ("post", "/v1/picker", "/v1/picker", {"token": "none"}, 403),
    (
        "post",
        "/v1/picker/picks",
        "/v1/picker/picks",
        {"token": "none", "kind": "event", "selector": "#a", "event": "A", "page": "/a"},
        403,
    ),
    ("get", OPPORTUNITIES, f"{OPPORTUNITIES}?journey=activation&by=lost&days=7", None, 200),
    ("get", OPPORTUNITIES, f"{OPPORTUNITIES}?journey=nothing", None, 404),
    ("get", OPPORTUNITIES, f"{OPPORTUNITIES}?after=nothing", None, 422),
    ("get", f"{OPPORTUNITIES}/{{opportunity}}", f"{OPPORTUNITIES}/activation.verify_domain", None, 404),
    ("put", f"{OPPORTUNITIES}/{{opportunity}}", f"{OPPORTUNITIES}/activation.verify_domain", CONFIRMED, 200),
    ("put", f"{OPPORTUNITIES}/{{opportunity}}", f"{OPPORTUNITIES}/activation.nothing", CONFIRMED, 404),
    ("put", f"{OPPORTUNITIES}/{{opportunity}}", f"{OPPORTUNITIES}/activation.verify_domain", DISMISSED, 409),
    ("get", MAP, ACTIVATION_MAP, None, 200),
    ("get", MAP, f"{ACTIVATION_MAP}?days=7&compare=2026-03", None, 200),
    ("get", MAP, f"{ACTIVATION_MAP}?days=7&period=2026-03", None, 422),
    ("get", MAP, f"{ACTIVATION_MAP}?persona=nobody", None, 404),
    ("get", MAP, f"{ACTIVATION_MAP}?compare=yesterday", None, 422),
    ("get", MAP, "/api/v1/journeys/nothing/map", None, 404),
    ("get", f"{MAP}/cells", f"{ACTIVATION_MAP}/cells", None, 200),
    ("put", f"{MAP}/cells", f"{ACTIVATION_MAP}/cells", {**CELL, "evidence": ["https://a.example/clip"]}, 200),
    ("put", f"{MAP}/cells", f"{ACTIVATION_MAP}/cells", {**CELL, "step": "nothing"}, 404),
    ("put", f"{MAP}/cells", f"{ACTIVATION_MAP}/cells", {**CELL, "evidence": ["evidence:9"]}, 422),
    ("put", f"{MAP}/cells", f"{ACTIVATION_MAP}/cells", {**CELL, "touchpoint": "/nowhere"}, 422),
    ("put", f"{MAP}/cells", f"{ACTIVATION_MAP}/cells", {**CELL, "revision": 3}, 409),
    ("get", f"{MAP}/targets", f"{ACTIVATION_MAP}/targets", None, 200),
    ("put", f"{MAP}/targets", f"{ACTIVATION_MAP}/targets", AIM, 200),
    ("put", f"{MAP}/targets", f"{ACTIVATION_MAP}/targets", {**AIM, "target": 7}, 422),
    ("put", f"{MAP}/targets", f"{ACTIVATION_MAP}/targets", {**AIM, "revision": 3}, 409),
    ("get", f"{MAP}/looks", f"{ACTIVATION_MAP}/looks", None, 200),
    ("post", f"{MAP}/looks", f"{ACTIVATION_MAP}/looks", {"steps": ["verify_domain"], "note": "still so"}, 200),
    ("post", f"{MAP}/looks", f"{ACTIVATION_MAP}/looks", {"steps": ["nothing"]}, 404),
    ("get", f"{MAP}/snapshots", f"{ACTIVATION_MAP}/snapshots", None, 200),
    ("post", f"{MAP}/snapshots", f"{ACTIVATION_MAP}/snapshots", {"note": "before"}, 201),
    ("get", f"{MAP}/snapshots/{{snapshot_id}}", f"{ACTIVATION_MAP}/snapshots/9", None, 404),
    ("get", ROADMAP, ROADMAP, None, 200),
    ("get", f"{ROADMAP}/starters", f"{ROADMAP}/starters", None, 200),
    ("get", f"{ROADMAP}/themes", f"{ROADMAP}/themes?limit=1", None, 200),
    ("post", f"{ROADMAP}/themes", f"{ROADMAP}/themes", THEME, 201),
    ("post", f"{ROADMAP}/themes", f"{ROADMAP}/themes", {**THEME, "target": 7}, 422),
    ("get", f"{ROADMAP}/themes/{{theme_id}}", f"{ROADMAP}/themes/9", None, 404),
    ("patch", f"{ROADMAP}/themes/{{theme_id}}", f"{ROADMAP}/themes/9", {"revision": 1}, 404),
    ("delete", f"{ROADMAP}/themes/{{theme_id}}", f"{ROADMAP}/themes/9?revision=1", None, 404),
    ("get", f"{ROADMAP}/items", f"{ROADMAP}/items?status=requested&quadrant=quick win", None, 200),
    ("post", f"{ROADMAP}/items", f"{ROADMAP}/items", ITEM, 201),
    ("post", f"{ROADMAP}/items", f"{ROADMAP}/items", {"title": "Dark mode", "timebox": "2026-12"}, 422),
    ("get", f"{ROADMAP}/items/{{item_id}}", f"{ROADMAP}/items/9", None, 404),
    ("patch", f"{ROADMAP}/items/{{item_id}}", f"{ROADMAP}/items/9", {"revision": 1}, 404),
    ("delete", f"{ROADMAP}/items/{{item_id}}", f"{ROADMAP}/items/9?revision=1", None, 404),
    ("get", f"{ROADMAP}/items/{{item_id}}/changes", f"{ROADMAP}/items/9/changes", None, 404),
    ("post", f"{ROADMAP}/items/{{item_id}}/override", f"{ROADMAP}/items/9/override", {"revision": 1, "why": "x"}, 404),
    ("get", f"{ROADMAP}/outcomes", f"{ROADMAP}/outcomes", None, 200),
    ("get", f"{ROADMAP}/limits", f"{ROADMAP}/limits", None, 200),
    ("put", f"{ROADMAP}/limits", f"{ROADMAP}/limits", {"effort_days": 5, "users_per_week": 9, "revision": 0}, 200),
    ("post", f"{ROADMAP}/import", f"{ROADMAP}/import", {"csv": "title,step\nDark mode,\nFix it,verify_dmain\n"}, 200),
    ("get", f"{ROADMAP}/audit", f"{ROADMAP}/audit", None, 200),
    ("get", f"{ROADMAP}/export", f"{ROADMAP}/export", None, 200),
    ("get", f"{ROADMAP}/review", f"{ROADMAP}/review?quarter=2026-Q3", None, 200),
    ("get", f"{ROADMAP}/review", f"{ROADMAP}/review?quarter=soon", None, 422),
    ("post", EVIDENCE, EVIDENCE, {"evidence": [SAID, SAID, {"source": "fax"}, 7]}, 200),
    ("post", EVIDENCE, EVIDENCE, {"evidence": []}, 422),
    ("get", EVIDENCE, f"{EVIDENCE}?source=usability_test&step=activation.verify_domain&tagged=true", None, 200),
    ("get", EVIDENCE, f"{EVIDENCE}?step=activation", None, 422),
    ("get", f"{EVIDENCE}/{{evidence_id}}", f"{EVIDENCE}/9", None, 404),
    ("patch", f"{EVIDENCE}/{{evidence_id}}", f"{EVIDENCE}/9", {"revision": 1, "step": None}, 404),
    ("delete", f"{EVIDENCE}/{{evidence_id}}", f"{EVIDENCE}/9", None, 404),
    ("get", f"{EVIDENCE}/rules", f"{EVIDENCE}/rules", None, 200),
    ("put", f"{EVIDENCE}/rules", f"{EVIDENCE}/rules", {"rules": [DNS], "revision": 0}, 200),
    ("put", f"{EVIDENCE}/rules", f"{EVIDENCE}/rules", {"rules": [{"step": "activation.x"}], "revision": 0}, 422),
    ("put", f"{EVIDENCE}/rules", f"{EVIDENCE}/rules", {"rules": [DNS], "revision": 3}, 409),
    ("get", "/api/v1/flags/public", "/api/v1/flags/public", None, 200),
    ("put", "/api/v1/flags/public", "/api/v1/flags/public", {"flags": [], "revision": 0}, 200),
    ("put", "/api/v1/flags/public", "/api/v1/flags/public", {"flags": ["segment:nobody"], "revision": 0}, 404),
    ("put", "/api/v1/flags/public", "/api/v1/flags/public", {"flags": [], "revision": 3}, 409),
    ("post", "/v1/flags", "/v1/flags", {"anonymousId": "a1"}, 200),
    ("post", "/v1/flags", "/v1/flags", {}, 422),
    *WAYS_ASKED,
    ("post", WEBHOOKS, WEBHOOKS, {"url": "https://hooks.example.com/in", "kinds": ["alert.raised"]}, 201),
    ("post", WEBHOOKS, WEBHOOKS, {"url": "https://10.0.0.7/in", "kinds": ["alert.raised"]}, 422),
    ("post", WEBHOOKS, WEBHOOKS, {"url": "https://hooks.example.com/in", "kinds": ["test"]}, 422),
    ("get", WEBHOOKS, WEBHOOKS, None, 200),
    ("post", f"{WEBHOOKS}/deliveries/{{delivery_id}}/resend", f"{WEBHOOKS}/deliveries/9/resend", None, 404),
    ("patch", f"{WEBHOOKS}/{{webhook_id}}", f"{WEBHOOKS}/9", {"revision": 1, "is_on": False}, 404),
    ("delete", f"{WEBHOOKS}/{{webhook_id}}", f"{WEBHOOKS}/9", None, 404),
    ("post", f"{WEBHOOKS}/{{webhook_id}}/secret", f"{WEBHOOKS}/9/secret", {}, 404),
    ("post", f"{WEBHOOKS}/{{webhook_id}}/test", f"{WEBHOOKS}/9/test", {}, 404),
    ("get", f"{WEBHOOKS}/{{webhook_id}}/deliveries", f"{WEBHOOKS}/9/deliveries", None, 404),
    ("post", IMPORTS, IMPORTS, {"format": "csv", "name": "events.csv", "size": 40, "mapping": ["plan=trait"]}, 201),
    ("post", IMPORTS, IMPORTS, {"format": "csv", "name": "events.csv", "size": 0}, 422),
    ("post", IMPORTS, IMPORTS, {"format": "fax", "name": "events.fax", "size": 40}, 422),
    ("post", f"{IMPORTS}/preview", f"{IMPORTS}/preview", {"user_id": 1}, 200),
    ("post", f"{IMPORTS}/mappings", f"{IMPORTS}/mappings", {"name": "shop", "mapping": ["who=user_id"]}, 201),
    ("get", f"{IMPORTS}/mappings", f"{IMPORTS}/mappings", None, 200),
    ("delete", f"{IMPORTS}/mappings/{{mapping_id}}", f"{IMPORTS}/mappings/9", None, 404),
    ("post", f"{IMPORTS}/{{rehearsal_id}}/take", f"{IMPORTS}/9/take", None, 404),
    ("get", IMPORTS, IMPORTS, None, 200),
    ("get", f"{IMPORTS}/{{import_id}}", f"{IMPORTS}/9", None, 404),
    ("put", f"{IMPORTS}/{{import_id}}/parts", f"{IMPORTS}/9/parts?number=0", {}, 404),
    ("get", f"{IMPORTS}/{{import_id}}/skipped", f"{IMPORTS}/9/skipped", None, 404),
    ("delete", f"{IMPORTS}/{{import_id}}", f"{IMPORTS}/9", None, 404),
    ("get", "/api/v1/catalog", "/api/v1/catalog", None, 200),
    ("get", "/api/v1/catalog", "/api/v1/catalog?everyone=true", None, 200),
    ("get", KEYS, KEYS, None, 200),
    ("post", KEYS, KEYS, {"kind": "secret", "scopes": ["rules:read"], "expires": "2099-01-01T00:00:00Z"}, 201),
    ("post", KEYS, KEYS, {"kind": "public", "scopes": ["rules:read"]}, 422),
    ("post", f"{KEYS}/{{key_id}}/rotate", f"{KEYS}/1/rotate", {}, 201),
    ("delete", f"{KEYS}/{{key_id}}", f"{KEYS}/1", None, 200),
    ("get", MEMBERS, MEMBERS, None, 200),
    ("patch", f"{MEMBERS}/{{member_id}}", f"{MEMBERS}/2", {"role": "author"}, 200),
    ("patch", f"{MEMBERS}/{{member_id}}", f"{MEMBERS}/1", {"role": "author"}, 409),
    ("post", f"{MEMBERS}/{{member_id}}/reset", f"{MEMBERS}/2/reset", None, 201),
    ("delete", f"{MEMBERS}/{{member_id}}", f"{MEMBERS}/2", None, 200),
    ("get", INVITES, INVITES, None, 200),
    ("post", INVITES, INVITES, {"email": "kim@example.com", "role": "viewer"}, 201),
    ("post", INVITES, INVITES, {"email": "ada@example.com", "role": "viewer"}, 409),
    ("delete", f"{INVITES}/{{invite_id}}", f"{INVITES}/1", None, 200),
    ("post", f"{INVITES}/accept", f"{INVITES}/accept", {"token": "x", "password": "x"}, 404),
    ("post", "/api/v1/session", "/api/v1/session", ADA, 200),
    ("post", "/api/v1/session", "/api/v1/session", {**ADA, "password": "x"}, 401),
    ("delete", "/api/v1/session", "/api/v1/session", None, 200),
    ("get", "/api/v1/me", "/api/v1/me", None, 200),
    ("put", "/api/v1/me/password", "/api/v1/me/password", {"old": ADA["password"], "new": "a whole new one"}, 200),
    ("get", "/api/v1/audit", "/api/v1/audit?limit=2", None, 200),
    ("get", "/api/v1/audit", "/api/v1/audit?action=rules.publish&until=2099-01-01T00:00:00Z", None, 200),
    ("get", COMMENTS, f"{COMMENTS}?place={CELL_PLACE}&resolved=false", None, 200),
    ("get", COMMENTS, f"{COMMENTS}?place=nowhere", None, 422),
    ("get", f"{COMMENTS}/open", f"{COMMENTS}/open", None, 200),
    ("post", COMMENTS, COMMENTS, {"place": "draft", "text": "Is this ready?"}, 201),
    ("post", COMMENTS, COMMENTS, {"place": "item:x", "text": "Is this ready?"}, 422),
    ("patch", f"{COMMENTS}/{{comment_id}}", f"{COMMENTS}/1", {"revision": 1, "resolved": True}, 200),
    ("patch", f"{COMMENTS}/{{comment_id}}", f"{COMMENTS}/1", {"revision": 7, "resolved": True}, 409),
    ("patch", f"{COMMENTS}/{{comment_id}}", f"{COMMENTS}/1", {"revision": 1}, 422),
    ("delete", f"{COMMENTS}/{{comment_id}}", f"{COMMENTS}/1", None, 200),
    ("delete", f"{COMMENTS}/{{comment_id}}", f"{COMMENTS}/7", None, 404),
    ("get", SHARED, SHARED, None, 200),
    ("post", SHARED, SHARED, {"page": "find", "query": {"journey": "activation"}, "note": "the board", "days": 7}, 201),
    ("post", SHARED, SHARED, {"page": "home"}, 422),
    ("delete", f"{SHARED}/{{link_id}}", f"{SHARED}/1", None, 200),
    ("delete", f"{SHARED}/{{link_id}}", f"{SHARED}/7", None, 404),
    ("get", "/api/v1/audit/verify", "/api/v1/audit/verify", None, 200),
]
