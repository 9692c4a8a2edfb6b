"""Keys, people, sessions, signing and the audit log on each kind of database, from two processes at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dsl.values import DAY, Duration
from engine import passwords
from engine.audit import Act, Action
from engine.environments import Environment
from engine.permissions import Role, Scope
from engine.replies import KeyKind
from engine.service import Service
from engine.vouching import Proof
from tests.engine.clock import Clock


@pytest.fixture
def pair(url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, Service]]:
    """Two processes on one database, as far as the database can tell."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=3, r=1, p=1))
    one = Service.open(url, clock=clock)
    one.ensure_project(public_key="wp_pub_" + "p" * 20)
    other = Service.open(url, clock=clock)
    yield one, other
    one.close()
    other.close()


def test_what_one_process_changes_the_other_one_sees(pair: tuple[Service, Service], clock: Clock) -> None:
    one, other = pair
    staging = one.tenancy.add("default", Environment.STAGING)
    made = one.tenancy.create_key(staging.id, KeyKind.SECRET, scopes=frozenset({Scope.RULES_READ}))
    access = other.authenticate(made.text)
    assert access is not None
    assert (access.project_id, access.scopes) == (staging.id, {Scope.RULES_READ})
    one.revoke_key(staging.id, made.view.id)
    clock.now += Duration(DAY)  # far more than the two seconds for which a key is believed
    assert other.authenticate(made.text) is None


def test_a_session_that_one_process_began_is_one_in_the_other_until_it_ends(pair: tuple[Service, Service]) -> None:
    one, other = pair
    one.staff.add(1, "ada@example.com", Role.ADMIN, password="correct horse battery")
    session = one.sign_in.log_in("ada@example.com", "correct horse battery", lasts=Duration(DAY))
    found = other.sign_in.session(session.cookie, idle=Duration(DAY))
    assert found is not None
    assert found.roles == {1: Role.ADMIN}
    other.sign_in.end(session.cookie)
    assert one.sign_in.session(session.cookie, idle=Duration(DAY)) is None


def test_one_of_two_who_follow_a_link_at_once_joins(pair: tuple[Service, Service]) -> None:
    made = pair[0].staff.invite(1, "ada@example.com", Role.VIEWER)
    outcomes: list[str] = []

    def follow(service: Service) -> None:
        try:
            service.staff.follow(made.token, password="correct horse battery")
        except Exception as error:
            outcomes.append(type(error).__name__)
        else:
            outcomes.append("joined")

    together(lambda: follow(pair[0]), lambda: follow(pair[1]))
    assert outcomes.count("joined") == 1
    assert len(pair[0].staff.members(1)) == 1


def test_acts_of_two_processes_at_once_are_one_unbroken_chain(pair: tuple[Service, Service]) -> None:
    act = Act(actor="test", action=Action.SETTINGS_CHANGE)

    def record(service: Service) -> None:
        for _ in range(15):
            service.auditing.record(1, act)

    together(lambda: record(pair[0]), lambda: record(pair[1]))
    verdict = pair[0].auditing.verify(1)
    assert (verdict.entries, verdict.broken_at) == (32, None)


def test_traffic_that_two_processes_count_is_added_up(pair: tuple[Service, Service]) -> None:
    for service in pair:
        service.vouching.note(1, Proof.SIGNED, 3)
        service.vouching.note(1, Proof.UNSIGNED)
        service.vouching.flush()
    share = pair[0].vouching.share(1)
    assert (share.signed, share.unsigned, share.share) == (6, 2, 0.75)


def together(*acts: object) -> None:
    threads = [threading.Thread(target=act) for act in acts]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
