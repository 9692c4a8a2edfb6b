"""Working drafts on each kind of database: whoever sends first wins, and a revision is never used twice."""

from __future__ import annotations

import pytest

from dsl.values import Instant
from engine.drafting import Drafts
from engine.drafts import DraftState, NoDraft, StaleDraft
from engine.service import Service

NOW = Instant(1_770_000_000_000_000)
FILES = {"rules.way": "# ä first line\n"}


def test_a_draft_is_kept_marked_and_ended_once(service: Service, project: int) -> None:
    ours, theirs = (Drafts(service.database, service.publications) for _ in range(2))
    assert ours.of(project) == (0, None)
    first = ours.save(project, FILES, base=0, revision=0, by="member 1", now=NOW)
    assert (first.revision, first.files) == (1, FILES)
    with pytest.raises(StaleDraft):
        theirs.save(project, {}, base=0, revision=0, by="member 2", now=NOW)
    later = Instant(NOW + 1)
    marked = theirs.mark(project, DraftState.REVIEW, note="look", revision=1, by="member 2", now=later)
    assert theirs.of(project) == (2, marked)
    assert (marked.begun_by, marked.changed_by, marked.note) == ("member 1", "member 2", "look")
    assert theirs.discard(project, revision=2) == 3
    with pytest.raises(NoDraft):
        ours.discard(project, revision=3)
    with pytest.raises(StaleDraft):
        ours.save(project, FILES, base=0, revision=2, by="member 1", now=later)
    assert ours.save(project, FILES, base=0, revision=3, by="member 1", now=later).revision == 4
