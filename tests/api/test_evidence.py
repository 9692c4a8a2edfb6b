"""Evidence from elsewhere over HTTP and on the command line, as an analyst brings it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.evidence import import_command
from api.cli.main import cli
from dsl.values import DAY, Instant, format_instant
from engine.errors import WaypostError
from engine.evidence import SOURCES, Draft, Source, Success
from engine.evidence_sheet import FIELDS, read_columns, read_evidence
from tests.api.asking import SECRET_KEY, Site, problem

RULES = """event "Signed Up"
event "Verified"

journey activation "Activation" {
  stage start "Start" {
    step signup "Create an account" reached by "Signed Up"
    step verify "Verify the domain" reached by "Verified"
  }
}
"""
EVIDENCE = "/api/v1/evidence"
RECORD = "/api/v1/journeys/activation/steps/verify"
DNS = {"step": "activation.verify", "words": ["dns"]}
UTC = ZoneInfo("UTC")
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "evidence.md"


@pytest.fixture
def ruled(site: Site) -> Site:
    """A project with a journey."""
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    return site


def sent(site: Site, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    answer = site.client.open(path, method=method, data=None if body is None else orjson.dumps(body), headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def bring(site: Site, *items: object) -> Any:
    return sent(site, "POST", EVIDENCE, {"evidence": list(items)})


def test_each_of_a_list_is_judged_by_itself(ruled: Site) -> None:
    good = {"source": "interview", "external": "7", "text": "what is DNS?", "step": "activation.verify"}
    told = bring(ruled, good, good, {"source": "fax"}, 7, {"source": "nps", "score": 11}, {**good, "step": "verify"})
    assert (told["kept"], told["known"], told["refused"]) == (1, 1, 4)
    assert [each["fate"] for each in told["data"]] == ["kept", "known", *["refused"] * 4]
    codes = [each["code"] for each in told["data"][2:]]
    assert codes == ["invalid_fields", "invalid_fields", "bad_evidence", "bad_evidence"]
    assert "support_ticket" in told["data"][2]["problem"]
    assert told["data"][4]["problem"] == "the `score` of `nps` is from 0 to 10, not 11"
    assert told["data"][0]["step"] == told["data"][1]["step"] == "activation.verify"
    assert bring(ruled, good)["known"] == 1


def test_evidence_is_paged_changed_and_deleted(ruled: Site) -> None:
    bring(ruled, *({"source": "nps", "external": str(score), "score": score} for score in range(3)))
    first = sent(ruled, "GET", f"{EVIDENCE}?limit=2&tagged=false")
    assert [each["score"] for each in first["data"]] == [0, 1]
    rest = sent(ruled, "GET", f"{EVIDENCE}?limit=2&after={first['next']}")
    assert ([each["score"] for each in rest["data"]], rest["next"]) == ([2], None)
    at = f"{EVIDENCE}/{rest['data'][0]['id']}"
    changed = sent(ruled, "PATCH", at, {"revision": 1, "step": "activation.verify", "feelings": ["doubtful"]})
    assert (changed["step"], changed["tagged_by"], changed["valence"]) == ("activation.verify", "hand", -0.6)
    assert sent(ruled, "GET", at) == changed
    assert [each["score"] for each in sent(ruled, "GET", f"{EVIDENCE}?step=activation.verify")["data"]] == [2]
    sent(ruled, "DELETE", at)
    assert problem(ruled.get(at))["code"] == "no_such_evidence"


def test_rules_tag_and_the_record_shows_where_it_comes_from(ruled: Site) -> None:
    bring(ruled, {"source": "support_ticket", "text": "The DNS page is horrible", "link": "https://t.example/7"})
    kept = sent(ruled, "PUT", f"{EVIDENCE}/rules", {"rules": [DNS], "revision": 0})
    assert (kept["revision"], kept["retagged"]) == (1, 1)
    assert sent(ruled, "GET", f"{EVIDENCE}/rules")["rules"] == kept["rules"]
    (tickets,) = sent(ruled, "GET", RECORD)["evidence"]
    assert (tickets["source"], tickets["count"], tickets["n"], tickets["mean"]) == ("support_ticket", 1, 1, None)
    assert tickets["note"] == "not enough answers"
    (said,) = tickets["verbatims"]
    assert (said["text"], said["link"], said["inferred"]) == ("The DNS page is horrible", "https://t.example/7", True)
    assert said["valence"] < 0


# tables


def rows(text: str, source: Source = Source.SUPPORT_TICKET, **columns: str) -> list[Draft | str | None]:
    found = read_evidence(text.splitlines(keepends=True), source, columns=columns, zone=ZoneInfo("Europe/Berlin"))
    return [row.draft or f"{row.line}: {row.problem}" for row in found]


def test_the_columns_of_usual_exports_are_known() -> None:
    (review,) = rows("Review ID,Star Rating,Review,Created-At\n7,4 stars,nice,2026-03-01 09:30\n", Source.APP_REVIEW)
    assert isinstance(review, Draft)
    assert (review.external, review.score, review.text) == ("7", 4, "nice")
    assert format_instant(review.time or Instant(0)) == "2026-03-01T08:30:00Z"
    (test,) = rows(
        "task,success,time on task,quotes,feelings,tags\nverify,With Help,1:30,where?|ah,Confused;doubtful,a;b\n",
        Source.USABILITY_TEST,
    )
    assert isinstance(test, Draft)
    assert (test.task, test.success, test.seconds) == ("verify", Success.WITH_HELP, 90)
    assert (test.quotes, test.feelings, test.tags) == (("where?", "ah"), ("confused", "doubtful"), ("a", "b"))


def test_a_wrong_row_is_told_with_its_line_and_equal_rows_are_two() -> None:
    found = rows("text,score,time,step\na,9/10,,\na,9/10,,\nb,high,,\nc,,soon,\nd,,,verify\ne\n\nf,,,a.b\n")
    first, second, *wrong, last = found
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    assert second.external == f"{first.external}-2"
    assert wrong == [
        "4: the score `high` is not a number",
        "5: the time `soon` is not a time: write it like `2026-03-01 09:30`",
        "6: `verify` is not a step: write it as `journey.step`",
        "7: has 1 cells; the first line names 4 columns",
    ]
    assert isinstance(last, Draft)
    assert last.place == ("a", "b")


def test_a_column_named_by_hand_comes_first() -> None:
    (found,) = rows("text,Subject\nlong,short\n", Subject="text")
    assert isinstance(found, Draft)
    assert found.text == "short"


@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [
        ("", {}, "the file is empty"),
        ("a,b\n1,2\n", {}, "no column says anything: name the one with the words with `--map COLUMN=text`"),
        ("text\na\n", {"Body": "text"}, "there is no column `Body`; the columns are `text`"),
        ("a,b\n1,2\n", {"a": "text", "b": "text"}, "2 columns are mapped to `text`"),
    ],
    ids=["empty", "no words", "no such column", "twice"],
)
def test_a_table_that_cannot_be_evidence_is_refused(text: str, columns: dict[str, str], told: str) -> None:
    with pytest.raises(WaypostError, match=told):
        list(read_evidence(text.splitlines(), Source.NPS, columns=columns, zone=UTC))


def test_a_mapping_of_nothing_is_refused() -> None:
    with pytest.raises(WaypostError, match="`Subject=words` is not a mapping: write COLUMN=FIELD"):
        read_columns(["Subject=words"])
    assert read_columns(["a=b=text"]) == {"a=b": "text"}


# the command line


def waypost(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--data", str(folder)])


def test_a_table_is_imported_tagged_listed_and_shown(ruled: Site, tmp_path: Path) -> None:
    now = format_instant(Instant(ruled.clock.now - DAY))
    table = tmp_path / "tickets.csv"
    table.write_text(f"Ticket ID,Subject,Created\n1,which DNS entry?,{now}\n2,refund,{now}\n3,,{now}\n")
    tagging = tmp_path / "tagging.json"
    tagging.write_bytes(orjson.dumps([DNS]))
    brings = ("import", "evidence", str(table), "--source", "support_ticket", "--map", "Subject=text")

    rehearsed = waypost(tmp_path, *brings, "--dry-run")
    assert "2 rows would be kept, 1 skipped, 3 in all" in rehearsed.output
    told = waypost(tmp_path, "evidence", "rules", str(tagging), "--name", "Ada")
    assert told.output == "1 rules kept, 0 pieces of evidence have another step now\n"
    brought = waypost(tmp_path, *brings)
    assert brought.exit_code == 0
    assert "line 4: it says nothing" in brought.output
    assert "2 rows kept, 1 skipped, 3 in all\n1 of them have no step" in brought.output
    again = orjson.loads(waypost(tmp_path, *brings, "--json").stdout)
    assert (again["kept"], again["known"], again["skipped"], again["problems"][0]["line"]) == (0, 2, 1, 4)

    listed = waypost(tmp_path, "evidence", "list")
    assert "support_ticket, activation.verify (by rule), +0.00: which DNS entry?" in listed.output
    assert "refund" in waypost(tmp_path, "evidence", "list", "--untagged").output
    assert orjson.loads(waypost(tmp_path, "evidence", "rules").output)[0]["words"] == ["dns"]
    assert "no step `verfy`" in str(waypost(tmp_path, "evidence", "tag", "2", "activation.verfy").exception)
    tagged = waypost(tmp_path, "evidence", "tag", "2", "activation.signup", "--name", "Ada")
    assert tagged.output == "evidence 2 belongs to activation.signup, tagged by hand\n"
    assert "activation.signup (by hand)" in waypost(tmp_path, "evidence", "list").output
    assert orjson.loads(waypost(tmp_path, "evidence", "tag", "2", "-", "--json").stdout)["step"] is None
    assert waypost(tmp_path, "evidence", "delete", "2").output == "evidence 2 is deleted\n"
    assert "no evidence 2" in str(waypost(tmp_path, "evidence", "delete", "2").exception)
    shown = waypost(tmp_path, "records", "activation", "verify")
    assert "from support tickets: 1, emotion not enough answers, n = 1" in shown.output
    assert "“which DNS entry?”" in shown.output


@pytest.mark.parametrize(
    ("text", "told"),
    [("[{", "is no JSON"), ('[{"words": ["a"]}]', "is no list of rules: rules[0].step: missing data"), ("7", "rules")],
    ids=["broken", "no step", "no list"],
)
def test_rules_that_are_none_are_refused(ruled: Site, tmp_path: Path, text: str, told: str) -> None:
    assert ruled.service is not None
    (tmp_path / "rules.json").write_text(text)
    answer = waypost(tmp_path, "evidence", "rules", str(tmp_path / "rules.json"))
    assert answer.exit_code == 2
    assert told in answer.output


def test_the_command_line_and_the_page_know_every_column() -> None:
    (mapping,) = (each for each in import_command.params if each.name == "mappings")
    page = PAGE.read_text("utf-8")
    for field in FIELDS:
        assert field in str(getattr(mapping, "help", ""))
        assert f"| `{field}` |" in page
    for source, spec in SOURCES.items():
        scale = "–" if spec.scale is None else f"{spec.scale[0]} to {spec.scale[1]}"
        assert f"| `{source}` | {spec.meaning} | {scale} |" in page
