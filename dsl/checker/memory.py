"""What was found in declarations, for the next time that most of them are checked again.

A declaration is known by its identity. What was found in it holds as long as everything that it may speak of is the
same; where nothing was found, also if something was added that it cannot speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dsl.catalog import Owner, Seen
from dsl.checker.conditions import RARE
from dsl.diagnostics import Diagnostic
from dsl.nodes import Declaration, Guide, GuideKind, Question

if TYPE_CHECKING:
    from dsl.project import RuleProject

Found = TypeVar("Found")

_SAYS: Final = "says"
Messages = tuple[Diagnostic, ...]


class Memory:
    """Of one way to look at declarations. Begin each time with `begin`; one thread at a time.

    lasts: False where there will be no next time; nothing is remembered then.
    """

    def __init__(self, *, lasts: bool = True) -> None:
        self._lasts = lasts
        self._around: object = None
        self._guides: Mapping[str, object] = {}
        self._others: Sequence[Declaration] = ()
        self._seen = Seen()
        self._is_exact = False
        self._before: dict[tuple[str, int], tuple[object, Any]] = {}
        self._now: dict[tuple[str, int], tuple[object, Any]] = {}
        self.together: dict[object, Any] = {}
        """What was found of several guides together; kept only while the same holds around."""

    def begin(self, project: RuleProject, *more: object) -> None:
        """Look at a project. more: whatever else the findings depend on."""
        around = (
            project.catalog,
            project.journeys,
            project.segments,
            project.features,
            project.limits,
            project.recorded,
            project.zone,
            project.seen.without_shares(),
            _rare(project),
            tuple(project.programs),
            more,
        )
        others = [each for file in project.programs.values() for each in file.declarations if type(each) is not Guide]
        guides = {name: _asked(guide) for name, guide in project.guides.items()}
        # Another guide is no matter to those that do not name it, and they named none that was not there.
        is_same = around == self._around and all(guides.get(name) == each for name, each in self._guides.items())
        self._is_exact = (
            is_same
            and project.seen == self._seen
            and list(guides) == list(self._guides)
            and len(others) == len(self._others)
            and all(new is old for new, old in zip(others, self._others, strict=True))
        )
        self._before = self._now if is_same else {}
        self.together = self.together if is_same else {}
        self._around, self._guides, self._others, self._now = around, guides, others, {}
        self._seen = project.seen

    def says(self, declaration: Declaration, find: Callable[[], Messages]) -> Messages:
        """The messages about a declaration."""
        key = (_SAYS, id(declaration))
        known = self._before.get(key)
        if known is None or known[0] is not declaration or (known[1] and not self._is_exact):
            known = (declaration, find())
        if self._lasts:
            self._now[key] = known
        found: Messages = known[1]
        return found

    def of(self, what: str, declaration: Declaration, find: Callable[[], Found]) -> Found:
        """Something about a declaration that depends on what stands around it only, not on its messages."""
        key = (what, id(declaration))
        known = self._before.get(key)
        if known is None or known[0] is not declaration:
            known = (declaration, find())
        if self._lasts:
            self._now[key] = known
        found: Found = known[1]
        return found

    def moved(self, old: Declaration, new: Declaration) -> None:
        """Take one declaration for another that stands elsewhere in its text and says the same."""
        known = self._now.get((_SAYS, id(old)))
        if known is not None and known[0] is old and not known[1]:
            self._now[_SAYS, id(new)] = (new, ())


def _rare(project: RuleProject) -> frozenset[tuple[Owner, str]]:
    """The attributes that few users have."""
    known = [*project.catalog.user.values(), *project.catalog.account.values()]
    shares = [(each, project.seen.share_of(each)) for each in known]
    return frozenset((each.owner, each.key) for each, share in shares if share is not None and share < RARE)


def _asked(guide: Guide) -> object:
    """What others may say of a guide: its kind, and of a survey its questions."""
    if guide.kind is GuideKind.GUIDE:
        return guide.kind
    return (guide.kind, tuple(clause for clause in guide.clauses if isinstance(clause, Question)))
