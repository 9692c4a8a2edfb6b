"""The map of a journey: what each row says of ten people, what was typed, what is stale, what was."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dsl.values import DAY, HOUR, Instant, read_instant
from engine.analyst import Analyst
from engine.analytics.asked import NoSuchStep
from engine.analytics.designs import BadPath, Walked
from engine.effects import NoSuchPersona
from engine.errors import UnknownJourney, WaypostError
from engine.evidence_desk import EvidenceDesk
from engine.journeys import JourneyProgress, StepProgress
from engine.mapping.cartographer import Author, Cartographer, MapAsked
from engine.mapping.cells import NoSuchLink
from engine.mapping.comparing import BadComparison, read_against
from engine.mapping.measuring import real_paths
from engine.mapping.model import LineKind
from engine.mapping.quarters import take_due
from engine.mapping.rows import Row
from engine.mapping.snapshots import NoSuchSnapshot, from_document, to_document
from engine.mapping.targets import TargetDraft
from engine.membership import RulesNow
from engine.product_figures import BadPeriod
from engine.roadmap.causes import Precedent
from engine.roadmap.evidence import Period, Traveller
from engine.roadmap.items import ItemDraft, StaleItem
from engine.roadmap.metrics import BadTarget, Metric
from engine.roadmap.planner import Planner
from engine.roadmap.readings import Asked, Readings
from engine.roadmap.timeboxes import BadTimebox, read_timebox
from engine.storage import tables
from tests.engine.workshops import ADA, BOB, RULES, START, Workshop, texts

# what a map says


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    workshop = Workshop(f"sqlite:///{folder / 'w.db'}", folder)
    workshop.live()
    workshop.told("my provider has no such record", user="u0")
    yield workshop
    workshop.service.close()


CONNECT = [
    (Row.PERSONA, ["10 people came", "of 9 settled 6 went on, 3 were lost"]),
    (
        Row.ACTIONS,
        [
            "0.0% came straight from “Begin” (0.0% – 39.0%), n = 6",
            "half of them in 20 min, nine in ten in 1.2 h",
            "on the way “Wandered”: 6 people, 0 of them lost",
        ],
    ),
    (Row.TOUCHPOINTS, ["/connect/*", "Welcome mail (email)"]),
    (
        Row.THOUGHTS,
        ["“which record?” (neutral, inferred)", "“my provider has no such record” (interviews)"],
    ),
    (Row.EMOTION, ["-0.17 (-0.82 – 0.49), n = 6", "confident 2 · neutral 1 · frustrated 1"]),
    (Row.FRICTION, ["0.09 (-0.01 – 0.19), n = 10", "error click: 3 people, 3 times"]),
    (
        Row.PROMISE,
        [
            "expected within 1 h",
            "took 20.0 min (20.0 min – 2.0 h), n = 6",
            "83.3% of those who went on did so in time (43.6% – 97.0%), n = 6",
            "66.7% went on (35.4% – 87.9%), n = 9",
        ],
    ),
    (
        Row.INTERVENTIONS,
        ["guide “Help with connecting”: running, seen by 0", "survey “Ease”: running, seen by 6"],
    ),
]


@pytest.mark.parametrize(("row", "said"), CONNECT, ids=[row.value for row, _ in CONNECT])
def test_each_row_says_what_was_measured_and_declared(lively: Workshop, row: Row, said: list[str]) -> None:
    assert texts(lively.step("connect"), row) == said


class Asides:
    """Knows one thing that came before leaving, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def of(self, project_id: int, rules: RulesNow, asked: Asked) -> Asides:  # noqa: ARG002  (the protocol's)
        return self

    def before_leaving(self, journey: str, step: str, persona: str) -> list[Precedent]:
        self.asked.append((journey, step, persona))
        return [Precedent("Payment Error", lost_with=5, lost=6, went_on_with=1, went_on=8)]


def test_what_came_before_leaving_is_a_pain_point_where_most_were_lost(lively: Workshop) -> None:
    asides, database = Asides(), lively.service.database
    planner = Planner(database, Readings(database, contrasts=asides))
    maps = Cartographer(database, planner, Analyst(database, lively.lakes))

    def pains(**asked: Any) -> list[list[str]]:
        return [texts(step, Row.PAIN_POINTS) for step in maps.map(1, lively.rules, MapAsked("way", **asked)).steps]

    _, connect, send = pains()
    (told,) = send
    assert told.startswith("“Payment Error” before leaving: 83% of those lost (44% – 97%), 6.7 times")
    assert not [each for each in connect if "before leaving" in each]
    # Of the past it is not known who will have left; of few it says nothing.
    assert not any("leaving" in each for step in pains(period=Period(START, Instant(START + 9 * DAY))) for each in step)
    assert pains(persona="small")
    assert asides.asked == [("way", "send", "")]


def test_columns_have_the_letters_and_the_order_of_the_journey(lively: Workshop) -> None:
    found = lively.map()
    assert [(step.name, step.label, step.entered) for step in found.steps] == [
        ("A1", "Begin", 10),
        ("A2", "Connect", 10),
        ("B1", "Send", 6),
    ]
    assert [stage.mark.name for stage in found.stages] == ["A Early", "B Late"]
    assert (found.label, found.persona_label, found.left_out) == ("The way", "everyone", ("simulated", "internal"))


def test_real_paths_stand_beside_the_designed_one(lively: Workshop) -> None:
    lines = lively.map().lines[Row.ACTIONS]
    assert [(line.text, line.n) for line in lines] == [
        ("100.0% as designed (72.2% – 100.0%), n = 10", 10),
        ("A1 → A2: 60.0%, 6 people", 6),
        ("A1: 40.0%, 4 people", 4),
    ]
    journey = lively.rules.project.journeys["way"]
    period = Period(Instant(0), Instant(10))
    reached = [{"begin": 1, "send": 2}, {"begin": 3, "connect": 2}, {"begin": 5, "connect": 5}, {"begin": 20}, {}]
    people = [
        Traveller(
            number,
            True,
            JourneyProgress(None, steps={name: StepProgress(reached_at=Instant(at)) for name, at in own.items()}),
        )
        for number, own in enumerate(reached)
    ]
    design = real_paths(journey, people, period)
    assert design is not None
    assert {path.steps: path.manner.value for path in design.paths} == {
        ("begin", "send"): "skipped",
        ("connect", "begin"): "out of order",
        ("begin", "connect"): "as designed",
    }


def test_each_real_path_names_those_who_went_it(lively: Workshop) -> None:
    def who(path: tuple[int, ...] | None = None, persona: str = "", **page: Any) -> list[str]:
        return lively.maps.walkers(1, lively.rules, MapAsked("way", persona), Walked(path=path), **page)

    lines = lively.map().lines[Row.ACTIONS]
    assert [line.ref for line in lines] == ["path:any", "path:1,2", "path:1"]
    assert [len(who()), len(who((0, 1))), len(who((0,)))] == [line.n for line in lines]
    assert sorted(who((0, 1)) + who((0,))) == who() == sorted(f"u{number}" for number in range(10))
    assert who(after="u3", limit=2) == ["u4", "u5"]
    small = lively.map(persona="small").lines[Row.ACTIONS]
    assert len(who(persona="small")) == small[0].n
    with pytest.raises(BadPath):
        who((1, 1))
    with pytest.raises(NoSuchStep):
        who((3,))
    with pytest.raises(NoSuchPersona):
        who(persona="nobody")


def test_a_persona_has_a_map_of_its_own(lively: Workshop) -> None:
    pro, small = lively.step("connect", persona="pro"), lively.step("connect", persona="small")
    assert [(each.entered, each.went_on, each.lost) for each in (pro, small)] == [(5, 4, 0), (5, 2, 3)]
    # u0, whose words from elsewhere these are, is small; what u3 answered too.
    assert (texts(pro, Row.THOUGHTS), len(texts(small, Row.THOUGHTS))) == ([], 2)
    assert texts(pro, Row.ACTIONS)[0].endswith("n = 4")
    with pytest.raises(NoSuchPersona):
        lively.map(persona="nobody")


def test_a_period_holds_those_who_came_in_it(lively: Workshop) -> None:
    early, late = (Period(Instant(START + a * DAY), Instant(START + b * DAY)) for a, b in ((-1, 1), (10, 40)))
    assert (lively.step("connect", period=late).entered, lively.step("connect", period=early).entered) == (1, 9)
    assert texts(lively.step("connect", period=late), Row.THOUGHTS) == ["“my provider has no such record” (interviews)"]
    with pytest.raises(BadPeriod):
        lively.map(period=Period(Instant(START + 90 * DAY), Instant(START + 91 * DAY)))


def test_two_personas_are_compared_with_intervals(lively: Workshop) -> None:
    asked = MapAsked("way", persona="pro")
    connect = lively.maps.compared(lively.project, lively.rules, asked, read_against("persona:small")).steps[1]
    friction = next(each for each in connect.figures if each.metric is Metric.FRICTION)
    assert (connect.name, connect.entered, connect.other_entered) == ("A2", 5, 5)
    assert (friction.value.value, friction.other.value) == (0.0, pytest.approx(0.18))
    assert friction.difference == pytest.approx(-0.18)
    assert friction.interval is not None
    assert friction.interval.low < -0.18 < friction.interval.high


def test_two_periods_are_compared(lively: Workshop) -> None:
    connect = lively.maps.compared(lively.project, lively.rules, MapAsked("way"), read_against("2026-09")).steps[1]
    assert (connect.entered, connect.other_entered) == (10, 0)
    assert {each.verdict.value for each in connect.figures} == {"cannot tell yet"}


@pytest.mark.parametrize(
    ("text", "error"),
    [("yesterday", BadComparison), ("2026-13", BadTimebox), ("persona:", BadComparison), ("snapshot:x", BadComparison)],
)
def test_what_is_nothing_to_compare_with_is_told(text: str, error: type[WaypostError]) -> None:
    with pytest.raises(error):
        read_against(text)


# what people type in


@pytest.fixture
def workshop(sqlite_url: str, tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(sqlite_url, tmp_path)
    yield made
    made.service.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.thorough])])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workshop]:
    """On each kind of database; on the second one not every day."""
    made = Workshop(request.getfixturevalue(f"{request.param}_url"), tmp_path)
    yield made
    made.service.close()


def test_what_is_typed_is_hatched_until_evidence_is_linked_and_again_when_it_is_gone(anywhere: Workshop) -> None:
    typed = anywhere.type(Row.MOTIVATION, "wants the first campaign out today")
    assert (typed.is_hatched, typed.revision, typed.by) == (True, 1, "member 1")
    number = anywhere.told("I need it today")
    linked = anywhere.type(
        Row.MOTIVATION, "wants the first campaign out today", revision=1, by=BOB, evidence=(f"evidence:{number}",)
    )
    assert (linked.is_hatched, linked.revision, linked.by, linked.changed_by) == (False, 2, "member 1", "member 2")
    (line,) = anywhere.step("connect").lines[Row.MOTIVATION]
    assert (line.kind, line.is_hatched, line.n) == (LineKind.TYPED, False, 1)
    EvidenceDesk(anywhere.service.database).delete(anywhere.project, number)
    (line,) = anywhere.step("connect").lines[Row.MOTIVATION]
    assert (line.is_hatched, line.missing, line.n) == (True, (f"evidence:{number}",), 0)
    # Its text may still be changed; a new link to nothing may not.
    anywhere.type(Row.MOTIVATION, "wants it soon", revision=2, evidence=(f"evidence:{number}",))
    with pytest.raises(NoSuchLink):
        anywhere.type(Row.MOTIVATION, "wants it soon", revision=3, evidence=("evidence:99",))


def test_of_two_who_type_into_a_cell_at_once_one_is_told(anywhere: Workshop) -> None:
    def say(number: int) -> str:
        try:
            anywhere.type(Row.OWNER, f"team {number}", by=Author(f"member {number}"))
        except WaypostError as error:
            return error.code
        return "kept"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(say, range(6))) == ["kept", *["stale_item"] * 5]
    (cell,) = anywhere.maps.cells(anywhere.project, anywhere.rules, "way")
    with pytest.raises(StaleItem, match=f"the cell `Owner` of `connect` is at revision 1, changed by {cell.by}"):
        anywhere.type(Row.OWNER, "mine", revision=0)
    # Clearing leaves the revision behind, so that nobody overwrites what came after.
    assert anywhere.type(Row.OWNER, "", revision=1).revision == 2
    assert anywhere.maps.cells(anywhere.project, anywhere.rules, "way") == ()
    with pytest.raises(StaleItem):
        anywhere.type(Row.OWNER, "mine", revision=0)


def test_a_persona_shows_its_own_cell_or_else_that_of_everybody(workshop: Workshop) -> None:
    workshop.type(Row.MOTIVATION, "to send")
    workshop.type(Row.MOTIVATION, "to send a lot", persona="pro")
    workshop.type(Row.OWNER, "Ada")
    shown = {name: workshop.step("connect", persona=name) for name in ("", "pro", "small")}
    assert {name: texts(step, Row.MOTIVATION) for name, step in shown.items()} == {
        "": ["to send"],
        "pro": ["to send a lot"],
        "small": ["to send"],
    }
    assert all(texts(step, Row.OWNER) == ["Ada"] for step in shown.values())


def test_a_cell_belongs_to_a_step_a_stage_or_the_whole_journey_and_a_system_to_a_touchpoint(workshop: Workshop) -> None:
    workshop.type(Row.PROMISE, "live in ten minutes", stage="early")
    workshop.type(Row.PERSONA, "owners of small shops", step="")
    workshop.type(Row.SYSTEMS, "mail relay, Postmaster team", touchpoint="Welcome mail")
    workshop.type(Row.SYSTEMS, "DNS prober")
    found = workshop.map()
    assert [line.text for line in found.stages[0].lines[Row.PROMISE]] == ["live in ten minutes"]
    assert [line.text for line in found.lines[Row.PERSONA]] == ["owners of small shops"]
    connect = found.step("connect")
    assert connect is not None
    assert {(line.touchpoint, line.text) for line in connect.lines[Row.SYSTEMS]} == {
        ("Welcome mail", "mail relay, Postmaster team"),
        ("", "DNS prober"),
    }


# the future


def test_a_target_stands_beside_the_present(lively: Workshop) -> None:
    def aim(
        metric: Metric, target: float | None, *, revision: int = 0, due: str = "2026-12", persona: str = ""
    ) -> None:
        draft = TargetDraft(step="connect", metric=metric, target=target, due=read_timebox(due), persona=persona)
        lively.maps.set_target(lively.project, lively.rules, "way", draft, revision=revision, by=ADA)

    aim(Metric.COMPLETION, 0.8)
    aim(Metric.TIME_TO_COMPLETE, 3_600)
    aim(Metric.FRICTION, 0.05, due="2026-10")
    aim(Metric.COMPLETION, 0.9, persona="pro")
    assert texts(lively.step("connect"), Row.FUTURE) == [
        "completion: 66.7% → 80.0% by 2026-12 (not yet)",
        "time to complete: 20.0 min → 1.0 h by 2026-12 (reached)",
        "friction: 0.09 → 0.05 by 2026-10 (overdue)",
    ]
    assert texts(lively.step("connect", persona="pro"), Row.FUTURE)[0].endswith(
        "→ 90.0% by 2026-12 (cannot be told yet)"
    )
    with pytest.raises(StaleItem):
        aim(Metric.COMPLETION, 0.7)
    with pytest.raises(BadTarget):
        aim(Metric.COMPLETION, 80, revision=1)
    aim(Metric.FRICTION, None, revision=1)
    assert len(lively.maps.targets(lively.project, lively.rules, "way")) == 3


# releases


def test_a_release_makes_the_steps_that_it_touches_stale_at_once_until_somebody_looks(workshop: Workshop) -> None:
    def stale() -> list[str]:
        return [step.step for step in workshop.map().steps if step.is_stale]

    assert stale() == []
    workshop.released("2.1", steps=["way.connect", "way.send"])
    assert stale() == ["connect", "send"]
    drawn = workshop.map()
    assert [(each.version, each.at) for each in drawn.releases] == [("2.1", workshop.clock.now)]
    assert [step.releases for step in drawn.steps] == [(), ("2.1",), ("2.1",)]
    workshop.clock.pass_(HOUR)
    workshop.maps.look(workshop.project, workshop.rules, "way", ["connect"], by=BOB, note="still true")
    assert stale() == ["send"]
    look = workshop.step("connect").look
    assert look is not None
    assert (look.by, look.note, look.at) == ("member 2", "still true", workshop.clock.now)
    # Whoever confirms a map that was drawn before a release has not seen that one.
    seen = workshop.clock.now
    workshop.clock.pass_(HOUR)
    workshop.released("2.2")
    workshop.clock.pass_(HOUR)
    workshop.maps.look(workshop.project, workshop.rules, "way", [], by=ADA, seen=seen)
    assert stale() == ["begin", "connect", "send"]
    workshop.maps.look(workshop.project, workshop.rules, "way", [], by=ADA)
    assert stale() == []


def test_a_release_told_by_one_of_your_own_counts_too(workshop: Workshop) -> None:
    internal = 'segment internal where plan is "ours"\n'
    workshop.service.publish(workshop.project, {"rules.way": RULES + internal})
    workshop.is_on("ci", "ours")
    workshop.released("3.0", pages=["/send"])
    assert [step.step for step in workshop.map().steps if step.is_stale] == ["send"]


# snapshots


def test_a_snapshot_is_what_was_and_can_be_compared_with_the_present(anywhere: Workshop) -> None:
    anywhere.live()
    anywhere.type(Row.MOTIVATION, "to send")
    taken = anywhere.maps.take(anywhere.project, anywhere.rules, MapAsked("way"), by=ADA, note="before the relaunch")
    assert taken is not None
    before = anywhere.map()
    anywhere.clock.pass_(DAY)
    anywhere.type(Row.MOTIVATION, "to send a lot", revision=1)
    for number in range(20, 26):
        anywhere.did(f"u{number}", "Begun", 30 * DAY)
    found = anywhere.maps.snapshot(anywhere.project, "way", taken.id)
    assert (found.taken and found.taken.note, found.made) == ("before the relaunch", before.made)
    assert [(step.entered, step.figures) for step in found.steps] == [(s.entered, s.figures) for s in before.steps]
    connect = found.step("connect")
    assert connect is not None
    assert texts(connect, Row.MOTIVATION) == ["to send"]
    beside = anywhere.maps.compared(
        anywhere.project, anywhere.rules, MapAsked("way"), read_against(f"snapshot:{taken.id}")
    )
    assert [(step.entered, step.other_entered) for step in beside.steps] == [(16, 10), (16, 10), (6, 6)]
    (listed,) = anywhere.maps.snapshots(anywhere.project, anywhere.rules, "way")
    assert (listed.id, listed.by, listed.draft.document) == (taken.id, "member 1", "")
    with pytest.raises(NoSuchSnapshot):
        anywhere.maps.snapshot(anywhere.service.tenancy.add("other").id, "way", taken.id)


def test_a_snapshot_reads_back_as_it_was_but_for_words_of_users(lively: Workshop) -> None:
    drawn = lively.map()
    back = from_document(to_document(drawn))
    assert "which record?" not in to_document(drawn)
    connect, again = drawn.step("connect"), back.step("connect")
    assert connect is not None
    assert again is not None
    assert [(line.text, line.n) for line in again.lines[Row.THOUGHTS]] == [
        ("2 quoted then; words of users are not kept in snapshots", 2)
    ]
    rest = [{row: lines for row, lines in each.lines.items() if row is not Row.THOUGHTS} for each in (connect, again)]
    assert rest[0] == rest[1]
    assert replace(back, steps=()) == replace(drawn, steps=())


def test_nothing_of_an_erased_person_is_left_in_maps(anywhere: Workshop) -> None:
    anywhere.live()
    anywhere.did("zebra", "Begun", 0)
    anywhere.did("zebra", "$shown", HOUR, guide="ease")
    said = {"question": "detail", "value": "zebra stripes", "text": "zebra stripes", "submission": "s-zebra"}
    anywhere.did("zebra", "$answered", HOUR + 1, guide="ease", language="en", **said)
    number = anywhere.told("zebra crossing", user="zebra")
    links = ("response:ease.detail.s-zebra", f"evidence:{number}")
    assert not anywhere.type(Row.PAIN_POINTS, "they are lost", evidence=links).is_hatched
    assert len(texts(anywhere.step("connect"), Row.THOUGHTS)) == 3
    anywhere.maps.take(anywhere.project, anywhere.rules, MapAsked("way"), by=ADA)
    assert anywhere.service.privacy.erase(anywhere.project, "zebra") is not None
    anywhere.clock.pass_(HOUR)
    (line,) = anywhere.step("connect").lines[Row.PAIN_POINTS]
    assert (line.text, line.is_hatched, line.evidence) == ("they are lost", True, (f"evidence:{number}",))
    assert texts(anywhere.step("connect"), Row.THOUGHTS) == ["“which record?” (neutral, inferred)"]
    with anywhere.service.database.reading() as connection:
        for table in tables.Base.metadata.sorted_tables:
            if table.name.startswith("map_"):
                assert "zebra" not in str(connection.execute(sa.select(table)).all()), table.name


def test_the_snapshot_of_a_quarter_is_taken_once_by_itself_when_all_are_settled(workshop: Workshop) -> None:
    workshop.live()
    looks = [
        ("2026-12-31T23:00:00Z", 0),  # nobody came in the third quarter
        ("2027-01-03T00:00:00Z", 0),  # who came on the last day of the fourth may still go on
        ("2027-01-08T00:00:00Z", 3),
        ("2027-01-09T00:00:00Z", 0),
        ("2027-04-20T00:00:00Z", 0),
    ]
    for moment, taken in looks:
        workshop.clock.now = read_instant(moment) or Instant(0)
        assert take_due(workshop.maps, workshop.project, workshop.rules) == taken, moment
    found = workshop.maps.snapshots(workshop.project, workshop.rules, "way")
    assert {(each.draft.persona, each.draft.quarter, each.by) for each in found} == {
        ("", "2026-Q4", "background work"),
        ("pro", "2026-Q4", "background work"),
        ("small", "2026-Q4", "background work"),
    }
    (everybody,) = [each for each in found if not each.draft.persona]
    assert [step.entered for step in workshop.maps.snapshot(workshop.project, "way", everybody.id).steps] == [10, 10, 6]


# who did what


def test_the_audit_log_names_who_changed_a_map_but_not_what_they_wrote(workshop: Workshop) -> None:
    workshop.type(Row.OWNER, "Grace Hopper")
    workshop.maps.look(workshop.project, workshop.rules, "way", ["send"], by=Author("Ada", "command line"))
    workshop.maps.take(workshop.project, workshop.rules, MapAsked("way"), by=BOB)
    entries = workshop.service.auditing.entries(workshop.project, limit=3)
    assert [(each.actor, each.action, each.target) for each in reversed(entries)] == [
        ("member 1", "map.change", "map way"),
        ("command line", "map.confirm", "map way"),
        ("member 2", "map.snapshot", "map way"),
    ]
    assert "Grace" not in str(entries)


def test_another_project_and_another_journey_see_nothing_of_it(workshop: Workshop) -> None:
    workshop.type(Row.OWNER, "Ada")
    other = workshop.service.tenancy.add("other").id
    workshop.service.publish(other, {"rules.way": RULES})
    rules = workshop.service.rules_now(other)
    assert workshop.maps.cells(other, rules, "way") == ()
    assert workshop.maps.map(other, rules, MapAsked("way")).step("connect") is not None
    with pytest.raises(UnknownJourney):
        workshop.maps.cells(workshop.project, workshop.rules, "nowhere")


def test_what_is_planned_for_a_step_stands_under_its_opportunities(workshop: Workshop) -> None:
    draft = ItemDraft(title="Say which record", journey="way", step="connect", timebox=None)
    item = workshop.planner.add_item(workshop.project, workshop.rules, draft, by="member 1")
    (line,) = workshop.step("connect").lines[Row.OPPORTUNITIES]
    assert (line.text, line.ref) == ("→ Say which record (requested)", f"item:{item.id}")
