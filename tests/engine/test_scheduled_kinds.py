"""Every kind of source, read as its vendor documents it: what is asked, what is answered, what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dsl.values import DAY, HOUR, Duration, JsonValue, format_instant
from engine import fetching
from engine.scheduled.facts import PAUSES, BadScheduledSource, Every
from engine.scheduled.kinds import kinds
from engine.scheduled.reading import Told, instant_of, plain
from tests.engine import vendors
from tests.engine.clock import Clock
from tests.engine.fetching import SECRET, Desk, desk_on
from tests.engine.vendors import Request, Response, Vendor, served, silent

pytestmark = pytest.mark.thorough


@pytest.fixture
def quick(sqlite_url: str, clock: Clock) -> Iterator[Desk]:
    """On one kind of database: for what has nothing to do with it."""
    with desk_on(sqlite_url, clock) as desk:
        yield desk


PLAY = json.dumps({"client_id": "c", "client_secret": SECRET, "refresh_token": "r"})
KINDS: dict[str, tuple[Vendor, dict[str, str], list[tuple[str, str, float | None]]]] = {
    "zendesk": (
        vendors.Zendesk({"": [vendors.ticket(1, "DNS fails", rating={"score": "good"})]}),
        {"email": "admin@acme.example", "token": SECRET},
        [("zendesk:1", "DNS fails\nDNS fails, since this morning.", 5.0)],
    ),
    "intercom": (
        vendors.intercom(
            [
                vendors.conversation(1, "<p>Where is <b>DNS</b>?</p>", updated=1_793_000_000, rating={"rating": 2}),
                vendors.conversation(2, "<p>Hello</p>", updated=1_793_000_001, author="admin"),
                vendors.conversation(3, "<p>Lost<script>x()</script></p>", updated=1_793_000_002, author="lead"),
            ]
        ),
        {"token": SECRET},
        [("intercom:1", "Help\nWhere is DNS?", 2.0), ("intercom:3", "Help\nLost", None)],
    ),
    "freshdesk": (
        vendors.freshdesk(
            [
                vendors.fresh(1, "DNS", "2026-10-02T14:00:00Z"),
                vendors.fresh(2, "Spam", "2026-10-02T14:10:00Z", spam=True),
                vendors.fresh(3, "Bill", "2026-10-02T14:20:00Z"),
            ]
        ),
        {"token": SECRET},
        [("freshdesk:1", "DNS\nDNS & more", None), ("freshdesk:3", "Bill\nBill & more", None)],
    ),
    "app_store": (
        vendors.app_store(
            {
                ("us", 1): [
                    {"im:name": {"label": "Acme"}, **vendors.review(9, "The app", 1)},
                    vendors.review(1, "Bad", 1),
                ],
                ("us", 2): vendors.review(2, "Good", 5),
                ("de", 1): [vendors.review(3, "Gut", 4)],
            }
        ),
        {"app": "123", "countries": "us, DE"},
        [
            ("app_store:9", "The app\nThe app: it hangs.", 1.0),
            ("app_store:1", "Bad\nBad: it hangs.", 1.0),
            ("app_store:2", "Good\nGood: it hangs.", 5.0),
            ("app_store:3", "Gut\nGut: it hangs.", 4.0),
        ],
    ),
    "google_play": (
        vendors.google_play(
            [[vendors.play(1, "Slow\tIt hangs", 2)], [vendors.play(2, "\tFine", 5)]],
            grants=lambda form: form["refresh_token"] == "r" and form["client_secret"] == SECRET,
        ),
        {"package": "com.acme.app", "credentials": PLAY},
        [("google_play:gp1", "Slow\nIt hangs", 2.0), ("google_play:gp2", "Fine", 5.0)],
    ),
    "url": (
        lambda _: (200, {}, b"id,comment,rating,created at\n7,It hangs,2,2026-06-01\n8,,,2026-06-01\n"),
        {"evidence": "app_review", "authorization": f"Bearer {SECRET}"},
        [("7", "It hangs", 2.0)],
    ),
}


def test_every_kind_is_tried_here() -> None:
    assert KINDS.keys() == kinds().keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_vendor_is_read_as_its_documentation_says(quick: Desk, kind: str) -> None:
    vendor, values, kept = KINDS[kind]
    with served(vendor) as (address, _):
        if kind == "google_play":
            values = {**values, "token_address": f"{address}/token"}
        made = quick.add(kind, {"address": address, **values}, every=Every.HOURLY)
        quick.work()
        assert quick.last(made.id).error is None
        assert [told[:3] for told in quick.told()] == kept
        assert all(format_instant(each.draft.time) < "2026-11-01" for each in quick.evidence())
        # Asked again, nothing is taken twice.
        quick.clock.pass_(Duration(HOUR))
        assert quick.work() == (1, 0)
        again = quick.last(made.id)
        assert (again.kept, again.updated, again.error) == (0, 0, None)
    assert len(quick.told()) == len(kept)
    # No name of who wrote a review, no token.
    assert "Ada L." not in str(quick.evidence())
    assert SECRET not in str(quick.evidence()) + str(again)


def test_intercom_goes_on_after_the_last_change_that_was_seen(quick: Desk) -> None:
    found = [vendors.conversation(n, f"<p>No {n}</p>", updated=1_793_000_000 + n) for n in range(5)]
    with served(vendors.intercom(found)) as (address, asked):
        quick.add("intercom", {"address": address, "token": SECRET})
        quick.work()
        assert len(quick.told()) == 5
        found.append(vendors.conversation(9, "<p>New</p>", updated=1_793_000_100))
        quick.clock.pass_(Duration(DAY))
        quick.work()
        assert json.loads(asked[-1].body)["query"]["value"][0]["value"] == 1_793_000_003
    assert len(quick.told()) == 6


def test_a_freshdesk_ticket_that_changes_between_two_pages_pushes_no_other_out(quick: Desk) -> None:
    seconds = (0, 1, 2, 3, 3, 3, 4)
    found = [vendors.fresh(n, f"No {n}", f"2026-10-02T14:00:0{second}Z") for n, second in enumerate(seconds, 1)]
    vendor, asking = vendors.freshdesk(found), 0

    def moving(asked: Request) -> Response:
        nonlocal asking
        told = vendor(asked)
        asking += 1
        if asking <= 2:
            found[asking - 1]["updated_at"] = f"2026-10-02T15:00:0{asking}Z"
        return told

    with served(moving) as (address, asked):
        made = quick.add("freshdesk", {"address": address, "token": SECRET})
        quick.work()
        assert quick.last(made.id).error is None
        assert {each[0] for each in quick.told()} == {f"freshdesk:{n}" for n in range(1, 8)}
        quick.clock.pass_(Duration(DAY))
        quick.work()
        assert (asked[-1].query["updated_since"], asked[-1].query["page"]) == ("2026-10-02T15:00:02Z", "1")


def test_more_freshdesk_tickets_of_one_second_than_it_tells_do_not_stop_the_rest(quick: Desk) -> None:
    reader = kinds()["freshdesk"].begin(
        Told({"address": "https://acme.freshdesk.com", "token": SECRET, "user": "email"}, quick.clock.now)
    )
    body = json.dumps([vendors.fresh(1, "One", "2026-10-02T14:00:59Z")]).encode()
    answer = fetching.Answer(200, {"link": '<https://acme.freshdesk.com>; rel="next"'}, body)
    page = reader.read(answer, {"since": "2026-10-02T14:00:59Z", "page": 300})
    assert (page.cursor, page.is_last) == ({"since": "2026-10-02T14:01:00Z"}, False)


def test_a_place_in_google_play_that_is_known_no_more_is_forgotten(quick: Desk) -> None:
    working = vendors.google_play([[vendors.play(1, "Slow", 2)], [vendors.play(2, "Fine", 5)]], lambda _: True)
    answers: list[Response | None] = [None, (503, {}, b""), (400, {}, b'{"error": "Invalid page token"}')]

    def vendor(asked: Request) -> Response:
        told = None if asked.path == "/token" or not answers else answers.pop(0)
        return told or working(asked)

    with served(vendor) as (address, asked):
        values = {"package": "com.acme.app", "credentials": PLAY, "token_address": f"{address}/token"}
        made = quick.add("google_play", {"address": address, **values})
        for pause in PAUSES[:3]:
            quick.work()
            quick.clock.pass_(pause)
        assert quick.last(made.id).error is None
    assert [each.query.get("token") for each in asked if each.path != "/token"] == [None, "1", "1", None, "1"]
    assert [each[0] for each in quick.told()] == ["google_play:gp1", "google_play:gp2"]


def test_a_service_account_asks_for_its_grant_with_a_signature(quick: Desk) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from jwt import decode

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    def grants(form: dict[str, str]) -> bool:
        told = decode(
            form["assertion"],
            key.public_key(),
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
        return told["iss"] == "bot@acme.example" and told["scope"].endswith("/androidpublisher")

    account = json.dumps({"type": "service_account", "client_email": "bot@acme.example", "private_key": pem})
    with served(vendors.google_play([[vendors.play(1, "Slow", 2)]], grants)) as (address, _):
        values = {"package": "com.acme.app", "credentials": account, "address": address}
        quick.add("google_play", {**values, "token_address": f"{address}/token"})
        quick.work()
    assert [each[0] for each in quick.told()] == ["google_play:gp1"]
    with pytest.raises(BadScheduledSource, match="service account"):
        quick.add("google_play", {**values, "credentials": "{}"})


TABLES = [
    (b'{"id": 1, "text": "It hangs", "tags": ["a", "b"]}\n{"id": 2, "text": "Fine", "rating": 5}\n', [], ["1", "2"]),
    (b'[{"id": 1, "text": "It hangs"}]', [], ["1"]),
    ('{"id": 1, "text": "It\u2028hangs\x85now"}\n{"id": 2, "text": "Fine"}\r\n'.encode(), [], ["1", "2"]),
    (b'[{"id": 1, "text": "It\\u000bhangs\\u001cnow"}, {"id": 2, "text": "Fine\\r\\nso far"}]', [], ["1", "2"]),
    (b"[]", [], []),
    ("\ufeffticket;x,Betreff\n7,Hängt\n".encode(), ["Betreff=text", "ticket;x=id"], ["7"]),
]


@pytest.mark.parametrize(("body", "columns", "ids"), TABLES, ids=range(len(TABLES)))
def test_a_table_at_an_address_is_read_in_every_form(
    quick: Desk, body: bytes, columns: list[str], ids: list[str]
) -> None:
    with served(lambda _: (200, {}, body)) as (address, _):
        made = quick.add("url", {"address": f"{address}/t.csv", "columns": "\n".join(columns)})
        quick.work()
    run = quick.last(made.id)
    assert (run.error, run.problems) == (None, ())
    assert [each[0] for each in quick.told()] == ids


def test_a_table_that_did_not_change_is_not_read_again(quick: Desk) -> None:
    def vendor(asked: Request) -> Response:
        if asked.headers.get("if-none-match") == '"v1"':
            return 304, {}, b""
        return 200, {"ETag": '"v1"'}, b"id,text\n1,It hangs\n"

    with served(vendor) as (address, asked):
        made = quick.add("url", {"address": address})
        quick.work()
        quick.clock.pass_(Duration(DAY))
        quick.work()
    assert len(asked) == 2
    assert (quick.last(made.id).found, quick.last(made.id).error) == (0, None)


def test_items_that_cannot_be_kept_are_listed_and_never_take_others_along(quick: Desk) -> None:
    body = b"id,text,rating\n1,It hangs,2\n2,Bad,nine\n3,Worse,99\n4,Fine,5\n"
    with served(lambda _: (200, {}, body)) as (address, _):
        made = quick.add("url", {"address": address})
        quick.work()
    run = quick.last(made.id)
    assert (run.found, run.kept, run.refused) == (4, 2, 2)
    assert [name for name, _ in run.problems] == ["line 3", "3"]
    assert "the score `nine` is not a number" in run.problems[0][1]


MARKUP = [
    ("<p>Hello</p><p>A &amp; B</p>", "Hello\nA & B"),
    ("It<script>x()</script> hangs", "It hangs"),
    ("<![foo]>It hangs", "It hangs"),
    ("<p>It</p><![foo</p> hangs", "It hangs"),
    ("<![if !vml]>It<![endif]> hangs<![ endif]-->", "It hangs"),
    ("It hangs <![if", "It hangs <![if"),
    (f"It hangs &#{'9' * 5_000};", f"It hangs &#{'9' * 5_000};"),
    (None, None),
]


@pytest.mark.parametrize(("markup", "text"), MARKUP, ids=range(len(MARKUP)))
def test_what_a_customer_writes_as_html_never_stops_a_source(markup: str | None, text: str | None) -> None:
    assert plain(markup) == text


TIMES: list[tuple[JsonValue, str | None]] = [
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
    ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z"),
    ("2026-01-01T00:00:00", "2026-01-01T00:00:00Z"),
    ("2026-01-01", "2026-01-01T00:00:00Z"),
    (1_767_225_600, "2026-01-01T00:00:00Z"),
    ("yesterday", None),
]


@pytest.mark.parametrize(("told", "wanted"), TIMES, ids=range(len(TIMES)))
def test_a_time_without_a_zone_is_one_in_utc(told: JsonValue, wanted: str | None) -> None:
    found = instant_of(told)
    assert (None if found is None else format_instant(found)) == wanted


CUT_SHORT: list[tuple[dict[str, str], bytes]] = [
    ({"Content-Length": "26"}, b"id,text\n1,It hangs\n"),
    ({"Transfer-Encoding": "chunked"}, b"13\r\nid,text\n1,It hangs\n\r\n7\r\n2,F"),
]


@pytest.mark.parametrize(("headers", "body"), CUT_SHORT, ids=["with a length", "in pieces"])
def test_an_answer_that_is_cut_short_is_never_taken_for_the_whole_one(
    quick: Desk, headers: dict[str, str], body: bytes
) -> None:
    with served(lambda _: (200, {"ETag": '"v1"', **headers}, body)) as (address, asked):
        made = quick.add("url", {"address": address})
        quick.work()
        run = quick.last(made.id)
        assert (run.state, run.kept, run.error) == ("failed", 0, "the answer was cut short")
        quick.clock.pass_(PAUSES[0])
        quick.work()
        assert "if-none-match" not in asked[-1].headers


def test_an_answer_that_takes_too_long_as_a_whole_is_told_with_its_own_limit(
    quick: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "ANSWER_LASTS", 1.0)
    with silent() as address:
        made = quick.add("url", {"address": address})
        quick.work()
    assert quick.last(made.id).error == "it did not answer within 1 seconds"
