"""The commands of the how-to pages run, one after another, on a project with people, rules and a past."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.app import create_app
from api.cli.main import cli
from api.config import read_settings
from api.demo import material
from api.serving import system_clock
from api.start import open_service
from dsl.values import JsonValue
from engine.permissions import Role
from engine.replies import KeyKind
from engine.service import Service
from examples.demo.history import simulate
from tests.serving import serving

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
HOW_TOS = ROOT / "docs" / "how-to"
PAGES = sorted(path.name for path in HOW_TOS.glob("*.md") if "\nwaypost " in re.sub(r"\n +", "\n", path.read_text()))
PEOPLE = 400
COMMAND = re.compile(r"^ *(waypost [a-z].*)$", re.MULTILINE)
ELSEWHERE = ("postgresql://", "--project shop", "waypost serve", "waypost worker", "waypost lsp", "…")
"""What a line names that is not here: another database, another project, a server that does not end."""


def commands(page: str) -> list[tuple[str, int]]:
    """The command lines of a page, those that stand by themselves, each with the exit code that its remark tells of."""
    text = re.sub(r"\\\n *", "", (HOW_TOS / page).read_text(encoding="utf-8"))
    lines = [(line, *line.split(" # ", 1)) for line in COMMAND.findall(text)]
    return [
        (words.strip(), 1 if remark and "exit code 1" in remark[0] else 0)
        for line, words, *remark in lines
        if not any(part in line for part in ELSEWHERE)
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a newcomer could follow every page: data, rules, exports of other tools, tables."""
    folder = tmp_path_factory.mktemp("newcomer")
    service = open_service(settings_of(folder), clock=system_clock)
    try:
        _give_it_a_past(service)
    finally:
        service.close()
    for name in ("rules", "new-rules"):
        shutil.copytree(material.rules(), folder / name)
    (folder / "rules" / "tests").mkdir()
    (folder / "rules" / "tests" / "help.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    shutil.copytree(ROOT / "examples", folder / "examples")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, sample in EXPORTS.items():
        _pack(folder / name, (ROOT / "examples" / "imports" / sample).read_bytes())
    data = ["--data", str(folder / "data")]
    _do("export", "ndjson", "--everyone", *data, "--output", str(folder / "history.ndjson"))
    _do(
        "import",
        "evidence",
        str(folder / "tickets.csv"),
        *data,
        *["--source", "support_ticket", "--map", "Subject=text"],
    )
    return folder


def _pack(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("export.json", content)
    else:
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def _do(*words: str) -> None:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output


@contextmanager
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server of the data in a folder, which the commands find by its address and with a key."""
    service = open_service(settings_of(folder), clock=system_clock)
    key = service.create_key(service.ensure_project().id, KeyKind.SECRET, name="newcomer").text
    with serving(create_app(settings_of(folder), service=service)) as address:
        monkeypatch.setenv("WAYPOST_URL", address)
        monkeypatch.setenv("WAYPOST_SECRET_KEY", key)
        yield
    service.close()


def settings_of(folder: Path) -> Any:
    return read_settings({}, data_dir=str(folder / "data"), rules=str(material.rules()), worker="off")


def _give_it_a_past(service: Service) -> None:
    """The customers of the demo, who are nobody's simulation here."""
    now = system_clock()
    messages = simulate(until=now, users=PEOPLE)
    for message in messages:
        context = message["context"]
        assert isinstance(context, dict)
        del context["simulated"]
    ada: dict[str, JsonValue] = {"type": "identify", "userId": "ada@example.com", "traits": {"plan": "trial"}}
    receipt = service.import_history(service.ensure_project().id, [*messages, ada], received=now)
    assert receipt.rejected == ()
    service.staff.add(1, "grace@example.com", Role.VIEWER, password="correct horse battery")


SCENARIO = """
rules: ..
scenarios:
  - name: One failed check is no trouble yet
    given:
      traits: { plan: trial }
    when: { event: DNS Check Failed }
    expect: not shown verify_help
"""
OF_TICKETS = ("--source", "support_ticket", "--map", "Subject=text")
TICKETS = [f"{number},Who may change the DNS records?,2026-10-{number + 1:02} 09:00" for number in range(1, 13)]
FILES = {
    "events.csv": """who,event,timestamp,plan
ada,Signed Up,2026-10-01 09:00,trial
ada,Domain Added,2026-10-01 09:05,
""",
    "tickets.csv": "\n".join(["id,Subject,time", *TICKETS]),
    "tagging.json": json.dumps([{"step": "activation.verify_domain", "words": ["dns", "txt record"]}]),
    "plan.csv": """title,step,effort,evidence
One record instead of two,activation.verify_domain,3-5,ticket 1
Dark mode,,2,
""",
    "new_guide.way": material.story_rule().replace("ask_colleague", "new_guide"),
}
EXPORTS = {
    "segment-logs/events.jsonl": "segment.jsonl",
    "events-1.jsonl.gz": "posthog.jsonl",
    "events-2.jsonl.gz": "posthog.jsonl",
    "export.zip": "amplitude.json",
    "events.jsonl": "mixpanel.jsonl",
    "profiles.jsonl": "mixpanel.jsonl",
    "orders.xes.gz": "shop.xes",
}
"""By the name in the pages, the sample that stands for it."""


@pytest.mark.parametrize("page", PAGES)
def test_a_newcomer_can_follow_the_page(
    page: str, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    shutil.copytree(filled, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WAYPOST_DATA_DIR", "data")
    with server(folder, monkeypatch) if any(" pu" in line for line, _ in commands(page)) else nullcontext():
        follow(page, folder)


def follow(page: str, folder: Path) -> None:
    """Type what the page tells to."""
    ran = CliRunner(env={"WAYPOST_EXPORTS_DIR": str(folder / "exports")})
    for line, code in commands(page):
        words, to = _redirected(line)
        found = ran.invoke(cli, words[1:], prog_name="waypost", input="y\n")
        told = f"{line}\n{found.output}\n{found.exception!r}"
        assert found.exit_code == code, told
        if to is not None:
            (folder / to).write_text(found.stdout, encoding="utf-8")


def _redirected(line: str) -> tuple[list[str], str | None]:
    words = shlex.split(line)
    return (words[: words.index(">")], words[words.index(">") + 1]) if ">" in words else (words, None)
