"""`waypost export csv|ndjson|parquet|xes`: a project's events for other tools, and back again."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from api.frames import frame, query
from api.serving import system_clock
from dsl.values import JsonValue
from engine.analytics.history import NothingRecorded
from engine.audit import Action
from engine.exports.events import EventsWanted, columns, open_events
from engine.exports.xes import activity
from engine.replies import Published
from engine.service import Service
from engine.storage.lake import Lake

RULES = """
event "Signup"
event "Paid" { amount: number }
segment internal where email ends with "@us.example"
"""
HOSTILE = 'a<b> & "c"\n\x01\ttab 😀'
LOG: list[dict[str, Any]] = [
    # In the order in which it was received, which is not the order in which it happened.
    {"type": "page", "anonymousId": "v1", "name": "Prices", "properties": {"path": "/prices"}, "timestamp": "09:00"},
    {
        "event": "Signup",
        "anonymousId": "v1",
        "properties": {"from": HOSTILE, "n": 1, "f": 1.5, "yes": True, "no": None},
    },
    {
        "type": "identify",
        "userId": "ada",
        "anonymousId": "v1",
        "traits": {"plan": "pro", "tags": ["a", "b"], "$add": {"logins": 1}},
        "timestamp": "09:05",
    },
    {"type": "identify", "userId": "ada", "traits": {"plan": "team", "$add": {"logins": 2}}, "timestamp": "09:06"},
    {"type": "group", "userId": "ada", "groupId": "acme", "traits": {"seats": 12}, "timestamp": "09:07"},
    {"event": "Paid", "userId": "ada", "properties": {"amount": 12.5, "items": ["pen", 2], "to": {"city": "Bonn"}}},
    {"event": "$shown", "userId": "ada", "properties": {"guide": "help", "variant": "b"}, "timestamp": "09:09"},
    {
        "event": "Signup",
        "userId": "bob",
        "context": {"page": {"path": "/join"}, "session_id": "s7"},
        "timestamp": "10:00",
    },
    {"event": "Paid", "userId": "bob", "properties": {"amount": 3}, "timestamp": "08:00"},
    {"event": "Paid", "userId": "bob", "context": {"session_id": "s7"}, "timestamp": "10:20"},
    {"type": "alias", "userId": "bob", "previousId": "v2", "timestamp": "10:21"},
    {"type": "screen", "anonymousId": "v2", "timestamp": "11:00", "context": {"groupId": "acme"}},
    {"event": "=Odd()", "anonymousId": "@v3", "timestamp": "2026-03-05T09:00:00.123456Z"},
    {"event": "Signup", "userId": "sim", "context": {"simulated": True}, "timestamp": "12:00"},
    {"event": "Signup", "userId": "robot", "context": {"userAgent": "Googlebot/2.1"}, "timestamp": "12:01"},
    {"type": "identify", "userId": "eve", "traits": {"email": "eve@us.example"}, "timestamp": "12:02"},
    {"event": "Signup", "userId": "eve", "timestamp": "12:03"},
]
PEOPLE = ("ada", "v1", "bob", "v2", "@v3", "sim", "robot", "eve")


def messages() -> Iterator[dict[str, Any]]:
    for number, told in enumerate(LOG):
        at = told.get("timestamp", f"09:{30 + number}")
        when = at if "T" in at else f"2026-03-01T{at}:00Z"
        yield {"type": "track", "messageId": f"m{number}", **told, "timestamp": when}


def opened(folder: Path) -> Service:
    return Service.open(f"sqlite:///{folder / 'waypost.sqlite'}", clock=system_clock, lakes=folder / "lake")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "120"})


def export(form: str, folder: Path, *words: str | Path) -> str:
    ran = run("export", form, "--data", folder, *words)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def filled(folder: Path) -> Path:
    folder.mkdir()
    service = opened(folder)
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    assert service.import_history(project, messages(), received=system_clock()).accepted == len(LOG)
    service.close()
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven people and one of the own, a robot and a simulated one among them, on one day and a later one."""
    return filled(tmp_path_factory.mktemp("exports") / "data")


def known_of(folder: Path) -> dict[str, Any]:
    """All that a project knows of its people: who is who, their states and accounts, their events."""
    service = opened(folder)
    try:
        found = {}
        for each in PEOPLE:
            one = service.privacy.export(service.ensure_project().id, each)
            assert one is not None, each
            events = [
                {name: value for name, value in event.items() if name not in {"received", "person_id", "live"}}
                for event in one.events
            ]
            found[each] = (one.user_id, one.anonymous_ids, one.first_id, one.state, one.account_id, one.account, events)
        return found
    finally:
        service.close()


def test_json_lines_bring_the_same_people_events_and_states_into_another_project(data: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "events.ndjson", tmp_path / "other"
    told = json.loads(export("ndjson", data, "--everyone", "--output", file, "--json"))
    assert told == {"file": str(file), "events": len(LOG), "left_out": []}
    other.mkdir()
    service = opened(other)
    assert isinstance(service.publish(service.ensure_project().id, {"rules.way": RULES}), Published)
    service.close()
    taken = json.loads(run("import", "segment", file, "--data", other, "--json").stdout)
    assert (taken["new"], taken["skipped"]) == (len(LOG), 0)
    assert known_of(other) == known_of(data)
    # And what is exported of it again is the same, but for when it was received.
    assert [_without_receipt(line) for line in export("ndjson", other, "--everyone").splitlines()] == [
        _without_receipt(line) for line in file.read_text().splitlines()
    ]


def _without_receipt(line: str) -> dict[str, Any]:
    return {name: value for name, value in json.loads(line).items() if name != "receivedAt"}


CHOICES = [
    # options, which messages
    ((), range(13)),
    (("--everyone",), range(17)),
    (("--simulated",), range(14)),
    (("--user", "ada"), range(7)),
    (("--user", "v1"), range(7)),
    (("--user", "bob", "--user", "@v3"), range(7, 13)),
    (("--user", "eve"), ()),
    (("--event", "Paid"), (5, 8, 9)),
    (("--event", "Paid", "--event", "$page"), (0, 5, 8, 9)),
    (("--from", "2026-03-02"), (12,)),
    (("--from", "2026-03-01T10:00:00Z", "--to", "2026-03-01T10:20:00Z"), (7,)),
    (("--to", "2026-03-01T09:00:00Z"), (8,)),
    (("--from", "2030-01-01"), ()),
]


def test_options_choose_among_the_events(data: Path) -> None:
    for options, wanted in CHOICES:
        lines = export("ndjson", data, *options).splitlines()
        assert [json.loads(line)["messageId"] for line in lines] == [f"m{each}" for each in wanted], options


WRONG = [
    (("csv", "--user", "nobody"), "no person with the id `nobody` has been seen in project `default`"),
    (("csv", "--from", "2026-03-02", "--to", "2026-03-01"), "--to is not after --from"),
    (("csv", "--from", "yesterday"), "`yesterday` is no time"),
    (("xes", "--json"), "--json tells of a file: name one with --output FILE"),
    (("parquet", "--output", "/no/such/folder/file"), "there is no folder /no/such/folder"),
    (("xes", "--trace", "account"), "is not one of 'person', 'session'"),
]


def test_what_cannot_be_exported_says_why(data: Path) -> None:
    for words, why in WRONG:
        ran = run("export", *words, "--data", data)
        assert (ran.exit_code, why in ran.stderr) == (2, True), (words, ran.output)


def test_nothing_recorded_is_said_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    service = opened(tmp_path / "data")
    service.ensure_project()
    service.close()
    ran = run("export", "csv", "--data", tmp_path / "data", "--output", tmp_path / "events.csv")
    assert isinstance(ran.exception, NothingRecorded)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert "removed" in run("person", "copies", "--data", tmp_path / "data").stdout


def test_tables_have_the_columns_and_rows_of_the_view_events(data: Path, tmp_path: Path) -> None:
    shown = frame("events", data=str(data)).sort_values(["time", "seq"])
    rows = list(csv.DictReader(io.StringIO(export("csv", data, "--everyone"), newline="")))
    assert list(rows[0]) == list(columns()) == list(shown.columns)
    assert [row["seq"] for row in rows] == [str(each) for each in shown["seq"]]
    first, odd = rows[0], rows[-1]
    assert (first["user"], first["time"], first["properties"]) == ("bob", "2026-03-01T08:00:00Z", '{"amount":3}')
    assert (odd["name"], odd["user"], odd["time"]) == ("'=Odd()", "'@v3", "2026-03-05T09:00:00.123456Z")
    export("parquet", data, "--everyone", "--output", tmp_path / "events.parquet")
    table = pq.read_table(tmp_path / "events.parquet")
    assert table.column_names == list(columns())
    assert table.column("name").to_pylist() == list(shown["name"])
    types = {name: str(table.schema.field(name).type) for name in ("seq", "time", "day", "properties", "counts")}
    assert types == {"seq": "int64", "time": "timestamp[us]", "day": "date32[day]", "properties": "string"} | {
        "counts": "bool"
    }


def test_a_table_of_nothing_has_its_columns(data: Path, tmp_path: Path) -> None:
    assert export("csv", data, "--from", "2030-01-01").splitlines() == [",".join(columns())]
    export("parquet", data, "--from", "2030-01-01", "--output", tmp_path / "events.parquet")
    assert pq.read_table(tmp_path / "events.parquet").shape == (0, len(columns()))


def test_a_table_goes_to_a_pipe_too(data: Path) -> None:
    ran = run("export", "parquet", "--data", data)
    assert pq.read_table(io.BytesIO(ran.stdout_bytes)).num_rows == 13


def test_an_event_log_comes_back_with_the_same_people_and_what_they_did(data: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "log.xes", tmp_path / "other"
    export("xes", data, "--output", file)
    taken = json.loads(run("import", "xes", file, "--data", other, "--json").stdout)
    assert (taken["skipped"], taken["rows"]) == (0, 9)
    done = list(zip(_done(data), _done(other), strict=True))
    assert [after for _, (_, after) in done] == [before for (_, before), _ in done]
    for (properties, (*_, path, _)), (found, _) in done:
        told = {name: value for name, value in properties.items() if value is not None}
        # The path of the page is a property now; what is nested has become text, and what XML cannot hold a mark.
        expected = ({"path": path} if path else {}) | told
        if "to" in expected:
            expected["to"] = '{"city":"Bonn"}'
        if "from" in expected:
            expected["from"] = HOSTILE.replace("\x01", "\ufffd")
        assert found == expected
    assert _said(other) == [("ada", "plan", '"team"'), ("ada", "tags", '["a","b"]')]


def _done(folder: Path) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    """What people did who are none of the own: the properties; who, what, when, where."""
    found = query(
        """
        SELECT "user", kind, name, strftime(time, '%Y-%m-%dT%H:%M:%S.%f') AS time, coalesce(path, '') AS path,
          coalesce(session_id, '') AS session, coalesce(properties::VARCHAR, '{}') AS properties
        FROM events WHERE counts AND kind IN ('track', 'page', 'screen') AND "user" != 'eve' ORDER BY time, "user"
        """,
        data=str(folder),
    )
    rows = found.to_dict("records")
    return [(json.loads(row.pop("properties")), tuple(map(str, row.values()))) for row in rows]


def _said(folder: Path) -> list[tuple[str, str, str]]:
    found = query('SELECT "user", name, value FROM traits ORDER BY "user", name', data=str(folder))
    return [(str(row["user"]), str(row["name"]), str(row["value"])) for row in found.to_dict("records")]


def test_a_session_is_a_trace_as_analyses_count_sessions(data: Path) -> None:
    log = ElementTree.fromstring(export("xes", data, "--trace", "session"))  # noqa: S314  (our own)
    space = {"x": "http://www.xes-standard.org/"}
    traces = {}
    for trace in log.findall("x:trace", space):
        events = trace.findall("x:event", space)
        who = {_value(event, "org:resource") for event in events}
        assert who == {_value(trace, "user")}
        times = [_value(event, "time:timestamp") for event in events]
        assert times == sorted(times)
        traces[_value(trace, "concept:name")] = len(events)
    ask = """
      SELECT session, count(*) AS done FROM sessions AS s JOIN events AS e
        ON e.person = s.person AND e.time BETWEEN s.began AND s.ended AND e.kind IN ('track', 'page', 'screen')
      WHERE e.counts AND e."user" != 'eve' GROUP BY session"""
    assert traces == {str(row["session"]): row["done"] for row in query(ask, data=str(data)).to_dict("records")}
    only = ElementTree.fromstring(export("xes", data, "--trace", "session", "--event", "Paid"))  # noqa: S314
    named = {_value(trace, "concept:name") for trace in only.findall("x:trace", space)}
    assert named <= traces.keys()


def _value(element: ElementTree.Element, key: str) -> str:
    [found] = [each.get("value", "") for each in element if each.get("key") == key]
    return found


ACTIVITIES: list[tuple[str, str, str | None, dict[str, JsonValue], str]] = [
    # kind, name, path, properties, what was done
    ("track", "Signup", "/join", {}, "Signup"),
    ("page", "$page", "/join", {"name": "Join"}, "Viewed Join"),
    ("page", "$page", "/join", {"name": " "}, "Viewed /join"),
    ("page", "$page", "/join", {"name": 7}, "Viewed /join"),
    ("page", "$page", None, {}, "Viewed a page"),
    ("screen", "$screen", None, {}, "Viewed a screen"),
]


def test_what_was_viewed_is_named() -> None:
    for kind, name, path, properties, done in ACTIVITIES:
        assert activity(kind, name, path, properties) == done


def test_who_was_erased_is_in_no_export_and_the_files_with_them_are_told(tmp_path: Path) -> None:
    folder = filled(tmp_path / "data")
    for name, words in (("all.csv", ()), ("ada.csv", ("--user", "ada")), ("bob.csv", ("--user", "v2"))):
        export("csv", folder, *words, "--output", tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    refused = run("export", "csv", "--data", folder, "--output", tmp_path / "all.csv")
    assert (refused.exit_code, "is there already; another name, or --force" in refused.stderr) == (2, True)
    erased = json.loads(run("person", "erase", "bob", "--yes", "--json", "--data", folder).stdout)
    held = [(each["kind"], Path(each["path"]).name) for each in erased["copies"]]
    assert held == [("person export", "bob.csv"), ("export", "all.csv")]
    for form in ("csv", "ndjson", "xes"):
        told = export(form, folder, "--everyone")
        assert ("ada" in told, "bob" in told, "v2" in told) == (True, False, False), form
    service = opened(folder)
    acts = service.auditing.entries(service.ensure_project().id)
    service.close()
    exports = [json.loads(each.detail) for each in acts if each.action == Action.EVENTS_EXPORT.value]
    assert {"form": "csv", "people": 1} in exports
    assert {"form": "xes"} in exports


def test_only_a_portion_of_the_events_is_in_memory(data: Path) -> None:
    with open_events(Lake.of_project(data / "lake", 1), EventsWanted()) as chosen:
        assert max(batch.num_rows for batch in chosen.tables(rows=4)) == 4
        assert chosen.count == 15
