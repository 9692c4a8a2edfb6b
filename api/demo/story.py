"""The story of the demo, played over HTTP, with every part of it asserted: what `waypost demo --check` does.

A customer signs up, adds a domain, fails the DNS check twice and is helped in the same reply; they succeed, are asked
how it went, and their answer and their friction are in the step's record a moment later.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from api.demo.material import HELP, JOURNEY
from api.demo.seed import PUBLIC_KEY
from api.demo.visitor import Visitor, fetch
from api.serving import system_clock
from engine.errors import WaypostError
from examples.demo.history import USERS

if TYPE_CHECKING:
    from rich.console import Console

STEP: Final = "verify_domain"
SURVEY: Final = "verify_effort"
SOON: Final = 2.0
"""Seconds within which an answer must be in the record."""

_PAGES: Final = ("/", "/stage", "/signup", "/domains/new", "/domains/check.example/dns", "/help/dns", "/campaigns/new")
_INLINE: Final = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", re.IGNORECASE)
_WORDS: Final = "The hint beside the field told me what was missing. That was great."


class Unmet(WaypostError):
    """A part of the story did not happen as told."""

    code = "story_unmet"


def expect(holds: object, otherwise: str) -> None:
    """Raise Unmet unless it holds."""
    if not holds:
        raise Unmet(otherwise)


@dataclass(slots=True)
class Stage:
    """Where the story is played, and what has been seen so far."""

    address: str
    secret_key: str
    customer: Visitor
    domain: str = field(default_factory=lambda: f"check-{uuid4().hex[:8]}.example")
    submission: str = field(default_factory=lambda: str(uuid4()))
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    cursor: str = ""

    @property
    def dns_page(self) -> str:
        """The page where customers leave."""
        return f"/domains/{self.domain}/dns"

    def record(self) -> dict[str, Any]:
        """The step's record, as the API promises it."""
        url = f"{self.address}/api/v1/journeys/{JOURNEY}/steps/{STEP}?simulated=true"
        answer = fetch(url, headers={"Authorization": f"Bearer {self.secret_key}"})
        expect(answer.status == HTTPStatus.OK, f"{url} answered {answer.status}")
        found: dict[str, Any] = answer.json
        return found

    def feed(self) -> dict[str, Any]:
        """What has happened since the cursor, as the stage's strip reads it."""
        found: dict[str, Any] = fetch(f"{self.address}/demo/feed?after={self.cursor}").json
        return found

    def reason(self, guide: str, user_id: str) -> list[str]:
        """Every reason that was given for a guide and a user since the story began."""
        made = [item for item in self.feed()["items"] if item["type"] == "decision" and item["user"] == user_id]
        return [each["reason"] for item in made for each in item["considered"] if each["guide"] == guide]


def pages_are_strict(stage: Stage) -> str:
    """The product's pages come with a strict policy and nothing inline, and load the snippet as a customer's would."""
    for path in _PAGES:
        answer = fetch(stage.address + path)
        text = answer.body.decode()
        expect(answer.status == HTTPStatus.OK, f"{path} answered {answer.status}")
        policy = answer.headers.get("content-security-policy", "")
        expect("script-src 'self';" in policy and "style-src 'self';" in policy, f"{path} has the policy `{policy}`")
        expect(not _INLINE.search(text), f"{path} has inline style or script")
        if path not in {"/", "/stage"}:
            tag = f'<script async src="/sdk/waypost.js" data-key="{PUBLIC_KEY}"></script>'
            expect(tag in text, f"{path} does not load the snippet")
    snippet = fetch(f"{stage.address}/sdk/waypost.js")
    expect(snippet.status == HTTPStatus.OK and snippet.body, f"the snippet answered {snippet.status}")
    return f"{len(_PAGES)} pages, a snippet of {len(snippet.body) / 1024:.0f} KB unpacked"


def history_is_there(stage: Stage) -> str:
    """The simulated customers are in the step's record, with friction, emotion and words."""
    stage.before = stage.record()
    stage.cursor = fetch(f"{stage.address}/demo/feed").json["next"]
    record = stage.before
    expect(record["entered"] > USERS / 2, f"only {record['entered']} have entered the step")
    expect(record["friction"]["score"], "the step has no friction")
    expect(record["emotion"]["mean"] is not None, f"no emotion from {record['emotion']['n']} answers")
    expect(record["verbatims"], "nobody has said a word")
    return f"{record['entered']} entered, {record['completed']} completed, friction {record['friction']['score']:.3f}"


def customer_arrives(stage: Stage) -> None:
    """A new customer signs up and adds a domain; nothing is shown to somebody who is doing fine."""
    customer = stage.customer
    replies = [
        customer.open("/signup"),
        customer.identify(
            f"check-{uuid4()}",
            plan="trial",
            seats=5,
            sales_assisted=False,
            first_name="Robin",
            signed_up_at="2026-01-01T00:00:00Z",
        ),
        customer.track("Signed Up", plan="trial"),
        customer.open("/domains/new"),
        customer.track("Domain Added", domain=stage.domain, provider="Namewise"),
        customer.open(stage.dns_page),
    ]
    shown = [each["guide"] for reply in replies for each in reply["decisions"]]
    expect(not shown, f"shown too early: {shown}")


def first_failure_is_quiet(stage: Stage) -> None:
    """The first failed DNS check shows nothing."""
    reply = stage.customer.track("DNS Check Failed", domain=stage.domain, reason="NXDOMAIN", attempt=1)
    expect(not reply["decisions"], f"shown: {[each['guide'] for each in reply['decisions']]}")


def second_failure_is_helped(stage: Stage) -> str:
    """The second failed check is answered, in the same reply, with the tooltip beside the DNS field."""
    reply = stage.customer.track("DNS Check Failed", domain=stage.domain, reason="NXDOMAIN", attempt=2)
    expect([each["guide"] for each in reply["decisions"]] == [HELP], f"the reply decides {reply['decisions']}")
    (decision,) = reply["decisions"]
    content = decision["content"]
    expect(content["widget"] == "tooltip", f"it is a {content['widget']}")
    expect(content["target"]["selector"] == "#dns-records", f"it stands beside {content['target']}")
    expect(decision["wait"] is None, f"it waits for {decision['wait']}")
    expect("Robin" in str(content["body"]), "it does not know the customer's name")
    return f"{HELP}: “{content['title']}”"


def help_is_seen(stage: Stage) -> None:
    """The browser reports the tooltip as shown, and angry clicks beside it as friction of this step."""
    customer = stage.customer
    customer.track("$shown", guide=HELP)
    signal: dict[str, Any] = {"selector": "#check-dns", "page": {"path": stage.dns_page}, "evidence": {"clicks": 4}}
    customer.track("$rage_click", v=1, **signal)
    customer.track("$completed", guide=HELP)


def success_is_asked_about(stage: Stage) -> str:
    """They follow it and succeed; the reply to that brings the survey."""
    reply = stage.customer.track("Domain Verified", domain=stage.domain)
    expect([each["guide"] for each in reply["decisions"]] == [SURVEY], f"the reply decides {reply['decisions']}")
    questions = reply["decisions"][0]["content"]["questions"]
    expect([each["type"] for each in questions] == ["effort", "choice", "text"], f"it asks {questions}")
    return f"{SURVEY}: “{questions[0]['text']}”"


def answer_is_given(stage: Stage) -> None:
    """They answer: 7 of 7, and a sentence of their own."""
    customer, submission = stage.customer, stage.submission
    customer.track("$shown", guide=SURVEY)
    customer.track("$answered", guide=SURVEY, question="ease", value=7, submission=submission, language="en")
    customer.track("$answered", guide=SURVEY, question="detail", value=_WORDS, submission=submission, language="en")
    customer.track("$completed", guide=SURVEY)


def record_has_moved(stage: Stage) -> str:
    """Within moments the step's record has it all: one more entrant, the friction, the answer, the words."""
    began = time.monotonic()
    while True:
        stage.after = stage.record()
        if any(each["text"] == _WORDS for each in stage.after["verbatims"]) or time.monotonic() - began > SOON:
            break
        time.sleep(0.05)
    took = time.monotonic() - began
    before, after = stage.before, stage.after
    expect(any(each["text"] == _WORDS for each in after["verbatims"]), f"the answer is not there after {SOON:g} s")
    for figure in ("entered", "completed"):
        expect(after[figure] == before[figure] + 1, f"{figure}: {before[figure]}, then {after[figure]}")
    raged = [
        next(each["count"] for each in record["friction"]["signals"] if each["name"] == "rage_click")
        for record in (before, after)
    ]
    expect(raged[1] == raged[0] + 1, f"rage clicks: {raged[0]}, then {raged[1]}")
    expect(after["friction"]["score"] != before["friction"]["score"], "the friction has not moved")
    return f"after {took:.2f} s, {after['entered']} entrants"


def emotion_has_moved(stage: Stage) -> str:
    """The step's emotion rests on more answers than before and has moved towards theirs."""
    before, after = stage.before["emotion"], stage.after["emotion"]
    expect(after["n"] > before["n"], f"n: {before['n']}, then {after['n']}")
    expect(after["mean"] > before["mean"], f"mean: {before['mean']}, then {after['mean']}")
    interval = after["interval"]
    expect(interval["low"] <= after["mean"] <= interval["high"], f"{after['mean']} is outside {interval}")
    return f"{before['mean']:+.3f} (n = {before['n']}) became {after['mean']:+.3f} (n = {after['n']})"


def twice_is_once(stage: Stage) -> None:
    """The same events sent again change nothing."""
    reply = stage.customer.send(stage.customer.last_batch)
    expect(reply["accepted"] == 0 and reply["duplicates"] == 1, f"the receipt is {reply}")
    again = stage.record()
    kept = ("entered", "completed", "friction", "emotion", "questions")
    expect(all(again[figure] == stage.after[figure] for figure in kept), "the record changed")


def decisions_have_reasons(stage: Stage) -> str:
    """Every decision says why; the customer of a large company, for whom the rule is not, gets no tooltip."""
    user = str(stage.customer.user_id)
    reasons = stage.reason(HELP, user)
    expect("CONDITION_FALSE" in reasons and "TARGETING_MATCH" in reasons, f"reasons for {HELP}: {reasons}")
    large = Visitor(stage.address, PUBLIC_KEY, system_clock)
    large.open("/signup")
    large.identify(f"check-{uuid4()}", plan="pro", seats=80, sales_assisted=True, first_name="Kim")
    large.track("Signed Up", plan="pro")
    large.track("Domain Added", domain="large.example", provider="Namewise")
    for attempt in (1, 2, 3):
        reply = large.track("DNS Check Failed", domain="large.example", reason="NXDOMAIN", attempt=attempt)
        expect(not reply["decisions"], f"shown: {[each['guide'] for each in reply['decisions']]}")
    reasons = stage.reason(HELP, str(large.user_id))
    expect(set(reasons) >= {"NOT_IN_AUDIENCE"}, f"reasons for {HELP}: {reasons}")
    return "CONDITION_FALSE, then TARGETING_MATCH; NOT_IN_AUDIENCE"


PARTS: Final[tuple[Callable[[Stage], str | None], ...]] = (
    pages_are_strict,
    history_is_there,
    customer_arrives,
    first_failure_is_quiet,
    second_failure_is_helped,
    help_is_seen,
    success_is_asked_about,
    answer_is_given,
    record_has_moved,
    emotion_has_moved,
    twice_is_once,
    decisions_have_reasons,
)
"""The story in its order; each part says in its docstring what holds."""


def play(address: str, *, secret_key: str, ready_after: float, console: Console) -> bool:
    """Play all parts against a running demo and print what held; True when all of it did."""
    stage = Stage(address, secret_key, Visitor(address, PUBLIC_KEY, system_clock))
    console.print(f"[green]✓[/] The demo is ready at {address} [dim]after {ready_after:.1f} s[/]", soft_wrap=True)
    for number, part in enumerate(PARTS):
        sentence = " ".join((part.__doc__ or "").split())
        try:
            seen = part(stage)
        except WaypostError as error:
            console.print(f"[red]✗[/] {sentence}", soft_wrap=True)
            console.print(f"  {error}", markup=False, soft_wrap=True)
            if left := len(PARTS) - number - 1:
                console.print(f"[dim]– {left} more parts were not played[/]")
            return False
        console.print(f"[green]✓[/] {sentence}" + (f" [dim]{seen}[/]" if seen else ""), soft_wrap=True)
    console.print("\nThe story holds.")
    return True
