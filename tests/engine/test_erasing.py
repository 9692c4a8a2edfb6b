"""People are exported and erased whole: rows, states, accounts, files; and what comes late of them stays out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from dsl.values import DAY, HOUR, Duration, Instant, format_instant
from engine.analyst import Analyst, FunnelAsked
from engine.service import Service
from engine.storage import keeping_tables, tables
from engine.storage.copies import CopyKind
from engine.storage.erasure import personal_tables
from engine.storage.lake import Lake
from engine.storage.mentions import ERASED, TYPED
from engine.storage.store import Database
from engine.verification import verify
from tests.engine.clock import Clock
from tests.engine.ingesting import RULES, rows

ACCOUNT = "account attribute industry: text\n"
SECRET = "zebra"
"""Stands in every value of the person who is erased."""


class Story:
    """A project in which Ada, who is erased, and Bob do the same."""

    def __init__(self, url: str, clock: Clock, folder: Path) -> None:
        self.url, self.clock, self.lakes = url, clock, folder / "lake"
        self.service = Service.open(url, clock=clock, lakes=self.lakes)
        self.project = self.service.ensure_project().id
        self.service.publish(self.project, {"a.way": ACCOUNT + RULES})
        self.sent: list[dict[str, Any]] = []

    def restart(self) -> None:
        self.service.close()
        self.service = Service.open(self.url, clock=self.clock, lakes=self.lakes)

    def send(self, *messages: dict[str, Any]) -> tuple[int, int]:
        """How many were new, and how many were not."""
        self.sent += messages
        receipt = self.service.receive(self.project, list(messages), received=self.clock.now, decide=True)
        return receipt.accepted, receipt.duplicates

    def live(self, user: str) -> None:
        """A little life: a visit, a sign-up, a group, steps, an answer."""
        now = format_instant(self.clock.now)
        visitor = {"anonymousId": f"{user}-visitor", "timestamp": now}
        known = {**visitor, "userId": user}
        mark = user

        def track(number: int, event: str, **properties: Any) -> dict[str, Any]:
            return {"type": "track", "event": event, "messageId": f"{mark}-{number}", "properties": properties, **known}

        self.send({"type": "page", "name": user, "messageId": f"{user}-0", **visitor})
        self.send({"type": "identify", "messageId": f"{user}-1", "traits": {"name": user}, **known})
        group = {"type": "group", "groupId": "acme", "traits": {"industry": f"{user} farming"}, **known}
        self.send({**group, "messageId": f"{user}-2"})
        self.send(track(3, "Signed Up", who=user), track(4, "DNS Check Failed", who=user))
        self.send(track(5, "DNS Check Failed", who=user))
        answer = {"guide": "effort", "question": "detail", "value": user, "text": user, "submission": f"s-{user}"}
        self.send(track(6, "$shown", guide="effort"), track(7, "$answered", **answer))
        self.clock.pass_(Duration(HOUR))

    def analyst(self) -> Analyst:
        return Analyst(self.service.database, self.lakes)

    def everything(self) -> str:
        """All that is stored, in the database and in the lake."""
        database = Database(self.url)
        found: list[str] = []
        with database.reading() as connection:
            for table in tables.Base.metadata.sorted_tables:
                found += [f"{table.name} {row}" for row in connection.execute(sa.select(table))]
        database.close()
        import pyarrow.parquet as pq

        found += [f"{path} {pq.read_table(path).to_pylist()}" for path in self.lakes.rglob("*.parquet")]
        return "\n".join(found)


@pytest.fixture
def story(url: str, clock: Clock, tmp_path: Path) -> Iterator[Story]:
    found = Story(url, clock, tmp_path)
    found.live(SECRET)
    found.live("bob")
    yield found
    found.service.close()


def test_nothing_of_an_erased_person_is_left_anywhere(story: Story) -> None:
    story.analyst().sync(story.project)
    assert SECRET in story.everything()
    erased = story.service.privacy.erase(story.project, SECRET)
    assert erased is not None
    assert SECRET not in story.everything()
    assert erased.is_finished
    assert erased.files == 1
    assert erased.rows["event"] == 8
    assert {"event", "identity", "user_state", "response", "exposure", "journey_progress"} <= set(erased.rows)
    assert story.service.user(story.project, user_id=SECRET) is None
    assert verify(story.service.database).faults == ()


def typed(story: Story, text: str, *columns: sa.Column[str]) -> None:
    """Somebody of the console typed a text of the customer's users: a row for each column."""
    kinds = {sa.Boolean: False, sa.Integer: 1, sa.BigInteger: 1, sa.Float: 0.5}
    with story.service.database.writing() as connection:
        for number, column in enumerate(columns):
            values = {
                each.name: next((value for kind, value in kinds.items() if isinstance(each.type, kind)), f"{number}")
                for each in column.table.c
                if not each.nullable and each.name != "id"
            }
            told = {**values, "project_id": story.project, column.name: text}
            connection.execute(sa.insert(column.table).values(told))


def test_what_was_typed_of_an_erased_person_names_them_no_more(story: Story) -> None:
    about = {"email": "ada@example.com", "name": "Ada O'Hara", "plan": "pro-plan", "phone": "4711"}
    story.send({"type": "identify", "userId": SECRET, "messageId": "who", "traits": about})
    # An id that is a plain word or a small number, or that is part of a longer one, is somebody or something else.
    others = f"bob-visitor x{SECRET}-visitor {SECRET}-visitor2 bada@example.com pro-plan 4711 ADA"
    named = (f"{SECRET}-visitor", f"{SECRET.upper()}-visitor", "ada@example.com", "Ada O'Hara")
    typed(story, orjson.dumps([*named, f'"{named[0]}", <{named[2]}>.', others]).decode(), *TYPED)
    erased = story.service.privacy.erase(story.project, SECRET)
    assert erased is not None
    assert erased.rows["typed"] == len(TYPED)
    left = orjson.dumps([*[ERASED] * 4, f'"{ERASED}", <{ERASED}>.', others]).decode()
    with story.service.database.reading() as connection:
        for column in TYPED:
            found = connection.execute(sa.select(column.table).where(column == left)).all()
            assert len(found) == 1, column
            assert column.table.name == "roadmap_change" or getattr(found[0], "revision", 2) == 2, "writers are told"


def test_others_keep_all_that_is_theirs(story: Story) -> None:
    before = story.service.user(story.project, user_id="bob")
    history = story.service.history(story.project, user_id="bob")
    story.service.privacy.erase(story.project, SECRET)
    assert story.service.user(story.project, user_id="bob") == before
    assert story.service.history(story.project, user_id="bob") == history
    assert len(rows(story.url, tables.Response)) == 1
    story.analyst().sync(story.project)
    asked = FunnelAsked(steps=("Signed Up", "DNS Check Failed"))
    funnel = story.analyst().funnel(story.project, asked, story.service.rules_now(story.project))
    assert [step.count for step in funnel.steps] == [1, 1]


def test_an_account_forgets_what_the_person_told_of_it_and_knows_what_others_told(story: Story) -> None:
    story.live(SECRET + "2")
    story.service.privacy.erase(story.project, SECRET + "2")
    (account,) = rows(story.url, tables.Account)
    assert "bob farming" in account["data"]
    story.service.privacy.erase(story.project, "bob")
    story.service.privacy.erase(story.project, SECRET)
    assert rows(story.url, tables.Account) == []


@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "after a restart"])
def test_an_erased_users_late_retry_stays_erased(story: Story, restarted: bool) -> None:
    own = [each for each in story.sent if SECRET in str(each)]
    story.service.privacy.erase(story.project, SECRET)
    if restarted:
        story.restart()
    story.clock.pass_(Duration(DAY))
    for message in own:
        assert story.send(message) == (0, 1)
    # Sent again by another clock, its time is corrected to after the erasure: its id says that it is the same.
    shifted = {**own[3], "timestamp": format_instant(story.clock.now)}
    assert story.send(shifted) == (0, 1)
    assert SECRET not in story.everything()


def test_what_happened_before_the_erasure_and_comes_for_the_first_time_stays_out(story: Story) -> None:
    at = story.clock.now
    story.service.privacy.erase(story.project, SECRET)
    story.clock.pass_(Duration(DAY))
    late = {"type": "track", "event": "Signed Up", "userId": SECRET, "messageId": "new"}
    assert story.send({**late, "timestamp": format_instant(Instant(at - HOUR))}) == (0, 1)
    assert SECRET not in story.everything()


def test_who_comes_back_afterwards_is_somebody_new(story: Story) -> None:
    story.service.privacy.erase(story.project, SECRET)
    story.clock.pass_(Duration(DAY))
    back = {"type": "track", "event": "Signed Up", "userId": SECRET, "messageId": "back"}
    assert story.send({**back, "timestamp": format_instant(story.clock.now)}) == (1, 0)
    assert [each.event.message_id for each in story.service.history(story.project, user_id=SECRET)] == ["back"]
    assert story.service.privacy.erase(story.project, SECRET) is not None
    assert SECRET not in story.everything()


def test_a_visitor_is_erased_by_their_own_id_and_a_user_by_either(story: Story) -> None:
    assert story.service.privacy.erase(story.project, f"{SECRET}-visitor") is not None
    assert SECRET not in story.everything()


def test_two_people_that_became_one_are_erased_as_one(story: Story) -> None:
    visit = {"type": "track", "event": "Signed Up", "anonymousId": f"{SECRET}-phone", "messageId": "p1"}
    story.send(visit)
    story.send({"type": "identify", "userId": SECRET, "anonymousId": f"{SECRET}-phone", "messageId": "p2"})
    story.service.privacy.erase(story.project, SECRET)
    assert SECRET not in story.everything()
    assert story.send({**visit, "messageId": "p3", "timestamp": "2026-01-01T00:00:00Z"}) == (0, 1)


def test_an_unknown_id_and_another_projects_user_are_not_there(story: Story) -> None:
    assert story.service.privacy.erase(story.project, "nobody") is None
    other = story.service.ensure_project("other").id
    assert story.service.privacy.erase(other, SECRET) is None
    assert story.service.privacy.export(other, SECRET) is None
    assert SECRET in story.everything()


def test_an_erasure_that_was_cut_off_before_the_files_is_finished_by_asking_again(story: Story) -> None:
    story.analyst().sync(story.project)
    lake = Lake.of_project(story.lakes, story.project)
    (name,) = lake.manifest().files
    (lake.folder / name).rename(lake.folder / "aside")
    erased = story.service.privacy.erase(story.project, SECRET)
    assert erased is not None
    assert not erased.is_finished
    (lake.folder / "aside").rename(lake.folder / name)
    story.restart()
    assert SECRET in story.everything()
    again = story.service.privacy.erase(story.project, SECRET)
    assert again is not None
    assert again.is_finished
    assert again.rows == {}
    assert SECRET not in story.everything()
    assert [row["people"] for row in rows(story.url, keeping_tables.Erasure)] == ["[]"]


def test_the_lake_goes_on_after_an_erasure(story: Story) -> None:
    story.analyst().sync(story.project)
    story.service.privacy.erase(story.project, SECRET)
    story.live("eve")
    story.analyst().sync(story.project)
    assert "eve" in story.everything()
    assert SECRET not in story.everything()


def test_copies_that_still_hold_the_person_are_told(story: Story, url: str) -> None:
    privacy = story.service.privacy
    privacy.record_copy(CopyKind.BACKUP, "/backups/1")
    gone = privacy.record_copy(CopyKind.BACKUP, "/backups/2")
    privacy.record_copy(CopyKind.EXPORT, "/exports/other", project_id=99)
    privacy.record_person_export(story.project, "bob", "/bob.json")
    privacy.record_person_export(story.project, SECRET, "/ada.json")
    privacy.remove_copy(gone)
    story.clock.pass_(Duration(HOUR))
    erased = privacy.erase(story.project, SECRET)
    assert erased is not None
    assert sorted(copy.path for copy in erased.copies) == ["/ada.json", "/backups/1"]
    story.clock.pass_(Duration(HOUR))
    privacy.record_copy(CopyKind.BACKUP, "/backups/3")
    again = privacy.erase(story.project, SECRET)
    assert again is not None
    assert sorted(copy.path for copy in again.copies) == ["/ada.json", "/backups/1"]


def test_an_export_holds_all_that_is_kept_of_the_person_and_nothing_of_others(story: Story) -> None:
    found = story.service.privacy.export(story.project, SECRET)
    assert found is not None
    assert [each["name"] for each in found.events][:2] == ["$page", "$identify"]
    assert len(found.events) == 8
    assert found.account == {"industry": "bob farming"}
    assert {"response", "exposure", "identity", "user_state", "journey_progress"} <= set(found.records)
    assert found.records["response"][0]["value"] == SECRET
    assert "bob-" not in str(found)


def test_exports_and_erasures_are_in_the_audit_log_without_personal_data(story: Story) -> None:
    story.service.privacy.export(story.project, SECRET, by="key 1")
    story.service.privacy.erase(story.project, SECRET, by="key 1")
    told = [(entry.action, entry.actor) for entry in story.service.auditing.entries(story.project)]
    assert told[:2] == [("person.erase", "key 1"), ("person.export", "key 1")]
    assert SECRET not in str(story.service.auditing.entries(story.project))


ABOUT_NOBODY = {
    "account",
    "account_note",
    "account_owner",
    "account_snapshot",
    "alert_episode",
    "api_key",
    "audit",
    "data_copy",
    "erased_id",
    "erased_message",
    "erasure",
    "evidence_rules",
    "guidance_switch",
    "guide_hour",
    "heat_snapshot",
    "import_mapping",
    "import_part",
    "import_run",
    "job_lease",
    "keeping",
    "map_cell",
    "map_look",
    "map_snapshot",
    "map_target",
    "message",
    "opportunity_decision",
    "person",
    "picked_element",
    "picker_session",
    "plan_violation",
    "project",
    "public_flags",
    "replay_day",
    "replay_gone",
    "report_run",
    "report_schedule",
    "roadmap_change",
    "roadmap_item",
    "roadmap_limits",
    "roadmap_theme",
    "rule_draft",
    "ruleset",
    "scheduled_run",
    "scheduled_source",
    "seen_name",
    "shared_link",
    "step_alert",
    "survey_version",
    "tracking_plan",
    "unreadable_value",
    "webhook",
    "webhook_delivery",
}
"""Tables without a person's number: what they hold of people is erased in its own way, or they hold none."""


def test_every_table_says_whose_its_rows_are() -> None:
    known = {each.name for each in personal_tables()} | ABOUT_NOBODY
    console = {"console_user", "membership", "invite", "console_session", "signing_secret", "signed_traffic"}
    console |= {"installation_secret"}
    unknown = {each.name for each in tables.Base.metadata.sorted_tables} - known - console
    assert unknown == set(), "does a row belong to one person? then call the column person_id, else list the table here"


def test_erasing_begins_again_where_a_crash_undid_it(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.of_project(story.lakes, story.project)
    story.analyst().sync(story.project)
    assert not lake.is_empty()
    with story.service.database.writing() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(tables.table(tables.Event))).scalar_one()
    monkeypatch.setattr("engine.storage.erasure._forget_samples", _crash)
    with pytest.raises(RuntimeError, match="the power was cut"):
        story.service.privacy.erase(story.project, SECRET)
    monkeypatch.undo()
    assert len(rows(story.url, tables.Event)) == before
    assert verify(story.service.database).faults == ()
    assert story.service.privacy.erase(story.project, SECRET) is not None
    assert SECRET not in story.everything()


def _crash(*_: object) -> None:
    raise RuntimeError("the power was cut")
