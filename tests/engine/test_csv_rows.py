"""A table of events becomes messages; what cannot be read is named by its line."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from engine.imports.csv_rows import BadMapping, BadTable, read_mapping, read_rows
from engine.imports.rows import BadRow, Row

HEAD = "user_id,event,timestamp,plan\n"


def rows(text: str, *mappings: str, zone: str = "UTC") -> list[Row | BadRow]:
    return list(read_rows(text.splitlines(keepends=True), mapping=read_mapping(mappings), zone=ZoneInfo(zone)))


def test_known_columns_are_recognised_and_others_are_properties() -> None:
    [row] = rows("user_id,event,timestamp,session_id,amount\nada,Purchase,2026-03-01T09:30:00Z,s1,20\n")
    assert isinstance(row, Row)
    [message] = row.messages
    assert {key: message[key] for key in ("type", "userId", "event", "timestamp", "properties")} == {
        "type": "track",
        "userId": "ada",
        "event": "Purchase",
        "timestamp": "2026-03-01T09:30:00Z",
        "properties": {"amount": "20"},
    }
    assert message["context"] == {"library": {"name": "waypost-import-csv"}, "session_id": "s1"}


def test_of_a_table_that_is_not_in_order_of_time_every_change_of_a_trait_is_told() -> None:
    days = [("2026-01-02", "free"), ("2026-01-01", "pro"), ("2026-01-03", "pro")]
    text = "user_id,event,timestamp,plan\n" + "".join(f"ada,A,{day},{plan}\n" for day, plan in days)
    said = [message for row in rows(text, "plan=trait") if isinstance(row, Row) for message in row.messages]
    plans = {each["timestamp"][:10]: each["traits"]["plan"] for each in said if each["type"] == "identify"}
    assert sorted(plans.items()) == sorted(days)


def test_a_trait_is_said_once_and_again_when_it_changes() -> None:
    text = HEAD + "ada,A,2026-03-01,free\nada,B,2026-03-02,free\nada,C,2026-03-03,pro\n"
    kinds = [[message["type"] for message in row.messages] for row in rows(text, "plan=trait") if isinstance(row, Row)]
    assert kinds == [["identify", "track"], ["track"], ["identify", "track"]]


BAD_ROWS = [
    (",A,2026-03-01,free", "says nobody: the user is blank"),
    ("ada,,2026-03-01,free", "says nothing: the event is blank"),
    ("ada,A,yesterday,free", "`yesterday` is not a time: write it like `2026-03-01 09:30:00`"),
    ("ada,A,20260301,free", "`20260301` is not a time: write it like `2026-03-01 09:30:00`"),
    ("ada,A,1969-12-31,free", "`1969-12-31` is not a time: write it like `2026-03-01 09:30:00`"),
    ("ada,A,2026-03-01", "has 3 cells; the first line names 4 columns"),
]


@pytest.mark.parametrize(("line", "problem"), BAD_ROWS)
def test_a_bad_row_is_named_and_its_neighbours_are_kept(line: str, problem: str) -> None:
    read = rows(HEAD + "ada,A,2026-03-01,free\n" + line + "\nada,B,2026-03-02,free\n")
    assert read[1] == BadRow(3, problem)
    assert isinstance(read[0], Row)
    assert isinstance(read[2], Row)


def test_an_unclosed_quote_is_a_bad_row() -> None:
    assert isinstance(rows(HEAD + 'ada,"A,2026-03-01,free\n')[-1], BadRow)


TIMES = [
    ("2026-03-01 09:30:00", "UTC", "2026-03-01T09:30:00Z"),
    ("2026-03-01 09:30:00", "Europe/Berlin", "2026-03-01T08:30:00Z"),
    ("2026-03-01T09:30:00+02:00", "Europe/Berlin", "2026-03-01T07:30:00Z"),
    ("2026-03-01", "Europe/Berlin", "2026-02-28T23:00:00Z"),
]


@pytest.mark.parametrize(("written", "zone", "instant"), TIMES)
def test_a_time_without_a_zone_is_in_the_one_given(written: str, zone: str, instant: str) -> None:
    [row] = rows(f"user_id,event,timestamp\nada,A,{written}\n", zone=zone)
    assert isinstance(row, Row)
    assert row.messages[0]["timestamp"] == instant


def test_the_same_file_gives_the_same_ids_and_equal_rows_stay_two_events() -> None:
    text = HEAD + "ada,A,2026-03-01,free\nada,A,2026-03-01,free\n"
    ids = [row.messages[0]["messageId"] for row in rows(text) if isinstance(row, Row)]
    assert len(set(ids)) == 2
    assert ids == [row.messages[0]["messageId"] for row in rows(text) if isinstance(row, Row)]


MISTAKES = [
    ("", (), BadTable, "the file is empty"),
    ("who,event,timestamp\n", (), BadTable, "--map COLUMN=user_id"),
    ("user_id,what,timestamp\n", (), BadTable, "--map COLUMN=event"),
    (HEAD, ("plan=colour",), BadMapping, "`plan=colour` is not a mapping"),
    (HEAD, ("size=trait",), BadMapping, "there is no column `size`; the columns are `user_id`"),
    (HEAD, ("plan=event",), BadMapping, "2 columns are the event"),
    (HEAD, ("plan=event:x",), BadMapping, "is not a mapping"),
]


@pytest.mark.parametrize(("text", "mappings", "error", "says"), MISTAKES)
def test_a_table_that_cannot_be_events_says_what_to_map(
    text: str, mappings: tuple[str, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says.replace("(", r"\(")):
        rows(text, *mappings)
