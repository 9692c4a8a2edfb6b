"""The door of journey maps: drawing them, what people type in, targets, looks at steps, snapshots, comparisons.

Decides that nobody's change is lost unseen (whoever changes something says from which revision), and writes down in the
audit log, in the same transaction, who changed what of a map, without its words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from dsl.nodes import Journey
from dsl.values import DAY, Duration, Instant, JsonValue
from engine.analytics.asked import NoSuchStep, personas_of
from engine.analytics.curve import EmotionCurve
from engine.analytics.designs import Walked, refuse_no_path
from engine.analytics.evidence import SourceRecord, source_records
from engine.analytics.history import NothingRecorded
from engine.analytics.releases import Release, releases_of
from engine.analytics.transitions import Transition
from engine.audit import Act, Action
from engine.effects import NoSuchPersona
from engine.mapping.cells import Cell, CellDraft, NoSuchLink, checked, read_link
from engine.mapping.comparing import Against, AgainstKind, MapComparison, compared
from engine.mapping.drafting import Material, drawn, guides_at
from engine.mapping.measuring import JourneyMeasured, gives_up_of, measured_journey, usual_period, walks
from engine.mapping.model import JourneyMap, Publication, Taken
from engine.mapping.releases import Look
from engine.mapping.snapshots import BY_ITSELF, NoSuchSnapshot, Snapshot, SnapshotDraft, from_document, to_document
from engine.mapping.targets import Target, TargetDraft
from engine.mapping.travels import travels_of
from engine.membership import RulesNow
from engine.product_figures import BadPeriod
from engine.roadmap.evidence import EVERYONE, PERIOD, Period
from engine.roadmap.items import StaleItem
from engine.roadmap.metrics import check_target, stretch_of
from engine.roadmap.planner import Planner
from engine.roadmap.readings import Asked, Whose, choice_labels, journey_named
from engine.roadmap.timeboxes import Timebox
from engine.step_records import RecordsAsked, curves, transitions
from engine.storage import audit, evidence, exposures, identity, projects, versions
from engine.storage import maps as kept

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.analyst import Analyst
    from engine.storage.store import Database

Found = TypeVar("Found")

_MOST_PUBLICATIONS: Final = 1_000
"""The latest ones; more than any period has."""


@dataclass(frozen=True, slots=True)
class MapAsked:
    """Which map. persona: blank for everybody. period: None for the last weeks (`measuring.usual_period`)."""

    journey: str
    persona: str = EVERYONE
    period: Period | None = None
    whose: Whose = field(default_factory=Whose)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something. actor: as the audit log names them, by number; else as `name` says."""

    name: str
    actor: str | None = None

    @property
    def act(self) -> str:
        """As the audit log names them."""
        return self.actor or self.name


class Cartographer:
    """The maps of all projects of a database. Instants come with the rules (`RulesNow.now`).

    analyst: what reads the log, for real paths, the curve and releases.
    """

    def __init__(self, database: Database, planner: Planner, analyst: Analyst) -> None:
        self._database = database
        self._planner = planner
        self._analyst = analyst

    # the map

    def map(self, project_id: int, rules: RulesNow, asked: MapAsked) -> JourneyMap:
        """The map as it is now. Raises UnknownJourney, NoSuchPersona, BadPeriod."""
        journey = journey_named(rules.project, asked.journey)
        self._refuse_unknown_persona(rules, asked.persona)
        period, found = self._measured(project_id, rules, journey, asked)
        curve, moves, releases = self._from_the_log(project_id, rules, asked, period)
        guides = [
            each.name.text for step in journey.steps for each in guides_at(rules.project, asked.journey, step.name.text)
        ]
        with self._database.reading(as_of_one_moment=True) as connection:
            simulated = asked.whose.counts_simulated
            material = Material(
                rules=rules.project,
                journey=journey,
                persona=asked.persona,
                period=period,
                now=rules.now,
                steps=found.steps,
                design=found.design,
                curve=curve,
                transitions=moves,
                releases=releases,
                publications=_published(connection, project_id),
                looks=kept.looks_of(connection, project_id, asked.journey),
                cells=_cells(connection, project_id, asked.journey),
                targets=kept.targets_of(connection, project_id, asked.journey),
                sources=self._sources(connection, project_id, rules, asked, period),
                shown=exposures.people_shown(connection, project_id, sorted(set(guides)), with_simulated=simulated),
                is_stopped=projects.in_force(connection, [project_id])[project_id].is_stopped,
                left_out=tuple(str(kind) for kind in asked.whose.left_out),
                worst="" if (worst := found.worst()) is None else worst.step,
            )
        return drawn(replace(material, items=self._planner.items(project_id)))

    def compared(self, project_id: int, rules: RulesNow, asked: MapAsked, against: Against) -> MapComparison:
        """A map beside another one. Raises what `map` does, and NoSuchSnapshot."""
        own = self.map(project_id, rules, asked)
        match against.kind:
            case AgainstKind.SNAPSHOT:
                other = self.snapshot(project_id, asked.journey, against.snapshot)
            case AgainstKind.PERSONA:
                other = self.map(project_id, rules, replace(asked, persona=against.persona))
            case AgainstKind.PERIOD:
                box = against.period
                period = None if box is None else Period(box.begin, box.end)
                other = self.map(project_id, rules, replace(asked, period=period))
        return compared(own, other)

    def walkers(
        self, project_id: int, rules: RulesNow, asked: MapAsked, walked: Walked, *, after: str = "", limit: int = 100
    ) -> list[str]:
        """Who is behind a figure of the real paths on a map: their ids, in order, after one.

        Raises what `map` does, BadPath, NoSuchStep.
        """
        journey = journey_named(rules.project, asked.journey)
        self._refuse_unknown_persona(rules, asked.persona)
        refuse_no_path(walked.path)
        if not all(0 <= number < len(journey.steps) for number in walked.path or ()):
            raise NoSuchStep(len(journey.steps))
        period = _period(rules, journey, asked)
        travels = travels_of(self._database, self._planner.readings, project_id, rules, journey, asked.whose)
        people = travels.of(asked.persona, period).people
        found = [person for person, ranks in walks(journey, people, period) if walked.fits(ranks)]
        with self._database.reading() as connection:
            names = identity.names_of(connection, found)
        return sorted(name for name in names if name > after)[:limit]

    # what is typed in

    def cells(self, project_id: int, rules: RulesNow, journey: str, *, with_cleared: bool = False) -> tuple[Cell, ...]:
        """What was typed into the maps of a journey. Raises UnknownJourney."""
        journey_named(rules.project, journey)
        with self._database.reading() as connection:
            found = _cells(connection, project_id, journey)
        return tuple(cell for cell in found if cell.draft.text or with_cleared)

    def cell(self, project_id: int, journey: str, draft: CellDraft) -> Cell | None:
        """The cell that a draft is of, cleared or not: its revision says from where to go on."""
        with self._database.reading() as connection:
            return kept.cell_at(connection, project_id, journey, draft.key)

    def set_cell(
        self, project_id: int, rules: RulesNow, journey: str, draft: CellDraft, *, revision: int, by: Author
    ) -> Cell:
        """Type into a cell, from the revision that was seen, 0 for none; a blank text clears it.

        Raises UnknownJourney, UnknownStage, UnknownStep, BadCell, NoSuchLink, StaleItem.
        """
        declared = journey_named(rules.project, journey)
        ready = checked(draft, declared, list(personas_of(rules.project)))
        with self._database.writing() as connection:
            before = kept.cell_at(connection, project_id, journey, ready.key)
            known = set() if before is None else set(before.draft.evidence)
            links = [read_link(each) for each in ready.evidence]
            here = kept.there(connection, project_id, links)
            for link in links:
                # A link whose evidence was erased meanwhile does not keep anybody from changing the text.
                if link.text not in here and link.text not in known:
                    raise NoSuchLink(link.text)
            found = 0 if before is None else before.revision
            stamp = (by.name, rules.now)
            made = None
            if found == revision:
                made = kept.keep_cell(connection, project_id, journey, ready, stamp, before)
            if made is None:
                last = "somebody" if before is None else before.changed_by
                raise StaleItem(ready.where, given=revision, current=found, by=last)
            _note(
                connection,
                project_id,
                journey,
                by,
                rules.now,
                {"row": ready.row.value, "step": ready.step or ready.stage},
            )
        return replace(made, missing=frozenset(ready.evidence) - here)

    # targets

    def targets(
        self, project_id: int, rules: RulesNow, journey: str, *, with_taken_back: bool = False
    ) -> tuple[Target, ...]:
        """What metrics of steps are to be. Raises UnknownJourney."""
        journey_named(rules.project, journey)
        with self._database.reading() as connection:
            found = kept.targets_of(connection, project_id, journey)
        return tuple(each for each in found if each.draft.target is not None or with_taken_back)

    def target_revision(self, project_id: int, journey: str, draft: TargetDraft) -> int:
        """The revision of the target that a draft is of, taken back or not; 0 before the first."""
        with self._database.reading() as connection:
            found = _target(kept.targets_of(connection, project_id, journey), draft)
        return 0 if found is None else found.revision

    def set_target(
        self, project_id: int, rules: RulesNow, journey: str, draft: TargetDraft, *, revision: int, by: Author
    ) -> Target:
        """Set a target, or take it back, from the revision that was seen, 0 for none.

        Raises UnknownJourney, UnknownStep, NoSuchPersona, BadTarget, StaleItem.
        """
        stretch_of(journey_named(rules.project, journey), step=draft.step)
        self._refuse_unknown_persona(rules, draft.persona)
        if draft.target is not None:
            check_target(draft.metric, draft.target)
        with self._database.writing() as connection:
            before = _target(kept.targets_of(connection, project_id, journey), draft)
            found = 0 if before is None else before.revision
            stamp = (by.name, rules.now)
            if found != revision or not kept.keep_target(
                connection, project_id, journey, draft, stamp, revision=revision + 1
            ):
                what = f"the target of {draft.metric.value.replace('_', ' ')} at `{draft.step}`"
                last = "somebody" if before is None else before.changed_by
                raise StaleItem(what, given=revision, current=found, by=last)
            _note(connection, project_id, journey, by, rules.now, {"target": draft.metric.value, "step": draft.step})
        return Target(draft, revision + 1, rules.now, by.name)

    # looks

    def looks(self, project_id: int, rules: RulesNow, journey: str) -> dict[str, Look]:
        """When somebody last looked at each step. Raises UnknownJourney."""
        journey_named(rules.project, journey)
        with self._database.reading() as connection:
            return kept.looks_of(connection, project_id, journey)

    def look(
        self,
        project_id: int,
        rules: RulesNow,
        journey: str,
        steps: Sequence[str],
        *,
        by: Author,
        seen: Instant | None = None,
        note: str = "",
    ) -> dict[str, Look]:
        """Confirm steps (none named: all): the map that was drawn at `seen` says what is true. A release that came
        after that still makes them stale. Raises UnknownJourney, UnknownStep."""
        declared = journey_named(rules.project, journey)
        for step in steps:
            stretch_of(declared, step=step)
        names = list(dict.fromkeys(steps)) or [step.name.text for step in declared.steps]
        at = rules.now if seen is None else min(seen, rules.now)
        told = Look(at, by.name, note.strip().replace("\x00", ""))
        with self._database.writing() as connection:
            kept.keep_looks(connection, project_id, journey, dict.fromkeys(names, told))
            act = Act(actor=by.act, action=Action.MAP_CONFIRM, target=f"map {journey}", detail={"steps": [*names]})
            audit.record(connection, project_id, act, at=rules.now)
            return kept.looks_of(connection, project_id, journey)

    # snapshots

    def take(self, project_id: int, rules: RulesNow, asked: MapAsked, *, by: Author, note: str = "") -> Snapshot:
        """Keep the map as it is, for good. Raises what `map` does."""
        made = self._keep(project_id, rules, self.map(project_id, rules, asked), by=by, note=note)
        assert made is not None  # noqa: S101  (only of a quarter there is but one)
        return made

    def take_quarter(self, project_id: int, rules: RulesNow, place: tuple[str, str], quarter: Timebox) -> bool:
        """Keep the map of a journey and a persona as it was in a quarter; False where it is kept, or nobody came."""
        journey, persona = place
        with self._database.reading() as connection:
            if kept.has_snapshot(connection, project_id, (journey, persona, str(quarter))):
                return False
        found = self.map(project_id, rules, MapAsked(journey, persona, Period(quarter.begin, quarter.end)))
        if not any(step.entered for step in found.steps):
            return False
        author = Author(BY_ITSELF)
        return self._keep(project_id, rules, found, by=author, quarter=str(quarter)) is not None

    def _keep(
        self,
        project_id: int,
        rules: RulesNow,
        found: JourneyMap,
        *,
        by: Author,
        note: str = "",
        quarter: str | None = None,
    ) -> Snapshot | None:
        draft = SnapshotDraft(
            journey=found.journey,
            persona=found.persona,
            period=found.period,
            quarter=quarter,
            note=note.strip().replace("\x00", ""),
            document=to_document(found),
        )
        with self._database.writing() as connection:
            made = kept.add_snapshot(connection, project_id, draft, (by.name, rules.now))
            if made is not None:
                detail: dict[str, JsonValue] = {"snapshot": made.id, "quarter": quarter}
                act = Act(actor=by.act, action=Action.MAP_SNAPSHOT, target=f"map {found.journey}", detail=detail)
                audit.record(connection, project_id, act, at=rules.now)
        return made

    def snapshots(
        self, project_id: int, rules: RulesNow, journey: str, *, before: int | None = None, limit: int = 100
    ) -> list[Snapshot]:
        """The snapshots of a journey, the latest first, without what is in them. Raises UnknownJourney."""
        journey_named(rules.project, journey)
        with self._database.reading() as connection:
            return kept.snapshots_of(connection, project_id, journey, before=before, limit=limit)

    def snapshot(self, project_id: int, journey: str, number: int) -> JourneyMap:
        """The map of a snapshot, also of a journey that the rules have no more. Raises NoSuchSnapshot."""
        with self._database.reading() as connection:
            found = kept.snapshot_of(connection, project_id, journey, number)
        if found is None:
            raise NoSuchSnapshot(number)
        taken = Taken(found.id, found.taken, found.by, found.draft.quarter, found.draft.note)
        return replace(from_document(found.draft.document), taken=taken)

    # what a map is made of

    def _measured(
        self, project_id: int, rules: RulesNow, journey: Journey, asked: MapAsked
    ) -> tuple[Period, JourneyMeasured]:
        period = _period(rules, journey, asked)
        decisions = self._planner.decisions(project_id)
        said = frozenset((name, each.revision) for name, each in decisions.items())

        def read() -> JourneyMeasured:
            return measured_journey(
                journey,
                travels_of(self._database, self._planner.readings, project_id, rules, journey, asked.whose),
                asked.persona,
                period,
                now=rules.now,
                decisions=decisions,
                label_of=choice_labels(rules.project),
            )

        found = self._planner.readings.kept(project_id, rules, ("map", asked, said), read)
        return period, self._with_preceding(project_id, rules, journey, asked, period, found)

    def _with_preceding(
        self,
        project_id: int,
        rules: RulesNow,
        journey: Journey,
        asked: MapAsked,
        period: Period,
        found: JourneyMeasured,
    ) -> JourneyMeasured:
        """With what came before leaving the step where most were lost, on maps of the time until now.

        Of one step only: the question takes as long as all the rest of a map.
        """
        worst = found.worst()
        # The question of opportunities, in their own words where it is of the same weeks: so an answer serves both.
        length = PERIOD if asked.period is None else Duration(rules.now - gives_up_of(journey) - period.begin)
        if worst is None or period.end <= rules.now or length <= 0:
            return found
        question = Asked(period=length, whose=asked.whose)
        place = (asked.journey, worst.step, asked.persona)
        return found.with_preceding(
            worst.step, self._planner.readings.before_leaving(project_id, rules, question, place)
        )

    def _from_the_log(
        self, project_id: int, rules: RulesNow, asked: MapAsked, period: Period
    ) -> tuple[EmotionCurve | None, Sequence[Transition], Sequence[Release]]:
        question = RecordsAsked(
            asked.journey,
            since=period.begin,
            until=None if period.end > rules.now else period.end,
            where=f"in `{asked.persona}`" if asked.persona else None,
            everyone=asked.whose.everyone,
            with_simulated=asked.whose.with_simulated,
        )

        def released() -> tuple[Release, ...]:
            # Of everybody: a release is told by a program, or by one of your own.
            return self._analyst.answer(project_id, "releases", rules, releases_of, everyone=True)

        found = _if_any(lambda: curves(self._analyst, project_id, question, rules))
        moves = _if_any(lambda: transitions(self._analyst, project_id, question, rules))
        curve = None if found is None or not found.curves else found.curves[0]
        return curve, () if moves is None else moves.transitions, _if_any(released) or ()

    def _sources(
        self, connection: Connection, project_id: int, rules: RulesNow, asked: MapAsked, period: Period
    ) -> dict[str, Sequence[SourceRecord]]:
        """What was said elsewhere in the period; on the map of a persona by these people, or by nobody who is known."""
        speakers = kept.speakers(connection, project_id, asked.journey)
        if not speakers:
            return {}
        wanted = None
        if asked.persona:
            condition = personas_of(rules.project)[asked.persona]
            own = self._planner.readings.members_of(project_id, rules, asked.whose, {asked.persona: condition})
            wanted = own[asked.persona]
        found: dict[str, Sequence[SourceRecord]] = {}
        for step in rules.project.journeys[asked.journey].steps:
            place = (asked.journey, step.name.text)
            told = evidence.at_step(connection, project_id, place, with_simulated=asked.whose.counts_simulated)
            own_words = [
                each
                for each in told
                if (each.draft.time or each.created) in period
                and (wanted is None or speakers.get(each.id) is None or speakers[each.id] in wanted)
            ]
            found[step.name.text] = source_records(own_words)
        return found

    @staticmethod
    def _refuse_unknown_persona(rules: RulesNow, persona: str) -> None:
        known = personas_of(rules.project)
        if persona != EVERYONE and persona not in known:
            raise NoSuchPersona(persona, list(known))


def _period(rules: RulesNow, journey: Journey, asked: MapAsked) -> Period:
    period = asked.period
    if period is None:
        usual = usual_period(journey, now=rules.now)
        # From midnight on, so that the question is the same all day and its answer can be kept.
        period = Period(Instant(usual.begin - usual.begin % DAY), Instant(rules.now + 1))
    if period.begin >= period.end or period.begin > rules.now:
        raise BadPeriod
    return period


def _published(connection: Connection, project_id: int) -> tuple[Publication, ...]:
    """When rules were put in force, the oldest first."""
    found = versions.versions_of(connection, project_id, limit=_MOST_PUBLICATIONS)
    return tuple(Publication(each.version, each.published) for each in reversed(found))


def _cells(connection: Connection, project_id: int, journey: str) -> tuple[Cell, ...]:
    """The cells of a journey, with which of their links lead nowhere any more."""
    cells = kept.cells_of(connection, project_id, journey)
    links = {text: read_link(text) for cell in cells for text in cell.draft.evidence}
    gone = links.keys() - kept.there(connection, project_id, links.values())
    return tuple(replace(cell, missing=frozenset(gone) & set(cell.draft.evidence)) for cell in cells)


def _target(targets: Sequence[Target], draft: TargetDraft) -> Target | None:
    """The target of the same step, persona and metric."""
    place = (draft.step, draft.persona, draft.metric)
    return next((t for t in targets if (t.draft.step, t.draft.persona, t.draft.metric) == place), None)


def _note(
    connection: Connection, project_id: int, journey: str, by: Author, now: Instant, detail: dict[str, str]
) -> None:
    act = Act(actor=by.act, action=Action.MAP_CHANGE, target=f"map {journey}", detail=detail)
    audit.record(connection, project_id, act, at=now)


def _if_any(ask: Callable[[], Found]) -> Found | None:
    """An answer from the log; None where nothing is recorded yet."""
    try:
        return ask()
    except NothingRecorded:
        return None
