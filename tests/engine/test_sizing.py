"""What an event takes of the disk, against the table of `docs/operate.md` that people buy disks by."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from engine.service import Service
from engine.storage.lake import Lake
from tests.engine.clock import STARTED, Clock

PAGE = Path(__file__).parents[2] / "docs" / "operate.md"
EVENTS = 5_000


def told(kind: str) -> list[float]:
    """The figures of a row of the page."""
    row = re.search(rf"^\| {kind} \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert row is not None, kind
    return [float(figure) for figure in re.findall(r"(\d[\d.]*) (?:KB|bytes)", row[1])]


def message(number: int, draw: Random, *, rich: bool) -> dict[str, Any]:
    """A bare event, or one with what the browser's script sends of a page and a device."""
    event = {"type": "track", "event": f"Did {number % 30}", "userId": f"user-{number % 200}"}
    event["messageId"] = f"{draw.getrandbits(128):032x}"
    if not rich:
        return event
    path = f"/projects/{draw.randrange(400)}/board"
    page = {"path": path, "url": f"https://app.example.com{path}?tab=team", "title": "Board – Example", "search": ""}
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    context = {
        "page": page | {"referrer": "https://app.example.com/projects"},
        "userAgent": agent,
        "locale": "de-CH",
        "timezone": "Europe/Zurich",
        "screen": {"width": 1920, "height": 1080},
        "device": {"type": "desktop"},
        "sessionId": f"{number % 200:032x}",
        "library": {"name": "waypost", "version": "1.0.0"},
    }
    return event | {"context": context, "properties": {"amount": draw.randrange(900), "plan": "pro"}}


def on_disk(service: Service) -> int:
    """Bytes of all tables and indices."""
    with service.database.reading() as connection:
        if connection.dialect.name == "sqlite":
            return int(
                connection.execute(
                    sa.text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                ).scalar_one()
            )
        of_all = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
        return int(connection.execute(sa.text(of_all)).scalar_one())


@pytest.mark.parametrize("rich", [False, True], ids=["bare", "with the context of a page"])
def test_an_event_takes_what_the_page_says(
    service: Service, project: int, clock: Clock, tmp_path: Path, *, rich: bool
) -> None:
    draw, before = Random(1), on_disk(service)  # noqa: S311  (events, no secret)
    for start in range(0, EVENTS, 100):
        batch = [message(number, draw, rich=rich) for number in range(start, start + 100)]
        service.receive(project, batch, received=STARTED)
    taken = (on_disk(service) - before) / EVENTS / 1_000
    with service.database.reading() as connection:
        lake = Lake.of_project(tmp_path / "lake", project)
        lake.sync(connection, project)
    files = sum(path.stat().st_size for path in lake.folder.rglob("*.parquet")) / EVENTS
    database = "SQLite" if service.database.is_sqlite else "PostgreSQL"
    of_the_database, of_files = (told(kind)[rich] for kind in (database, "files for analyses"))
    assert taken == pytest.approx(of_the_database, rel=0.25)
    assert files == pytest.approx(of_files, rel=0.25)
