"""A team around a journey map: a service on a database, people who went through the journey, and the map's door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dsl.values import DAY, HOUR, MINUTE, Instant, format_instant
from engine.analyst import Analyst
from engine.evidence import Draft, Source
from engine.evidence_desk import EvidenceDesk
from engine.mapping.cartographer import Author, Cartographer, MapAsked
from engine.mapping.cells import Cell, CellDraft
from engine.mapping.model import JourneyMap, StepOnMap
from engine.mapping.rows import Row
from engine.membership import RulesNow
from engine.replies import Published
from engine.roadmap.planner import Planner
from engine.service import Service
from tests.engine.clock import STARTED, Clock
from tests.engine.serving import track

RULES = """
attribute plan: text

journey way "The way" {
  stage early "Early" {
    step begin "Begin" reached by "Begun"
    step connect "Connect" reached by "Connected" attempted by "Failed"
      touchpoint "/connect/*", "Welcome mail" on email expect within 1 hour
  }
  stage late "Late" { step send "Send" reached by "Sent" touchpoint "/send" }
  gives up after 7 days
}

persona pro "Pro" where plan is "pro"
persona small "Small" where plan is "free"

guide help "Help with connecting" {
  at way.connect
  on "Failed"
  show modal { title "Help" }
  once
  expires 2099-12-31
}
survey ease "Ease" {
  at way.connect
  on "Connected"
  ask effort ease "How easy?"
  ask text detail "What else?" optional
  expires 2099-12-31
}
guide old "Old" {
  at way.send
  show modal { title "Old" }
  once
  expires 2026-01-31
}
"""
START = Instant(STARTED - 30 * DAY)
"""When people begin: 30 days before the clock, at nine in the morning."""
ADA = Author("member 1")
BOB = Author("member 2")


class Workshop:
    """Ten people: all begin; three are lost, six connect (one of them late), one has just begun. Five are pro."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock = Clock()
        self.lakes = folder / "lake"
        self.service = Service.open(url, clock=self.clock, lakes=self.lakes)
        self.project = self.service.ensure_project().id
        found = self.service.publish(self.project, {"rules.way": RULES})
        assert isinstance(found, Published), found
        analyst = Analyst(self.service.database, self.lakes)
        self.planner = Planner(self.service.database)
        self.maps = Cartographer(self.service.database, self.planner, analyst)

    def live(self) -> None:
        for number in range(10):
            user = f"u{number}"
            self.is_on(user, "pro" if number >= 5 else "free")
            if number == 9:
                self.did(user, "Begun", 29 * DAY)
                continue
            self.did(user, "Begun", 0)
            if number < 3:
                self.did(user, "Failed", 10 * MINUTE)
                self.did(user, "$error_click", 11 * MINUTE, path="/connect/dns")
                continue
            self.did(user, "Wandered", 12 * MINUTE)
            self.did(user, "Connected", 20 * MINUTE if number < 8 else 2 * HOUR)
            self.did(user, "$shown", 3 * HOUR, guide="ease")
            answer = {"guide": "ease", "submission": f"s{number}", "language": "en"}
            self.did(user, "$answered", 3 * HOUR + 1, question="ease", value=number - 2, **answer)
        words = {"question": "detail", "value": "which record?", "text": "which record?", "submission": "s3"}
        self.did("u3", "$answered", 3 * HOUR + 2, guide="ease", language="en", **words)

    def did(self, user: str, name: str, after: int, **properties: Any) -> None:
        message = track(name, user=user, at=Instant(START + after), properties=properties)
        receipt = self.service.receive(self.project, [message], received=self.clock.now)
        assert receipt.accepted == 1, receipt

    def is_on(self, user: str, plan: str) -> None:
        told = {"type": "identify", "userId": user, "traits": {"plan": plan}, "timestamp": format_instant(START)}
        self.service.receive(self.project, [told], received=self.clock.now)

    def released(self, version: str, **touches: Any) -> None:
        """A release now, from a program of the team."""
        told = track("$release", user="ci", at=self.clock.now, properties={"version": version, **touches})
        self.service.receive(self.project, [told], received=self.clock.now)

    def told(self, text: str, *, user: str | None = None, step: str = "connect") -> int:
        """Something said elsewhere; its number."""
        draft = Draft(Source.INTERVIEW, text=text, user_id=user, place=("way", step), external=text)
        (receipt,) = EvidenceDesk(self.service.database).take_in(self.project, self.rules, [draft], by="member 1")
        assert receipt.id is not None, receipt
        return receipt.id

    @property
    def rules(self) -> RulesNow:
        return self.service.rules_now(self.project)

    def map(self, **asked: Any) -> JourneyMap:
        return self.maps.map(self.project, self.rules, MapAsked("way", **asked))

    def step(self, name: str, **asked: Any) -> StepOnMap:
        found = self.map(**asked).step(name)
        assert found is not None
        return found

    def type(self, row: Row, text: str, *, revision: int = 0, by: Author = ADA, **more: Any) -> Cell:
        more.setdefault("step", "" if "stage" in more else "connect")
        draft = CellDraft(row=row, text=text, **more)
        return self.maps.set_cell(self.project, self.rules, "way", draft, revision=revision, by=by)


def texts(step: StepOnMap, row: Row) -> list[str]:
    """The lines of a cell."""
    return [line.text for line in step.lines.get(row, ())]
