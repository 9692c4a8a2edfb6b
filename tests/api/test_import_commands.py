"""`waypost import FORMAT` as somebody meets it who brings the export of another tool."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli

SAMPLES = Path(__file__).parents[2] / "examples/imports"

SUMS = [
    # format, sample, rows, kept, new messages, lines that are skipped
    ("segment", "segment.jsonl", 8, 6, 6, [7, 8]),
    ("posthog", "posthog.jsonl", 8, 6, 7, [7, 8]),
    ("amplitude", "amplitude.json", 8, 6, 7, [7, 8]),
    ("mixpanel", "mixpanel.jsonl", 8, 6, 6, [7, 8]),
    ("xes", "shop.xes", 6, 4, 5, [46, 51]),
]


def waypost(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def zipped(folder: Path) -> Path:
    """Two hours as Amplitude's Export API packs them; the second breaks off."""
    whole = (SAMPLES / "amplitude.json").read_bytes()
    packed = gzip.compress(whole.replace(b"-15e9-", b"-25e9-"))
    file = folder / "export.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("2342/2342_2026-03-01_9#0.json.gz", gzip.compress(whole))
        archive.writestr("2342/2342_2026-03-02_9#0.json.gz", packed[: len(packed) - 40])
    return file


@pytest.mark.parametrize(("name", "sample", "rows", "kept", "new", "skipped"), SUMS, ids=[each[0] for each in SUMS])
def test_an_export_is_taken_in_once(
    tmp_path: Path, name: str, sample: str, rows: int, kept: int, new: int, skipped: list[int]
) -> None:
    ran = waypost("import", name, SAMPLES / sample, "--data", tmp_path, "--json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert (told["rows"], told["kept"], told["new"], told["duplicates"]) == (rows, kept, new, 0)
    assert [each["line"] for each in told["problems"]] == skipped
    again = json.loads(waypost("import", name, SAMPLES / sample, "--data", tmp_path, "--json").stdout)
    assert (again["new"], again["duplicates"]) == (0, new)
    funnel = waypost("funnel", "--steps", "Signed Up,Purchase", "--json", "--data", tmp_path)
    assert [step["count"] for step in json.loads(funnel.stdout)["steps"]] == [2, 1]


def test_a_log_without_ids_is_taken_in_once_under_two_names(tmp_path: Path) -> None:
    name, at = '<string key="concept:name" value="{}"/>', '<date key="time:timestamp" value="2026-01-01T10:00:00Z"/>'
    # The same thing twice at the same instant is two events.
    events = "".join(f"<event>{name.format(each)}{at}</event>" for each in ("Sent", "Sent", "Paid"))
    traces = "".join(f"<trace>{name.format(each)}{events}</trace>" for each in ("ada", "bob"))
    files = [tmp_path / "one.xes", tmp_path / "two.xes"]
    for file in files:
        file.write_text(f"<log>{traces}</log>")
    both = json.loads(waypost("import", "xes", *files, "--data", tmp_path / "data", "--json").stdout)
    assert (both["kept"], both["new"], both["duplicates"]) == (12, 6, 6)
    again = json.loads(waypost("import", "xes", files[0], "--data", tmp_path / "data", "--json").stdout)
    assert (again["new"], again["duplicates"]) == (0, 6)


def test_what_was_skipped_and_what_was_kept_is_said_in_words(tmp_path: Path) -> None:
    ran = waypost("import", "posthog", SAMPLES / "posthog.jsonl", "--data", tmp_path)
    assert "line 7: says nobody: `distinct_id` is missing" in ran.stderr
    assert "6 rows kept, 2 skipped, 8 in all" in ran.stdout


def test_rows_of_one_line_are_counted_one_by_one(tmp_path: Path) -> None:
    """A log that a program wrote has no line breaks."""
    name = '<string key="concept:name" value="A"/>'
    good, bad = (f'<date key="time:timestamp" value="{time}"/>' for time in ("2026-10-01T10:00:00Z", "then"))
    events = "".join(f"<event>{each}</event>" for each in (name + good, name + bad, good))
    file = tmp_path / "log.xes"
    file.write_text(f"<log><trace>{name}{events}</trace></log>")
    told = json.loads(waypost("import", "xes", file, "--dry-run", "--data", tmp_path, "--json").stdout)
    assert (told["rows"], told["kept"], told["skipped"], len(told["problems"])) == (3, 1, 2, 2)


def test_the_visit_before_the_sign_up_is_the_users(tmp_path: Path) -> None:
    """Who looked at the prices as a visitor is the one who signed up."""
    for name, sample, *_ in SUMS[:4]:
        data = tmp_path / name
        waypost("import", name, SAMPLES / sample, "--data", data)
        funnel = waypost("funnel", "--steps", "$page,Signed Up,Purchase", "--json", "--data", data)
        assert [step["count"] for step in json.loads(funnel.stdout)["steps"]] == [1, 1, 1], name


def test_a_zip_is_read_file_by_file_and_one_that_breaks_off_is_told_of(tmp_path: Path) -> None:
    ran = waypost("import", "amplitude", zipped(tmp_path), "--data", tmp_path / "data", "--json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert {each["file"] for each in told["problems"][:2]} == {"2342/2342_2026-03-01_9#0.json.gz"}
    last = told["problems"][-1]
    assert last["file"] == "2342/2342_2026-03-02_9#0.json.gz"
    assert "cannot be read from here on" in last["problem"]
    assert told["new"] >= 7


def test_a_folder_is_read_in_the_order_of_its_names_and_hidden_files_are_not(tmp_path: Path) -> None:
    logs = tmp_path / "segment-logs/1772323200000"
    logs.mkdir(parents=True)
    lines = (SAMPLES / "segment.jsonl").read_bytes().splitlines(keepends=True)
    # The name says nothing of the packing: what a file is, is seen from how it begins.
    (logs / "a").write_bytes(gzip.compress(b"".join(lines[:3])))
    (logs / "b.jsonl").write_bytes(b"".join(lines[3:]))
    (logs / ".DS_Store").write_bytes(b"\x00\x01")
    ran = waypost("import", "segment", logs.parent, "--data", tmp_path / "data")
    assert "b.jsonl, line 4: a message needs a `userId` or an `anonymousId`" in ran.stderr
    assert "6 rows kept, 2 skipped, 8 in all" in ran.stdout


def test_a_table_may_come_in_a_zip_too(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("events.csv", "user_id,event,timestamp\nada,A,2026-03-01\n")
    file = tmp_path / "events"
    file.write_bytes(packed.getvalue())
    assert "1 rows kept, 0 skipped, 1 in all" in waypost("import", "csv", file, "--data", tmp_path / "data").stdout


def test_an_export_of_another_tool_is_said_to_be_none(tmp_path: Path) -> None:
    ran = waypost("import", "mixpanel", SAMPLES / "segment.jsonl", "--data", tmp_path)
    assert ran.exit_code == 1
    assert "no event of Mixpanel was found; see `waypost import mixpanel --help` for what is read" in ran.stderr


def test_a_dry_run_says_what_would_be_skipped_and_takes_nothing_in(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for sample in (("segment", SAMPLES / "segment.jsonl"), ("csv", tmp_path / "events.csv")):
        (tmp_path / "events.csv").write_text("user_id,event,timestamp\nada,A,2026-03-01\n,A,2026-03-01\n")
        ran = waypost("import", *sample, "--data", data, "--dry-run")
        assert ran.exit_code == 0, ran.output
        assert "skipped" in ran.stdout
        assert ran.stdout.endswith("in all; nothing was taken in\n")
        assert not data.exists()
    told = json.loads(waypost("import", *sample, "--data", data, "--dry-run", "--json").stdout)
    assert {name: told[name] for name in ("rows", "kept", "skipped", "messages")} == {
        "rows": 2,
        "kept": 1,
        "skipped": 1,
        "messages": 1,
    }
    waypost("import", "segment", SAMPLES / "segment.jsonl", "--data", data)
    waypost("import", *sample, "--data", data, "--dry-run")
    assert json.loads(waypost("import", *sample, "--data", data, "--json").stdout)["new"] == 1


MISTAKES = [
    (("mixpanel", "nowhere.jsonl"), "does not exist"),
    (("mixpanel", ".", "--zone", "Mars"), "there is no time zone `Mars`"),
    (("posthog", "empty"), "there is no file in"),
    (("segment",), "Missing argument"),
    (("heap", "."), "No such command 'heap'"),
]


@pytest.mark.parametrize(("words", "says"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_on_the_command_line_is_told(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "some.jsonl").write_text("{}\n")
    placed = [
        words[0],
        *(str(tmp_path / word) if word in {"empty", "nowhere.jsonl", "."} else word for word in words[1:]),
    ]
    ran = waypost("import", *placed)
    assert ran.exit_code == 2
    assert says in ran.stderr
