"""Recordings over HTTP: taken from pages, listed, watched and deleted by whoever may, noted on, gone in time."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from werkzeug.test import TestResponse

from api.background import runner_for
from api.cli.main import cli
from api.config import read_settings
from api.limits import BODY_LIMIT
from api.start import open_service
from dsl.values import DAY, SECOND, Duration, Instant
from engine.jobs.registry import JOBS, Errand
from engine.permissions import Scope
from engine.replay.desk import ReplayDesk
from engine.replies import KeyKind, Published
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.api.conftest import START, settings_in
from tests.api.test_replay_settings import change
from tests.recordings import OTHER, RECORDING, element, moment, packed, part, recorded, words

REPLAYS = "/api/v1/replays"
RULES = """event "Signed Up"
event "Domain Verified"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify_domain "Verify it" reached by "Domain Verified" touchpoint "/dns"
  }
}
"""
SIGNED_UP = {"type": "track", "event": "Signed Up", "userId": "ada", "anonymousId": "visitor"}


def send(site: Site, said: object, *, key: str | None = PUBLIC_KEY, **headers: str) -> TestResponse:
    body = said if isinstance(said, bytes) else packed(said)
    head = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        head["Authorization"] = f"Bearer {key}"
    return site.client.post("/v1/replays", data=body, content_type="application/gzip", headers=head)


@pytest.fixture
def recording(site: Site) -> Site:
    """A site that records, where Ada has signed up."""
    published = site.service.publish(site.service.projects()[0].id, {"a.way": RULES})
    assert isinstance(published, Published)
    change(site, {"mode": "moments", "days": 30, "megabytes_a_day": 500})
    assert site.post("/v1/batch", {"batch": [SIGNED_UP]}).status_code == 202
    site.clock.move(Duration(60 * SECOND))
    return site


def test_a_page_sends_a_recording_and_it_can_be_watched(recording: Site) -> None:
    site, at = recording, Instant(START + 5 * SECOND)
    answer = send(site, part(START, moments=[moment("$rage_click", at)]), Origin=ORIGIN)
    assert (answer.status_code, answer.json) == (200, {"next": 1})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    later = Instant(START + 10 * SECOND)
    keyed = part(later, number=1, last=True, writeKey=PUBLIC_KEY)
    assert send(site, keyed, key=None, Origin=ORIGIN).json == {"next": 2}, "the key may stand in the body"
    found = site.get(REPLAYS).json
    assert found is not None
    (listed,) = found["data"]
    assert (listed["id"], listed["user"], listed["seconds"], listed["whole"], listed["over"]) == (
        RECORDING,
        "ada",
        20.0,
        True,
        True,
    )
    assert (listed["events"], listed["steps"]) == (["$rage_click"], ["activation.verify_domain"])
    whole = site.get(f"{REPLAYS}/{RECORDING}").json
    assert whole is not None
    assert [each["name"] for each in whole["meanwhile"]] == ["Signed Up"]
    events = orjson.loads(site.get(f"{REPLAYS}/{RECORDING}/events").get_data())["events"]
    assert events[:12] == recorded(START)
    assert len(events) == 24
    noted = site.get("/api/v1/audit").json
    assert noted is not None
    assert f"replay {RECORDING}" in [each["target"] for each in noted["data"] if each["action"] == "replay.watch"]


REFUSED: dict[str, tuple[Any, dict[str, Any], int, str]] = {
    "no key": (part(START), {"key": None}, 401, "missing_key"),
    "another key": (part(START), {"key": "wp_pub_nobodynobodynobody12"}, 401, "unknown_key"),
    "a secret key in a page": (part(START), {"key": SECRET_KEY, "Origin": ORIGIN}, 403, "key_not_allowed"),
    "a page that is not listed": (part(START), {"Origin": "https://evil.example"}, 403, "origin_not_allowed"),
    "no gzip": (orjson.dumps(part(START)), {}, 400, "bad_replay"),
    "no recording": ({"recording": "x"}, {}, 400, "bad_replay"),
    "nobody known": (part(START, userId="eve", anonymousId=None), {}, 429, "replay_too_early"),
    "long ago": (part(Instant(START - 40 * DAY)), {}, 410, "replay_gone"),
    "too large": (b"\x1f\x8b" + b"x" * 1024 * 1024, {}, 413, "too_large"),
}


@pytest.mark.parametrize(("said", "how", "status", "code"), REFUSED.values(), ids=list(REFUSED))
@pytest.mark.thorough
def test_what_is_not_taken_says_why(recording: Site, said: Any, how: dict[str, Any], status: int, code: str) -> None:
    answer = send(recording, said, **how)
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (status, code)
    assert (status == 429) is ("Retry-After" in answer.headers)
    assert recording.get(REPLAYS).json == {"data": [], "next": None}


@pytest.mark.thorough
def test_larger_bodies_are_taken_here_and_nowhere_else(recording: Site) -> None:
    body = [element(7, "p", [words(number + 100, f"{number * 7919:x}" * 3)]) for number in range(1)]
    noise = [words(number + 1_000, f"{hash((number, 'x')) & 0xFFFFFFFFFFF:x} {number}") for number in range(60_000)]
    said = packed(part(START, events=recorded(START, body=[*body, element(20, "div", noise)])))
    assert BODY_LIMIT < len(said) < 1024 * 1024
    assert send(recording, said).status_code == 200
    assert problem(recording.post("/v1/batch", b"x" * (BODY_LIMIT + 1)))["code"] == "too_large"


def test_a_switch_that_is_turned_off_ends_it(recording: Site) -> None:
    assert send(recording, part(START)).status_code == 200
    change(recording, {"mode": "off", "days": 30, "megabytes_a_day": 500})
    refused = send(recording, part(Instant(START + 10 * SECOND), number=1))
    assert (refused.status_code, problem(refused)["code"]) == (403, "replay_off")


@pytest.mark.thorough
def test_where_users_are_signed_an_unsigned_one_is_refused(recording: Site) -> None:
    project = recording.service.projects()[0].id
    recording.service.tenancy.change(project, signed_users=True)
    assert problem(send(recording, part(START)))["code"] == "unsigned_user"
    assert send(recording, part(START), key=SECRET_KEY).status_code == 200, "a server needs no proof"
    assert send(recording, part(START, userId=None, recording=OTHER)).status_code == 200, "nor does a visitor"


def test_the_list_is_filtered_paged_and_to_be_had_as_a_file(recording: Site) -> None:
    at = Instant(START + 5 * SECOND)
    send(recording, part(START, moments=[moment("$rage_click", at)]))
    send(recording, part(START, recording=OTHER, page="/home", moments=[moment("$dead_click", at)]))
    asked = {
        "": [OTHER, RECORDING],
        "?step=activation.verify_domain": [OTHER, RECORDING],
        "?step=activation": [OTHER, RECORDING],
        "?event=%24rage_click": [RECORDING],
        "?user=ada": [OTHER, RECORDING],
        "?user=visitor&event=%24dead_click": [OTHER],
        "?user=eve": [],
        "?since=2026-11-02T09:01:00Z": [],
        "?until=2026-11-02T09:01:00Z": [OTHER, RECORDING],
    }
    for query, expected in asked.items():
        found = recording.get(REPLAYS + query).json
        assert found is not None
        assert [each["id"] for each in found["data"]] == expected, query
    first = recording.get(f"{REPLAYS}?limit=1").json
    assert first is not None
    rest = recording.get(f"{REPLAYS}?limit=1&before={first['next']}").json
    assert rest is not None
    assert ([each["id"] for each in first["data"] + rest["data"]], rest["next"]) == ([OTHER, RECORDING], None)
    sheet = recording.get(f"{REPLAYS}?format=csv&limit=1").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [(row["id"], row["user"], row["events"]) for row in rows] == [
        (OTHER, "ada", "$dead_click"),
        (RECORDING, "ada", "$rage_click"),
    ]
    assert problem(recording.get(f"{REPLAYS}?persona=nobody"))["code"] == "unknown_persona"
    for query in (f"before={10**30}", "event=%00", "step=%00", "user=%00"):
        refused = recording.get(f"{REPLAYS}?{query}")
        assert (refused.status_code, problem(refused)["code"]) == (422, "invalid_fields"), query
    assert recording.get(f"{REPLAYS}/%00").status_code == 404


def test_watching_takes_a_scope_of_its_own_and_deleting_another(recording: Site) -> None:
    send(recording, part(START))
    project = recording.service.projects()[0].id

    def key(*scopes: Scope) -> str:
        return recording.service.tenancy.create_key(project, KeyKind.SECRET, scopes=frozenset(scopes)).text

    people, watcher = key(Scope.PEOPLE_READ), key(Scope.REPLAYS_READ)
    for address in (REPLAYS, f"{REPLAYS}/{RECORDING}", f"{REPLAYS}/{RECORDING}/events"):
        assert problem(recording.get(address, key=people))["code"] == "missing_scope"
        assert recording.get(address, key=watcher).status_code == 200
    own = {"Authorization": f"Bearer {watcher}"}
    assert problem(recording.client.delete(f"{REPLAYS}/{RECORDING}", headers=own))["code"] == "missing_scope"
    all_of_it = {"Authorization": f"Bearer {SECRET_KEY}"}
    assert recording.client.delete(f"{REPLAYS}/{RECORDING}", headers=all_of_it).json == {"deleted": RECORDING}
    assert problem(recording.get(f"{REPLAYS}/{RECORDING}/events"))["code"] == "no_such_replay"
    assert problem(send(recording, part(START)))["code"] == "replay_gone"


def note(site: Site, **said: Any) -> dict[str, Any]:
    """What became of a note."""
    draft = {"source": "replay", "recording": RECORDING, "at_second": 4.5, "text": "Looks for the button.", **said}
    answer = site.post("/api/v1/evidence", {"evidence": [draft]}, key=SECRET_KEY).json
    assert answer is not None
    receipt: dict[str, Any] = answer["data"][0]
    return receipt


def test_a_note_on_a_recording_is_evidence_of_its_user_with_feeling_and_step(recording: Site) -> None:
    send(recording, part(START))
    made = note(recording, feelings=["confused"], step="activation.verify_domain")
    assert made["fate"] == "kept"
    assert note(recording, feelings=["confused"], step="activation.verify_domain")["fate"] == "known", "once"
    assert note(recording, text="Terrible, I hate it.", at_second=6)["fate"] == "kept"
    found = recording.get(f"{REPLAYS}/{RECORDING}").json
    assert found is not None
    assert [
        (each["at_second"], each["user"], each["feeling"], each["valence"] is None, each["step"], each["time"])
        for each in found["notes"]
    ] == [
        (4.5, "ada", "confused", False, "activation.verify_domain", "2026-11-02T09:00:04.500000Z"),
        (6.0, "ada", None, True, None, "2026-11-02T09:00:06Z"),
    ], "the words are the watcher's: no feeling is read from them"
    record = recording.service.step_record(recording.service.projects()[0].id, "activation", "verify_domain")
    assert [(each.source, each.n) for each in record.evidence] == [("replay", 1)]
    listed = recording.get(f"/api/v1/evidence?recording={RECORDING}").json
    assert listed is not None
    assert len(listed["data"]) == 2
    assert recording.service.privacy.erase(recording.service.projects()[0].id, "ada") is not None
    gone = recording.get("/api/v1/evidence").json
    assert gone is not None
    assert gone["data"] == [], "it goes with its user"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"recording": OTHER}, "no_such_replay"),
        ({"recording": None}, "bad_evidence"),
        ({"at_second": None}, "bad_evidence"),
        ({"at_second": -1}, "bad_evidence"),
        ({"at_second": 600}, "bad_evidence"),
        ({"text": ""}, "bad_evidence"),
        ({"source": "interview"}, "bad_evidence"),
        ({"recording": "mine"}, "invalid_fields"),
    ],
    ids=["another", "none", "no second", "before it", "after it", "nothing said", "another source", "no id"],
)
@pytest.mark.thorough
def test_a_note_that_points_nowhere_is_refused(recording: Site, said: dict[str, Any], code: str) -> None:
    send(recording, part(START))
    made = note(recording, **said)
    assert (made["fate"], made["code"]) == ("refused", code)


def test_the_background_work_removes_what_is_over_its_time(recording: Site) -> None:
    send(recording, part(START))
    change(recording, {"mode": "off", "days": 2, "megabytes_a_day": 500})

    def work() -> str | None:
        service, clock = recording.service, recording.clock
        settings = read_settings({})
        runner = runner_for(service, settings, clock)
        errand = Errand(service, runner._analyst, clock(), lambda: True, clock, runner._courier)
        return next(job for job in JOBS if job.name == "replays").run(errand)

    assert work() is None
    recording.clock.move(Duration(3 * DAY))
    assert work() == "1 recordings removed", "also where nothing is recorded any more"
    assert recording.get(REPLAYS).json == {"data": [], "next": None}


@pytest.mark.thorough
def test_the_command_line_lists_exports_and_deletes(recording: Site, tmp_path: Path) -> None:
    send(recording, part(START, moments=[moment("$rage_click", Instant(START + 5 * SECOND))]))

    def waypost(*words: str) -> Result:
        return CliRunner().invoke(cli, ["replays", *words, "--data", str(tmp_path)])

    listed = waypost("list", "--step", "activation.verify_domain")
    line = f"{RECORDING}  2026-11-02 09:00  0:10  ada: $rage_click at activation.verify_domain\n"
    assert listed.output == line
    assert waypost("list", "--user", "eve").output == "no recordings\n"
    assert waypost("list", "--from", "soon").exit_code == 2
    shown = orjson.loads(waypost("list", "--json").stdout)
    assert ([each["id"] for each in shown["data"]], shown["next"]) == ([RECORDING], None)
    out = tmp_path / "recording.json"
    assert waypost("export", RECORDING, "--out", str(out)).exit_code == 0
    written = orjson.loads(out.read_bytes())
    assert (written["id"], written["recorded"]) == (RECORDING, recorded(START))
    erased = CliRunner().invoke(cli, ["person", "erase", "ada", "--yes", "--data", str(tmp_path)])
    assert str(out) in erased.output, "whoever erases is told of the file"
    assert waypost("export", RECORDING).exit_code == 1
    assert waypost("delete", RECORDING).exit_code == 1
    assert waypost("settings").output == "moments: kept for 30 days, up to 500 MB a day\n"
    assert waypost("settings", "--mode", "off", "--days", "0").exit_code == 1
    assert waypost("settings", "--mode", "off", "--days", "7").output == "off: kept for 7 days, up to 500 MB a day\n"


@pytest.mark.thorough
def test_a_backup_holds_recordings_and_gives_them_back(recording: Site, tmp_path: Path) -> None:
    send(recording, part(START))
    made, back = tmp_path / "backup.tar", tmp_path / "back"
    done = CliRunner().invoke(cli, ["backup", str(made), "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(cli, ["restore", str(made), "--data", str(back)])
    assert done.exit_code == 0, done.output
    service = open_service(settings_in(back), clock=recording.clock)
    try:
        found = ReplayDesk(service.database).watch(1, RECORDING, by="member 1", now=recording.clock.now)
        assert orjson.loads(b"".join(found)) == recorded(START)
    finally:
        service.close()
