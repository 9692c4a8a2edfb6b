"""Recordings taken in, placed, read and removed: each part once, in any order, and never longer than was said."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dsl.values import DAY, MINUTE, SECOND, Duration, Instant
from engine.effects import NoSuchPersona
from engine.evidence import Draft, Source
from engine.evidence_desk import EvidenceDesk
from engine.replay.desk import MOST_MOMENTS, ReplayDesk, unwrapped
from engine.replay.errors import (
    NoSuchReplay,
    ReplayDayFull,
    ReplayGone,
    ReplayOfAnother,
    ReplayOff,
    ReplayTooEarly,
    ReplayTooLarge,
)
from engine.replay.parts import Part, pack, read_part
from engine.replay.recordings import Recording, ReplaysAsked
from engine.replay.settings import MEGABYTE, ReplayMode, ReplaySettings
from engine.service import Service
from engine.storage import replay_tables
from tests.engine.clock import STARTED, Clock
from tests.engine.serving import publish, rows, send, track
from tests.recordings import OTHER, RECORDING, moment, part

ON = ReplaySettings(ReplayMode.MOMENTS)
RULES = """
event "Signed Up"
event "Domain Verified"
attribute plan: text
attribute email: text
persona team "Team" where plan is "team"
segment internal where email ends with "@ours.example"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Verify it" reached by "Domain Verified" touchpoint "/dns"
  }
}
"""


@dataclass
class Story:
    """A project that records, and whoever is in it."""

    service: Service
    desk: ReplayDesk
    project: int
    clock: Clock
    url: str

    def send(self, *messages: Any) -> None:
        send(self.service, self.project, self.clock, *messages)

    def take(self, settings: ReplaySettings = ON, *, of: Instant = STARTED, **said: Any) -> int:
        return self.desk.take(self.project, self.read(of, **said), settings, self.service.rules_now(self.project))

    def read(self, of: Instant = STARTED, **said: Any) -> Part:
        return read_part(part(of, **said), now=self.clock.now)

    def all(self, asked: ReplaysAsked = ReplaysAsked(), **who: Any) -> list[Recording]:  # noqa: B008  (frozen)
        return self.desk.listed(self.project, replace(asked, **who), self.service.rules_now(self.project))

    def watched(self, recording: str = RECORDING) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = orjson.loads(
            b"".join(self.desk.watch(self.project, recording, by="member 1", now=self.clock.now))
        )
        return events


@pytest.fixture
def story(start: Callable[[], Service], url: str, clock: Clock) -> Story:
    service = start()
    project = service.ensure_project().id
    publish(service, project, RULES)
    told = Story(service, ReplayDesk(service.database), project, clock, url)
    visit = {"type": "page", "anonymousId": "visitor", "name": "Home", "properties": {"path": "/"}}
    told.send(visit, track("Signed Up", user="ada", anonymousId="visitor"))
    clock.pass_(Duration(2 * MINUTE))
    return told


def test_parts_come_in_any_order_and_twice_and_each_is_kept_once(story: Story) -> None:
    later = Instant(STARTED + 10 * SECOND)
    latest = Instant(STARTED + 20 * SECOND)
    assert story.take(of=latest, number=2, last=True) == 0
    assert story.take() == 1
    assert story.take() == 1
    assert story.take(of=later, number=1) == 3
    (found,) = story.all()
    assert (found.id, found.parts, found.is_whole, found.is_over) == (RECORDING, 3, True, True)
    assert (found.started, found.seconds, found.page) == (STARTED, 30.0, "https://app.example.com/dns")
    times = [event["timestamp"] for event in story.watched()]
    assert times == sorted(times)
    assert len(times) == 36


def test_a_recording_with_a_hole_says_so(story: Story) -> None:
    story.take()
    story.take(of=Instant(STARTED + 20 * SECOND), number=2)
    (found,) = story.all()
    assert not found.is_whole
    assert len(story.watched()) == 24


def test_what_went_wrong_belongs_to_the_step_where_the_person_stood(story: Story) -> None:
    at = Instant(STARTED + 5 * SECOND)
    story.take(moments=[moment("$rage_click", at)], last=True)
    (found,) = story.all()
    assert [(each.event, each.second, each.place) for each in found.moments] == [
        ("$rage_click", 5.0, ("activation", "verify"))
    ]
    assert found.steps == ("activation.verify",)


def test_of_a_recording_that_never_ends_the_first_moments_are_kept(story: Story) -> None:
    at = Instant(STARTED + SECOND)
    for number in range(4):
        story.take(number=number, moments=[moment(f"E{each}", at) for each in range(number * 200, number * 200 + 200)])
    (found,) = story.all()
    assert len(found.moments) == MOST_MOMENTS


def test_what_comes_late_moves_a_moment_to_its_step(story: Story) -> None:
    at = Instant(STARTED + 5 * SECOND)
    story.take(moments=[moment("$rage_click", at)])
    verified = track("Domain Verified", user="ada", at=Instant(STARTED + 2 * SECOND))
    story.send(verified)
    rules = story.service.rules_now
    assert story.desk.settle(story.project, rules(story.project)) == 0, "too early"
    story.clock.pass_(Duration(2 * MINUTE))
    assert story.desk.settle(story.project, rules(story.project)) == 1
    assert story.desk.settle(story.project, rules(story.project)) == 0, "once"
    (found,) = story.all()
    assert [each.place for each in found.moments] == [("activation", "verify")], "its touchpoint is this page"
    story.take(of=Instant(STARTED + 10 * SECOND), number=1, page="/done", moments=[moment("$dead_click", at)])
    (found,) = story.all()
    assert {each.event: each.place for each in found.moments}["$dead_click"] is None, "through, and on another page"


@pytest.mark.thorough
def test_recordings_are_found_by_step_event_person_and_time(story: Story) -> None:
    story.send(track("Signed Up", user="bob"))
    at = Instant(STARTED + 5 * SECOND)
    story.take(moments=[moment("$rage_click", at), moment("$dropped", Instant(at + SECOND))])
    story.take(recording=OTHER, userId="bob", anonymousId=None, page="/other", moments=[moment("$dead_click", at)])
    asked: list[tuple[ReplaysAsked, list[str]]] = [
        (ReplaysAsked(), [OTHER, RECORDING]),
        (ReplaysAsked(place=("activation", "verify")), [OTHER, RECORDING]),
        (ReplaysAsked(place=("activation", "")), [OTHER, RECORDING]),
        (ReplaysAsked(place=("activation", "signup")), []),
        (ReplaysAsked(event="$dropped"), [RECORDING]),
        (ReplaysAsked(event="$dead_click", place=("activation", "verify")), [OTHER]),
        (ReplaysAsked(person=story.desk.person(story.project, "bob")), [OTHER]),
        (ReplaysAsked(person=story.desk.person(story.project, "visitor")), [RECORDING]),
        (ReplaysAsked(person=story.desk.person(story.project, "nobody")), []),
        (ReplaysAsked(since=Instant(STARTED + MINUTE)), []),
        (ReplaysAsked(until=STARTED), []),
        (ReplaysAsked(limit=1), [OTHER]),
        (ReplaysAsked(before=2), [RECORDING]),
    ]
    for question, expected in asked:
        assert [each.id for each in story.all(question)] == expected, question
    rules = story.service.rules_now(story.project)
    clips = story.desk.clips(story.project, ReplaysAsked(event="$dropped"), rules)
    assert [(each.recording, each.second, each.user) for each in clips] == [(RECORDING, 6.0, "ada")]
    assert story.desk.events_that_went_wrong(story.project) == ["$dead_click", "$dropped", "$rage_click"]
    assert story.desk.of_users(story.project, ["ada", "carl"]) == {"ada": 1}


@pytest.mark.thorough
def test_only_who_counts_is_listed_and_a_persona_is_who_is_it_now(story: Story) -> None:
    for user, traits in (("bob", {"plan": "team"}), ("eve", {"email": "eve@ours.example"})):
        story.send({"type": "identify", "userId": user, "traits": traits})
    simulated = {"type": "track", "event": "Signed Up", "userId": "robot", "context": {"simulated": True}}
    story.send(simulated)
    ids = {"ada": RECORDING, "bob": OTHER}
    ids |= {"eve": OTHER.replace("5a", "6a"), "robot": OTHER.replace("5a", "7a")}
    for user, recording in ids.items():
        story.take(recording=recording, userId=user, anonymousId=None)
    assert {each.user for each in story.all()} == {"ada", "bob"}
    assert {each.user for each in story.all(with_simulated=True)} == {"ada", "bob", "robot"}
    assert {each.user for each in story.all(everyone=True)} == {"ada", "bob", "eve", "robot"}
    assert {each.user for each in story.all(persona="team")} == {"bob"}
    with pytest.raises(NoSuchPersona):
        story.all(persona="tea")


def test_a_visitors_recording_is_the_users_once_they_are_one(story: Story) -> None:
    story.send({"type": "page", "anonymousId": "new", "name": "Home"})
    story.take(userId=None, anonymousId="new")
    assert [each.user for each in story.all()] == ["new"]
    story.send({"type": "identify", "userId": "ada", "anonymousId": "new"})
    assert story.take(of=Instant(STARTED + 10 * SECOND), number=1, userId="ada", anonymousId="new") == 2
    assert [each.user for each in story.all()] == ["ada"]
    assert story.service.privacy.erase(story.project, "ada") is not None
    assert rows(story.url, replay_tables.ReplayPart) == []


def test_a_part_of_somebody_else_does_not_join_a_recording(story: Story) -> None:
    story.send(track("Signed Up", user="bob"))
    story.take()
    with pytest.raises(ReplayOfAnother):
        story.take(of=Instant(STARTED + 10 * SECOND), number=1, userId="bob", anonymousId=None)
    assert [each.parts for each in story.all()] == [1]


def test_what_must_not_be_kept_is_refused(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReplayOff):
        story.take(ReplaySettings())
    with pytest.raises(ReplayTooEarly):
        story.take(userId="nobody", anonymousId=None)
    with pytest.raises(ReplayGone):
        story.take(of=Instant(STARTED - 31 * DAY))
    small = ReplaySettings(ReplayMode.SESSIONS, days=30, megabytes_a_day=1)
    one = len(story.read().packed)
    monkeypatch.setattr("engine.replay.desk.RECORDING_LIMIT", one + 50)
    assert story.take(small) == 1
    with pytest.raises(ReplayTooLarge, match="it ends here"):
        story.take(small, of=Instant(STARTED + 10 * SECOND), number=1)
    monkeypatch.setattr("engine.replay.desk.RECORDING_LIMIT", MEGABYTE)
    monkeypatch.setattr("engine.replay.desk.MEGABYTE", one + 50)
    with pytest.raises(ReplayDayFull) as full:
        story.take(small, of=Instant(STARTED + 10 * SECOND), number=1)
    assert full.value.retry_after == 15 * 3600 - 120, "until midnight, UTC"
    story.clock.pass_(Duration(DAY))
    assert story.take(small, of=Instant(STARTED + 10 * SECOND), number=1) == 2, "another day"


def test_of_an_erased_person_nothing_is_left_and_nothing_more_is_taken(story: Story, tmp_path: Path) -> None:
    story.take(moments=[moment("$rage_click", Instant(STARTED + SECOND))])
    stored = story.read().packed
    assert _is_in_files(tmp_path, stored[20:80]) or not story.service.database.is_sqlite
    assert story.service.privacy.erase(story.project, "ada") is not None
    for table in (replay_tables.Replay, replay_tables.ReplayPart, replay_tables.ReplayMoment):
        assert rows(story.url, table) == []
    assert not _is_in_files(tmp_path, stored[20:80]), "it is gone from the files too, the journal with them"
    with pytest.raises(ReplayGone):
        story.take(of=Instant(STARTED + 10 * SECOND), number=1)
    with pytest.raises(ReplayGone):
        story.take(recording=OTHER)
    story.clock.pass_(Duration(MINUTE))
    story.send(track("Signed Up", user="ada", at=story.clock.now))
    assert story.take(of=story.clock.now, recording=OTHER) == 1, "whoever comes back is somebody new"


def _is_in_files(folder: Path, content: bytes) -> bool:
    return any(content in each.read_bytes() for each in folder.rglob("*") if each.is_file())


@pytest.mark.thorough
def test_an_export_holds_the_recordings_in_a_form_that_can_be_read(story: Story) -> None:
    story.take(moments=[moment("$rage_click", Instant(STARTED + SECOND))])
    export = story.service.privacy.export(story.project, "ada")
    assert export is not None
    orjson.dumps(export.records)
    (kept,) = export.records["replay_part"]
    assert kept["events"] == story.watched()
    assert export.records["replay"][0]["started"] == "2026-11-02T09:00:00Z"
    assert export.records["replay_moment"][0]["event"] == "$rage_click"


@pytest.mark.thorough
def test_who_watched_and_who_deleted_is_in_the_audit_log(story: Story) -> None:
    story.take()
    story.watched()
    story.desk.delete(story.project, RECORDING, by="member 2", now=story.clock.now)
    acts = [(each.action, each.actor, each.target) for each in story.service.auditing.entries(story.project)]
    assert ("replay.watch", "member 1", f"replay {RECORDING}") in acts
    assert ("replay.delete", "member 2", f"replay {RECORDING}") in acts
    with pytest.raises(NoSuchReplay):
        story.watched()
    with pytest.raises(ReplayGone):
        story.take()


@pytest.mark.thorough
def test_nothing_is_kept_longer_than_the_project_says(story: Story) -> None:
    story.take()
    story.take(of=Instant(STARTED + 60 * SECOND), recording=OTHER)
    looked: list[int] = []
    cut = Instant(STARTED + 30 * SECOND)
    removed = story.desk.keep(story.project, cut, now=story.clock.now, renew=lambda: looked.append(1))
    assert (removed, [each.id for each in story.all()]) == (1, [OTHER])
    assert looked
    assert len(rows(story.url, replay_tables.ReplayGone)) == 1
    story.clock.pass_(Duration(90 * DAY))
    story.desk.keep(story.project, story.clock.now, now=story.clock.now, renew=lambda: None)
    story.desk.keep(story.project, story.clock.now, now=Instant(story.clock.now + 90 * DAY), renew=lambda: None)
    assert rows(story.url, replay_tables.ReplayGone) == []
    assert rows(story.url, replay_tables.ReplayDay) == []


@pytest.mark.thorough
def test_another_projects_recording_is_not_there(story: Story) -> None:
    story.take()
    other = story.service.tenancy.add("other").id
    with pytest.raises(NoSuchReplay):
        story.desk.one(other, RECORDING)
    with pytest.raises(NoSuchReplay):
        story.desk.delete(other, RECORDING, by="member 1", now=story.clock.now)
    assert story.desk.listed(other, ReplaysAsked(), story.service.rules_now(other)) == []
    assert [each.id for each in story.all()] == [RECORDING]


@pytest.mark.thorough
def test_what_happened_meanwhile_stands_beside_it(story: Story) -> None:
    story.take()
    told = [
        track("$rage_click", user="ada", at=Instant(STARTED + 3 * SECOND), properties={"page": {"path": "/dns"}}),
        track("Domain Verified", user="ada", at=Instant(STARTED + 9 * SECOND)),
        track("Domain Verified", user="ada", at=Instant(STARTED + 12 * SECOND)),
    ]
    story.send(*told)
    found = story.desk.meanwhile(story.project, RECORDING)
    assert [(each.name, each.second, each.path) for each in found] == [
        ("$page", 0.0, "/"),
        ("Signed Up", 0.0, None),
        ("$rage_click", 3.0, "/dns"),
        ("Domain Verified", 9.0, None),
    ]


@pytest.mark.thorough
def test_a_moment_elsewhere_is_found_in_the_recording_that_covers_it(story: Story) -> None:
    story.take()
    (person,) = {each.person for each in story.all()}
    inside, outside = Instant(STARTED + 4 * SECOND), Instant(STARTED + MINUTE)
    found = story.desk.covering(story.project, [(person, inside), (person, outside), (person + 1, inside)])
    assert {key: (clip.recording, clip.second) for key, clip in found.items()} == {(person, inside): (RECORDING, 4.0)}


@pytest.mark.parametrize("events", [[1], list(range(200_000)), [{"a": "]["}, "é"]], ids=["one", "many", "brackets"])
def test_a_part_is_unwrapped_without_its_brackets(events: list[Any]) -> None:
    assert orjson.loads(b"[" + b"".join(unwrapped(pack(events))) + b"]") == events
    assert zlib.decompress(pack(events), wbits=31) == orjson.dumps(events)


def test_a_recording_lasts_until_what_went_wrong_even_where_the_page_stood_still(story: Story) -> None:
    story.take(seconds=10, moments=[moment("$dropped", Instant(STARTED + 14 * SECOND))])
    (found,) = story.all()
    assert (found.seconds, found.moments[0].second) == (14.0, 14.0)


def test_a_note_belongs_to_the_recordings_user_and_goes_with_them(story: Story) -> None:
    story.take()
    notes, rules = EvidenceDesk(story.service.database), story.service.rules_now(story.project)
    draft = Draft(
        Source.REPLAY,
        text="Waits.",
        feelings=("confused",),
        place=("activation", "verify"),
        recording=RECORDING,
        at_second=4.5,
    )
    (receipt,) = notes.take_in(story.project, rules, [draft], by="member 1")
    assert receipt.id is not None
    (kept,) = notes.of_recording(story.project, RECORDING)
    assert (kept.draft.user_id, kept.draft.at_second) == ("ada", 4.5)
    assert kept.draft.time == STARTED + int(4.5 * SECOND)
    story.desk.delete(story.project, RECORDING, by="member 1", now=story.clock.now)
    assert len(notes.of_recording(story.project, RECORDING)) == 1, "a note outlives its recording"
    assert story.service.privacy.erase(story.project, "ada") is not None
    assert notes.of_recording(story.project, RECORDING) == [], "and not its user"
