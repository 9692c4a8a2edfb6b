"""The working draft of a project's rules: kept as it is typed, looked through, tried, and put in force.

Decides who wins where two change it at once: whoever sends first; the other one is told and loses nothing, since a
change is sent with the revision that it was made from. A draft is nobody's: whoever may write drafts goes on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.merging import Merged, merge
from dsl.project import RuleProject
from dsl.standing import with_pause
from dsl.values import Instant, JsonValue
from engine.audience import AudienceChange
from engine.drafts import Draft, DraftState, NoDraft, NothingToTry, StaleDraft
from engine.errors import UnknownGuide
from engine.replies import Published, Refused
from engine.storage import drafts as kept
from engine.telling_hooks import note_for_hooks
from engine.trials import TRIAL_FILE, Trial, trial_of, without_trial
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from engine.publications import Publications
    from engine.storage.store import Database


class Drafts:
    """The drafts of all projects of a database. Instants are passed in."""

    def __init__(self, database: Database, publications: Publications) -> None:
        self._database = database
        self._publications = publications

    def of(self, project_id: int) -> tuple[int, Draft | None]:
        """The draft, None where there is none, and the revision at which that is so."""
        with self._database.reading() as connection:
            return kept.draft_of(connection, project_id)

    def one(self, project_id: int, revision: int | None = None) -> Draft:
        """The draft, at a revision where one is given. Raises NoDraft, StaleDraft."""
        current, draft = self.of(project_id)
        if draft is None:
            raise NoDraft
        if revision is not None and revision != current:
            raise StaleDraft(revision, current)
        return draft

    def in_force(self, project_id: int) -> tuple[int, dict[str, str]]:
        """The version in force, 0 for none, and its files but for what is tried."""
        version = next((each.version for each in self._publications.versions(project_id, limit=1)), 0)
        return version, without_trial(self._publications.files(project_id, version) or {}) if version else {}

    def save(
        self, project_id: int, files: Mapping[str, str], *, base: int, revision: int, by: str, now: Instant
    ) -> Draft:
        """Keep what was typed. base: the version that it was made from. Raises StaleDraft."""
        with self._database.writing() as connection:
            current, before = kept.draft_of(connection, project_id)
            if revision != current:
                raise StaleDraft(revision, current)
            begun, begun_by = (now, by) if before is None else (before.begun, before.begun_by)
            note = "" if before is None else before.note
            draft = Draft(
                revision,
                without_trial(files),
                base,
                DraftState.WRITING,
                note,
                begun,
                begun_by,
                changed=now,
                changed_by=by,
            )
            return kept.keep(connection, project_id, draft)

    def discard(self, project_id: int, *, revision: int) -> int:
        """Throw the draft away; the revision from then on. Raises NoDraft, StaleDraft."""
        self.one(project_id, revision)
        with self._database.writing() as connection:
            return kept.end(connection, project_id, revision)

    def mark(
        self, project_id: int, state: DraftState, *, note: str | None, revision: int, by: str, now: Instant
    ) -> Draft:
        """Say how far the draft is, and what it is about. Raises NoDraft, StaleDraft."""
        before = self.one(project_id, revision)
        draft = replace(before, state=state, note=before.note if note is None else note, changed=now, changed_by=by)
        with self._database.writing() as connection:
            made = kept.keep(connection, project_id, draft)
            if state is DraftState.REVIEW and before.state is not state:
                data: dict[str, JsonValue] = {"revision": made.revision, "base": made.base, "by": by, "note": made.note}
                note_for_hooks(connection, project_id, HookKind.REVIEW_ASKED, f"draft:{made.revision}", data, now)
        return made

    def publish(self, project_id: int, *, revision: int, note: str, by: str) -> Published | Refused:
        """Put the draft in force, and end it. Raises NoDraft, StaleDraft, StaleVersion."""
        draft = self.one(project_id, revision)
        published = self._publications.publish(project_id, draft.files, by=by, note=note, expected=draft.base)
        if isinstance(published, Published):
            self._follow(project_id, draft, published.version, is_over=True)
        return published

    def audience(
        self, project_id: int, *, with_simulated: bool = False, portion: tuple[int, int | None] | None = None
    ) -> AudienceChange | Refused:
        """Who would have seen each guide under the draft, and who under the rules in force, over the project's own
        history, or of one portion of its people (`Publications.compare`). Raises NoDraft, TooMuchHistory.
        """
        draft = self.one(project_id)
        _, files = self.in_force(project_id)
        return self._publications.compare(
            project_id, files, draft.files, with_simulated=with_simulated, portion=portion
        )

    def checked(self, project_id: int) -> tuple[RuleProject, RuleProject]:
        """What is in force without a trial, and the draft, both checked. Raises NoDraft."""
        draft = self.one(project_id)
        _, files = self.in_force(project_id)
        return self._publications.check(project_id, files), self._publications.check(project_id, draft.files)

    def try_out(self, project_id: int, segment: str, *, revision: int, by: str) -> tuple[Trial, Published | Refused]:
        """Show what the draft changes to testers only. Raises NoDraft, StaleDraft, NothingToTry, StaleVersion."""
        draft = self.one(project_id, revision)
        version, files = self.in_force(project_id)
        live, drafted = self.checked(project_id)
        if not drafted.ok:
            return Trial("", (), ()), Refused(drafted.diagnostics, drafted.sources)
        if segment not in drafted.segments:
            raise NothingToTry(f"there is no segment `{segment[:80]}` in the draft: write one that says who tries it")
        trial = trial_of(live, drafted, segment)
        if not trial.guides:
            raise NothingToTry("the draft changes no guide and no survey, so testers would see nothing new")
        note = f"trial with {segment}: {', '.join(trial.guides)}"
        tried = {**files, TRIAL_FILE: trial.text}
        published = self._publications.publish(project_id, tried, by=by, note=note[:500], expected=version)
        if isinstance(published, Published) and draft.base == version:
            self._follow(project_id, draft, published.version, is_over=False)
        return trial, published

    def end_trial(self, project_id: int, *, by: str) -> Published | Refused:
        """Take away what testers see. Raises NothingToTry, StaleVersion."""
        version, files = self.in_force(project_id)
        if TRIAL_FILE not in (self._publications.files(project_id) or {}):
            raise NothingToTry("nothing is tried by testers at present")
        _, draft = self.of(project_id)
        published = self._publications.publish(project_id, files, by=by, note="end of the trial", expected=version)
        if isinstance(published, Published) and draft is not None and draft.base == version:
            self._follow(project_id, draft, published.version, is_over=False)
        return published

    def pause(self, project_id: int, guide: str, *, is_paused: bool, note: str, by: str) -> Published | Refused:
        """Pause one guide in its own text, or let it go on: a new version, and the draft follows where it can.

        Raises UnknownGuide, StaleVersion.
        """
        version = next((each.version for each in self._publications.versions(project_id, limit=1)), 0)
        files = dict(self._publications.files(project_id) or {})
        changed = {name: with_pause(text, guide, is_paused=is_paused) for name, text in files.items()}
        new = {**files, **{name: text for name, text in changed.items() if text is not None}}
        if all(text is None for text in changed.values()):
            raise UnknownGuide(guide, tuple(self._publications.check(project_id, files).guides))
        said = note or f"{guide} {'paused' if is_paused else 'goes on'}"
        published = self._publications.publish(project_id, new, by=by, note=said, expected=version)
        _, draft = self.of(project_id)
        if isinstance(published, Published) and draft is not None and draft.base == version:
            together = merged(files, draft.files, new)
            if not together.conflicts:
                self._follow(project_id, replace(draft, files=together.files), published.version, is_over=False)
        return published

    def _follow(self, project_id: int, draft: Draft, version: int, *, is_over: bool) -> None:
        """A draft after a publication of it. Somebody who typed meanwhile has a draft still, to be compared."""
        try:
            with self._database.writing() as connection:
                if is_over:
                    kept.end(connection, project_id, draft.revision)
                else:
                    kept.keep(connection, project_id, replace(draft, base=version))
        except StaleDraft:
            return


def merged(base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]) -> Merged:
    """Two changes of the same rules put together, without what is tried."""
    return merge(without_trial(base), ours, without_trial(theirs))
