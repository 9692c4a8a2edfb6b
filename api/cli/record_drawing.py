"""How the records of steps are drawn for people: tables, and the curve as a row of places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from api.cli.lengths import in_words

if TYPE_CHECKING:
    from engine.analytics.intervals import Interval

SHOWN: Final = 20
"""Rows of a table that people get to see; files and JSON have all."""


def _table(heads: Iterable[str], rows: Sequence[Sequence[str]], *, words: int = 1, nothing: str) -> None:
    """Print a table: `words` columns of words, then figures."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    if not rows:
        console.print(nothing)
        return
    # Without a breakdown there is no group to tell.
    first = 1 if not any(row[0] for row in rows) else 0
    for place, head in enumerate(heads):
        if place < first:
            continue
        table.add_column(head, justify="left" if place < words else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row[first:]))
    console.print(table)


def _draw_records(members: Sequence[Any], _: Any) -> None:
    heads = ("", "step", "entered", "done", "tried in vain", "never tried", "open", "median", "in time", "friction")
    rows = []
    for one in members:
        counts, pace = one.counts, one.counts.pace
        rows.append(
            [
                counts.group or "",
                f"{one.stage.letter} {one.label}",
                f"{counts.entered:,}",
                f"{counts.done:,}",
                f"{counts.tried_and_failed:,}",
                f"{counts.never_tried:,}",
                f"{counts.waiting:,}",
                "" if pace.spent is None else in_words(pace.spent.median),
                f"{_share(pace.share, pace.interval)}{' slow' if pace.is_slow else ''}",
                "" if counts.friction.score is None else f"{counts.friction.score:.2f}",
            ]
        )
    _table(
        [*heads, "emotion"],
        [[*row, _felt(one.emotion)] for row, one in zip(rows, members, strict=True)],
        words=2,
        nothing="nobody came to a step of it",
    )
    _draw_risks(members)


def _draw_risks(members: Sequence[Any]) -> None:
    found = [(one, risk) for one in members for risk in one.counts.risks if risk.is_telling]
    if not found:
        return
    click.echo("\nwho had these signs of friction dropped more often (an association, no cause):")
    rows = [
        [
            one.counts.group or "",
            one.label,
            risk.name,
            f"{risk.ratio:.1f} times",
            f"{risk.interval.low:.2f} – {risk.interval.high:.2f}",
            f"{risk.met_dropped:,} of {risk.met:,}",
            f"{risk.without_dropped:,} of {risk.without:,}",
        ]
        for one, risk in sorted(found, key=lambda pair: -pair[1].interval.low)[:SHOWN]
    ]
    _table(("", "step", "sign", "as often", "95 % interval", "with it", "without"), rows, words=3, nothing="")


def _draw_transitions(members: Sequence[Any], _: Any) -> None:
    heads = ("", "transition", "started", "went on", "skipped", "lost", "open", "median", "straight on", "came back")
    rows = [
        [
            one.group or "",
            f"{one.step} → {one.to}",
            f"{one.started:,}",
            f"{one.went_on:,}",
            f"{one.skipped:,}",
            f"{one.lost:,} {_share(one.lost_share, one.lost_interval)}".rstrip(),
            f"{one.open:,}",
            "" if one.took is None else in_words(one.took.median),
            _share(one.direct_share, one.direct_interval),
            f"{one.looped:,}",
        ]
        for one in members
    ]
    _table(heads, rows, words=2, nothing="nobody came from a step to the next")
    stray = [
        [one.group or "", f"{one.step} → {one.to}", event.name, f"{event.people:,}", f"{event.lost:,}"]
        for one in members
        for event in one.unplanned[:3]
    ]
    if stray:
        click.echo("\nin between, what the journey does not plan:")
        _table(("", "transition", "event", "people", "of them lost"), stray[:SHOWN], words=3, nothing="")


def _draw_curve(members: Sequence[Any], _: Any) -> None:
    rows = [
        [
            curve.group or "",
            f"{point.stage.letter} {point.label}",
            "" if point.emotion.mean is None else _bar(point.emotion.mean),
            _felt(point.emotion),
            " ".join(f"{name} {number}" for name, number in point.emotion.feelings.items() if number),
        ]
        for curve in members
        for point in curve.points
    ]
    _table(("", "step", "−1 … +1", "emotion", "feelings named"), rows, words=5, nothing="nobody said anything there")
    for curve in members:
        for mark in curve.marks[-5:]:
            from dsl.values import format_instant

            click.echo(f"  {format_instant(mark.time)[:10]} {mark.kind} {mark.label}")


def _draw_responses(members: Sequence[Any], found: Any) -> None:
    from dsl.values import format_instant

    rows = [
        [
            format_instant(one.time)[:16].replace("T", " "),
            one.step,
            f"{one.survey}.{one.question}",
            "" if one.score is None else f"{one.score:g}",
            ", ".join(one.choices),
            one.text or "",
            f"{one.feeling or ''}{' (inferred)' if one.inferred else ''}",
            " ".join(each for each in (one.language, one.device) if each),
        ]
        for one in members
    ]
    heads = ("when", "step", "question", "score", "choice", "in their words", "feeling", "told in")
    _table(heads, rows, words=8, nothing="nobody answered there")
    if found.next is not None:
        click.echo(f"{found.total:,} in all: go on with --before {found.next}")


def _draw_reach(members: Sequence[Any], _: Any) -> None:
    rows = [
        [
            one.group or "",
            one.survey,
            f"{one.asked:,}",
            f"{one.answered:,}",
            f"{one.silent:,}",
            _share(one.rate.value, one.rate.interval),
        ]
        for one in members
    ]
    _table(("", "survey", "asked", "answered", "silent", "rate"), rows, words=2, nothing="nobody was asked there")


def _draw_terms(members: Sequence[Any], found: Any) -> None:
    rows = [
        [
            one.term,
            f"{one.count:,}",
            f"{one.before:,}",
            "" if one.interval is None else f"{100 * one.change:+.0f} points {_pair(one.interval, 100)}",
            one.trend.value,
        ]
        for one in members
    ]
    _table(("term", "texts", "before", "change of its share", "trend"), rows, nothing="nobody wrote anything there")
    click.echo(f"\n{found.texts:,} texts; {found.texts_before:,} in the period before, which is as long")


def _draw_disagreements(members: Sequence[Any], found: Any) -> None:
    rows = [
        [
            one.id,
            one.step,
            f"{one.survey}.{one.question} {one.score:g} ({one.score_valence:+.2f})",
            f"“{one.text}” ({one.text_valence:+.2f})",
            "unread" if one.reading is None else f"{one.reading.verdict}, {one.reading.by}",
        ]
        for one in members[:SHOWN]
    ]
    _table(("id", "step", "score", "words", "read"), rows, words=5, nothing="no score and words disagree there")
    if found.unread:
        click.echo(
            f"\n{found.unread:,} of {found.total:,} unread: judge one with --judge ID --verdict score|text|both|unclear"
        )


def _bar(value: float) -> str:
    """Where a value lies between −1 and +1, as a picture of eleven places."""
    place = round((max(-1.0, min(1.0, value)) + 1) * 5)
    return "".join("●" if at == place else "┼" if at == 5 else "─" for at in range(11))


def _felt(emotion: Any) -> str:
    if emotion.mean is None:
        return f"{emotion.note} (n = {emotion.n})"
    return f"{emotion.mean:+.2f} {_pair(emotion.interval)}, n = {emotion.n:,}"


def _share(value: float | None, interval: Interval | None) -> str:
    return "" if value is None or interval is None else f"{value:.0%} ({interval.low:.0%} – {interval.high:.0%})"


def _pair(interval: Interval, times: int = 1) -> str:
    digits = 0 if times > 1 else 2
    return f"({times * interval.low:+.{digits}f} to {times * interval.high:+.{digits}f})"


DRAW: Final[Mapping[str, Callable[[Sequence[Any], Any], None]]] = {
    "records": _draw_records,
    "transitions": _draw_transitions,
    "curve": _draw_curve,
    "responses": _draw_responses,
    "asked": _draw_reach,
    "terms": _draw_terms,
    "disagreements": _draw_disagreements,
}
"""How each view is drawn: its members, and the whole answer."""
