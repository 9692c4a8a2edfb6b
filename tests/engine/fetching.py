"""A project whose worker can be let fetch, for tests of scheduled sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.couriers import Courier
from engine.evidence_desk import EvidenceDesk
from engine.fetching import Fetcher
from engine.scheduled.desk import ScheduledDesk, SourceWanted
from engine.scheduled.facts import ScheduledSource, SourceRun
from engine.scheduled.fetch import fetch_due
from engine.service import Service
from tests.engine.clock import Clock

RULES = """event "Signed Up"
journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Verify the domain" reached by "Verified"
  }
}
event "Verified"
"""
SECRET = "s3cret-token"


@dataclass
class Desk:
    """A project with a user, whose worker can be let run."""

    service: Service
    clock: Clock
    project: int
    sources: ScheduledDesk

    def add(self, kind: str, values: dict[str, str], **more: Any) -> ScheduledSource:
        rules = self.service.rules_now(self.project).project
        return self.sources.add(
            self.project, SourceWanted(kind, "", values, **more), rules, by="member 1", now=self.clock.now
        )

    def change(self, number: int, changes: dict[str, Any]) -> ScheduledSource:
        rules = self.service.rules_now(self.project).project
        revision = self.sources.source(self.project, number).revision
        return self.sources.change(
            self.project, number, changes, rules, revision=revision, by="member 1", now=self.clock.now
        )

    def work(self, courier: Courier | None = None) -> tuple[int, int]:
        fetcher = Fetcher(courier or Courier(allows_private=True))
        return fetch_due(self.service, fetcher, clock=self.clock, renew=lambda: True)

    def last(self, number: int) -> SourceRun:
        return self.sources.runs(self.project, number)[0]

    def evidence(self) -> list[Any]:
        return EvidenceDesk(self.service.database).listed(self.project)

    def told(self) -> list[tuple[str, str, float | None, str | None]]:
        """The id, text, score and user of all evidence."""
        return [
            (each.draft.external, each.draft.text, each.draft.score, each.draft.user_id) for each in self.evidence()
        ]


@contextmanager
def desk_on(url: str, clock: Clock) -> Iterator[Desk]:
    """A project in a database."""
    service = Service.open(url, clock=clock)
    project = service.ensure_project().id
    service.publish(project, {"a.way": RULES})
    yield Desk(service, clock, project, ScheduledDesk(service.database, allows_private=True))
    service.close()
