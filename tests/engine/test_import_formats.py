"""Exports of other tools become messages: the same two shoppers, as each tool would tell of them.

A new format is a row of FORMATS: its sample in `examples/imports`, what it tells, and what is wrong in it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.imports.formats import formats
from engine.imports.records import RECORD_LIMIT
from engine.imports.rows import BadRow, Message, Row

SAMPLES = Path(__file__).parents[2] / "examples/imports"
VISITOR = "507f191e-810c-4729-8de8-60ea91a0c5d1"

FORMATS = {
    "segment": (
        "segment.jsonl",
        [
            "03-01 09:00:00 page ?V /pricing",
            "03-01 09:05:00 identify ada=V plan:pro email:ada@shop.example",
            "03-01 09:05:01 Signed Up ada=V on /signup",
            "03-01 09:06:00 group ada=V acme seats:12",
            "03-02 10:00:00 Purchase ada",
            "03-02 11:00:00 Signed Up bob",
            "03-02 12:00:00 Purchase nobody",
        ],
        {8: "not readable as JSON: unexpected end of data (column 78)"},
    ),
    "posthog": (
        "posthog.jsonl",
        [
            "03-01 09:00:00 page ?V /pricing",
            "03-01 09:05:00 identify ada=V plan:pro email:ada@shop.example source:pricing",
            "03-01 09:05:01 Signed Up ada on /signup",
            "03-01 09:06:00 group ada acme seats:12",
            "03-02 10:00:00 group ada acme",
            "03-02 10:00:00 Purchase ada",
            "03-02 11:00:00 Signed Up bob",
        ],
        {7: "says nobody: `distinct_id` is missing", 8: "`timestamp`: `yesterday` is not a time"},
    ),
    "amplitude": (
        "amplitude.json",
        [
            "03-01 09:00:00 page ?V /pricing",
            "03-01 09:05:00 identify ada=V plan:pro email:ada@shop.example source:pricing",
            "03-01 09:05:01 identify ada=V plan:pro email:ada@shop.example",
            "03-01 09:05:01 Signed Up ada=V on /signup",
            "03-01 09:06:00 group ada=V acme",
            "03-02 10:00:00 Purchase ada",
            "03-02 11:00:00 Signed Up bob",
        ],
        {
            7: "says nobody: there is no id of a user or a visitor",
            8: "`event_time`: `2026-03-02T12:61:00` is not a time",
        },
    ),
    "mixpanel": (
        "mixpanel.jsonl",
        [
            "03-01 09:00:00 page ?V /pricing",
            "03-01 09:05:00 identify ada=V",
            "03-01 09:05:01 Signed Up ada=V on /signup",
            "03-01 09:06:00 identify ada email:ada@shop.example plan:pro",
            "03-02 10:00:00 Purchase ada",
            "03-02 11:00:00 Signed Up bob",
        ],
        {7: "says nobody: there is no id of a user or a visitor", 8: "has no time: `time` is missing"},
    ),
    "xes": (
        "shop.xes",
        [
            "03-01 09:00:00 identify ada plan:pro seats:12",
            "03-01 09:00:00 Signed Up (start) ada",
            "03-01 09:05:01 Signed Up ada",
            "03-02 10:00:00 Purchase ada",
            "03-02 11:00:00 Signed Up bob",
        ],
        {46: "has no time: `time:timestamp` is missing", 51: "says nobody: its trace has no `concept:name`"},
    ),
}


def read(name: str, data: bytes | str, zone: str = "UTC") -> list[Row | BadRow]:
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(formats()[name].begin(ZoneInfo(zone))(file))


def messages(rows: list[Row | BadRow]) -> list[Message]:
    return [message for row in rows if isinstance(row, Row) for message in row.messages]


def problems(rows: list[Row | BadRow]) -> dict[int, str]:
    return {row.line: row.problem for row in rows if isinstance(row, BadRow)}


def lines(*records: Mapping[str, object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def told(message: Message) -> str:
    """A message as one line that a person can check against the sample."""
    time = str(message["timestamp"])[5:19].replace("T", " ")
    user, visitor = message.get("userId"), message.get("anonymousId")
    who = f"{user or ''}{'=' if user and visitor else '?' if visitor else ''}{'V' if visitor else ''}" or "nobody"
    kind = message["type"]
    properties, context, traits = (dict(message.get(name) or {}) for name in ("properties", "context", "traits"))  # type: ignore[arg-type]
    if kind == "track":
        page = context.get("page")
        return f"{time} {message['event']} {who}" + (f" on {page['path']}" if isinstance(page, dict) else "")
    plain = {name: value for name, value in traits.items() if not name.startswith("$")}
    for operation in ("$set", "$set_once"):
        plain |= traits.get(operation) or {}  # type: ignore[arg-type]
    said = [str(message[name]) for name in ("groupId", "previousId") if name in message]
    said += [str(properties["path"])] if kind == "page" else []
    return " ".join([time, str(kind), who, *said, *(f"{name}:{value}" for name, value in plain.items())])


def test_every_format_has_its_row() -> None:
    assert sorted(FORMATS) == list(formats())


@pytest.mark.parametrize("name", FORMATS)
def test_the_shoppers_are_told_of_as_they_were(name: str) -> None:
    sample, story, wrong = FORMATS[name]
    rows = read(name, (SAMPLES / sample).read_bytes())
    assert [told(message) for message in messages(rows)] == story
    assert problems(rows) == wrong


@pytest.mark.parametrize("name", FORMATS)
def test_every_message_has_an_id_of_its_own_that_is_the_same_next_time(name: str) -> None:
    data = (SAMPLES / FORMATS[name][0]).read_bytes()
    ids = [message["messageId"] for message in messages(read(name, data))]
    assert len(set(ids)) == len(ids)
    assert ids == [message["messageId"] for message in messages(read(name, data))]


@pytest.mark.parametrize("name", FORMATS)
def test_the_source_of_every_sample_is_named(name: str) -> None:
    readme = (SAMPLES / "README.md").read_text()
    assert f"`{FORMATS[name][0]}`" in readme
    assert formats()[name].source in readme


def test_the_shoppers_visit_is_a_browsers_and_the_purchase_is_a_servers() -> None:
    for name in ("segment", "posthog", "amplitude", "mixpanel"):
        told_of = messages(read(name, (SAMPLES / FORMATS[name][0]).read_bytes()))
        [page] = [each for each in told_of if each["type"] == "page"]
        bought = next(each for each in told_of if each.get("event") == "Purchase")
        assert {"page": page["context"]["page"]["path"]} == {"page": "/pricing"}  # type: ignore[index,call-overload]
        assert "python" in bought["context"]["library"]["name"]  # type: ignore[index,call-overload,operator]
        assert bought["properties"] == {"amount": 49.5, "items": ["pen", "ink"]} | (
            {"$lib_version": "7.0.0"} if name == "posthog" else {}
        )


SHAPES = [
    # a shape, the lines of its two events
    (lines({"n": 1}, {"n": 2}), [1, 2]),
    ("\ufeff" + lines({"n": 1}) + "\n  \n" + lines({"n": 2}), [1, 4]),
    ('[{"n": 1},\n {"n": 2}]', [1, 2]),
    ('\n[\n  {\n    "n": 1\n  },\n  {"n": 2}\n]\n', [3, 6]),
    ("event,distinct_id,timestamp,uuid\nA,ada,2026-03-01,1\nA,ada,2026-03-01,2\n", [2, 3]),
    ('event,distinct_id,timestamp,uuid,properties.n\nA,ada,2026-03-01,1,1\nA,ada,2026-03-01,2,"{""a"": 1}"\n', [2, 3]),
]


@pytest.mark.parametrize(("shape", "at"), SHAPES)
def test_lines_arrays_and_tables_are_read(shape: str, at: list[int]) -> None:
    full = '"event": "A", "distinct_id": "ada", "timestamp": "2026-03-01T00:00:00Z", "uuid":'
    rows = read("posthog", shape.replace('"n":', full))
    assert [row.line for row in rows if isinstance(row, Row)] == at
    assert problems(rows) == {}
    assert [message["messageId"] for message in messages(rows)] == ["posthog-1", "posthog-2"]


def test_an_array_is_read_whatever_the_pieces_that_it_comes_in() -> None:
    event = {"event": "é" * 99, "distinct_id": "ada", "timestamp": "2026-03-01T00:00:00Z"}
    many = json.dumps([{**event, "uuid": str(n)} for n in range(8_000)], ensure_ascii=False)
    found = messages(read("posthog", many))
    assert [each["messageId"] for each in found] == [f"posthog-{n}" for n in range(8_000)]
    assert {each["event"] for each in found} == {"é" * 99}


BROKEN = [
    (
        "posthog",
        '[{"event": "A"',
        {1: "not readable as JSON: Expecting ',' delimiter; the rest of the array is not read"},
    ),
    ("posthog", "[", {1: "the file ends within its array: it was cut off"}),
    ("posthog", "[1]", {1: "is no JSON object"}),
    ("posthog", "{}\n7\n", {1: "says nobody: `distinct_id` is missing", 2: "is no JSON object"}),
    (
        "posthog",
        '{"event": "A", "distinct_id": "ada", "timestamp": "9999-12-31T23:59:59-12:00"}\n7\n',
        {1: "`timestamp`: `9999-12-31T23:59:59-12:00` is not a time", 2: "is no JSON object"},
    ),
    (
        "posthog",
        '{"event": "A", "distinct_id": "ada", "timestamp": "' + "x" * 10_000 + '"}',
        {1: f"`timestamp`: `{'x' * 80}` is not a time"},
    ),
    ("posthog", "PAR1\x15\x04", {1: "the file is Parquet: choose JSON lines when exporting"}),
    ("posthog", "event,uuid\nA\n", {2: "has 1 cells; the first line names 2 columns"}),
    (
        "posthog",
        '{"a": "' + "x" * RECORD_LIMIT + '"}\n7\n',
        {1: "is longer than 1 MB: no event is", 2: "is no JSON object"},
    ),
    (
        "segment",
        '{"type": "track", "originalTimestamp": "9999-12-31", "sentAt": "1970-01-01", "receivedAt": "2026-03-01"}',
        {1: "`originalTimestamp` is not a time, by what `sentAt` says of its clock"},
    ),
    ("segment", "{}", {1: "is no call of Segment's: `type` is missing"}),
    ("amplitude", '{"event": "A"}', {1: "is no event of Amplitude's: `event_type` is missing"}),
    ("mixpanel", '{"event": "A"}', {1: "is no event of Mixpanel's: `properties` is missing"}),
    ("xes", "<html/>", {1: "is no XES: the file begins with <html>, not with <log>"}),
    ("xes", "<log>\n<trace>", {2: "not readable as XML: no element found; nothing after it is"}),
    (
        "xes",
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<log>&a;</log>',
        {1: "declares a document type (<!DOCTYPE …>), which no log needs: take it out; the file is not read"},
    ),
    ("xes", "", {1: "not readable as XML: no element found; nothing after it is"}),
]


@pytest.mark.parametrize(("name", "text", "wrong"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_export_is_told_by_its_line(name: str, text: str, wrong: dict[int, str]) -> None:
    assert problems(read(name, text)) == wrong


def test_what_stands_before_a_break_in_a_log_is_kept() -> None:
    whole = (SAMPLES / "shop.xes").read_text()
    rows = read("xes", whole[: whole.index("<trace>", whole.index("bob"))])
    assert len(messages(rows)) == 5
    assert "not readable as XML" in list(problems(rows).values())[-1]


SEGMENT_TIMES = [
    # Segment corrects by the sender's clock; what it corrected is not corrected again.
    ({"timestamp": "2026-03-01T10:00:00Z", "sentAt": "2026-03-01T12:00:00Z"}, "2026-03-01T10:00:00Z"),
    (
        {
            "originalTimestamp": "2026-03-01T11:59:58Z",
            "sentAt": "2026-03-01T12:00:00Z",
            "receivedAt": "2026-03-01T10:00:00Z",
        },
        "2026-03-01T09:59:58Z",
    ),
    ({"originalTimestamp": "2026-03-01T10:00:00Z"}, "2026-03-01T10:00:00Z"),
    ({"receivedAt": "2026-03-01T10:00:00Z"}, "2026-03-01T10:00:00Z"),
]


@pytest.mark.parametrize(("times", "at"), SEGMENT_TIMES, ids=range(len(SEGMENT_TIMES)))
def test_segments_time_is_corrected_once(times: dict[str, str], at: str) -> None:
    [message] = messages(read("segment", lines({"type": "track", "event": "A", "userId": "ada", **times})))
    assert message["timestamp"] == at
    assert "sentAt" not in message


POSTHOG_PEOPLE = [
    # properties, who it was
    ({"$is_identified": True, "$device_id": "d1"}, "ada"),
    ({"$is_identified": False}, "?V"),
    ({"$process_person_profile": False}, "?V"),
    ({"$device_id": "ada"}, "?V"),
    ({"$device_id": "d1"}, "ada"),
    ({"$user_id": "ada", "$device_id": "ada"}, "ada"),
    ({}, "ada"),
]


@pytest.mark.parametrize(("properties", "who"), POSTHOG_PEOPLE, ids=range(len(POSTHOG_PEOPLE)))
def test_posthogs_ids_are_users_or_visitors(properties: dict[str, object], who: str) -> None:
    event = {"event": "A", "distinct_id": "ada", "timestamp": "2026-03-01T00:00:00Z", "properties": properties}
    assert told(messages(read("posthog", lines(event)))[0]) == f"03-01 00:00:00 A {who}"


JOINS = [
    ("posthog", {"event": "$create_alias", "distinct_id": "ada", "properties": {"alias": "v1"}}, ("v1", "ada")),
    ("mixpanel", {"event": "$create_alias", "properties": {"distinct_id": "v1", "alias": "ada"}}, ("v1", "ada")),
    (
        "mixpanel",
        {"event": "$merge", "properties": {"$distinct_ids": ["ada", "$device:v1"], "distinct_id": "ada"}},
        ("v1", "ada"),
    ),
    ("segment", {"type": "alias", "previousId": "v1", "userId": "ada"}, ("v1", "ada")),
]


@pytest.mark.parametrize(("name", "record", "pair"), JOINS, ids=range(len(JOINS)))
def test_an_alias_says_who_was_who(name: str, record: dict[str, object], pair: tuple[str, str]) -> None:
    timed = {**record, "timestamp": "2026-03-01T00:00:00Z"}
    if isinstance(properties := record.get("properties"), dict):
        timed["properties"] = {"time": 1772323200, **properties}
    [message] = messages(read(name, lines(timed)))
    assert (message["type"], message["previousId"], message["userId"]) == ("alias", *pair)


MIXPANEL_TIMES = [
    (1772359200, "UTC", "2026-03-01T10:00:00Z"),
    (1772359200123, "UTC", "2026-03-01T10:00:00.123000Z"),
    # Projects from before 2023 count the seconds of their wall clock.
    (1772359200, "US/Pacific", "2026-03-01T18:00:00Z"),
    (1782900000, "Europe/Berlin", "2026-07-01T08:00:00Z"),
]


@pytest.mark.parametrize(("time", "zone", "at"), MIXPANEL_TIMES)
def test_mixpanels_time_is_that_of_its_project(time: int, zone: str, at: str) -> None:
    [message] = messages(
        read("mixpanel", lines({"event": "A", "properties": {"time": time, "distinct_id": "a"}}), zone)
    )
    assert message["timestamp"] == at


def test_mixpanels_insert_id_alone_makes_no_duplicate() -> None:
    events = [{"event": "A", "properties": {"time": t, "distinct_id": "a", "$insert_id": "x"}} for t in (1, 2, 2)]
    first, second, again = (message["messageId"] for message in messages(read("mixpanel", lines(*events))))
    assert first != second
    assert second == again


def test_amplitudes_traits_are_right_at_every_time_also_when_events_come_out_of_order() -> None:
    def event(hour: int, plan: str) -> dict[str, object]:
        when = f"2026-03-01 {hour:02}:00:00.000000"
        return {
            "event_type": "A",
            "event_time": when,
            "user_id": "ada",
            "uuid": str(hour),
            "user_properties": {"plan": plan},
        }

    found = messages(read("amplitude", lines(event(1, "free"), event(5, "free"), event(3, "pro"), event(6, "free"))))
    said = sorted(told(each)[6:] for each in found if each["type"] == "identify")
    assert said == [
        "01:00:00 identify ada plan:free",
        "03:00:00 identify ada plan:pro",
        "05:00:00 identify ada plan:free",
    ]


def test_what_posthog_repeats_with_every_event_is_said_once_until_something_else_is() -> None:
    def event(hour: int, name: str, **properties: object) -> dict[str, object]:
        when = f"2026-03-01T{hour:02}:00:00Z"
        return {"event": name, "timestamp": when, "distinct_id": "ada", "uuid": str(hour), "properties": properties}

    once = {"$set_once": {"source": "ads"}, "$set": {"plan": "free"}}
    rows = [event(1, "A", **once), event(2, "A", **once), event(3, "$set", **{"$set": {"plan": "pro"}})]
    found = messages(read("posthog", lines(*rows, event(4, "A", **once))))
    assert [told(each)[6:] for each in found if each["type"] == "identify"] == [
        "01:00:00 identify ada plan:free source:ads",
        "03:00:00 identify ada plan:pro",
        "04:00:00 identify ada plan:free source:ads",
    ]


def test_amplitudes_operations_have_their_names_here() -> None:
    properties = {"$setOnce": {"source": "ads"}, "$add": {"logins": 1}, "$unset": {"trial": "-"}}
    event = {"event_type": "$identify", "event_time": "2026-03-01 00:00:00", "user_id": "ada"}
    [message] = messages(read("amplitude", lines({**event, "user_properties": properties})))
    assert message["traits"] == {"$set_once": {"source": "ads"}, "$add": {"logins": 1}, "$unset": ["trial"]}


ACCOUNTS = [
    ({"company": "acme"}, "acme"),
    ({"anything": ["acme"]}, "acme"),
    ({"project": "p1", "company": "acme"}, "acme"),
    ({"project": "p1", "board": "b1"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("groups", "account"), ACCOUNTS, ids=range(len(ACCOUNTS)))
def test_of_several_groups_the_account_is_the_likeliest(groups: dict[str, object], account: str | None) -> None:
    event = {"event_type": "A", "event_time": "2026-03-01 00:00:00", "user_id": "ada", "groups": groups}
    [message] = messages(read("amplitude", lines(event)))
    assert message["context"].get("groupId") == account  # type: ignore[union-attr]


def test_a_group_of_nobody_is_told_of() -> None:
    properties = {"$group_type": "company", "$group_key": "acme", "$group_set": {"seats": 1}}
    event = {"event": "$groupidentify", "distinct_id": "$company_acme", "timestamp": "2026-03-01T00:00:00Z"}
    assert problems(read("posthog", lines({**event, "properties": properties}))) == {
        1: "tells of the group `acme` and of nobody in it: an account is known by its people"
    }


def test_the_attributes_of_a_log_keep_their_types() -> None:
    data = (SAMPLES / "shop.xes").read_bytes()
    [bought] = [each for each in messages(read("xes", data)) if each.get("event") == "Purchase"]
    assert bought["properties"] == {"amount": 49.5, "gift": False, "items": ["pen", "ink"]}


def test_a_log_of_a_million_lines_would_be_read_on_the_fly() -> None:
    """The first row is there before the end of the file was looked at."""
    begun = (SAMPLES / "shop.xes").read_bytes() + b" " * 200_000
    file = io.BytesIO(begun)
    next(formats()["xes"].begin(ZoneInfo("UTC"))(file))
    assert file.tell() < len(begun)


@pytest.mark.parametrize("name", FORMATS)
def test_the_reference_has_a_section_of_every_format_and_names_its_source(name: str) -> None:
    page = (SAMPLES.parents[1] / "docs/reference/imports.md").read_text()
    assert f"\n### {name}\n\nAfter {formats()[name].source}" in page
