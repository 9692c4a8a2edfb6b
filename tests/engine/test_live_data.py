"""Rules are checked against what was really received: names, types, and how many users have each attribute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from api.cli.main import cli
from engine.live_data import NoSuchProject, OtherSchema, live_data
from engine.replies import Published
from engine.service import Service
from engine.storage.store import Database
from tests.engine.clock import STARTED

ASKED = 'guide asked "A" {\n  when CONDITION\n  show modal {\n    title "T"\n  }\n  once every 1 day\n}\n'


def rules(condition: str, declared: str = "") -> dict[str, str]:
    return {"rules.way": declared + ASKED.replace("CONDITION", condition)}


def identify(number: int, traits: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": f"u{number}", "traits": traits, **more}


def users(service: Service, project: int, number: int, traits: Callable[[int], dict[str, Any]]) -> None:
    # A history has no page that waits for it: however busy the machine is, it is taken.
    taken = service.import_history(project, [identify(each, traits(each)) for each in range(number)], received=STARTED)
    assert taken.accepted == number


def codes(published: Any) -> list[str]:
    assert isinstance(published, Published), published.diagnostics
    return [each.code for each in published.warnings]


@pytest.mark.parametrize(
    ("condition", "declared", "is_warned_of"),
    [
        ('plan is "pro"', "", False),
        ('role is "owner"', "", True),
        ("role is set", "", False),
        ('role is "owner"', 'attribute role: text default "none"\n', False),
        ('nickname is "Ada"', "attribute nickname: text\n", True),
        ('blank is "x"', "", True),
        ('language is "de"', "", False),
        ('page.path is "/"', "", False),
        ('account.industry is "health"', "", False),
        ('account.region is "EU"', "", True),
    ],
)
def test_publishing_warns_of_an_attribute_that_few_users_have(
    service: Service, project: int, condition: str, declared: str, is_warned_of: bool
) -> None:
    users(service, project, 60, lambda n: {"plan": "pro", "blank": " "} | ({"role": "owner"} if n == 7 else {}))
    told = {"industry": "health"}
    service.receive(
        project, [{"type": "group", "userId": f"u{n}", "groupId": "g"} for n in range(50)], received=STARTED
    )
    service.receive(project, [{"type": "group", "userId": "u0", "groupId": "g", "traits": told}], received=STARTED)
    region = {"type": "group", "userId": "u59", "groupId": "h", "traits": {"region": "EU"}}
    service.receive(project, [region], received=STARTED)
    found = service.publish(project, rules(condition, declared))
    assert ("WP506" in codes(found)) is is_warned_of


def test_an_attribute_of_an_event_is_not_taken_for_the_users(service: Service, project: int) -> None:
    users(service, project, 30, lambda n: {"plan": "pro"} | ({"reason": "x"} if n == 0 else {}))
    service.receive(
        project, [{"type": "track", "userId": "u1", "event": "Failed", "properties": {"reason": "y"}}], received=STARTED
    )
    condition = 'did "Failed" where reason is "y"'
    assert "WP506" not in codes(service.publish(project, rules(condition)))


def test_of_a_few_users_nothing_is_said(service: Service, project: int) -> None:
    users(service, project, 19, lambda _: {"plan": "pro"})
    assert "WP506" not in codes(service.publish(project, rules('nick is "A"', "attribute nick: text\n")))


def test_visitors_who_never_said_who_they_are_do_not_count_beside_users(service: Service, project: int) -> None:
    users(service, project, 30, lambda _: {"plan": "pro"})
    visits: list[Any] = [{"type": "track", "anonymousId": f"a{n}", "event": "Came"} for n in range(400)]
    service.receive(project, visits, received=STARTED)
    assert "WP506" not in codes(service.publish(project, rules('plan is "pro"')))


def test_the_share_is_measured_over_the_whole_project(service: Service, project: int, url: str) -> None:
    users(service, project, 3_000, lambda n: {"late": n} if n >= 2_400 else {"early": n})
    seen = live_data(url, "default").seen
    assert seen.users <= 1_000
    assert seen.shares["late"] == pytest.approx(0.2, abs=0.02)
    assert seen.shares["early"] == pytest.approx(0.8, abs=0.02)


def test_checking_reads_names_shares_and_the_time_zone_of_a_database(
    service: Service, url: str, tmp_path: Path
) -> None:
    project = service.ensure_project("shop", zone="Europe/Berlin").id
    users(service, project, 30, lambda n: {"plan": "pro"} | ({"role": "owner"} if n == 7 else {}))
    live = live_data(url, "shop")
    assert (live.zone, live.seen.shares["plan"], live.seen.users) == ("Europe/Berlin", 1.0, 30)
    file = tmp_path / "a.way"
    file.write_text(rules('plan is "pro" and role is "owner"')["rules.way"])
    alone = CliRunner().invoke(cli, ["check", str(file), "--json"])
    assert orjson.loads(alone.output)["errors"] == 2
    found = CliRunner().invoke(cli, ["check", str(file), "--database", url, "--project", "shop", "--json"])
    assert found.exit_code == 0, found.output
    messages = [each["message"] for each in orjson.loads(found.output)["diagnostics"]]
    assert "only 3.3 % of the users have `role`; for all others this is unknown" in messages


def test_a_project_that_is_not_there_is_named_with_those_that_are(service: Service, project: int, url: str) -> None:
    with pytest.raises(NoSuchProject, match=r"no project `defualt`; there are: `default`; did you mean `default`"):
        live_data(url, "defualt")


def test_a_database_of_another_release_is_not_read(url: str) -> None:
    with Database(url).writing() as connection:
        connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
    with pytest.raises(OtherSchema, match="waypost db upgrade"):
        live_data(url, "default")


def test_checking_never_makes_a_database(tmp_path: Path) -> None:
    file = tmp_path / "a.way"
    file.write_text('event "A"\n')
    missing = tmp_path / "none" / "x.sqlite"
    found = CliRunner().invoke(cli, ["check", str(file), "--database", f"sqlite:///{missing}"])
    assert found.exit_code != 0
    assert not missing.parent.exists()


def test_a_project_needs_a_database(tmp_path: Path) -> None:
    file = tmp_path / "a.way"
    file.write_text('event "A"\n')
    found = CliRunner().invoke(cli, ["check", str(file), "--project", "shop"])
    assert found.exit_code == 2
    assert "--database URL" in found.output
