"""Answers that take long: an earlier one is given at once and says so, the new one comes beside the requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from api import recomputing
from api.cli.answers import _stands
from api.cli.main import cli
from api.recomputing import Recomputing, State
from engine import kept_answers
from engine.kept_answers import Served
from tests.api.asking import PUBLIC_KEY, Site

FUNNEL = "/api/v1/funnel?step=Signed Up&step=Paid"
NO_CACHE = {"Cache_Control": "no-cache"}


def sent(site: Site, user: str, *events: str) -> None:
    batch = [
        {"type": "track", "userId": user, "event": name, "timestamp": f"2026-01-01T00:0{minute}:00Z"}
        for minute, name in enumerate(events)
    ]
    assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202


@pytest.fixture
def busy(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two people, and every answer takes long."""
    monkeypatch.setattr(kept_answers, "SLOW", 0.0)
    sent(site, "ada", "Signed Up", "Paid")
    sent(site, "bob", "Signed Up")
    return site


def counts(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [step["count"] for step in answer.json["steps"]]


def states(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get("/api/v1/answers").json["data"]
    return found


def worker(site: Site) -> Recomputing:
    found = site.app.extensions["waypost-recomputing"]
    assert isinstance(found, Recomputing)
    return found


def done(site: Site) -> None:
    """Wait until nothing is left to do; the thread ends then."""
    thread = worker(site)._thread  # (there is no other way to wait for it)
    if thread is not None:
        thread.join(30)
        assert not thread.is_alive()


def test_an_earlier_answer_is_given_at_once_and_says_so(busy: Site) -> None:
    first = busy.get(FUNNEL)
    assert (counts(first), first.headers["Waypost-Answer"]) == ([2, 1], "current")
    sent(busy, "cy", "Signed Up", "Paid")
    stale = busy.get(FUNNEL)
    assert (counts(stale), stale.headers["Waypost-Answer"]) == ([2, 1], "stale; being recomputed")
    assert stale.headers["Waypost-Data-Version"] == first.headers["Waypost-Data-Version"]
    assert int(stale.headers["Age"]) >= 0
    done(busy)
    new = busy.get(FUNNEL)
    assert (counts(new), new.headers["Waypost-Answer"]) == ([3, 2], "current")
    assert int(new.headers["Waypost-Data-Version"]) > int(first.headers["Waypost-Data-Version"])


def test_a_file_and_a_document_are_one_answer(busy: Site) -> None:
    busy.get(FUNNEL)
    sheet = busy.get(f"{FUNNEL}&format=csv")
    assert sheet.headers["Waypost-Answer"] == "current"
    assert [each["question"] for each in states(busy)] == ["/api/v1/funnel?step=Signed+Up&step=Paid"]


def test_whoever_wants_the_new_one_waits_for_it(busy: Site) -> None:
    busy.get(FUNNEL)
    sent(busy, "cy", "Signed Up")
    new = busy.get(FUNNEL, **NO_CACHE)
    assert (counts(new), new.headers["Waypost-Answer"]) == ([3, 1], "current")


def test_what_is_quick_is_always_new(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "SLOW", 3_600.0)
    sent(site, "ada", "Signed Up")
    site.get(FUNNEL)
    sent(site, "bob", "Signed Up")
    answer = site.get(FUNNEL)
    assert (counts(answer), answer.headers["Waypost-Answer"]) == ([2, 0], "current")
    assert states(site) == []


def test_lists_of_people_are_new_and_stand_in_no_list(busy: Site) -> None:
    asked = FUNNEL.replace("/funnel", "/funnel/users") + "&at=1"
    assert busy.get(asked).json["data"] == ["ada", "bob"]
    sent(busy, "cy", "Signed Up")
    assert busy.get(asked).json["data"] == ["ada", "bob", "cy"]
    assert states(busy) == []


def test_after_an_erasure_no_earlier_answer_is_given(busy: Site) -> None:
    busy.get(FUNNEL)
    busy.service.privacy.erase(busy.service.projects()[0].id, "ada", by="test")
    # Every process forgets a moment later.
    for _ in range(600):
        if not states(busy):
            break
        time.sleep(0.05)
    answer = busy.get(FUNNEL)
    assert (counts(answer), answer.headers["Waypost-Answer"]) == ([1, 0], "current")


def test_the_progress_of_a_new_answer_is_seen(busy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    busy.get(FUNNEL)
    view = busy.app.view_functions["funnels.funnel"]

    def watched(**asked: Any) -> Any:
        seen.extend(states(busy))
        return view(**asked)

    watched.__dict__.update(view.__dict__)
    monkeypatch.setitem(busy.app.view_functions, "funnels.funnel", watched)
    sent(busy, "cy", "Signed Up")
    worker(busy)._questions[next(iter(worker(busy)._questions))].state = State.WAITING
    worker(busy)._begin()
    done(busy)
    (one,) = seen
    assert (one["state"], one["asked"]) == ("being recomputed", 1)
    assert 0 <= one["progress"] < 1
    assert one["running"] >= 0
    assert [each["state"] for each in states(busy)] == ["current"]


def test_what_cannot_be_computed_again_is_dropped_and_told_to_whoever_asks(
    busy: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.get(FUNNEL)

    def broken(**_: Any) -> Any:
        raise ValueError("no more")

    broken.__dict__.update(busy.app.view_functions["funnels.funnel"].__dict__)
    sent(busy, "cy", "Signed Up")
    with monkeypatch.context() as patched:
        patched.setitem(busy.app.view_functions, "funnels.funnel", broken)
        worker(busy)._questions[next(iter(worker(busy)._questions))].state = State.WAITING
        worker(busy)._begin()
        done(busy)
    assert states(busy) == []
    assert counts(busy.get(FUNNEL, **NO_CACHE)) == [3, 1]


@pytest.fixture
def watch(busy: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """A timer of the one that computes again, which moves ten minutes with every look."""
    monkeypatch.setattr(recomputing, "LOOK_EVERY", 0.01)
    minutes = [0.0]

    def timer() -> float:
        minutes[0] += 600
        return minutes[0]

    return timer


def test_what_is_asked_often_is_computed_again_when_the_data_have_changed(
    busy: Site, watch: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.get(FUNNEL)
    mine = worker(busy)
    monkeypatch.setattr(mine, "_timer", watch)
    monkeypatch.setattr(mine, "_keeps_warm", True)
    for _ in range(recomputing.OFTEN - 1):
        busy.get(FUNNEL)
    sent(busy, "cy", "Signed Up", "Paid")
    busy.app.extensions["waypost-analyst"].sync(busy.service.projects()[0].id)
    # The timer moves on with every look, so that a day is over after some, and the thread ends.
    done(busy)
    assert [(each["version"], each["state"]) for each in states(busy)] == [(states(busy)[0]["data_version"], "current")]
    asked = busy.get(FUNNEL)
    assert (counts(asked), asked.headers["Waypost-Answer"]) == ([3, 2], "current")


def test_nothing_is_begun_after_the_application_has_ended(busy: Site) -> None:
    busy.get(FUNNEL)
    worker(busy).stop(timeout=10)
    sent(busy, "cy", "Signed Up")
    assert counts(busy.get(FUNNEL)) == [2, 1]
    assert worker(busy)._thread is None


def test_only_the_questions_of_one_s_own_project_are_seen(busy: Site) -> None:
    busy.get(FUNNEL)
    assert worker(busy).states(busy.service.projects()[0].id + 1) == ()


TOLD = {
    "question": "/api/v1/journeys/way/funnel",
    "state": "being recomputed",
    "asked": 3,
    "version": 3,
    "data_version": 4,
    "computed": "2026-03-01T00:00:00Z",
    "took": 12.04,
    "running": 6.0,
    "progress": 0.5,
}
"""As a server tells it."""


def test_the_command_gives_the_answers_as_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("api.cli.remote.Remote.get", lambda *_: {"data": [TOLD]})
    file = tmp_path / "answers.parquet"
    asked = ["answers", "--url", "http://127.0.0.1:9", "--key", "wp_sec_none"]
    printed = CliRunner().invoke(cli, [*asked, "--csv", "--parquet", str(file)])
    assert pq.read_table(file).to_pylist() == [TOLD]
    assert printed.stdout.splitlines()[0].split(",") == list(TOLD)
    assert json.loads(CliRunner().invoke(cli, [*asked, "--json"]).stdout) == {"data": [TOLD]}


def test_the_command_says_how_far_the_new_answer_is() -> None:
    assert _stands(TOLD) == (
        "being recomputed, took 12.0 s, asked 3 times, of 2026-03-01T00:00:00Z; the new one: 50% after 6.0 s; "
        "1 version of the data behind"
    )
    ran = CliRunner().invoke(cli, ["answers", "--url", "http://127.0.0.1:9", "--key", "wp_sec_none"])
    assert "does not answer" in str(ran.exception)


def test_an_answer_that_took_no_time_is_not_remembered(site: Site) -> None:
    site.get("/api/v1/answers")
    sent(site, "ada", "Signed Up")
    site.get(FUNNEL)
    worker(site).note("/x", None, [Served(1, 1, False, 0.1, 0.0)])  # type: ignore[arg-type]
    assert "/x" not in [each["question"] for each in states(site)]
