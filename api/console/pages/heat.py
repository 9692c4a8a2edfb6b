"""Heat maps: what people did on a page, element by element, drawn over a masked picture of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Response, url_for

from api.analyses import as_file
from api.console.desk import Desk
from api.console.figures.heat import PERIODS, HeatLinks, days_of, device_of, heat_asked, since_of
from api.console.registry import Group, Page
from engine.analytics.comparing import Share
from engine.analytics.heat import ClickKind, ElementHeat, ScrollDepth
from engine.analytics.heat_forms import FieldHeat, FormsHeat
from engine.analytics.heat_tables import COLUMNS, Part, heat_rows
from engine.analytics.history import NothingRecorded
from engine.errors import WaypostError
from engine.heat import DEVICES, HeatAsked, HeatOfGroup, KnownPages, heat, known_pages
from engine.heat_snapshots import HeatSnapshots
from engine.permissions import Scope

SHOWN: Final = 100
"""Elements in the picture and the table; the file has all."""
KINDS: Final[Mapping[str, str]] = {
    "clicks": "Clicks",
    "rage": "Rage clicks",
    "dead": "Dead clicks",
    "errors": "Error clicks",
    "scroll": "Scroll depth",
    "fields": "Fields",
}
_DID: Final[Mapping[ClickKind, tuple[str, str]]] = {
    ClickKind.CLICKS: ("clicked", ""),
    ClickKind.RAGE: ("clicked", " in rage"),
    ClickKind.DEAD: ("clicked", " and nothing happened"),
    ClickKind.ERRORS: ("clicked", " and met an error"),
}
"""What people did to an element: the words before and behind it."""
_PARTS: Final[Mapping[str, Part]] = {"scroll": Part.SCROLL, "fields": Part.FIELDS}


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Heat maps shows."""
    kind = desk.said.get("kind", "")
    kind = kind if kind in KINDS else "clicks"
    shared = {
        "kind": kind,
        "kinds": [
            {"label": label, "href": desk.here(kind=name), "current": name == kind} for name, label in KINDS.items()
        ],
        "periods": PERIODS,
        "days": days_of(desk),
        "devices": {each: each for each in DEVICES},
        "device": device_of(desk),
        "pictures": HeatSnapshots(desk.service.database).listed(desk.project.id),
        "may_take": desk.may(Scope.RULES_WRITE),
        "names": desk.names,
    }
    try:
        wanted = HeatAsked(since=since_of(desk), everyone=desk.everyone, with_simulated=desk.with_simulated)
        known = known_pages(desk.analyst, desk.project.id, wanted, desk.rules)
    except NothingRecorded:
        return {**shared, "page_chosen": None, "found": None, "refused": None}
    chosen = desk.said.get("page", "").strip() or _first(known)
    shared |= {"page_chosen": chosen, "offered": _offered(known)}
    if chosen is None:
        return {**shared, "found": None, "refused": None}
    try:
        answer = heat(desk.analyst, desk.project.id, heat_asked(desk, chosen), desk.rules)
    except WaypostError as error:
        return {**shared, "found": None, "refused": str(error)}
    (found,) = answer.maps
    if desk.said.get("format") == "csv":
        part = _PARTS.get(kind, Part.ELEMENTS)
        return as_file(heat_rows(answer, part), list(COLUMNS[part]), "csv", name=f"heat-{part.value}")
    return {
        **shared,
        **_shown(kind, found),
        "found": found,
        "refused": None,
        "left_out": answer.left_out,
        "links": HeatLinks(desk, chosen),
        "picture": url_for("heat.heat_picture", page=chosen),
        "frame": url_for("player.player", view="heat"),
        "gathers": bool(found.page.watched.views),
    }


def _shown(kind: str, found: HeatOfGroup) -> dict[str, Any]:
    """What is drawn and told of a kind: the sentence, the rows of the table, the marks of the picture."""
    page = found.page
    if kind == "scroll":
        return {"told": _of_scroll(page.scroll), "rows": page.scroll.curve, "drawn": _bands(page.scroll)}
    if kind == "fields":
        return {"told": _of_fields(found.forms), "rows": (), "drawn": {"marks": _field_marks(found.forms.fields)}}
    wanted = ClickKind(kind)
    rows = [each for each in page.elements if each.kind is wanted][:SHOWN]
    unlisted = sum(each.kind is wanted for each in page.elements) - len(rows) + page.unlisted[wanted]
    return {"told": _of_clicks(wanted, rows, found), "rows": rows, "unlisted": unlisted, "drawn": _click_marks(rows)}


def _click_marks(rows: list[ElementHeat]) -> dict[str, Any]:
    most = max((each.of_people.count for each in rows), default=1)
    spots = max((clicks for each in rows for clicks in each.spots.values()), default=1)
    return {
        "marks": [
            {
                "selector": each.selector,
                "label": _label(each.of_people),
                "weight": each.of_people.count / most,
                "spots": [[x, y, clicks / spots] for (x, y), clicks in each.spots.items()],
            }
            for each in rows
        ]
    }


def _field_marks(fields: Iterable[FieldHeat]) -> list[dict[str, Any]]:
    listed = list(fields)[:SHOWN]
    most = max((_hard(each) for each in listed), default=1) or 1
    return [
        {"selector": each.selector, "label": _of_field(each), "weight": _hard(each) / most, "spots": []}
        for each in listed
    ]


def _hard(field: FieldHeat) -> int:
    """How many people had a hard time at a field."""
    return field.gave_up_people + field.hesitated.count + field.reentered.count


def _of_field(field: FieldHeat) -> str:
    told = [] if field.place is None else [f"{field.place}."]
    if field.gave_up.count:
        told.append(f"{field.gave_up.count:,} gave up")
    if field.hesitations:
        waited = "" if field.median is None else f" {field.median:.0f} s"
        told.append(f"{field.hesitated.count:,} hesitated{waited}")
    if field.reentries:
        told.append(f"{field.reentered.count:,} corrected")
    return " · ".join(told) or "nothing"


def _label(share: Share) -> str:
    return f"{share.count:,}" if share.value is None else f"{100 * share.value:.0f} % · {share.count:,}"


def _of_views(share: Share) -> str:
    return f"{share.count:,} of {share.n:,} views" if share.value is None else f"{100 * share.value:.0f} % of views"


def _bands(scroll: ScrollDepth) -> dict[str, Any]:
    """The tenths of the page, each with the share of views that reached its end."""
    views = scroll.seen.views
    return {
        "marks": [],
        "fold": scroll.fold,
        "bands": [
            {
                "depth": each.depth,
                "share": each.of_views.count / views if views else 0,
                "label": f"{each.depth} %: {_of_views(each.of_views)}",
            }
            for each in scroll.curve
        ],
    }


def _of_clicks(kind: ClickKind, rows: list[ElementHeat], found: HeatOfGroup) -> str:
    of = found.page.watched if kind is ClickKind.CLICKS else found.page.seen
    people = f"{of.people:,} {'person' if of.people == 1 else 'people'}"
    did, how = _DID[kind]
    if not rows:
        return f"Of {people} who saw the page nobody {did} anything{how}."
    first = rows[0].of_people
    most = "more than anything else" if len(rows) > 1 else "and nothing else"
    told = f"Of {people} who saw the page {first.count:,} {did} “{rows[0].selector}”{how}, {most}"
    return f"{told}{_percent(first, before=': ')}."


def _percent(share: Share, *, before: str = "") -> str:
    """A share with its interval; nothing where there are too few."""
    interval = share.interval
    if share.value is None or interval is None:
        return ""
    return f"{before}{100 * share.value:.0f} % ({100 * interval.low:.0f}–{100 * interval.high:.0f} %)"


def _of_scroll(scroll: ScrollDepth) -> str:
    if not scroll.seen.views:
        return "Of no view of this page it is known how far down it was seen."
    half = [each.depth for each in scroll.curve if 2 * each.of_views.count >= scroll.seen.views]
    whole = scroll.curve[-1].of_views
    reached = (
        f"A half of {scroll.seen.views:,} views reached {max(half)} % of the page"
        if half
        else "Less than a half of the views reached a tenth of the page"
    )
    told = f"{reached}; {whole.count:,} saw all of it{_percent(whole, before=', ')}."
    return told if scroll.fold is None else f"{told} {scroll.fold} % is seen without scrolling."


def _of_fields(forms: FormsHeat) -> str:
    if not forms.fields:
        return "Nobody hesitated, corrected a field or gave up a form here."
    if not forms.forms:
        return "Nobody gave up a form here that is known of; some hesitated or corrected what they wrote."
    form = forms.forms[0]
    worst = max(form.fields, key=lambda each: each.gave_up.count)
    return (
        f"The form “{form.selector}” was given up {form.given_up:,} "
        f"{'time' if form.given_up == 1 else 'times'}, by {form.of_people.count:,} "
        f"{'person' if form.of_people.count == 1 else 'people'}; most often at “{worst.selector}”: "
        f"{worst.gave_up.count:,} of the {worst.gave_up.n:,} that were still filling it in."
    )


def _first(known: KnownPages) -> str | None:
    """The page that is shown first: a touchpoint, else the page that most people saw."""
    touchpoints = [each.page for each in known.touchpoints]
    return next(iter([*touchpoints, *(each.path for each in known.paths)]), None)


def _offered(known: KnownPages) -> dict[str, str]:
    """The pages that can be chosen, with what is said of each."""
    found = {each.page: f"touchpoint of {each.label}" for each in known.touchpoints}
    for each in known.paths:
        gathered = "" if each.gathered else ", clicks not gathered"
        found.setdefault(each.path, f"{each.seen.people:,} people{gathered}")
    return found


PAGE = Page(
    "heat",
    "heat",
    "Heat maps",
    "What people did on a page, drawn over a masked picture of it.",
    Group.PEOPLE,
    Scope.RECORDS_READ,
    view,
    frames=True,
)
