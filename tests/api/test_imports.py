"""Files that are given over in parts and taken in by the worker: progress, wrong rows, again after a death."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dsl.values import DAY, HOUR, Duration
from engine.import_desk import ImportDesk
from engine.import_runs import MOST_WAITING, PART_SIZE
from engine.imports.records import RECORD_LIMIT
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site, problem
from tests.api.test_console_pages import cheap_passwords, visitor, words  # noqa: F401  (a fixture)
from tests.api.test_console_settings import HOSTILE, ask, at, rows

TABLE = b"""user_id,event,timestamp,plan
u1,Signed Up,2026-10-01 09:00,trial
u2,Signed Up,soon,trial
u3,Signed Up,2026-10-01 10:00,pro
"""


def begin(site: Site, data: bytes, **asked: Any) -> TestResponse:
    wanted = {"format": "csv", "name": "events.csv", "size": len(data), "mapping": ["plan=trait"], **asked}
    return site.post("/api/v1/imports", wanted, key=SECRET_KEY)


def part(site: Site, number: int, at: int, data: bytes) -> TestResponse:
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/octet-stream"}
    return site.client.put(f"/api/v1/imports/{number}/parts?number={at}", data=data, headers=headers)


def given(site: Site, data: bytes, **asked: Any) -> int:
    """A file that was given over whole."""
    answer = begin(site, data, **asked)
    assert answer.json is not None, answer.get_data(as_text=True)
    number = int(answer.json["id"])
    for place in range(-(-len(data) // PART_SIZE)):
        assert part(site, number, place, data[place * PART_SIZE : (place + 1) * PART_SIZE]).status_code == 200
    return number


def work(site: Site, renew: Callable[[], bool] = lambda: True) -> int:
    return ImportDesk(site.service.database).work(site.service, clock=site.clock, renew=renew)


def run(site: Site, number: int) -> dict[str, Any]:
    answer = site.get(f"/api/v1/imports/{number}").json
    assert answer is not None
    return answer


def counts(site: Site, number: int) -> tuple[object, ...]:
    return tuple(run(site, number)[name] for name in ("state", "rows", "kept", "skipped", "accepted", "duplicates"))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_table_is_taken_in_with_its_wrong_rows_listed(site: Site, packed: bool) -> None:
    number = given(site, gzip.compress(TABLE) if packed else TABLE)
    assert run(site, number)["state"] == "waiting"
    assert work(site) == 1
    assert counts(site, number) == ("done", 3, 2, 1, 4, 0)
    user = site.service.user(1, user_id="u3")
    assert user is not None
    skipped = site.get(f"/api/v1/imports/{number}/skipped").json
    assert skipped is not None
    assert [(each["line"], each["problem"][:6]) for each in skipped["data"]] == [(3, "`soon`")]
    assert work(site) == 0


def test_the_same_file_again_adds_nothing(site: Site) -> None:
    given(site, TABLE)
    again = given(site, TABLE)
    assert work(site) == 2
    assert counts(site, again) == ("done", 3, 2, 1, 0, 4)


def test_a_rehearsal_takes_nothing_in(site: Site) -> None:
    number = given(site, TABLE, rehearsal=True)
    work(site)
    assert counts(site, number) == ("done", 3, 2, 1, 0, 0)
    assert site.service.user(1, user_id="u3") is None


def test_another_tools_export_is_read_by_its_reader(site: Site) -> None:
    line = b'{"event":"Opened","properties":{"distinct_id":"m1","time":1790000000,"$insert_id":"a"}}\n'
    number = given(site, line, format="mixpanel", name="mixpanel.json", mapping=[])
    work(site)
    assert counts(site, number)[:4] == ("done", 1, 1, 0)


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"format": "fax"}, "no format"),
    ({"size": 0}, "the file is empty"),
    ({"size": 2**40}, "up to 512 MB here, not 1,048,576 MB"),
    ({"name": " "}, "needs a name"),
    ({"name": "a\x00b"}, "needs a name"),
    ({"zone": "Atlantis"}, "no time zone"),
    ({"mapping": ["plan"]}, "not a mapping"),
    ({"format": "segment"}, "only the columns of a CSV"),
]


def test_what_cannot_be_taken_in_is_told_before_anything_is_sent(site: Site) -> None:
    for asked, why in IMPOSSIBLE:
        told = problem(begin(site, TABLE, **asked))
        assert (told["status"], told["code"]) == (422, "bad_import")
        assert why in told["detail"]


UNREADABLE: list[tuple[bytes, str | None]] = [
    (b"a,b\n1,2\n", "no column is the event"),
    (b"\xff\xfe\x00", "no row could be taken"),
    (b"user_id,event,timestamp\n", "nothing in the file"),
    (b"user_id,event,timestamp\n,x,soon\n", "no row could be taken"),
    (gzip.compress(TABLE)[:-9], None),
    (TABLE + b"x" * (RECORD_LIMIT + 1), "line 5 is longer than 1 MB"),
    (gzip.compress(TABLE + b"\n" * 400_000), "unpacks to more than 100 times its size"),
    (TABLE + b"x\n" * 4_000, "more than 3,000 rows cannot be taken"),
    (TABLE + b",Signed Up,2026-10-01,trial\n" * 4_000, "more than 3,000 rows cannot be taken"),
    (b"PK\x03\x04 broken", "no row could be taken"),
]
"""Files, and why they fail; None: what could be read of it was taken."""


def test_a_file_that_cannot_be_read_fails_with_a_reason_and_stops_no_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.import_desk.MOST_WRONG", 3_000)
    monkeypatch.setattr("engine.import_desk.PACKED_FREELY", 1_000)
    monkeypatch.setattr("engine.import_desk.MOST_WAITING", 20)
    bad = [given(site, data, mapping=[]) for data, _ in UNREADABLE]
    good = given(site, TABLE)
    assert work(site) == len(UNREADABLE) + 1
    for number, (data, why) in zip(bad, UNREADABLE, strict=True):
        found = run(site, number)
        if why is None:
            assert (found["state"], found["skipped"] > 0) == ("done", True), (data, found)
        else:
            assert (found["state"], why in found["error"]) == ("failed", True), (data, found)
    assert run(site, good)["state"] == "done"


def test_parts_come_in_order_and_one_sent_again_changes_nothing(site: Site) -> None:
    data = TABLE + b"x" * PART_SIZE
    answer = begin(site, data).json
    assert answer is not None
    number = answer["id"]
    assert problem(part(site, number, 1, data[PART_SIZE:]))["code"] == "bad_import"
    assert problem(part(site, number, 0, data[:100]))["code"] == "bad_import"
    assert part(site, number, 0, data[:PART_SIZE]).status_code == 200
    assert part(site, number, 0, data[:PART_SIZE]).status_code == 200, "a network that broke sends it twice"
    assert run(site, number)["state"] == "coming"
    last = part(site, number, 1, data[PART_SIZE:]).json
    assert last is not None
    assert (last["state"], last["came"]) == ("waiting", len(data))
    assert part(site, number, 0, b"x" * (PART_SIZE + 1)).status_code == 413


def test_a_worker_that_dies_leaves_the_file_to_the_next(site: Site) -> None:
    table = b"user_id,event,timestamp\n" + b"".join(
        b"u%d,Signed Up,2026-10-01 09:00\n" % number for number in range(2_000)
    )
    number = given(site, table, mapping=[])
    desk = ImportDesk(site.service.database)

    def clock() -> Any:
        site.clock.move(Duration(HOUR))  # every look is long after the one before
        return site.clock.now

    assert desk.work(site.service, clock=clock, renew=lambda: False) == 0
    half = run(site, number)
    assert half["state"] == "running"
    assert problem(site.client.delete(f"/api/v1/imports/{number}", headers={"Authorization": f"Bearer {SECRET_KEY}"}))
    assert work(site) == 1
    assert counts(site, number)[:4] == ("done", 2_000, 2_000, 0)


def test_a_file_that_never_comes_whole_is_removed_and_so_are_old_lists(site: Site) -> None:
    answer = begin(site, TABLE).json
    assert answer is not None
    done = given(site, TABLE)
    work(site)
    site.clock.move(Duration(31 * DAY))
    work(site)
    assert site.get(f"/api/v1/imports/{answer['id']}").status_code == 404
    skipped = site.get(f"/api/v1/imports/{done}/skipped").json
    assert (skipped, run(site, done)["skipped"]) == ({"data": []}, 1)


def test_not_more_than_a_few_files_wait(site: Site) -> None:
    for _ in range(MOST_WAITING):
        assert begin(site, TABLE).status_code == 201
    assert problem(begin(site, TABLE))["code"] == "bad_import"


def test_the_page_shows_sources_progress_and_wrong_rows(site: Site) -> None:
    ada: FlaskClient = visitor(site, Role.ADMIN)
    assert "No event yet" in words(at(ada, "sources"))
    hostile = "".join(f'"{text.replace(chr(34), chr(34) * 2)}",Signed Up,soon\n' for text in HOSTILE)
    number = given(site, b"user_id,event,timestamp\nu1,Signed Up,2026-10-01 09:00\n" + hostile.encode(), mapping=[])
    assert "waiting" in words(at(ada, "sources"))
    assert "data-goes-on" in at(ada, "sources").get_data(as_text=True)
    work(site)
    told = words(at(ada, "sources"))
    assert "Servers and imports 1 1" in told
    assert f"done {len(HOSTILE) + 1} 1 {len(HOSTILE)} 1 0" in told
    page = at(ada, "sources", **{"import": str(number)})
    assert "is not a time" in words(page)
    assert "<img" not in page.get_data(as_text=True)
    assert len(rows(at(ada, "sources", **{"import": str(number), "format": "csv"}))) == len(HOSTILE)
    assert at(ada, "sources", **{"import": "999"}).status_code == 200
    assert ask(ada, "DELETE", f"/api/v1/imports/{number}").status_code == 200
    assert "None yet" in words(at(ada, "sources"))


def test_a_viewer_takes_nothing_in(site: Site) -> None:
    viewer = visitor(site, Role.VIEWER)
    assert "Take a history in" not in words(at(viewer, "sources"))
    assert ask(viewer, "POST", "/api/v1/imports", {"format": "csv", "name": "a", "size": 1}).status_code == 403
