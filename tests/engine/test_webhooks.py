"""Webhooks: who may be told, how it is signed, what is told of what happens, and when it is tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest

from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant
from engine import couriers
from engine.alerts import Alert, AlertKind
from engine.analyst import Analyst
from engine.couriers import Brought, Courier
from engine.guide_episodes import note_episodes
from engine.hook_data import guides_changed
from engine.jobs.runner import Runner
from engine.roadmap.items import StaleItem
from engine.service import Service
from engine.webhook_desk import WebhookDesk
from engine.webhooks import PAUSES, BadWebhook, DeliveryState, HookKind, is_public, new_secret, read_url, signature
from tests.engine.clock import Clock
from tests.engine.ingesting import RULES

URL = "https://hooks.example.com/waypost"


class Fake(Courier):
    """Keeps what it is to bring, and says what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.comes_of_it = Brought(200, None)

    def bring(self, url: str, body: bytes, headers: Any) -> Brought:
        assert url == URL
        self.bodies.append(orjson.loads(body))
        self.headers.append(dict(headers))
        return self.comes_of_it


class Hooked:
    """A project with a webhook for everything."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service, self.clock, self.courier = service, clock, Fake()
        self.project = service.ensure_project().id
        service.publish(self.project, {"a.way": RULES})
        self.desk = WebhookDesk(service.database, entropy=lambda size: b"7" * size)
        kinds = [
            HookKind.ALERT_RAISED,
            HookKind.ALERT_RESOLVED,
            HookKind.ANSWER_RECEIVED,
            HookKind.GUIDE_PUBLISHED,
        ]
        self.hook, self.secret = self.desk.add(self.project, URL, kinds, by="member 1", now=clock.now)

    def work(self) -> tuple[int, int]:
        self.desk.note_what_happened(self.clock.now)
        return self.desk.bring(self.courier, clock=self.clock, renew=lambda: True)

    def answer(self, user: str, value: object, *, live: bool = True) -> None:
        message = {
            "type": "track",
            "userId": user,
            "event": "$answered",
            "messageId": f"{user}-{value}",
            "properties": {"guide": "effort", "question": "detail", "value": value, "submission": "s1"},
        }
        self.service.receive(self.project, [message], received=self.clock.now, live=live)

    def states(self) -> list[tuple[str, str]]:
        found = self.desk.deliveries(self.project, self.hook.id)
        return [(each.kind.value, each.state.value) for each in found]


@pytest.fixture
def hooked(sqlite_url: str, clock: Clock) -> Iterator[Hooked]:
    service = Service.open(sqlite_url, clock=clock)
    yield Hooked(service, clock)
    service.close()


@pytest.fixture
def anywhere(service: Service, clock: Clock) -> Hooked:
    """The same on each kind of database in turn."""
    return Hooked(service, clock)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://",
        "https://user:password@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://localhost/",
        "https://waypost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.7]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::a00:7]/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/" + "a" * 2_000,
        "javascript:alert(1)",
    ],
)
def test_an_address_in_a_private_network_or_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(BadWebhook):
        read_url(url, allows_private=False)


def test_who_runs_the_server_may_allow_their_own_network() -> None:
    assert read_url(" http://127.0.0.1:9000/in ", allows_private=True) == "http://127.0.0.1:9000/in"
    with pytest.raises(BadWebhook):
        read_url("file:///etc/passwd", allows_private=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("::ffff:192.168.1.1", False),
        ("2002:a00:1::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("192.88.99.1", False),
        ("2001:0:a00:1::1", False),
    ],
)
def test_what_everybody_can_reach(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


@pytest.mark.parametrize("behind", ["10.0.0.7", "127.0.0.1", "169.254.169.254"])
def test_a_name_that_leads_into_a_private_network_is_not_followed(monkeypatch: pytest.MonkeyPatch, behind: str) -> None:
    def resolve(*_: object, **__: object) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", (behind, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("nothing may be sent"))
    brought = Courier().bring(URL, b"{}", {})
    assert brought == Brought(None, "the name leads into a private network, where this server sends nothing")


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's own libraries."""
    headers = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        delivery="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=Instant(1614265330 * SECOND),
        body=b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_answers_and_publications_are_told_once_and_signed(anywhere: Hooked) -> None:
    assert anywhere.work() == (0, 0), "what happened before is not told"
    anywhere.answer("ada", "the DNS")
    anywhere.answer("bob", "imported", live=False)
    changed = RULES + '\nguide more "More" {\n  show modal { title "More" }\n  once\n  expires 2099-01-01\n}\n'
    anywhere.service.publish(anywhere.project, {"a.way": changed}, by="member 1", note="more")
    assert anywhere.work() == (2, 0)
    assert anywhere.work() == (0, 0)
    answer, rules = anywhere.courier.bodies
    assert (answer["type"], answer["project"], answer["data"]["value"]) == ("answer.received", "default", "the DNS")
    assert answer["data"]["userId"] == "ada"
    assert (rules["type"], rules["data"]["added"], rules["data"]["note"]) == ("guide.published", ["more"], "more")
    headers = anywhere.courier.headers[0]
    body = orjson.dumps(answer)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(anywhere.secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_of_who_was_erased_nothing_is_told(anywhere: Hooked) -> None:
    anywhere.answer("ada", "the DNS")
    anywhere.desk.note_what_happened(anywhere.clock.now)
    anywhere.service.privacy.erase(anywhere.project, "ada")
    assert anywhere.work() == (0, 0)
    assert anywhere.courier.bodies == []
    assert anywhere.states() == [("answer.received", "gone")]


def test_what_fails_is_tried_again_later_and_later_and_then_given_up(hooked: Hooked) -> None:
    hooked.courier.comes_of_it = Brought(500, "the address answered 500")
    hooked.desk.test(hooked.project, hooked.hook.id, now=hooked.clock.now)
    for number, pause in enumerate(PAUSES, 1):
        assert hooked.work() == (0, 1)
        assert hooked.work() == (0, 0), "not before its time"
        (each,) = hooked.desk.deliveries(hooked.project, hooked.hook.id)
        assert (each.state, each.tries, each.status) == (DeliveryState.WAITING, number, 500)
        hooked.clock.pass_(pause)
    assert hooked.work() == (0, 1)
    assert hooked.states() == [("test", "failed")]
    hooked.clock.pass_(Duration(7 * DAY))
    assert hooked.work() == (0, 0)
    assert len({each["webhook-id"] for each in hooked.courier.headers}) == 1, "every try is of one delivery"


def test_an_address_that_does_not_answer_holds_up_nobody_else(hooked: Hooked) -> None:
    hooked.courier.comes_of_it = Brought(None, "it did not answer within 10 seconds")
    for _ in range(3):
        hooked.desk.test(hooked.project, hooked.hook.id, now=hooked.clock.now)
        hooked.clock.pass_(Duration(SECOND))
    assert hooked.work() == (0, 1), "one try tells that it does not answer"
    hooked.clock.pass_(PAUSES[0])
    hooked.courier.comes_of_it = Brought(200, None)
    assert hooked.work() == (3, 0)


def test_an_alert_of_a_guide_is_told_when_it_begins_and_when_it_is_over(hooked: Hooked) -> None:
    alert = Alert("help", AlertKind.TARGET_MISSING, 0.8, 0.0, "the target of `help` was not found")

    def hour(*alerts: Alert) -> None:
        note_episodes(hooked.service.database, hooked.project, alerts, hooked.clock.now)
        hooked.work()
        hooked.clock.pass_(Duration(HOUR))

    for _ in range(30):
        hour(alert)
    hour()
    hour(alert)
    for _ in range(8):
        hour()
    told = [(each["type"], each["data"]["alert"], each["data"].get("ending")) for each in hooked.courier.bodies]
    assert told == [("alert.raised", "target_missing", None), ("alert.resolved", "target_missing", "recovered")]
    hour(alert)
    assert [each["type"] for each in hooked.courier.bodies][-1] == "alert.raised", "another time is another alert"


def test_one_that_is_off_is_told_of_tests_only_and_nothing_is_made_up_for(anywhere: Hooked) -> None:
    off = anywhere.desk.change(
        anywhere.project, anywhere.hook.id, {"is_on": False}, revision=1, by="member 1", now=anywhere.clock.now
    )
    anywhere.answer("ada", 1)
    anywhere.desk.test(anywhere.project, off.id, now=anywhere.clock.now)
    assert anywhere.work() == (1, 0)
    anywhere.desk.change(anywhere.project, off.id, {"is_on": True}, revision=2, by="member 1", now=anywhere.clock.now)
    assert anywhere.work() == (0, 0)
    anywhere.answer("ada", 2)
    assert anywhere.work() == (1, 0)
    assert [each["type"] for each in anywhere.courier.bodies] == ["test", "answer.received"]


def test_two_who_change_one_webhook_do_not_undo_each_other(hooked: Hooked) -> None:
    hooked.desk.change(hooked.project, hooked.hook.id, {"note": "a"}, revision=1, by="member 1", now=hooked.clock.now)
    with pytest.raises(StaleItem):
        hooked.desk.change(
            hooked.project, hooked.hook.id, {"note": "b"}, revision=1, by="member 2", now=hooked.clock.now
        )
    assert hooked.desk.hook(hooked.project, hooked.hook.id).note == "a"


def test_old_deliveries_are_forgotten_and_those_of_a_removed_webhook_too(hooked: Hooked) -> None:
    hooked.answer("ada", 1)
    hooked.work()
    hooked.clock.pass_(Duration(31 * DAY))
    hooked.work()
    assert hooked.states() == []
    hooked.desk.remove(hooked.project, hooked.hook.id, by="member 1", now=hooked.clock.now)
    assert hooked.desk.hooks(hooked.project) == ()


def test_what_waits_for_an_address_that_is_dead_or_off_is_forgotten_like_all_else(hooked: Hooked) -> None:
    hooked.courier.comes_of_it = Brought(None, "it refuses connections")
    for user in ("ada", "bob", "eve"):
        hooked.answer(user, 1)
    assert hooked.work() == (0, 1)
    hooked.desk.change(
        hooked.project, hooked.hook.id, {"is_on": False}, revision=1, by="member 1", now=hooked.clock.now
    )
    hooked.clock.pass_(Duration(31 * DAY))
    hooked.work()
    assert hooked.states() == []
    hooked.desk.change(hooked.project, hooked.hook.id, {"is_on": True}, revision=2, by="member 1", now=hooked.clock.now)
    assert hooked.work() == (0, 0), "nothing of last month is told"


def test_guides_that_are_new_changed_and_gone_are_named() -> None:
    def guide(name: str, title: str) -> str:
        return f'guide {name} "{title}" {{\n  show modal {{ title "{title}" }}\n  once\n  expires 2099-01-01\n}}\n'

    before = {"a.way": guide("kept", "K") + guide("changed", "A") + guide("gone", "G")}
    after = {"b.way": guide("new", "N") + "\n" + guide("kept", "K"), "c.way": guide("changed", "B")}
    assert guides_changed(before, after) == {"added": ["new"], "changed": ["changed"], "removed": ["gone"]}


class _Receiver(BaseHTTPRequestHandler):
    heard: ClassVar[list[tuple[str, bytes]]] = []
    answers: ClassVar[list[tuple[int, dict[str, str]]]] = []

    def do_POST(self) -> None:
        self.heard.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def receiver() -> Iterator[str]:
    _Receiver.heard.clear()
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_worker_brings_it_over_a_real_connection_and_follows_no_redirect(
    hooked: Hooked, clock: Clock, tmp_path: Path, receiver: str
) -> None:
    service = hooked.service
    project = service.ensure_project().id
    desk = WebhookDesk(service.database, allows_private=True)
    hook, _ = desk.add(project, f"{receiver}/in?a=1", [HookKind.GUIDE_PUBLISHED], by="member 1", now=clock.now)
    desk.test(project, hook.id, now=clock.now)
    _Receiver.answers[:] = [(302, {"Location": f"{receiver}/elsewhere"})]
    runner = Runner(
        service,
        analyst=lambda: Analyst(service.database, tmp_path / "lakes"),
        clock=clock,
        holder="a",
        courier=Courier(allows_private=True),
    )
    runner.run_due()
    (each,) = desk.deliveries(project, hook.id)
    assert (each.state, each.error) == (DeliveryState.WAITING, "the address answered 302 and wanted to lead elsewhere")
    clock.pass_(Duration(MINUTE))
    runner.run_due()
    assert [path for path, _ in _Receiver.heard] == ["/in?a=1", "/in?a=1"]
    assert orjson.loads(_Receiver.heard[1][1])["type"] == "test"
    assert [each.state for each in desk.deliveries(project, hook.id)] == [DeliveryState.DELIVERED]


def test_letters_beyond_ascii_in_an_address_are_sent_as_browsers_write_them(receiver: str) -> None:
    url = read_url(f"{receiver}/häken/a%20b?für=ä", allows_private=True)
    assert Courier(allows_private=True).bring(url, b"{}", {}) == Brought(200, None)
    assert [path for path, _ in _Receiver.heard] == ["/h%C3%A4ken/a%20b?f%C3%BCr=%C3%A4"]


def test_an_address_that_nobody_listens_at_is_told_of() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    brought = Courier(allows_private=True).bring(f"http://127.0.0.1:{port}/", b"{}", {})
    assert brought == Brought(None, "it refuses connections")


def test_an_answer_that_comes_letter_by_letter_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couriers, "PATIENCE", 0.5)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            with listening.accept()[0] as taken, suppress(OSError):
                for _ in range(100):
                    taken.send(b"H")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        brought = Courier(allows_private=True).bring(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {})
        assert brought.error == "it did not answer within 0 seconds"
        assert time.monotonic() - began < 5
        thread.join(timeout=5)


def test_secrets_are_as_long_as_the_specification_wants() -> None:
    assert len(base64.b64decode(new_secret(b"7" * 32).removeprefix("whsec_"))) == 32
