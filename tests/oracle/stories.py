"""Random rules and histories over one small world, full of ties, gaps, unreadable values and borders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from dsl.project import RuleProject, load
from dsl.values import MINUTE, Duration, Instant
from engine.events import Event, EventKind

WORLD = """
attribute plan: one of "free", "trial", "pro"
attribute seats: number
attribute used: number
attribute vip: yes/no default no
attribute joined: time
attribute company: text
attribute tags: list of text
attribute ver: version
account attribute industry: text

event "A" { x: number, k: text, due: time, parts: list of text }
event "B" { x: number, k: text }
event "C"
event "D" { x: number }

journey j "J" {
  stage s "S" {
    step one "One" reached by "A"
    step two "Two" reached by "B" where x >= 1 attempted by "C" touchpoint "/two*"
  }
  stage t "T" {
    step three "Three" reached by "D"
  }
  outcome "D"
  gives up after 1 hour
}

journey again "No outcome, one event for two steps" {
  stage only "Only" {
    step first "First" reached by "B", "C" attempted by "A"
    step second "Second" reached by "B" where k is "a" touchpoint "/one", "/two*"
    step third "Third" reached by "B" where x >= 2
  }
}

segment seg "Seg" where plan is "pro" or did "B"
persona per "Per" where seats >= 5

guide g "G" {
  at j.two
  show modal { title "G" }
  once every 1 day
  expires 2030-01-01
}

survey q "Q" {
  at j.two
  ask effort ease "How easy?"
  ask choice cause "Why?" {
    "no idea" feels confused
    "unsure" feels doubtful
    other
  }
  ask text detail "What?" optional
  expires 2030-01-01
}
"""

START = Instant(1_767_225_600_000_000)  # 2026-01-01T00:00:00Z
GRAIN = Duration(5 * MINUTE)
"""All times are multiples of it, so that borders are hit and ties are frequent."""


ZONES = ("UTC", "Atlantic/Azores")
"""Midnight is at the first event's earliest time in the one, in the midst of the events in the other."""


def world(zone: str = "UTC") -> RuleProject:
    """The checked project of WORLD."""
    project = load({"world.way": WORLD}, zone=zone)
    assert project.ok, project.diagnostics
    return project


# --- histories --------------------------------------------------------------------------------------------------------

_numbers: st.SearchStrategy[Any] = st.sampled_from([0, 1, 2, 2.5, 62.0, "2", "two", True, None, " "])
_times = st.one_of(
    st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.sampled_from([286, 287, 288, 289, 575, 576, 577])
)


@dataclass(frozen=True)
class Told:
    """An event but for its place in the order of receipt."""

    kind: EventKind
    name: str
    properties: dict[str, Any]
    traits: dict[str, Any]
    grains: int
    from_browser: bool
    message: int | None = None


def _told(kind: EventKind, name: str, properties: Any = None, traits: Any = None) -> st.SearchStrategy[Told]:
    return st.builds(
        Told,
        st.just(kind),
        st.just(name),
        properties if properties is not None else st.just({}),
        traits if traits is not None else st.just({}),
        _times,
        st.booleans(),
        st.none() | st.integers(0, 30),
    )


def _members(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


_properties = _members(
    x=_numbers,
    k=st.sampled_from(["a", "b", "", 3]),
    due=st.sampled_from(["2026-01-01T00:20:00Z", "2026-01-01T00:45:00Z", "2026-01-02T00:00:00Z", "soon"]),
    parts=st.sampled_from([[], ["a"], ["a", "b"]]),
)
# One strategy a name, made once: what is made anew at every draw is most of the time that a draw takes.
_tracked = st.one_of(*(_told(EventKind.TRACK, name, _properties) for name in "AAABBBCD"))
_identified = _told(
    EventKind.IDENTIFY,
    "$identify",
    traits=_members(
        plan=st.sampled_from(["free", "trial", "pro", "gold", None]),
        seats=_numbers,
        used=_numbers,
        vip=st.sampled_from([True, False, "true", "yes", None]),
        joined=st.sampled_from(
            ["2025-12-31T23:00:00Z", "2026-01-01T00:30:00Z", "2026-01-01T03:00:00+01:00", "soon", 5]
        ),
        company=st.sampled_from(["Acme", "acme corp", "", "Zed", 7]),
        tags=st.sampled_from([[], ["a"], ["a", "b"], ["B"], "a", None]),
        ver=st.sampled_from(["2.9", "2.10.0", "v2.10", "2.10.0-rc.1", "new", 2]),
    ),
)
_items = st.sampled_from(["a", "b", 2, True, ["a", "B"], []])
_operated = _told(
    EventKind.IDENTIFY,
    "$identify",
    traits=st.fixed_dictionaries(
        {},
        optional={
            "plan": st.sampled_from(["free", "pro"]),
            "$set": _members(plan=st.sampled_from(["trial", None]), tags=st.sampled_from([["b"], "b"])),
            "$set_once": _members(plan=st.sampled_from(["free", "gold"]), seats=_numbers),
            "$add": _members(seats=st.sampled_from([1, -2, 0.1, 1.5]), used=st.sampled_from([1, 0.2])),
            "$append": _members(tags=_items, company=_items),
            "$remove": _members(tags=_items),
            "$unset": st.lists(st.sampled_from(["plan", "seats", "tags"]), max_size=2),
        },
    ),
)
_industries = st.sampled_from(["Health", "health care", "steel", None])
_grouped = st.one_of(
    _told(EventKind.GROUP, "$group", traits=_members(industry=_industries)),
    _told(
        EventKind.GROUP,
        "$group",
        traits=st.fixed_dictionaries(
            {},
            optional={
                "$set_once": _members(industry=_industries),
                "$append": _members(industry=st.just("steel")),
                "$unset": st.just(["industry"]),
            },
        ),
    ),
)
_viewed = _told(EventKind.PAGE, "$page", _members(path=st.sampled_from(["/two", "/two/x", "/one", "/other"])))
_signalled = st.one_of(
    *(
        _told(EventKind.TRACK, name, st.sampled_from([{}, {"page": {"path": "/two"}}, {"page": {"path": "/else"}}]))
        for name in ("$rage_click", "$dead_click", "$error_click", "$hesitation")
    )
)
_lived = st.one_of(
    *(
        _told(EventKind.TRACK, name, st.sampled_from([{"guide": "g"}, {"guide": "q"}, {"guide": "gone"}]))
        for name in ("$shown", "$shown", "$dismissed", "$completed")
    )
)
_ANSWERS = (
    *(("ease", value) for value in (1, 3, 4, 7, "3", "bad", 9, 2.5)),
    *(("cause", value) for value in ("no idea", "unsure", "other", "no longer a choice")),
    ("detail", "slow"),
    ("nothing", 1),
)
_answered = _told(
    EventKind.TRACK,
    "$answered",
    st.sampled_from(
        [{"guide": "q", "submission": "s", "question": question, "value": value} for question, value in _ANSWERS]
    ),
)

_anything = st.one_of(
    _tracked, _tracked, _tracked, _identified, _operated, _grouped, _viewed, _signalled, _lived, _answered
)


def _in_order(told: list[Told]) -> list[Event]:
    events = []
    for seq, each in enumerate(told, 1):
        time = Instant(START + each.grains * GRAIN)
        context = {"page": {"path": "/x"}} if each.from_browser else {}
        events.append(
            Event(
                seq=seq,
                message_id=f"m{seq if each.message is None else each.message}",
                kind=each.kind,
                name=each.name,
                time=time,
                received=time,
                user_id="u",
                properties=each.properties,
                traits=each.traits,
                group_id="acc" if each.kind is EventKind.GROUP else None,
                context=context,
                from_browser=each.from_browser,
            )
        )
    return events


histories: st.SearchStrategy[list[Event]] = st.one_of(
    st.lists(_anything, max_size=16), st.lists(_anything, min_size=6, max_size=16)
).map(_in_order)
sayings: st.SearchStrategy[list[Event]] = st.lists(
    st.one_of(_operated, _operated, _identified, _grouped), min_size=4, max_size=16
).map(_in_order)
"""Histories in which attributes are all that is told of."""


@st.composite
def instants(draw: st.DrawFn) -> Instant:
    """An instant at or around the events."""
    return Instant(START + draw(_times) * GRAIN + draw(st.sampled_from([0, 0, 0, 1, -1])))


def renumbered(events: list[Event], order: list[int]) -> list[Event]:
    """The same events, received in another order."""
    return [replace(events[place], seq=seq) for seq, place in enumerate(order, 1)]


# --- conditions -------------------------------------------------------------------------------------------------------

_durations = st.sampled_from(["5 minutes", "10 minutes", "30 minutes", "1 hour", "1 day", "2 days"])
_counts = st.sampled_from(
    (
        "",
        " at least 2 times",
        " at least 3 times",
        " at most once",
        " exactly 0 times",
        " exactly 1 time",
        " exactly twice",
        " fewer than 2 times",
        " more than 1 time",
        " between 1 and 2 times",
    )
)
_windows = st.one_of(
    st.just(""),
    _durations.map(lambda length: f" in last {length}"),
    st.sampled_from(
        [' since "C"', " since j.one", " since j.two", " since again.only", " since 2026-01-01", " since 2026-01-02"]
    )
    | st.just(" since 2026-01-01T00:10:00Z"),
)
_order = st.sampled_from([">=", ">", "<=", "<"])
_wheres = st.sampled_from(
    (
        "",
        "",
        "",
        " where x >= 1",
        ' where k is "a"',
        ' where x > 1 and k is not "b"',
        " where x is set",
        " where x is not set",
        " where x between 1 and 2",
        ' where (x < 2 or k is "b")',
        ' where x > 0 and (k is "a" or not (x >= 2))',
        " where x is not 2",
        ' where (not k is "a")',
    )
)
_events = st.one_of(
    st.tuples(st.sampled_from(["A", "A", "B"]), _wheres).map(lambda pair: f'"{pair[0]}"{pair[1]}'),
    st.sampled_from(
        (
            '"C"',
            '"D"',
            '"A" where due within next 30 minutes',
            '"A" where due more than 5 minutes ago',
            '"A" where due after 2026-01-01',
            '"A" where parts include "a"',
            '"A" where k is not "b" ignoring case and parts include none of "b"',
        )
    ),
)
_days = st.sampled_from(["at least 1", "at least 2", "exactly 1", "at most 1", "fewer than 2", "between 1 and 2"])
_plain = st.sampled_from(['"A"', '"B"', '"C"', '"D"'])
_places = st.sampled_from(
    ["j.one", "j.two", "j.three", "j.s", "j.t", "again.first", "again.second", "again.third", "again.only"]
)
_feelings = st.sampled_from(["confused", "doubtful", "frustrated", "confused or doubtful"])

COMPARISONS = (
    'plan is "trial"',
    'plan is not "trial"',
    'plan is one of "trial", "pro"',
    'plan is none of "free"',
    "plan is set",
    "plan is not set",
    "vip is yes",
    "vip is no",
    "vip is set",
    "seats >= 2",
    "seats > 2",
    "seats <= 2",
    "seats < 2",
    "seats is 2",
    "seats is set",
    "seats between 1 and 2.5",
    "used >= 80% of seats",
    "joined before 2026-01-01",
    "joined after 2026-01-01",
    "joined after 2025-12-31",
    "joined after 2026-01-01T00:30:00Z",
    "joined within last 1 hour",
    "joined within next 3 hours",
    "joined more than 1 hour ago",
    "joined is set",
    'company contains "cme"',
    'company does not contain "acme" ignoring case',
    'company starts with "A"',
    'company ends with "CORP" ignoring case',
    "company matches /^a.*e/",
    'company is "ACME" ignoring case',
    'tags include "a"',
    'tags include any of "a", "b"',
    'tags include all of "a", "b"',
    'tags include none of "a", "b"',
    'ver >= version "2.10.0"',
    'ver is version "2.10"',
    'ver < version "2.10"',
    'account.industry contains "ealth"',
    "account.industry is set",
    'page.path matches "/two*"',
    'device.type is "mobile"',
    'device.ip in network "10.0.0.0/8"',
    "first_seen more than 30 minutes ago",
    "first_seen within last 1 hour",
    'user_id is "u"',
    'language is "de"',
    'email ends with "@example.com"',
)


def _leaves(*, edge: bool) -> st.SearchStrategy[str]:
    leaves = [
        st.sampled_from(COMPARISONS),
        st.just("true"),
        st.builds("(did {}{}{})".format, _events, _counts, _windows),
        st.builds("(did {}{}{})".format, _events, _counts, _windows),
        st.builds("(did not {}{})".format, _events, _windows),
        st.builds("(did {} on {} days{})".format, _events, _days, _windows),
        st.builds("(did {} then {}{}{})".format, _events, _events, _optional(" within {}"), _windows),
        st.builds("(did {} then {} then {} within {})".format, _events, _events, _events, _durations),
        st.builds("(did {} then {} then {} within {}{})".format, _plain, _plain, _plain, _durations, _windows),
        st.builds("(did {} directly then {} in one session{})".format, _events, _events, _windows),
        st.builds("(did {} directly then {} directly then {} in one session)".format, _plain, _plain, _plain),
        st.builds("(did {} and not {} within {})".format, _events, _events, _durations),
        st.builds("({} did {} {})".format, st.sampled_from(["first", "last"]), _events, _recency()),
        st.builds(
            "({} of x in {}{} {} {})".format,
            st.sampled_from(["sum", "highest", "lowest", "average"]),
            _plain.filter(lambda name: name != '"C"'),
            _windows,
            _order,
            st.sampled_from([1, 2, 2.5]),
        ),
        st.builds(
            '({} of x in "A"{}{} {} {})'.format,
            st.sampled_from(["sum", "highest", "lowest", "average"]),
            _wheres,
            _windows,
            _order,
            st.sampled_from([1, 2, 2.5]),
        ),
        st.builds(
            '(number of different {} in "A"{} {} {})'.format,
            st.sampled_from(["k", "x"]),
            _windows,
            _order,
            st.sampled_from([1, 2]),
        ),
        st.builds("days active in last {} {} {}".format, _durations, _order, st.sampled_from([1, 2])),
        st.builds("(anyone in account did {}{}{})".format, _events, _counts, _optional(" in last {}")),
        st.builds("at {}".format, _places),
        st.builds("reached {}".format, _places),
        st.sampled_from(
            ["completed j", "completed again", "completed g", "dismissed g", "answered q", "answered q.ease", "in seg"]
        ),
        st.sampled_from(
            ["in per", "answered q.detail", 'answered q.detail contains "o"', "answered q.ease between 3 and 4"]
        ),
        st.builds("stuck at {} for {}".format, _places, _durations),
        st.builds("(returned to {}{})".format, _places, _counts),
        st.builds("friction at {} {} {}".format, _places, _order, st.sampled_from([0.2, 0.35, 0.5])),
        st.builds("(felt {} at {}{})".format, _feelings, _places, _windows),
        st.builds("answered q.ease {} {}".format, _order, st.sampled_from([3, 4])),
        st.sampled_from(
            ["answered q.cause is other", 'answered q.cause is "unsure"', 'answered q.cause is none of "unsure"']
        ),
        st.builds("(saw {}{}{})".format, st.sampled_from(["g", "q", "any survey"]), _counts, _windows),
    ]
    if edge:
        leaves.append(st.sampled_from(["event.x >= 1", 'event.k is "a"', "event.x is set", 'event.k is not "b"']))
    return st.one_of(leaves)


def _optional(form: str) -> st.SearchStrategy[str]:
    return st.just("") | _durations.map(form.format)


def _recency() -> st.SearchStrategy[str]:
    forms = st.sampled_from(["more than {} ago", "within last {}", "within next {}"])
    lengths = st.builds(str.format, forms, _durations)
    return lengths | st.sampled_from(["before 2026-01-01T00:30:00Z", "after 2026-01-01", "after 2026-01-01T00:10:00Z"])


def conditions(*, edge: bool = False) -> st.SearchStrategy[str]:
    """Conditions as text, over WORLD."""
    return st.recursive(
        _leaves(edge=edge),
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not ({})".format, inner),
            st.builds("{} {{ {}\n {} }}".format, st.sampled_from(["all of", "any of", "none of"]), inner, inner),
        ),
        max_leaves=5,
    )
