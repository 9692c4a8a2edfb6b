"""The rules in force, compiled, for each project: made once a version, kept in memory, never half.

Decides which rule set a decision uses. A version that can no longer be read (a release may check more than the one
that published it) is reported and leaves the last good one in force.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dsl.project import Before, RuleProject, load
from dsl.project_cache import keep as keep_project
from dsl.project_cache import load_kept
from dsl.values import Instant
from engine.errors import UnknownProject
from engine.ruleset import RuleSet
from engine.ruleset_cache import build_kept
from engine.ruleset_cache import keep as keep_ruleset
from engine.storage import projects, versions
from engine.storage.shares import with_shares
from engine.storage.surveys import versions_of_project

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_log = logging.getLogger("waypost.rules")
_REMEMBERED: Final = 8
"""Projects of which it is remembered what was checked last, so that an edit is checked quickly."""
_FORMER_KEPT: Final = 8
"""Earlier versions that are kept compiled, for questions about the past."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The rule set of a project; without a version the empty one, before the first publication."""

    version: int | None
    ruleset: RuleSet


class Rulebook:
    """Rule sets by project. Safe to use from several threads: at worst a version is compiled twice."""

    def __init__(self, cache: Path | None = None) -> None:
        """cache: a folder of its own in which checked rules are kept from one start to the next; None for none."""
        self._cache = cache
        self._kept: dict[int, InForce] = {}
        self._keeping: list[threading.Thread] = []
        self._before: dict[int, tuple[Before, threading.Lock]] = {}
        self._former: dict[tuple[int, int | None], RuleSet] = {}

    def of(self, connection: Connection, project_id: int) -> InForce:
        """What is in force now, also when another process has published it. Raises UnknownProject."""
        active = projects.in_force(connection, [project_id]).get(project_id)
        if active is None:
            raise UnknownProject
        return self.current(connection, project_id, active)

    def current(self, connection: Connection, project_id: int, active: projects.ActiveRules) -> InForce:
        """The rule set of what a project was just found to have in force."""
        kept = self._kept.get(project_id)
        if kept is not None and (kept.version, kept.ruleset.is_stopped) == (active.version, active.is_stopped):
            return kept
        if kept is not None and kept.version == active.version:
            ruleset = kept.ruleset
        else:
            ruleset = self._compile(connection, project_id, active.version, kept)
        found = InForce(active.version, ruleset.switched(is_stopped=active.is_stopped))
        self._kept[project_id] = found
        return found

    def then(self, connection: Connection, project_id: int, at: Instant) -> InForce:
        """What was in force at an instant, checked with what is known today. Raises UnknownProject."""
        now = self.of(connection, project_id)
        version = versions.version_at(connection, project_id, at)
        is_stopped = projects.was_stopped(connection, project_id, at)
        if version == now.version:
            return InForce(version, now.ruleset.switched(is_stopped=is_stopped))
        ruleset = self._former.get((project_id, version))
        if ruleset is None:
            ruleset = self._compile(connection, project_id, version, None)
            if len(self._former) >= _FORMER_KEPT:
                self._former.clear()
            self._former[project_id, version] = ruleset
        return InForce(version, ruleset.switched(is_stopped=is_stopped))

    def known(self, project_id: int) -> RuleSet | None:
        """The rule set that was in force last, as far as this process knows."""
        kept = self._kept.get(project_id)
        return None if kept is None else kept.ruleset

    def put(self, project_id: int, in_force: InForce) -> None:
        """Use what was just published, without compiling it again; the next start finds it in the cache."""
        self._kept[project_id] = in_force
        if self._cache is None:
            return
        # Beside what goes on: large rules take a second to write.
        thread = threading.Thread(target=_keep, args=(in_force.ruleset, self._cache), name="waypost-rules")
        self._keeping = [each for each in self._keeping if each.is_alive()] + [thread]
        thread.start()

    def check(self, connection: Connection, project_id: int, files: Mapping[str, str], *, at: Instant) -> RuleProject:
        """What `check` gives; quick where most is the same as in the last check. Raises UnknownProject."""
        before, lock = self._before.get(project_id) or (Before(), threading.Lock())
        others = [each for each in self._before.items() if each[0] != project_id]
        self._before = dict([*others, (project_id, (before, lock))][-_REMEMBERED:])
        if not lock.acquire(blocking=False):
            # Somebody else has rules of this project checked just now.
            return check(connection, project_id, files, at=at)
        try:
            return check(connection, project_id, files, at=at, before=before)
        finally:
            lock.release()

    def close(self) -> None:
        """Wait until what was published is in the cache."""
        for thread in self._keeping:
            thread.join()

    def _compile(self, connection: Connection, project_id: int, version: int | None, kept: InForce | None) -> RuleSet:
        stored = None if version is None else versions.rules_of(connection, project_id, version)
        checked = check(connection, project_id, {} if stored is None else stored.files, cache=self._cache)
        if checked.ok:
            previous = kept.ruleset if kept is not None else None
            if self._cache is None:
                built = RuleSet.build(checked, previous=previous)
            else:
                built = build_kept(checked, folder=self._cache, previous=previous)
            return built.with_surveys(versions_of_project(connection, project_id))
        _log.error("version %s of the rules of project %s has errors now and is not used", version, project_id)
        return kept.ruleset if kept is not None else RuleSet.build(check(connection, project_id, {}))


def _keep(ruleset: RuleSet, folder: Path) -> None:
    keep_project(ruleset.project, folder=folder)
    keep_ruleset(ruleset, folder=folder)


def check(
    connection: Connection,
    project_id: int,
    files: Mapping[str, str],
    *,
    at: Instant | None = None,
    cache: Path | None = None,
    before: Before | None = None,
) -> RuleProject:
    """Check files against what a project has really received, in its time zone. Raises UnknownProject.

    at: an instant for which people want to know what is doubtful: what has expired, and what few users have. cache:
    where checked rules are kept; only without `at`, since both are another thing every day. before: see `load`.
    """
    project = projects.project_by_id(connection, project_id)
    if project is None:
        raise UnknownProject
    seen = versions.seen(connection, project_id)
    if cache is not None and at is None:
        return load_kept(files, folder=cache, seen=seen, zone=project.zone)
    seen = seen if at is None else with_shares(connection, project_id, seen)
    return load(files, seen=seen, at=at, zone=project.zone, before=before)
