"""The demo's next week: new customers live with the rules in force, and what the rules change can be told."""

from __future__ import annotations

from pathlib import Path

from api.demo import material
from api.demo.seed import demo_settings
from api.demo.week import LASTS, DemoClock, NextWeek
from api.start import open_service
from dsl.values import DAY, Instant, read_instant
from engine.replies import Published

NOW = read_instant("2026-11-22T12:00:00Z") or Instant(0)


def test_a_week_of_new_customers_is_guided_by_the_rules_in_force_and_some_are_held_out(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "demo-clock", lambda: NOW)
    service = open_service(demo_settings(host=None, port=8000, data=str(tmp_path)), clock=clock)
    try:
        project = service.ensure_project().id
        files = dict(service.publications.files(project) or {})
        published = service.publish(project, {**files, material.STORY_FILE: material.story_rule()})
        assert isinstance(published, Published)
        week = NextWeek(service, clock, customers=120)
        assert week.start()
        week.wait()
        assert (week.progress.done, week.progress.weeks, week.progress.failed) == (120, 1, False)
        assert clock() == NOW + LASTS * DAY

        events = [each.event for each in service.recent_events(project, after=0, limit=10_000).items]
        assert all(NOW <= each.time <= clock() for each in events)
        guides = {name: {each.properties.get("guide") for each in events if each.name == name} for name in EVENTS}
        assert guides["$shown"] >= {"ask_colleague", "verify_help"}
        assert guides["$held_out"] == {"ask_colleague"}
    finally:
        service.close()


EVENTS = ("$shown", "$held_out")


def test_the_clock_is_ahead_after_a_restart_too(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "demo-clock", lambda: NOW)
    clock.go_on(DAY)
    assert DemoClock(tmp_path / "demo-clock", lambda: NOW)() == NOW + DAY
