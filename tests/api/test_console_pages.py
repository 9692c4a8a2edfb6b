"""The console's pages as a person meets them: signing in, being let in, what they say, what they never do."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.console.registry import pages
from dsl.values import DAY, Duration
from engine import passwords
from engine.permissions import Role
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site

TAGGED = "<img src=x onerror=alert(1)> the DNS"
ADA, PASSWORD = "ada@example.com", "correct horse battery"
RULES = """
attribute plan: one of "trial", "pro"

event "Signed Up"
event "Domain Verified"

journey activation "Activation <b>now</b>" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
  }
  stage value "First value" {
    step verify "Verify the domain" reached by "Domain Verified"
  }
}

persona trial "On <i>trial</i>" where plan is "trial"

survey stuck "Stuck" {
  at activation.verify
  on "Signed Up"
  ask text why "What is in the way?"
  once
  expires 2099-01-01
}
"""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one takes a quarter of a second, on purpose."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))


@pytest.fixture
def ada(site: Site) -> FlaskClient:
    """An admin who is signed in."""
    return visitor(site, Role.ADMIN)


def visitor(site: Site, role: Role) -> FlaskClient:
    """Somebody of a role who is signed in."""
    site.service.staff.add(1, ADA, role, password=PASSWORD)
    client = site.app.test_client()
    assert sign_in(client).status_code == 303
    return client


def sign_in(client: FlaskClient, password: str = PASSWORD, after: str = "", **headers: str) -> TestResponse:
    said = {"email": ADA, "password": password, "next": after}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/console/sign-in", data=said, headers=named)


def lively(site: Site, people: int = 8) -> None:
    """So many people on trial signed up, and six of each eight verified a domain a minute later."""
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    for number in range(people):
        done = ["Signed Up", "Domain Verified"] if number % 8 < 6 else ["Signed Up"]
        first = {"userId": f"u{number}", "timestamp": "2026-10-20T00:00:00Z"}
        batch: list[object] = [{"type": "identify", "traits": {"plan": "trial"}, **first}]
        batch += [
            {"type": "track", "userId": f"u{number}", "event": name, "timestamp": f"2026-10-20T00:0{minute}:00Z"}
            for minute, name in enumerate(done)
        ]
        assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202


def words(answer: TestResponse) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<script type.*?</script>", "", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


# signing in


def test_who_is_not_signed_in_is_led_to_the_form_and_back(site: Site, ada: FlaskClient) -> None:
    wanted = "/console/p/default/find?who=simulated"
    answer = site.app.test_client().get(wanted)
    assert answer.status_code == 303
    form = urlsplit(answer.headers["Location"])
    assert (form.path, parse_qs(form.query)) == ("/console/sign-in", {"next": [wanted]})
    assert sign_in(site.app.test_client(), after=wanted).headers["Location"] == wanted


@pytest.mark.parametrize(
    "after",
    ["https://evil.example/console/", "//evil.example/console/", "/console/../x\\y", "/api/v1/me", "javascript:"],
)
def test_nobody_is_led_elsewhere_by_the_form(site: Site, ada: FlaskClient, after: str) -> None:
    assert sign_in(site.app.test_client(), after=after).headers["Location"] == "/console/"


def test_a_wrong_password_is_told_and_the_address_kept(site: Site, ada: FlaskClient) -> None:
    answer = sign_in(site.app.test_client(), password="wrong", after="/console/p/default/find")
    assert answer.status_code == 401
    text = answer.get_data(as_text=True)
    assert 'role="alert"' in text
    assert f'value="{ADA}"' in text
    assert 'value="/console/p/default/find"' in text
    assert "wrong" not in words(answer).replace("wrong password", "")


def test_a_page_of_another_site_signs_nobody_in(site: Site, ada: FlaskClient) -> None:
    answer = sign_in(site.app.test_client(), Origin="https://evil.example")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_too_many_attempts_are_told_on_the_form(site: Site, ada: FlaskClient) -> None:
    client = site.app.test_client()
    told = [sign_in(client, password="wrong").status_code for _ in range(20)]
    assert told[-1] == 429
    assert "too many" in words(sign_in(client)).lower()


# pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_page_is_strict_and_kept_by_nobody(site: Site, ada: FlaskClient, page: object) -> None:
    lively(site)
    answer = ada.get(f"/console/p/default/{page.path}")  # type: ignore[attr-defined]
    assert answer.status_code == 200, words(answer)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.get_data(as_text=True)
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)
    # What people typed is text, wherever it stands.
    assert "<b>now" not in text
    assert "<i>trial" not in text


def test_a_project_without_events_is_led_to_its_first_guide(ada: FlaskClient) -> None:
    answer = ada.get("/console/p/default/")
    assert "Paste the snippet" in words(answer)
    assert f"data-key=&#34;{PUBLIC_KEY}&#34;" in answer.get_data(as_text=True)


def test_a_viewer_sees_no_key(site: Site) -> None:
    answer = visitor(site, Role.VIEWER).get("/console/p/default/")
    assert "Paste the snippet" in words(answer)
    assert PUBLIC_KEY not in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST], ids=str)
def test_nobody_is_led_to_a_page_that_is_closed_to_them(site: Site, role: Role) -> None:
    client = visitor(site, role)
    open_pages, led = set(), set()
    for page in pages():
        answer = client.get(f"/console/p/default/{page.path}")
        if answer.status_code == 200:
            open_pages.add(f"/console/p/default/{page.path}")
            led |= {link.partition("?")[0] for link in re.findall(r'href="([^"#]+)"', answer.get_data(as_text=True))}
            assert "Describe a journey" not in words(answer) or role is not Role.VIEWER, page.name
    assert {each for each in led if each.startswith("/console/p/default/")} <= open_pages


def test_home_shows_each_journey_with_its_sharpest_drop(site: Site, ada: FlaskClient) -> None:
    lively(site)
    told = words(ada.get("/console/p/default/?whole=1"))
    assert "75.0 % 40.9–92.9 6 of 8 come to the end" in told
    assert "sharpest drop B before Verify the domain : 2 of 8 lost" in told


def test_home_says_how_the_last_full_week_did(site: Site, ada: FlaskClient) -> None:
    lively(site)
    batch = [
        {"type": "track", "userId": f"v{n}", "event": "Signed Up", "timestamp": "2026-10-13T09:00:00Z"} for n in (1, 2)
    ]
    batch += [{"type": "track", "userId": "v1", "event": "Domain Verified", "timestamp": "2026-10-13T10:00:00Z"}]
    site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY)
    # A half in the week of 12 October, three quarters in that of the 19th, whose people have had their seven days.
    assert "of those who began in the last full week +25.0 points" in words(ada.get("/console/p/default/?whole=1"))


def test_find_says_in_words_what_the_chart_shows(site: Site, ada: FlaskClient) -> None:
    lively(site)
    told = words(ada.get("/console/p/default/find"))
    assert "6 of 8 come to “Verify the domain” (75%). 2 of 8 (25%) are lost" in told
    assert "On &lt;i&gt;trial" in told
    assert "Left out: simulated, bots, internal" in told


def test_trace_sets_those_who_left_beside_those_who_went_on(site: Site, ada: FlaskClient) -> None:
    lively(site)
    told = words(ada.get("/console/p/default/trace?step=verify&persona=trial"))
    assert "2 left before “Verify the domain”, beside 6 who went on to it." in told


def test_feel_says_what_became_of_people_and_shows_their_words_as_words(site: Site, ada: FlaskClient) -> None:
    lively(site)
    answer = {"guide": "stuck", "question": "why", "submission": "s1", "value": TAGGED}
    for second, (name, properties) in enumerate([("$shown", {"guide": "stuck"}), ("$answered", answer)], 30):
        message = {"userId": "u7", "event": name, "properties": properties, "timestamp": f"2026-10-20T00:00:{second}Z"}
        assert site.post("/v1/track", message, key=PUBLIC_KEY).status_code == 202
    page = ada.get("/console/p/default/feel?step=verify")
    told = words(page)
    assert "Of 8 who stood at “Verify the domain” 75% did it, 0% tried and failed, 25% left without a try." in told
    assert "stuck 1 of 1" in told
    text = page.get_data(as_text=True)
    assert "&lt;img src=x onerror=alert(1)&gt; the DNS" in text
    assert "<img" not in text


def test_act_proposes_a_rule_for_where_most_could_be_won(site: Site, ada: FlaskClient) -> None:
    lively(site, people=40)
    told = words(ada.get("/console/p/default/act"))
    assert "B Verify the domain, On &lt;i&gt;trial&lt;/i&gt;" in told
    assert "guide verify_trial_help &#34;Help with “Verify the domain”&#34; {" in told
    chosen = words(ada.get("/console/p/default/act?condition=plan+is+%22pro%22"))
    assert "when plan is &#34;pro&#34;" in chosen
    assert (
        "when" not in words(ada.get("/console/p/default/act?condition=}+guide+evil")).split("at activation.verify")[1]
    )


def test_prove_never_says_more_than_the_data_do(site: Site, ada: FlaskClient) -> None:
    lively(site)
    told = words(ada.get("/console/p/default/prove"))
    assert "Nothing to tell yet, since nobody came to them who counts here: Stuck stuck ." in told


def test_act_says_so_where_too_few_people_came(site: Site, ada: FlaskClient) -> None:
    lively(site)
    assert "No opportunities" in words(ada.get("/console/p/default/act"))


def test_a_link_of_the_picture_becomes_a_condition(site: Site, ada: FlaskClient) -> None:
    lively(site)
    address = "/console/p/default/trace?from=Signed+Up&to=Domain+Verified"
    told = words(ada.get(f"{address}&order=then"))
    assert "when did &#34;Signed Up&#34; then &#34;Domain Verified&#34;" in told
    assert "Ever, of everybody: 6" in told
    assert "directly then &#34;Domain Verified&#34; in one session" in words(ada.get(address))


def test_a_link_that_is_none_is_told(site: Site, ada: FlaskClient) -> None:
    lively(site)
    answer = ada.get("/console/p/default/trace?from=Signed+Up&to=Nowhere")
    assert answer.status_code == 200, words(answer)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
@pytest.mark.parametrize("is_ruled", [True, False], ids=["rules, no events", "nothing at all"])
def test_every_page_of_an_empty_project_says_what_to_do(
    site: Site, ada: FlaskClient, page: object, is_ruled: bool
) -> None:
    if is_ruled:
        site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY)
    answer = ada.get(f"/console/p/default/{page.path}")  # type: ignore[attr-defined]
    assert answer.status_code == 200, words(answer)


def test_the_file_beside_a_chart_is_of_the_project_that_is_looked_at(site: Site, ada: FlaskClient) -> None:
    lively(site)
    site.service.tenancy.add("other")
    # Somebody in two projects: an address that does not say which would be refused.
    site.service.staff.add(2, ADA, Role.VIEWER, password=PASSWORD)
    page = ada.get("/console/p/default/find?who=simulated").get_data(as_text=True)
    link = re.findall(r'href="([^"]+)" download', page)[-1]
    answer = ada.get(link.replace("&amp;", "&"))
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(row["group"], row["name"], row["count"]) for row in rows] == [
        ("trial", "signup", "8"),
        ("trial", "verify", "6"),
    ]
    for page, part, column in (
        ("trace", "contrast", "others_met"),
        ("trace", "flows", "place"),
        ("feel", "curve", "emotion"),
        ("feel", "signals", "per_entrant"),
    ):
        answer = ada.get(f"/console/p/default/{page}?who=simulated&format=csv&part={part}")
        assert column in answer.get_data(as_text=True).partition("\r\n")[0].split(","), (page, part)


@pytest.mark.parametrize(
    "query", ["project=other", "endpoint=pages.sign_in", "_scheme=javascript&_external=1", "_anchor=x", "self=1"]
)
def test_no_address_leads_links_elsewhere(site: Site, ada: FlaskClient, query: str) -> None:
    lively(site)
    answer = ada.get(f"/console/p/default/find?{query}")
    assert answer.status_code == 200, words(answer)
    led = re.findall(r'<a [^>]*href="([^"#]+)"', answer.get_data(as_text=True))
    assert len(led) > len(pages()) - 1
    assert [each for each in led if not each.startswith(("/console/", "/docs"))] == []


def test_the_one_switch_counts_others_too(site: Site, ada: FlaskClient) -> None:
    lively(site)
    told = words(ada.get("/console/p/default/find?who=everyone"))
    assert "Nobody is left out" in told
    assert "Left out: simulated, bots, internal" in words(ada.get("/console/p/default/find?who=nonsense"))


@pytest.mark.parametrize("journey", ["", "activation", "gone", "<script>"])
def test_find_shows_a_journey_whatever_the_address_says(site: Site, ada: FlaskClient, journey: str) -> None:
    lively(site)
    answer = ada.get("/console/p/default/find", query_string={"journey": journey})
    assert answer.status_code == 200
    assert "Verify the domain" in words(answer)


def test_a_session_that_was_ended_is_told_to_scripts_as_a_problem(site: Site, ada: FlaskClient) -> None:
    site.clock.move(Duration(400 * DAY))
    answer = ada.get("/console/p/default/find", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "not_signed_in"


def test_a_fault_of_ours_is_a_page_that_says_so(site: Site, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("details for the log alone")

    monkeypatch.setattr(site.service, "rules_now", fail)
    answer = ada.get("/console/p/default/find")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in words(answer)
    assert str(answer.headers["X-Request-Id"]) in words(answer)
    assert "details" not in words(answer)


# parts


def test_parts_are_kept_for_ever_under_an_address_that_changes_with_them(ada: FlaskClient) -> None:
    page = ada.get("/console/p/default/").get_data(as_text=True)
    named = re.findall(r'"(/console/static/[^"]+)"', page)
    assert {urlsplit(each).path.rsplit("/", 1)[1] for each in named} >= {"console.css", "console.js", "htmx.js"}
    for each in named:
        answer = ada.get(each)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        again = ada.get(each, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("name", ["none.css", "../desk.py", "..%2fdesk.py"])
def test_nothing_else_is_served(ada: FlaskClient, name: str) -> None:
    assert ada.get(f"/console/static/{name}").status_code == 404


# what is selected goes on


def test_what_is_selected_goes_on_through_the_method_and_can_be_let_go(site: Site, ada: FlaskClient) -> None:
    lively(site)
    query = "step=verify&persona=trial&condition=did+%22Signed+Up%22"
    for name in ("find", "trace", "feel", "act", "prove"):
        answer = ada.get(f"/console/p/default/{name}?{query}")
        assert "Selected: Verify the domain × On &lt;i&gt;trial&lt;/i&gt; × did &#34;Signed Up&#34; ×" in words(
            answer
        ), name
        # What the page has no field for stays selected when another field is changed.
        form = answer.get_data(as_text=True).partition('class="filters"')[2]
        fields = re.findall(r'name="(step|persona|condition)"', form)
        assert {"step", "persona", "condition"} <= set(fields), name
        following = [parse_qs(urlsplit(link).query) for link in links(answer, "act")]
        assert {"step": ["verify"], "persona": ["trial"], "condition": ['did "Signed Up"']} in following, name
    let_go = [parse_qs(urlsplit(link).query) for link in links(answer, "prove")]
    assert {"persona": ["trial"], "condition": ['did "Signed Up"']} in let_go


def test_who_came_a_moment_ago_counts_in_their_persona_at_once(site: Site, ada: FlaskClient) -> None:
    lively(site, people=8)
    page = "/console/p/default/prove?persona=trial"
    asked = "/api/v1/journeys/activation/funnel?where=plan+is+%22trial%22"
    assert ada.get(page).status_code == 200
    assert site.get(asked).get_json()["steps"][0]["count"] == 8
    lively(site, people=16)
    assert site.get(asked).get_json()["steps"][0]["count"] == 16


@pytest.mark.parametrize("name", ["find", "trace", "feel", "act", "prove"])
def test_a_journey_of_a_single_step_has_a_page_too(site: Site, ada: FlaskClient, name: str) -> None:
    single = 'journey alone "Alone" {\n  stage only "Only" {\n    step one "One" reached by "Signed Up"\n  }\n}\n'
    files = {"rules.way": RULES, "alone.way": single}
    assert site.post("/api/v1/rules", {"files": files}, key=SECRET_KEY).status_code == 200
    site.post("/v1/track", {"event": "Signed Up", "userId": "u1"})
    assert ada.get(f"/console/p/default/{name}?journey=alone").status_code == 200


def links(answer: TestResponse, page: str) -> list[str]:
    """The addresses of a page that another page links to."""
    found = re.findall(rf'href="(/console/p/default/{page}[^"]*)"', answer.get_data(as_text=True))
    return [html.unescape(each) for each in found]


def test_prove_lives_through_the_history_with_the_rule_that_act_wrote(site: Site, ada: FlaskClient) -> None:
    lively(site, people=80)
    page = ada.get("/console/p/default/prove?step=verify")
    assert "Before: whom the rule would have reached" in words(page)
    part = words(ada.get("/console/p/default/prove?step=verify&part=before"))
    assert "It would have reached" in part
    assert "of 80 people" in part
    assert "eligibility" in part
    unknown = words(ada.get("/console/p/default/prove?step=signup&part=before"))
    assert "Nothing to win is known" in unknown


NUMBERED = [
    *("rules?page=", "rules?view=edit&line=", "versions?version=", "versions?before=", "responses?before="),
    *("experiments?page=", "map?snapshot=", "comments?before=", "settings/audit?before="),
    *("settings/sources?import=", "settings/webhooks?before="),
]
"""What an address may name by a number."""


def test_a_number_that_no_table_can_hold_names_nothing(site: Site) -> None:
    ada = visitor(site, Role.ADMIN)
    lively(site)
    for address in NUMBERED:
        for number in ("9" * 12, "9" * 5_000, "-1", "٣"):
            assert ada.get(f"/console/p/default/{address}{number}").status_code == 200, (address, number[:20])
