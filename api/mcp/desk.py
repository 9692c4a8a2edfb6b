"""What tools work with: one project of a database, the person in whose name they work, and the draft of its rules.

Decides what that person may do, at every call anew, so that a role that is taken away holds at once. Analyses are made
anew for each question: nothing of somebody who is erased meanwhile is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.analysts import analyst_of
from api.config import Settings
from api.mcp.errors import NoSuchFile, RulesFaulty
from api.problems import MissingScope
from dsl.diagnostics import Severity
from dsl.project import RuleProject
from dsl.values import Instant
from engine.audit import COMMAND_LINE
from engine.drafting import Drafts
from engine.drafts import Draft
from engine.membership import RulesNow
from engine.permissions import ALL_SCOPES, GRANTS, Scope
from engine.replies import ProjectView
from engine.service import Service
from engine.staff import member_name

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.roadmap.planner import Planner


@dataclass(frozen=True, slots=True)
class Who:
    """In whose name it is worked. actor: as drafts and the audit log name them."""

    actor: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Working:
    """The rules as they are written on: the draft, or what is in force where there is none."""

    revision: int
    draft: Draft | None
    in_force: int
    files: Mapping[str, str]

    @property
    def base(self) -> int:
        """The version that these were made from."""
        return self.in_force if self.draft is None else self.draft.base


class Desk:
    """One project. member: the address of the member in whose name it is worked; None for whoever runs the server."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        project: ProjectView,
        *,
        clock: Callable[[], Instant],
        member: str | None = None,
    ) -> None:
        self.service = service
        self.settings = settings
        self.project = project
        self.clock = clock
        self._member = member

    @property
    def project_id(self) -> int:
        """The number of the project."""
        return self.project.id

    def who(self) -> Who:
        """The person as they are now. Raises NoSuchMember."""
        if self._member is None:
            return Who(COMMAND_LINE, ALL_SCOPES)
        found = self.service.staff.member(self.project.root, self._member)
        return Who(member_name(found.user_id), GRANTS[found.role])

    def admit(self, scope: Scope) -> Who:
        """The person, who may do this. Raises MissingScope, NoSuchMember."""
        who = self.who()
        if scope not in who.scopes:
            raise MissingScope(f"the role of `{self._member}` in this project does not allow `{scope}`")
        return who

    def rules(self) -> RulesNow:
        """The rules in force."""
        return self.service.rules_now(self.project_id)

    def analyst(self) -> Analyst:
        """Who answers about everybody, with what the log has until now."""
        return analyst_of(self.service.database, self.settings)

    def planner(self) -> Planner:
        """Who finds opportunities."""
        from engine.roadmap.path_contrasts import PathContrasts  # noqa: PLC0415  (heavy: only where it is asked)
        from engine.roadmap.planner import Planner  # noqa: PLC0415
        from engine.roadmap.readings import Readings  # noqa: PLC0415

        database = self.service.database
        return Planner(database, Readings(database, contrasts=PathContrasts(self.analyst())))

    @property
    def drafts(self) -> Drafts:
        """The working drafts."""
        return Drafts(self.service.database, self.service.publications)

    def working(self) -> Working:
        """The rules as they are written on."""
        drafts = self.drafts
        revision, draft = drafts.of(self.project_id)
        version, files = drafts.in_force(self.project_id)
        return Working(revision, draft, version, files if draft is None else draft.files)

    def changed(self, files: Mapping[str, str], removed: Sequence[str]) -> dict[str, str]:
        """All files of the project, with these in place of those of their name and without the removed ones.

        Raises NoSuchFile.
        """
        now = self.working().files
        for name in removed:
            if name not in now:
                raise NoSuchFile(name, tuple(now))
        return {name: text for name, text in {**now, **files}.items() if name in files or name not in removed}

    def check(self, files: Mapping[str, str]) -> RuleProject:
        """What all files say, beside what the project has really received."""
        return self.service.publications.check(self.project_id, files)

    def checked(self, files: Mapping[str, str]) -> RuleProject:
        """The same of files that have to be without errors. Raises RulesFaulty."""
        project = self.check(files)
        if not project.ok:
            errors = [each for each in project.diagnostics if each.severity is Severity.ERROR]
            raise RulesFaulty(errors, project.sources)
        return project
