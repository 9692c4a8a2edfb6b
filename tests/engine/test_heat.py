"""Heat maps: against plain Python (`tests/oracle/warmth.py`) over random histories, and by hand."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import orjson
import pytest
import warmth as oracle
from warmth import Sent

from dsl.values import SECOND, Instant
from engine.analytics import heat_rows
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.heat import MOST_ELEMENTS, ClickKind, HeatFold, PageHeat, Seen, Told
from engine.analytics.heat_behind import Behind, Figure
from engine.analytics.heat_forms import FormFold, FormsHeat
from engine.analytics.heat_rows import Pages, heat_events, page_counts, portions, seen
from engine.analytics.history import History
from engine.analytics.intervals import share_interval
from engine.analytics.kpi_figures import Period
from engine.heat import fits_any, path_pattern

PATHS = ("/domains/7", "/domains/8/", "/domains", "/plans?tab=a")
PAGE = "/domains/*"
SELECTORS = ("#buy", "#help", "[data-testid='row'] > button", "main > p")
FIELDS = ("#name", "#mail", "#plan", "#why")
EVER = Period(Instant(0), Instant(10**18))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


def history_of(engine: Engine, events: Sequence[Sent]) -> History:
    """What an analysis reads."""
    import ibis
    import pyarrow as pa

    from engine.storage.lake_rows import event_schema

    columns: dict[str, list[object]] = {name: [None] * len(events) for name in event_schema().names}
    columns |= {
        "seq": list(range(len(events))),
        "person_id": [each.person for each in events],
        "kind": ["page" if each.name == "$page" else "track" for each in events],
        "name": [each.name for each in events],
        "path": [each.path for each in events],
        "time": [each.time * SECOND for each in events],
        "device": ["mobile" if each.person % 3 == 0 else "desktop" for each in events],
        "properties": [orjson.dumps(each.properties).decode() for each in events],
        "from_browser": [True] * len(events),
        "simulated": [False] * len(events),
        "bot": [False] * len(events),
    }
    table = ibis.memtable(pa.table(columns, schema=event_schema())).rename(person="person_id")
    numbers = sorted({each.person for each in events})
    people = ibis.memtable({"person": numbers, "user": [f"u{number}" for number in numbers]})
    return History(table, people, engine, 1, ())


def random_history(seed: int, people: int = 40) -> list[Sent]:
    """Many people on few pages at few instants, so that ties and views without a page view are everywhere."""
    random = Random(seed)  # noqa: S311  (a history, not a secret)
    return [
        Sent(person, random.randint(0, 30), random.choice(PATHS), *random_event(random))
        for person in range(1, people + 1)
        for _ in range(random.randint(1, 20))
    ]


def random_event(random: Random) -> tuple[str, dict[str, Any]]:
    name = random.choice(["$page", "$page", *oracle.GATHERED, *oracle.CLICKS, *heat_rows.FIELD_SIGNS, "Bought"])
    match name:
        case "$element_clicks":
            places = (random.choice(SELECTORS), random.randint(0, 100), random.randint(0, 100))
            return name, {"clicks": [list(places)] * random.randint(1, 3)}
        case "$scroll_depth":
            sizes = {"fold": random.randint(5, 100), "height": random.randint(300, 9_000), "viewport": 700}
            return name, {"depth": random.randrange(0, 101, 10), **sizes}
        case "$form_abandoned":
            return name, {"selector": random.choice(["#a", "#b"]), "evidence": given_up(random)}
        case "$hesitation":
            waited = random.randint(10_000, 90_000)
            evidence = {"waited_ms": waited, "filled": True, "long_text": False}
            return name, {"selector": random.choice(FIELDS), "evidence": evidence}
        case "$field_reentered":
            return name, {"selector": random.choice(FIELDS), "evidence": {"entries": 2, "away_ms": 9}}
        case _:
            return name, {"selector": random.choice(SELECTORS)}


def given_up(random: Random) -> dict[str, Any]:
    entered = random.sample(FIELDS, random.randint(1, len(FIELDS)))
    fields = [
        {"selector": each, "place": FIELDS.index(each) + 1, "entries": 1, "changes": 1, "spent_ms": 5}
        for each in entered
    ]
    return {"form": True, "changed": len(entered), "submits": 0, "fields": fields, "last": random.choice(entered)}


def mapped(engine: Engine, events: Sequence[Sent], pages: Pages) -> tuple[PageHeat, FormsHeat]:
    history = history_of(engine, events)
    elements, forms = HeatFold(), FormFold()
    with heat_events(history, pages) as rows:
        for told in portions(history, rows):
            elements.add(told)
            forms.add(told)
        count = seen(history, rows)
    return elements.answer(count), forms.answer(count)


def is_page(path: str) -> bool:
    return path.startswith("/domains/")


SEEDS = [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 40))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("at_once", [200_000, 50], ids=["at once", "in portions"])
def test_every_figure_is_that_of_the_oracle(
    engine: Engine, seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat_rows, "AT_ONCE", at_once)
    events = random_history(seed)
    found, forms = mapped(engine, events, Pages(fits_any((PAGE,)), EVER))
    expected = oracle.placed([each for each in events if each.name != "Bought"], is_page)
    gathered = [(one, view) for one, view in expected if one.name in oracle.GATHERED]
    assert (found.seen.views, found.seen.people) == oracle.counts(expected)
    assert (found.watched.views, found.watched.people) == oracle.counts(gathered)
    told = {
        (each.kind.value, each.selector): (each.count, each.of_people.count, each.of_views.count)
        for each in found.elements
    }
    assert told == oracle.elements(expected)
    for each in found.elements:
        of = found.watched if each.kind is ClickKind.CLICKS else found.seen
        assert (each.of_people.n, each.of_views.n) == (of.people, of.views)
        if each.kind is ClickKind.CLICKS:
            assert each.spots == oracle.spots(expected, each.selector)
    assert {each.depth: (each.of_views.count, each.people) for each in found.scroll.curve} == oracle.depths(expected)
    check_fields(forms, expected)


def check_fields(forms: FormsHeat, expected: oracle.Placed) -> None:
    """The forms and fields are those of the oracle."""
    names = {one.properties["selector"] for one, _ in expected if one.name == "$form_abandoned"}
    assert {
        form.selector: [(each.selector, each.gave_up.n, each.gave_up.count, each.left) for each in form.fields]
        for form in forms.forms
    } == {name: oracle.survival(oracle.abandonments(expected, name)) for name in names}
    for form in forms.forms:
        given = oracle.abandonments(expected, form.selector)
        assert (form.given_up, form.of_people.count) == (len(given), len({one.person for one in given}))
    told = {each.selector: each for each in forms.fields if each.hesitations or each.reentries}
    for name in FIELDS:
        waits = [
            one.properties["evidence"]["waited_ms"] / 1_000
            for one, _ in expected
            if (one.name, one.properties.get("selector")) == ("$hesitation", name)
        ]
        again = [one for one, _ in expected if (one.name, one.properties.get("selector")) == ("$field_reentered", name)]
        if not waits and not again:
            continue
        assert (told[name].hesitations, told[name].reentries) == (len(waits), len(again))
        assert told[name].reentered.count == len({one.person for one in again})
        if len(waits) < 5:
            assert told[name].median is None
            continue
        assert told[name].median == pytest.approx(statistics.median(waits))
        assert told[name].ninth == pytest.approx(statistics.quantiles(waits, n=10, method="inclusive")[-1])


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_people_behind_a_figure_are_as_many_as_it_counts(seed: int) -> None:
    engine = DuckDB()
    events = random_history(seed)
    history = history_of(engine, events)
    pages = Pages(fits_any((PAGE,)), EVER)
    found, forms = mapped(engine, events, pages)
    with heat_events(history, pages) as rows:
        told = [each for part in portions(history, rows) for each in part]

    def behind(figure: Figure, **more: Any) -> int:
        return len({each.person for each in told if Behind(figure, **more).counts(each)})

    for element in found.elements:
        assert behind(Figure(element.kind.value), selector=element.selector) == element.of_people.count
    for reached in found.scroll.curve:
        assert behind(Figure.SCROLL, depth=reached.depth) == reached.people
    for form in forms.forms:
        assert behind(Figure.GAVE_UP, form=form.selector) == form.of_people.count
        for each in form.fields:
            assert behind(Figure.GAVE_UP, form=form.selector, selector=each.selector) == each.gave_up_people
    for each in forms.fields:
        if each.hesitations:
            assert behind(Figure.HESITATED, selector=each.selector) == each.hesitated.count
        if each.reentries:
            assert behind(Figure.REENTERED, selector=each.selector) == each.reentered.count
    assert behind(Figure.WATCHED) == found.watched.people
    engine.close()


def test_only_what_happened_in_the_period_and_on_the_device_counts(engine: Engine) -> None:
    events = random_history(5)
    pages = Pages(fits_any((PAGE,)), Period(Instant(5 * SECOND), Instant(20 * SECOND)), "mobile")
    found, _ = mapped(engine, events, pages)
    some = [each for each in events if 5 <= each.time < 20 and each.person % 3 == 0 and each.name != "Bought"]
    assert (found.seen.views, found.seen.people) == oracle.counts(oracle.placed(some, is_page))
    only, _ = mapped(engine, events, Pages(fits_any((PAGE,)), EVER, persons={1, 2}))
    assert only.seen.people <= 2


def test_the_share_of_an_element_has_wilsons_interval_and_is_kept_back_below_five(engine: Engine) -> None:
    events = [Sent(person, 1, "/a", "$scroll_depth", {"depth": 50}) for person in range(1, 11)]
    events += [Sent(1, 1, "/a", "$element_clicks", {"clicks": [["#buy", 10, 10]]})]
    (one,) = mapped(engine, events, Pages(fits_any(("/a",)), EVER))[0].elements
    assert (one.of_people.value, one.of_people.interval) == (0.1, share_interval(1, 10))
    (few,) = mapped(engine, [events[0], events[-1]], Pages(fits_any(("/a",)), EVER))[0].elements
    assert (few.of_people.value, few.of_people.interval) == (None, None)


HOSTILE = [
    ("$element_clicks", {"clicks": "all"}),
    (
        "$element_clicks",
        {"clicks": [[], ["#a"], ["#a", 1], [1, 2, 3], ["", 1, 1], ["#a", -1, 5], ["#a", "1", 1], None]},
    ),
    ("$element_clicks", {"clicks": [["#a" * 1000, 1, 1], ["#a", 101, 0], ["#a", True, 1]]}),
    ("$scroll_depth", {"depth": "deep"}),
    ("$scroll_depth", {"depth": 101}),
    ("$scroll_depth", {"depth": True}),
    ("$rage_click", {"selector": 7}),
    ("$rage_click", {"selector": "#a", "evidence": {"clicks": 2}}),
    ("$hesitation", {"selector": "#a"}),
    ("$hesitation", {"selector": "#a", "evidence": {"waited_ms": -1}}),
    ("$form_abandoned", {"selector": "#a", "evidence": {"last": "#b", "fields": "all"}}),
    ("$form_abandoned", {"selector": "#a", "evidence": {"fields": []}}),
]
"""What no browser of ours sends."""


def test_what_is_no_click_no_place_and_no_depth_is_left_aside() -> None:
    told = [Told((1, "/a", 0), name, properties) for name, properties in HOSTILE]
    elements, forms = HeatFold(), FormFold()
    elements.add(told)
    forms.add(told)
    found = elements.answer(Seen(1, 1))
    assert (found.elements, found.scroll.seen) == ((), Seen())
    assert forms.answer(Seen(1, 1)) == FormsHeat((), ())


def test_more_elements_than_anybody_reads_are_counted_and_not_listed() -> None:
    fold = HeatFold()
    fold.add(
        Told((1, "/a", 0), "$element_clicks", {"clicks": [[f"#a{number}", 1, 1]]})
        for number in range(MOST_ELEMENTS + 7)
    )
    found = fold.answer(Seen(1, 1))
    assert (len(found.elements), found.unlisted[ClickKind.CLICKS]) == (MOST_ELEMENTS, 7)


def test_the_deepest_place_of_a_view_counts_and_the_fold_is_that_of_the_middle_view() -> None:
    fold = HeatFold()
    for person, (depth, part) in enumerate([(20, 10), (100, 30), (50, 80)]):
        sizes = {"fold": part, "height": 1000 * (person + 1), "viewport": 700}
        fold.add(Told((person, "/a", 1), "$scroll_depth", {"depth": each, **sizes}) for each in (depth, 10))
    found = fold.answer(Seen(3, 3)).scroll
    assert [each.of_views.count for each in found.curve] == [3, 3, 2, 2, 2, 1, 1, 1, 1, 1]
    assert (found.fold, found.height, found.viewport) == (30, 2000, 700)


def test_pages_are_listed_by_how_many_saw_them(engine: Engine) -> None:
    events = [
        *(Sent(person, 1, "/a", "$page") for person in (1, 1, 2)),
        Sent(3, 1, "/b", "$page"),
        Sent(3, 1, "/b", "$scroll_depth", {"depth": 10}),
        Sent(4, 1, "/c", "Bought"),
    ]
    found = page_counts(history_of(engine, events), Pages(None, EVER), most=10)
    assert [(each.path, each.seen.views, each.seen.people, each.gathered) for each in found] == [
        ("/a", 3, 2, False),
        ("/b", 1, 1, True),
    ]


@pytest.mark.parametrize(
    ("page", "pattern"),
    [
        ("/domains/*", "/domains/*"),
        ("https://app.example.com/domains/*", "/domains/*"),
        ("https://app.example.com", "/"),
        ("https://*", "*"),
        ("/leave/https://elsewhere.example/a", "/leave/https://elsewhere.example/a"),
        ("https://app.example.com/leave/https://elsewhere.example/a", "/leave/https://elsewhere.example/a"),
    ],
)
def test_of_a_whole_address_the_path_counts(page: str, pattern: str) -> None:
    assert path_pattern(page) == pattern
