"""What tests of the roadmap say often: a journey of three steps with two personas, and people who went through it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dsl.project import RuleProject, load
from dsl.values import DAY, Duration, Instant, read_instant
from engine.analytics.records import AnswerGiven
from engine.journeys import JourneyProgress, StepProgress
from engine.roadmap.board import Board, board_of
from engine.roadmap.evidence import Elsewhere, StepEvidence, Traveller, journey_evidence
from engine.roadmap.items import Item, ItemDraft, Override
from engine.roadmap.opportunities import Opportunity, opportunities_of
from engine.roadmap.quadrants import Limits

RULES = """
attribute plan: one of "trial", "pro"

event "Signed Up"
event "Verified"
event "Sent"

journey activation "Activation" {
  stage onboarding "Onboarding" as onboarding {
    step signup "Create account" reached by "Signed Up" touchpoint "/signup"
    step verify "Verify the domain" reached by "Verified" touchpoint "/domains/*/dns"
  }
  stage first_value "First value" {
    step send "Send a campaign" reached by "Sent" touchpoint "/campaigns/*"
  }
  gives up after 7 days
}

persona trial "On trial" where plan is "trial"
persona paying "Paying" where plan is "pro"

guide verify_help "Help" {
  at activation.verify
  on "Signed Up"
  show modal { title "Help" }
  once
  expires 2099-01-01
}

survey blocker "Blocker" {
  at activation.verify
  on "Signed Up"
  ask choice what "What is in the way?" {
    "I do not know what to enter" as unsure feels confused
    "I cannot change our DNS" as no_access feels frustrated
    "It is fine" as fine feels confident
  }
  once
  expires 2099-01-01
}
"""
NOW = read_instant("2026-11-16T12:00:00Z") or Instant(0)
ENTERED = Instant(NOW - 20 * DAY)
"""When everybody comes to the step, unless said otherwise: their fate is settled by now."""


def rules() -> RuleProject:
    loaded = load({"rules.way": RULES})
    assert loaded.ok, loaded.diagnostics
    return loaded


def traveller(
    number: int,
    *,
    went_on: bool,
    signals: Iterable[str] = (),
    known: bool = True,
    at: Instant = ENTERED,
    took: Duration = DAY,
    step: str = "verify",
) -> Traveller:
    """Somebody who came to the step, and left or went on."""
    here = StepProgress(entered_at=at, reached_at=Instant(at + took) if went_on else None)
    here.signals.update(dict.fromkeys(signals, 1))
    progress = JourneyProgress(standing="send" if went_on else step, steps={step: here}, last_event_at=at)
    return Traveller(number, known, progress)


def people(
    first: int, *, lost: int, went_on: int, signals: Iterable[str] = (), met_by_lost: int = 0, known: bool = True
) -> list[Traveller]:
    """A crowd: so many lost, of whom some met signals, and so many who went on without any."""
    gone = [
        traveller(first + number, went_on=False, signals=signals if number < met_by_lost else (), known=known)
        for number in range(lost)
    ]
    return gone + [traveller(first + lost + number, went_on=True, known=known) for number in range(went_on)]


def said(person: int, key: str, feeling: str, *, at: Instant = ENTERED) -> AnswerGiven:
    """An answer to the survey at the step."""
    return AnswerGiven(
        person=person,
        guide="blocker",
        question="what",
        submission=f"s{person}",
        value=key,
        text=None,
        feeling=feeling,
        valence=-0.5,
        inferred=False,
        language="en",
        time=at,
    )


def evidence(
    crowd: Sequence[Traveller],
    *,
    trial: Iterable[int] = (),
    paying: Iterable[int] = (),
    answers: Sequence[AnswerGiven] = (),
    elsewhere: Sequence[Elsewhere] = (),
    personas: bool = True,
) -> tuple[StepEvidence, ...]:
    """The evidence that these people make, over four weeks."""
    return journey_evidence(
        rules().journeys["activation"],
        crowd,
        {"verify": list(answers)},
        {"verify": list(elsewhere)},
        personas={"trial": set(trial), "paying": set(paying)} if personas else {},
        labels={"trial": "On trial", "paying": "Paying"},
        period=Duration(28 * DAY),
        now=NOW,
    )


STEP = ItemDraft(title="Say what the record is for", journey="activation", step="verify")
READY = replace(STEP, evidence=("https://tracker.example/7",))


def item(draft: ItemDraft, number: int = 1, *, created: Instant = NOW, override: Override | None = None) -> Item:
    return Item(number, 1, draft, override, created, "member 3", created, "member 3")


def found() -> tuple[Opportunity, ...]:
    crowd = [*people(1, lost=60, went_on=40), *people(101, lost=20, went_on=80)]
    return opportunities_of(evidence(crowd, trial=range(1, 101), paying=range(101, 201)))


def board(*drafts: ItemDraft, limits: Limits = Limits()) -> Board:  # noqa: B008  (frozen)
    items = [item(draft, number) for number, draft in enumerate(drafts, 1)]
    return board_of(rules(), items, [], found(), (limits, 0), now=NOW)
