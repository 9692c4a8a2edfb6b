"""Accounts that are busy but stuck: found among others, with their people, notes and owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.values import DAY, HOUR
from engine.account_health import BadCare, HealthAsked, NoOutcome, UnknownAccount, give_care, health
from engine.analyst import Analyst
from engine.analytics.health import AccountHealth, Health, Standing, percentiles
from engine.replies import Published
from engine.service import Service
from tests.engine.clock import Clock
from tests.engine.serving import track

RULES = """
event "Tried"
journey j "J" { stage s "S" { step one "One" reached by "Begun" step two "Two" reached by "Done" } outcome "Done" }
"""
DID = {
    # account: how often its person tried, how often it worked out
    "stuck": (20, 0),
    "fine": (18, 9),
    "calm": (3, 6),
    "gone": (0, 0),
    "slow": (4, 1),
    "plain": (9, 3),
}


class Club:
    """Six accounts of one person each, but for one of two."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.service = Service.open(f"sqlite:///{folder / 'w.db'}", clock=self.clock, lakes=folder / "lake")
        self.project = self.service.ensure_project().id
        self.analyst = Analyst(self.service.database, folder / "lake")
        assert isinstance(self.service.publish(self.project, {"r.way": RULES}), Published)
        for account, (tried, done) in DID.items():
            self.take({"type": "group", "userId": f"{account}-1", "groupId": account, "traits": {"name": account}})
            for number in range(tried):
                self.take(track("Tried", user=f"{account}-1", at=self.clock.now, ago=(number + 1) * HOUR))
            for number in range(done):
                self.take(track("Done", user=f"{account}-1", at=self.clock.now, ago=(number + 1) * HOUR))
        self.take({"type": "group", "userId": "stuck-2", "groupId": "stuck"})
        self.take(track("Tried", user="stuck-2", at=self.clock.now, ago=40 * DAY))
        self.take(track("Tried", user="alone", at=self.clock.now))

    def take(self, message: Any) -> None:
        self.service.receive(self.project, [message], received=self.clock.now)

    def health(self, **asked: Any) -> Health:
        return health(self.analyst, self.project, HealthAsked(**asked), self.service.rules_now(self.project))

    def care(self, account: str, *, owner: str | None = None, note: str | None = None) -> None:
        give_care(self.analyst, self.project, account, owner=owner, note=note, at=self.clock.now, by="ada")


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    club = Club(tmp_path_factory.mktemp("club"))
    yield club
    club.service.close()


def named(found: Health) -> dict[str, AccountHealth]:
    return {each.account: each for each in found.accounts}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4, 5], [10, 30, 50, 70, 90]),
        ([0, 0, 0, 0, 9], [40, 40, 40, 40, 90]),
        ([7] * 6, [50] * 6),
        ([1, 2, 3, 4], [None] * 4),
    ],
)
def test_equal_accounts_have_equal_percentiles(values: list[int], expected: list[float | None]) -> None:
    assert percentiles(values) == expected


def test_who_does_much_and_gets_little_comes_first(club: Club) -> None:
    found = club.health()
    assert found.accounts[0].account == "stuck"
    assert {each.account: each.standing for each in found.accounts} == {
        "stuck": Standing.STUCK,
        "fine": Standing.HEALTHY,
        "calm": Standing.BETWEEN,
        "gone": Standing.QUIET,
        "slow": Standing.BETWEEN,
        "plain": Standing.BETWEEN,
    }
    assert found.outcome == "“Done”"


def test_an_account_is_counted_with_its_people(club: Club) -> None:
    stuck = named(club.health())["stuck"]
    assert (stuck.people, stuck.activity, stuck.outcomes) == (2, 20, 0)
    assert [(person.user, person.activity) for person in stuck.named] == [("stuck-1", 20)]
    assert [(person.user, person.activity) for person in named(club.health(days=60))["stuck"].named] == [
        ("stuck-1", 20),
        ("stuck-2", 1),
    ]


def test_only_those_to_act_on(club: Club) -> None:
    assert list(named(club.health(standing=Standing.STUCK))) == ["stuck"]


def test_another_outcome_gives_another_list(club: Club) -> None:
    assert named(club.health(outcome="Tried"))["stuck"].standing is Standing.HEALTHY


def test_owners_and_notes_are_kept(club: Club) -> None:
    club.care("fine", owner="Bo")
    club.care("fine", owner=" Ada ", note="Called on Monday. ")
    club.clock.pass_(DAY)  # type: ignore[arg-type]
    club.care("fine", note="Called again.")
    fine = named(club.health())["fine"]
    assert (fine.owner, [(note.text, note.by) for note in fine.notes]) == (
        "Ada",
        [("Called again.", "ada"), ("Called on Monday.", "ada")],
    )
    assert list(named(club.health(owner="Ada"))) == ["fine"]
    club.care("fine", owner="")
    assert list(named(club.health(owner="Ada"))) == []


def test_what_cannot_be_kept_or_asked_is_refused(club: Club) -> None:
    with pytest.raises(UnknownAccount, match="`acmee`"):
        club.care("acmee", owner="Ada")
    with pytest.raises(BadCare, match="write a `note`"):
        club.care("fine", note="  ")
    with pytest.raises(BadCare, match="at most 5,000 characters"):
        club.care("fine", note="x" * 5_001)
    assert isinstance(club.service.publish(club.project, {"r.way": 'event "Tried"\n'}), Published)
    with pytest.raises(NoOutcome):
        club.health()
