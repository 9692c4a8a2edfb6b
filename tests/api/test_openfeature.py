"""The OpenFeature provider, asked through the real SDK against the application over a connection.

The numbers in the tables are those of the requirements in the OpenFeature specification that speak to providers.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from flask import Flask
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode, GeneralError, ProviderFatalError
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagResolutionDetails
from openfeature.flag_evaluation import Reason as Word
from openfeature.provider import FeatureProvider, ProviderStatus
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from api.openfeature import NAME, WaypostProvider, nested, word_of
from engine.permissions import Scope
from engine.reasons import Reason
from engine.replies import KeyKind
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_flags import RULES, publish
from tests.serving import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "openfeature.md"
NOWHERE = "http://127.0.0.1:9"
"""A port of the discard protocol, on which nothing listens."""


@dataclass
class Seconds:
    """A clock that stands still."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Heard:
    """The events that the SDK told, in their order."""

    events: list[tuple[str, EventDetails]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def to(self, client: OpenFeatureClient) -> None:
        for event in ProviderEvent:
            client.add_handler(event, partial(self._hear, event.name))

    def _hear(self, name: str, details: EventDetails) -> None:
        with self.came:
            self.events.append((name, details))
            self.came.notify_all()

    def wait_for(self, name: str) -> EventDetails:
        """What this provider told first under that name; the SDK tells of others too."""
        with self.came:
            assert self.came.wait_for(lambda: bool(self._told(name)), 10), self.events
            return self._told(name)[0]

    def _told(self, name: str) -> list[EventDetails]:
        return [details for each, details in self.events if (each, details.provider_name) == (name, NAME)]


@dataclass
class Outages:
    """The application behind something that, for a while, answers in its stead."""

    app: Flask
    is_out: bool = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (
            Response("bad gateway", 502)(environ, start_response) if self.is_out else self.app(environ, start_response)
        )


@pytest.fixture(autouse=True)
def no_provider_stays() -> Iterator[None]:
    yield
    api.clear_providers()


@pytest.fixture(scope="module")
def served(shared_site: Site) -> Iterator[str]:
    publish(shared_site)
    said: list[dict[str, Any]] = [
        {"type": "identify", "userId": "u1", "traits": {"plan": "team"}},
        {"type": "identify", "userId": "u2", "traits": {"plan": "free"}},
        {"type": "track", "userId": "u1", "event": "DNS Check Failed"},
    ]
    answer = shared_site.post("/v1/batch", {"batch": said}, Origin=ORIGIN)
    assert answer.status_code == 202
    with serving(shared_site.app) as address:
        yield address


def client_of(provider: WaypostProvider) -> OpenFeatureClient:
    api.set_provider_and_wait(provider)
    return api.get_client()


def user(key: str | None, path: str | None = None, **more: Any) -> EvaluationContext:
    return EvaluationContext(key, {**({} if path is None else {"page.path": path}), **more})


RESOLVED = [
    ("segment:team", user("u1"), True, Word.TARGETING_MATCH, "TARGETING_MATCH", "on"),
    ("segment:team", user("u2"), False, Word.DEFAULT, "CONDITION_FALSE", "off"),
    ("segment:team", user("nobody"), False, Word.DEFAULT, "CONDITION_UNKNOWN", "off"),
    ("persona:starter", user("u2"), True, Word.TARGETING_MATCH, "TARGETING_MATCH", "on"),
    ("segment:on_dns", user("u1", "/dns"), True, Word.TARGETING_MATCH, "TARGETING_MATCH", "on"),
    ("segment:on_dns", user("u1", page={"path": "/dns"}), True, Word.TARGETING_MATCH, "TARGETING_MATCH", "on"),
    ("guide:dns_help", user("u1"), True, Word.TARGETING_MATCH, "TARGETING_MATCH", "on"),
    ("guide:dns_help", user("u2"), False, Word.DEFAULT, "NOT_TRIGGERED", "off"),
    ("guide:waiting", user("u2", "/waiting"), True, Word.TARGETING_MATCH, "WAITING_FOR_BROWSER", "on"),
    ("guide:held_out_all", user("u2", "/held"), False, Word.SPLIT, "HELD_OUT", "off"),
    ("guide:resting", user("u2", "/rest"), False, Word.DISABLED, "PAUSED", "off"),
]


@pytest.mark.parametrize(
    ("flag", "context", "value", "word", "reason", "variant"),
    RESOLVED,
    ids=[f"{number} {row[0]} {row[4]}" for number, row in enumerate(RESOLVED)],
)
def test_a_boolean_is_what_the_server_says(
    served: str, flag: str, context: EvaluationContext, value: bool, word: Word, reason: str, variant: str
) -> None:
    """2.2.3 the value · 2.2.4 the variant · 2.2.5 the reason · 2.2.6 and 2.3.2 no error · 2.2.9 and 2.2.10 metadata."""
    found = client_of(WaypostProvider(served, SECRET_KEY)).get_boolean_details(flag, not value, context)
    assert (found.value, found.reason, found.variant) == (value, word, variant)
    assert (found.error_code, found.error_message) == (None, None)
    assert found.flag_metadata["reason"] == reason
    assert found.flag_metadata["kind"] == flag.partition(":")[0]
    assert found.flag_metadata["revision"]
    assert all(isinstance(each, bool | int | float | str) for each in found.flag_metadata.values())


def test_a_variant_is_told_by_its_name(served: str) -> None:
    found = client_of(WaypostProvider(served, SECRET_KEY)).get_boolean_details(
        "guide:split", False, user("u2", "/split")
    )
    assert (found.value, found.reason, found.flag_metadata["widget"]) == (True, Word.SPLIT, "modal")
    assert found.variant in {"a", "b"}


def test_an_object_is_what_the_guide_says_and_the_default_where_it_is_not_decided(served: str) -> None:
    client = client_of(WaypostProvider(served, SECRET_KEY))
    shown = client.get_object_details("guide:dns_help", {}, user("u1"))
    assert isinstance(shown.value, dict)
    assert (shown.value["title"], shown.reason) == ("Two records, team", Word.TARGETING_MATCH)
    kept = client.get_object_details("guide:dns_help", {"title": "Default"}, user("u2"))
    assert (kept.value, kept.reason, kept.error_code) == ({"title": "Default"}, Word.DEFAULT, None)


def test_a_coroutine_may_ask_as_well(served: str) -> None:
    client = client_of(WaypostProvider(served, SECRET_KEY))

    async def both() -> tuple[bool, Any]:
        yes = await client.get_boolean_value_async("segment:team", False, user("u1"))
        return yes, await client.get_object_value_async("guide:dns_help", {}, user("u1"))

    yes, content = asyncio.run(both())
    assert (yes, content["title"]) == (True, "Two records, team")


def test_asking_leaves_no_decision(served: str, shared_site: Site) -> None:
    client = client_of(WaypostProvider(served, SECRET_KEY))
    assert [client.get_boolean_value("guide:dns_help", False, user("u1")) for _ in range(3)] == [True] * 3
    assert shared_site.service.recent_decisions(1).items == ()


FAULTS = [
    ("boolean", "guide:nothing", user("u1"), ErrorCode.FLAG_NOT_FOUND),
    ("boolean", "persona:team", user("u1"), ErrorCode.FLAG_NOT_FOUND),
    ("boolean", "missing-flag", user("u1"), ErrorCode.FLAG_NOT_FOUND),
    ("string", "missing-flag", user("u1"), ErrorCode.FLAG_NOT_FOUND),
    ("boolean", "segment:", user("u1"), ErrorCode.FLAG_NOT_FOUND),
    ("string", "segment:team", user("u1"), ErrorCode.TYPE_MISMATCH),
    ("integer", "segment:team", user("u1"), ErrorCode.TYPE_MISMATCH),
    ("float", "guide:dns_help", user("u1"), ErrorCode.TYPE_MISMATCH),
    ("string", "guide:dns_help", user("u1"), ErrorCode.TYPE_MISMATCH),
    ("object", "segment:team", user("u1"), ErrorCode.TYPE_MISMATCH),
    ("boolean", "segment:team", user(None), ErrorCode.TARGETING_KEY_MISSING),
    ("boolean", "segment:team", user(""), ErrorCode.TARGETING_KEY_MISSING),
    ("boolean", "segment:team", None, ErrorCode.TARGETING_KEY_MISSING),
    ("boolean", "segment:team", user("u" * 256), ErrorCode.INVALID_CONTEXT),
    ("boolean", "segment:team", user("a\0b"), ErrorCode.INVALID_CONTEXT),
    ("boolean", "segment:team", user("u1", locale=7), ErrorCode.INVALID_CONTEXT),
    ("boolean", "segment:team", user("u1", odd=object()), ErrorCode.INVALID_CONTEXT),
]
DEFAULTS: dict[str, Any] = {"boolean": True, "string": "uh-oh", "integer": 13, "float": 0.1, "object": {"a": 1}}


@pytest.mark.parametrize(
    ("kind", "flag", "context", "code"), FAULTS, ids=[f"{n} {row[0]} {row[1]}" for n, row in enumerate(FAULTS)]
)
def test_what_cannot_be_answered_gives_the_default_and_a_code(
    served: str, kind: str, flag: str, context: EvaluationContext | None, code: ErrorCode
) -> None:
    """2.2.7 an error code · 2.3.3 a message · and the evaluation API's 1.4.10: nothing is raised."""
    client = client_of(WaypostProvider(served, SECRET_KEY))
    found: FlagEvaluationDetails[Any] = getattr(client, f"get_{kind}_details")(flag, DEFAULTS[kind], context)
    assert (found.value, found.reason, found.error_code) == (DEFAULTS[kind], Word.ERROR, code)
    assert found.error_message
    assert client.get_provider_status() is ProviderStatus.READY


def test_the_attributes_may_be_of_every_type_of_the_specification() -> None:
    """3.1.2 booleans, text, numbers, structures and times."""
    given = {"page.path": "/a", "page": {"url": "u"}, "os.name": "x", "at": datetime(2026, 1, 1), "n": 1}  # noqa: DTZ001
    found = nested(given)
    assert (found["page"], found["os"], found["n"]) == ({"url": "u", "path": "/a"}, {"name": "x"}, 1)


def test_times_and_structures_travel(served: str) -> None:
    client = client_of(WaypostProvider(served, SECRET_KEY))
    context = user("u1", since=datetime(2026, 1, 1), tags=("a", "b"), page={"path": "/dns", "more": [1, {"x": True}]})  # noqa: DTZ001
    assert client.get_boolean_details("segment:on_dns", False, context).value is True


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_word_that_fits_its_value(reason: Reason) -> None:
    assert word_of(reason) in set(Word)
    assert word_of(reason) in {Word.TARGETING_MATCH, Word.SPLIT} or not reason.shows


class TestTheInterface:
    """What the specification asks of the shape of a provider."""

    def test_2_1_1_it_has_a_name(self) -> None:
        assert WaypostProvider(NOWHERE, SECRET_KEY).get_metadata().name == "waypost"

    @pytest.mark.parametrize("kind", ["boolean", "string", "integer", "float", "object"])
    def test_2_2_1_and_2_2_2_1_each_type_is_resolved_with_key_default_and_context(self, kind: str) -> None:
        own = inspect.signature(getattr(WaypostProvider, f"resolve_{kind}_details"))
        wanted = inspect.signature(getattr(FeatureProvider, f"resolve_{kind}_details"))
        assert list(own.parameters) == list(wanted.parameters)

    @pytest.mark.parametrize("kind", ["boolean", "string", "integer", "float", "object"])
    def test_2_2_8_1_a_resolution_has_the_type_that_was_asked(self, kind: str) -> None:
        provider = WaypostProvider(NOWHERE, SECRET_KEY)
        found = getattr(provider, f"resolve_{kind}_details")("guide:x", DEFAULTS[kind], None)
        assert isinstance(found, FlagResolutionDetails)
        assert type(found.value) is type(DEFAULTS[kind])

    def test_2_3_1_it_may_have_hooks_and_has_none(self) -> None:
        assert WaypostProvider(NOWHERE, SECRET_KEY).get_provider_hooks() == []

    def test_the_key_is_not_shown(self) -> None:
        assert SECRET_KEY not in repr(vars(WaypostProvider(NOWHERE, SECRET_KEY)))


class TestTheLifeOfAProvider:
    """2.4 initialization, 2.5 shutdown, and the events of section 5."""

    def test_2_4_1_it_becomes_ready(self, served: str) -> None:
        heard = Heard()
        heard.to(api.get_client())
        client = client_of(WaypostProvider(served, SECRET_KEY))
        assert client.get_provider_status() is ProviderStatus.READY
        heard.wait_for("PROVIDER_READY")

    def test_before_it_is_initialized_it_is_not_ready(self, served: str) -> None:
        found = WaypostProvider(served, SECRET_KEY).resolve_boolean_details("segment:team", True, user("u1"))
        assert (found.value, found.error_code) == (True, ErrorCode.PROVIDER_NOT_READY)

    def test_2_5_2_after_its_shutdown_it_is_as_before(self, served: str) -> None:
        provider = WaypostProvider(served, SECRET_KEY)
        for _ in range(2):
            provider.initialize(EvaluationContext())
            assert provider.resolve_boolean_details("segment:team", False, user("u1")).value is True
            provider.shutdown()
            found = provider.resolve_boolean_details("segment:team", False, user("u1"))
            assert found.error_code is ErrorCode.PROVIDER_NOT_READY

    @pytest.mark.parametrize("key", ["wp_sec_unknownunknown1234", PUBLIC_KEY, "not a key", ""])
    def test_2_4_2_1_a_key_that_is_refused_is_fatal(self, served: str, key: str) -> None:
        with pytest.raises(ProviderFatalError):
            api.set_provider_and_wait(WaypostProvider(served, key))
        client = api.get_client()
        assert client.get_provider_status() is ProviderStatus.FATAL
        found = client.get_boolean_details("segment:team", True, user("u1"))
        assert (found.value, found.error_code) == (True, ErrorCode.PROVIDER_FATAL)

    def test_a_key_without_the_scope_is_fatal(self, served: str, shared_site: Site) -> None:
        narrow = shared_site.service.tenancy.create_key(1, KeyKind.SECRET, scopes=frozenset({Scope.EVENTS_WRITE})).text
        with pytest.raises(ProviderFatalError) as refused:
            api.set_provider_and_wait(WaypostProvider(served, narrow))
        assert "people:read" in str(refused.value.error_message)

    @pytest.mark.parametrize("url", [NOWHERE, "ftp://example.com", "nonsense"])
    def test_2_4_2_1_a_server_that_is_not_there_is_an_error_and_flags_are_their_defaults(self, url: str) -> None:
        with pytest.raises(GeneralError):
            api.set_provider_and_wait(WaypostProvider(url, SECRET_KEY))
        client = api.get_client()
        assert client.get_provider_status() is ProviderStatus.ERROR
        found = client.get_boolean_details("segment:team", True, user("u1"))
        assert (found.value, found.reason, found.error_code) == (True, Word.ERROR, ErrorCode.GENERAL)

    def test_an_outage_is_bridged_by_what_was_said_last_and_told(self, site: Site) -> None:
        publish(site)
        clock, heard, behind = Seconds(), Heard(), Outages(site.app)
        with serving(cast("Flask", behind)) as address:
            client = client_of(WaypostProvider(address, SECRET_KEY, clock=clock))
            heard.to(client)

            def ask(key: str) -> FlagEvaluationDetails[bool]:
                return client.get_boolean_details("segment:on_dns", False, user(key, "/dns"))

            assert (ask("u1").value, ask("u1").reason) == (True, Word.TARGETING_MATCH)
            behind.is_out = True
            stale = ask("u1")
            assert (stale.value, stale.reason, stale.error_code) == (True, Word.STALE, None)
            assert stale.flag_metadata["reason"] == "TARGETING_MATCH"
            heard.wait_for("PROVIDER_STALE")
            assert client.get_provider_status() is ProviderStatus.STALE
            unknown = ask("u2")
            assert (unknown.error_code, "502" in str(unknown.error_message)) == (ErrorCode.GENERAL, True)
            clock.now += 301
            assert (ask("u1").value, ask("u1").error_code) == (False, ErrorCode.GENERAL)
            heard.wait_for("PROVIDER_ERROR")
            assert client.get_provider_status() is ProviderStatus.ERROR
            behind.is_out = False
            assert ask("u1").error_code is ErrorCode.GENERAL, "it is left in peace for a while"
            clock.now += 6
            assert (ask("u1").value, ask("u1").reason) == (True, Word.TARGETING_MATCH)
            heard.wait_for("PROVIDER_READY")
            assert client.get_provider_status() is ProviderStatus.READY

    def test_a_redirect_is_not_followed_with_the_key(self, served: str) -> None:
        asked: list[str] = []

        def elsewhere(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            asked.append(environ["PATH_INFO"])
            return redirect(f"{served}/api/v1/flags", 307)(environ, start_response)

        with serving(cast("Flask", elsewhere)) as address, pytest.raises(GeneralError):
            api.set_provider_and_wait(WaypostProvider(address, SECRET_KEY))
        assert asked == ["/api/v1/flags"]

    def test_5_1_1_other_rules_are_told(self, site: Site) -> None:
        first = publish(site)
        with serving(site.app) as address:
            client, heard = client_of(WaypostProvider(address, SECRET_KEY)), Heard()
            heard.to(client)
            assert client.get_boolean_details("segment:team", False, user("u1")).flag_metadata["revision"] == first
            second = publish(site, RULES.replace('"team"', '"crew"'))
            assert client.get_boolean_details("segment:team", False, user("u1")).flag_metadata["revision"] == second
            assert heard.wait_for("PROVIDER_CONFIGURATION_CHANGED").metadata == {"revision": second}

    def test_a_key_that_is_withdrawn_is_told_and_gives_defaults(self, site: Site) -> None:
        publish(site)
        made = site.service.create_key(1, KeyKind.SECRET)
        with serving(site.app) as address:
            client, heard = client_of(WaypostProvider(address, made.text)), Heard()
            heard.to(client)
            assert client.get_boolean_details("segment:team", True, user("u1")).error_code is None
            site.service.revoke_key(1, made.view.id)
            found = client.get_boolean_details("segment:team", True, user("u1"))
            assert (found.value, found.error_code) == (True, ErrorCode.GENERAL)
            heard.wait_for("PROVIDER_ERROR")


class TestTheHowTo:
    """docs/how-to/openfeature.md says what is so."""

    def test_its_lines_run(self, served: str, capsys: pytest.CaptureFixture[str]) -> None:
        (lines,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
        lines = lines.replace("https://waypost.example.com", served).replace("wp_sec_…", SECRET_KEY)
        exec(lines.replace("set_provider(", "set_provider_and_wait("), {})  # noqa: S102  (our own page)
        assert capsys.readouterr().out == "show the team's settings\nTwo records, team\n"

    def test_its_table_has_every_reason_at_its_word(self) -> None:
        rows = re.findall(r"^\| `([A-Z_]+)` \| (`[A-Z_`, ]+)", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE)
        told = {reason: word for word, reasons in rows for reason in re.findall(r"`([A-Z_]+)`", reasons)}
        assert told == {reason.value: word_of(reason).value for reason in Reason}
