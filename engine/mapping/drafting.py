"""Puts a map together: its columns from the rules, its lines from what was measured, and what was typed among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dsl.clauses import one, places
from dsl.labels import label_of
from dsl.nodes import Draft, Guide, Journey, Paused, Testers
from dsl.project import RuleProject
from dsl.values import Instant
from engine.analytics.curve import EmotionCurve
from engine.analytics.evidence import SourceRecord
from engine.analytics.funnel_answer import Design
from engine.analytics.releases import Release
from engine.analytics.transitions import Transition
from engine.mapping.cells import Cell, own_cells
from engine.mapping.measuring import StepMeasured
from engine.mapping.model import JourneyMap, LineKind, Lines, MapLine, Publication, StageOnMap, StepOnMap
from engine.mapping.releases import Look, stale_because, touched_steps
from engine.mapping.rows import Row
from engine.mapping.targets import Target, futures
from engine.mapping.words import Around, Intervention, lines_of, path_lines
from engine.roadmap.evidence import EVERYONE, Period
from engine.roadmap.items import Item, ItemStatus
from engine.roadmap.metrics import Measured, Metric
from engine.schedule import schedule_of
from engine.stages import Marks, stage_marks

RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Material:
    """All that a map is made of. steps: measured, in the order of the journey. sources: from elsewhere, by step.

    shown: people who have seen each guide. is_stopped: all guidance of the project is.
    """

    rules: RuleProject
    journey: Journey
    persona: str
    period: Period
    now: Instant
    steps: Sequence[StepMeasured]
    design: Design | None = None
    curve: EmotionCurve | None = None
    transitions: Sequence[Transition] = ()
    releases: Sequence[Release] = ()
    publications: Sequence[Publication] = ()
    looks: Mapping[str, Look] = field(default_factory=dict)
    cells: Sequence[Cell] = ()
    targets: Sequence[Target] = ()
    items: Sequence[Item] = ()
    sources: Mapping[str, Sequence[SourceRecord]] = field(default_factory=dict)
    shown: Mapping[str, int] = field(default_factory=dict)
    is_stopped: bool = False
    left_out: tuple[str, ...] = ()
    worst: str = ""


def drawn(material: Material) -> JourneyMap:
    """The map."""
    journey, rules = material.journey, material.rules
    marks = stage_marks(rules)
    typed = [cell for cell in own_cells(material.cells, material.persona) if cell.draft.text]
    whole = [cell for cell in typed if not (cell.draft.step or cell.draft.stage)]
    return JourneyMap(
        journey=journey.name.text,
        label=label_of(journey),
        persona=material.persona,
        persona_label=persona_label(rules, material.persona),
        period=material.period,
        made=material.now,
        stages=tuple(
            StageOnMap(
                mark=marks[(name := stage.name.text)],
                steps=tuple(step.name.text for step in stage.steps),
                lines=_typed([cell for cell in typed if cell.draft.stage == name]),
            )
            for stage in journey.stages
            if stage.steps
        ),
        steps=_columns(material, typed),
        releases=tuple(each for each in material.releases if each.at in material.period),
        publications=tuple(each for each in material.publications if each.at in material.period),
        lines=_beside(_real_paths(material, marks), _typed(whole)),
        left_out=material.left_out,
        path=_outcome_path(material),
        worst=material.worst,
    )


def persona_label(rules: RuleProject, persona: str) -> str:
    """What people call a persona."""
    if persona == EVERYONE:
        return "everyone"
    segment = rules.segments.get(persona)
    return persona if segment is None else label_of(segment)


def guides_at(rules: RuleProject, journey: str, step: str) -> list[Guide]:
    """The guides and surveys at a step, in the order of the rules."""
    return [
        guide
        for guide in rules.guides.values()
        if any(
            place.journey.text == journey and any(each.name.text == step for each in rules.steps_at(place))
            for place in places(guide)
        )
    ]


def state_of(guide: Guide, zone: str, *, now: Instant, is_stopped: bool) -> str:
    """Whether a guide is running, or why it shows nothing."""
    schedule = schedule_of(guide, zone)
    if one(guide, Paused) is not None:
        return "paused"
    if one(guide, Draft) is not None:
        return "a draft, shows nothing"
    if schedule.ends is not None and now >= schedule.ends:
        return "expired"
    if schedule.begins is not None and now < schedule.begins:
        return "not begun yet"
    if is_stopped:
        return "stopped with all guidance"
    testers = one(guide, Testers)
    return RUNNING if testers is None else f"shown to testers only ({testers.segment.text})"


def _columns(material: Material, typed: Sequence[Cell]) -> tuple[StepOnMap, ...]:
    stale = stale_because(material.releases, material.journey, material.looks)
    marks = stage_marks(material.rules)
    touched = {
        name: tuple(
            each.version
            for each in material.releases
            if each.at in material.period and name in touched_steps(each, material.journey)
        )
        for name in stale
    }
    measured = {each.step: each for each in material.steps}
    labels = {step.name.text: label_of(step) for step in material.journey.steps}
    found = []
    for stage in material.journey.stages:
        for number, step in enumerate(stage.steps, 1):
            name = step.name.text
            own = _with_curve(measured[name], material.curve)
            aims = [each for each in material.targets if each.draft.step == name]
            coming = futures(aims, own.figures, material.persona, now=material.now)
            around = replace(_around(material, name, labels), futures=coming)
            here = [cell for cell in typed if cell.draft.step == name]
            found.append(
                StepOnMap(
                    step=name,
                    label=labels[name],
                    stage=stage.name.text,
                    name=f"{marks[stage.name.text].letter}{number}",
                    entered=own.entered,
                    went_on=own.evidence.went_on,
                    lost=own.evidence.lost,
                    figures=own.figures,
                    within=own.within,
                    feelings=own.emotion.feelings,
                    futures=coming,
                    releases=touched[name],
                    stale=stale[name],
                    look=material.looks.get(name),
                    lines=_beside(lines_of(step, own, around), _typed(here)),
                )
            )
    return tuple(found)


def _with_curve(found: StepMeasured, curve: EmotionCurve | None) -> StepMeasured:
    """What was felt is what the curve says, so that the picture and the figures are one."""
    point = None if curve is None else next((each for each in curve.points if each.step == found.step), None)
    if point is None:
        return found
    felt = point.emotion
    emotion = Measured(Metric.EMOTION, felt.mean, felt.n, felt.interval)
    figures = tuple(emotion if each.metric is Metric.EMOTION else each for each in found.figures)
    return replace(found, emotion=felt, figures=figures)


def _around(material: Material, step: str, labels: Mapping[str, str]) -> Around:
    move = next((each for each in material.transitions if each.to == step), None)
    name = material.journey.name.text
    return Around(
        transition=move,
        came_from="" if move is None else labels.get(move.step, move.step),
        sources=material.sources.get(step, ()),
        items=[
            item
            for item in material.items
            if (item.draft.journey, item.draft.step) == (name, step) and item.draft.status is not ItemStatus.DROPPED
        ],
        interventions=[
            Intervention(
                name=guide.name.text,
                label=label_of(guide),
                kind=guide.kind.value,
                state=state_of(guide, material.rules.zone, now=material.now, is_stopped=material.is_stopped),
                shown=material.shown.get(guide.name.text, 0),
            )
            for guide in guides_at(material.rules, name, step)
        ],
    )


def _outcome_path(material: Material) -> tuple[str, ...]:
    """The steps of the most common way to the end, in the order of the journey."""
    steps = [step.name.text for step in material.journey.steps]
    paths = () if material.design is None else material.design.paths
    way = next((path.steps for path in paths if steps[-1] in path.steps), tuple(steps))
    return tuple(step for step in steps if step in way)


def _real_paths(material: Material, marks: Marks) -> Lines:
    if material.design is None:
        return {}
    names = {
        step.name.text: f"{marks[stage.name.text].letter}{number}"
        for stage in material.journey.stages
        for number, step in enumerate(stage.steps, 1)
    }
    return {Row.ACTIONS: tuple(path_lines(material.design, names))}


def _typed(cells: Sequence[Cell]) -> Lines:
    found: dict[Row, list[MapLine]] = {}
    for cell in cells:
        draft = cell.draft
        found.setdefault(draft.row, []).append(
            MapLine(
                LineKind.TYPED,
                draft.text,
                n=len(set(draft.evidence) - cell.missing),
                is_hatched=cell.is_hatched,
                touchpoint=draft.touchpoint,
                evidence=draft.evidence,
                missing=tuple(each for each in draft.evidence if each in cell.missing),
                revision=cell.revision,
                by=cell.changed_by,
            )
        )
    return {row: tuple(lines) for row, lines in found.items()}


def _beside(measured: Lines, typed: Lines) -> Lines:
    return {row: (*measured.get(row, ()), *typed.get(row, ())) for row in Row if row in measured or row in typed}
