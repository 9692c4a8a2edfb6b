"""What a table looks like before it is taken in: columns, guesses, first rows, and what is wrong with them."""

from __future__ import annotations

import gzip
from zoneinfo import ZoneInfo

import pytest

from engine.imports.csv_rows import TARGETS, CellType, Target, read_cell, read_mapping, spelled
from engine.imports.preview import MOST_UNPACKED, Preview, preview

UTC = ZoneInfo("UTC")


def seen(table: str | bytes, *mapping: str, is_whole: bool = True) -> Preview:
    return preview(table.encode() if isinstance(table, str) else table, mapping, zone=UTC, is_whole=is_whole)


GUESSES = [
    # the table, what its columns seem to be
    ("user_id,event,timestamp\nu1,A,2026-01-01\n", ["user_id=user_id", "event=event", "timestamp=timestamp"]),
    (
        "Customer ID,Action,Date,Amount,Paid,Note\nu1,Buy,2026-01-01,9.5,true,hello\nu2,Buy,2026-01-02,10,false,\n",
        [
            "Customer ID=user_id",
            "Action=event",
            "Date=timestamp",
            "Amount=property.number",
            "Paid=property.boolean",
            "Note=property",
        ],
    ),
    # Nothing is called a time, but one column holds times; the other is a property that is one.
    (
        "user;event;a;b\nu1;A;2026-01-01 10:00;2026-01-02\n",
        ["user=user_id", "event=event", "a=timestamp", "b=property.time"],
    ),
    (
        "user\tevent\ttime\tzip\nu1\tA\t2026-01-01\t01234\n",
        ["user=user_id", "event=event", "time=timestamp", "zip=property"],
    ),
    # Two that may be the user: the likelier one is.
    (
        "user,user_id,event,time\na,b,A,2026-01-01\n",
        ["user=property", "user_id=user_id", "event=event", "time=timestamp"],
    ),
]


@pytest.mark.parametrize(("table", "mappings"), GUESSES, ids=range(len(GUESSES)))
def test_columns_are_guessed_by_their_names_and_cells(table: str, mappings: list[str]) -> None:
    found = seen(table)
    assert [each.mapping for each in found.columns] == mappings
    assert all(each.is_guess for each in found.columns)
    assert (found.problem, found.wrong, found.is_whole) == (None, 0, True)
    # What is guessed is what an import can be told.
    assert [each.mapping for each in seen(table, *mappings).columns] == mappings


def test_what_was_said_is_no_guess_and_stays() -> None:
    table = "user_id,event,timestamp,plan\nu1,A,2026-01-01,7\n"
    found = seen(table, "plan=trait.number:seats", "event=ignore")
    assert [(each.target, each.type, each.called, each.is_guess) for each in found.columns][3] == (
        Target.TRAIT,
        CellType.NUMBER,
        "seats",
        False,
    )
    assert found.problem == "say which column is the event"


def test_rows_that_cannot_be_taken_are_told_with_their_line_and_reason() -> None:
    rows = ["u1,A,2026-01-01,7", "u2,A,soon,7", ",A,2026-01-01,7", "u4,A,2026-01-01,much", "u5,A", 'u6,"A,2026-01-01,7']
    found = seen("user_id,event,timestamp,sum\n" + "\n".join(rows), "sum=property.number")
    assert (found.read, found.wrong) == (6, 5)
    assert dict(found.problems) == {
        3: "`soon` is not a time: write it like `2026-03-01 09:30:00`",
        4: "says nobody: the user is blank",
        5: "`much` in `sum` is not a number",
        6: "has 2 cells; the first line names 4 columns",
        7: "not readable as CSV: unexpected end of data",
    }
    assert [(row.line, row.problem is None) for row in found.rows] == [
        (2, True),
        (3, False),
        (4, False),
        (5, False),
        (6, False),
    ]


def test_of_a_part_of_a_file_the_last_line_is_left_out() -> None:
    table = "user_id,event,timestamp\nu1,A,2026-01-01\nu2,A,20"
    found = seen(table, is_whole=False)
    assert (found.read, found.wrong, found.is_whole) == (1, 0, False)
    packed = gzip.compress(table.encode() * 3)
    assert seen(packed[:-9], is_whole=False).columns != ()
    two = gzip.compress(table.encode()) + gzip.compress(b"26-01-01\nu3,A,2026-01-01\n")
    assert not seen(two, is_whole=True).is_whole
    bomb = gzip.compress(b"user_id,event,timestamp\n" + b"u1,A,2026-01-01\n" * 400_000)
    assert 0 < seen(bomb, is_whole=True).read < MOST_UNPACKED
    assert not seen(bomb, is_whole=True).is_whole


NO_TABLES = [
    (b"", "the file is empty"),
    (b"PK\x03\x04rest", "a zip is not shown here"),
    (b"\x1f\x8bnonsense", "begins like gzip"),
    (b"user_id,event\xff\n", "line 1 is not in UTF-8"),
    (b"PAR1\0\0", "this is no text"),
    (b'"user_id,event', "the first line is not readable as CSV"),
]


@pytest.mark.parametrize(("data", "why"), NO_TABLES, ids=range(len(NO_TABLES)))
def test_what_is_no_table_is_told_as_such(data: bytes, why: str) -> None:
    found = seen(data)
    assert why in (found.problem or "")
    assert (found.columns, found.rows) == ((), ())


CELLS = [
    ("7", CellType.NUMBER, 7),
    ("-7.50", CellType.NUMBER, -7.5),
    ("49,5", CellType.NUMBER, 49.5),
    ("1,234", CellType.NUMBER, None),
    ("1e400", CellType.NUMBER, None),
    ("٣", CellType.NUMBER, None),
    ("NaN", CellType.NUMBER, None),
    ("Yes", CellType.BOOLEAN, True),
    ("0", CellType.BOOLEAN, False),
    ("perhaps", CellType.BOOLEAN, None),
    ("2026-01-01", CellType.TIME, "2026-01-01T00:00:00Z"),
    # The last year that a time can have ends with it: so tables say "never".
    ("9999-12-31 23:59:59", CellType.TIME, "9999-12-31T23:59:59Z"),
    ("9999-12-31T23:59:59-12:00", CellType.TIME, None),
    ("soon", CellType.TIME, None),
    (" as it is ", CellType.TEXT, " as it is "),
]


@pytest.mark.parametrize(("cell", "kind", "value"), CELLS, ids=range(len(CELLS)))
def test_cells_are_values_of_their_type(cell: str, kind: CellType, value: object) -> None:
    assert read_cell(cell, kind, UTC) == value


def test_every_mapping_is_spelled_as_it_is_read_and_every_target_has_words() -> None:
    for text in (
        "a=user_id",
        "a=ignore",
        "a=property",
        "a=property.number",
        "a=trait:b",
        "a=trait.time:b c",
        "a=b=trait",
    ):
        [(column, meaning)] = read_mapping([text]).items()
        assert spelled(column, meaning) == text
    assert TARGETS.keys() == set(Target)
