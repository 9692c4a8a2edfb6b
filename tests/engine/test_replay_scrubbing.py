"""The second look at the door: of secrets that slipped through the page's own masking, nothing is kept."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.values import SECOND, Instant
from engine.replay.errors import BadReplay, ReplayTooLarge
from engine.replay.parts import UNPACKED_LIMIT, read_part, unpack
from engine.replay.scrubbing import BLOT, Scrubber, passes_luhn
from tests.engine.clock import STARTED
from tests.recordings import element, moment, packed, part, recorded, words

NOW = Instant(STARTED + 60 * SECOND)

SECRETS = {
    "an address of mail": "ada.lovelace@example.com",
    "one with a plus": "ada+test@mail.example.co.uk",
    "one of letters beyond English": "jürgen@müller.example",
    "one in an address": "ada%40example.com",
    "a card": "4111111111111111",
    "a card with spaces": "5555 5555 5555 4444",
    "a card with hyphens": "3782-822463-10005",
    "a signed token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.s1gnature",
    "a key of a payment service": "sk_live_abcdefghijklmnop",
    "a key of a code host": "ghp_abcdefghijklmnopqrstuv",
    "a key of a cloud": "AKIAABCDEFGHIJKLMNOP",
    "a number of a session": "8f14e45fceea167a5a36dedd4bea2543",
    "a UUID": "550e8400-e29b-41d4-a716-446655440000",
    "a random token": "a1B2c3D4e5F6g7H8i9J0k1L2",
}
HARMLESS = (
    "the quick brown fox jumps over the lazy dog",
    "Button_primary__label",
    "grid-cols-12-sm-columns-3",
    "2026-11-02T09:00:00Z",
    "+1 555 0100",
    "@media (min-width: 30em) { p { margin: 0 } }",
    "M12 34 56 78",
    "1 234 567.89",
    "4111 1111 1111 1112",
    "•••• •• ••••••",
)


def changed(**data: Any) -> dict[str, Any]:
    return {"type": 3, "timestamp": STARTED // 1_000 + 5, "data": data}


def places(secret: str) -> dict[str, list[dict[str, Any]]]:
    """Everywhere that a text can stand in what rrweb tells."""
    start = STARTED
    at = start // 1_000

    def change(**data: Any) -> list[dict[str, Any]]:
        return [*recorded(start), changed(**data)]

    def body(*nodes: dict[str, Any]) -> list[dict[str, Any]]:
        return recorded(start, body=list(nodes))

    return {
        "text": body(words(20, f"I am {secret}.")),
        "text of a style": body(element(20, "style", [words(21, f'p::after{{content:"{secret}"}}', isStyle=True)])),
        "title": body(element(20, "p", [], title=secret)),
        "alt": body(element(20, "img", [], alt=secret)),
        "aria": body(element(20, "p", [], aria_label=f"say {secret}")),
        "value": body(element(20, "input", [], value=secret)),
        "placeholder": body(element(20, "input", [], placeholder=secret)),
        "data": body(element(20, "p", [], data_user=secret)),
        "what should be a drawing": body(element(20, "path", [], d=f"M0 0 {secret} is mine")),
        "the name of an attribute": body({**element(20, "p", []), "attributes": {secret: "x"}}),
        "a query": body(element(20, "a", [], href=f"https://a.example/p?x={secret}")),
        "a fragment": body(element(20, "a", [], href=f"/p#x={secret}")),
        "a path": body(element(20, "a", [], href=f"/reset/{secret}/now")),
        "srcdoc": body(element(20, "iframe", [], srcdoc=f"<p>{secret}</p>")),
        "a handler": body(element(20, "p", [], onclick=f"say('{secret}')")),
        "a style": body(element(20, "p", [], style=f"background:url(/x?{secret})")),
        "a picture of a canvas": body(element(20, "canvas", [], rr_dataURL=f"data:{secret}")),
        "deep": body(element(20, "div", [element(21, "div", [element(22, "b", [words(23, secret)])])])),
        "a changed text": change(source=0, texts=[{"id": 8, "value": secret}], adds=[], removes=[], attributes=[]),
        "a changed attribute": change(
            source=0, texts=[], adds=[], removes=[], attributes=[{"id": 7, "attributes": {"title": secret}}]
        ),
        "an added element": change(
            source=0, texts=[], removes=[], attributes=[], adds=[{"parentId": 6, "node": words(30, secret)}]
        ),
        "an input": change(source=5, id=7, text=secret, isChecked=False),
        "a rule of a style": change(source=8, id=4, adds=[{"rule": f'p::after{{content:"{secret}"}}', "index": 0}]),
        "an adopted style": change(source=15, id=1, styleIds=[1], styles=[{"styleId": 1, "rules": [{"rule": secret}]}]),
        "an event of its own": [
            *recorded(start),
            {"type": 5, "timestamp": at, "data": {"tag": "x", "payload": secret}},
        ],
        "the address of the page": [
            {"type": 4, "timestamp": at, "data": {"href": f"https://a.example/?t={secret}", "width": 1, "height": 1}},
            *recorded(start),
        ],
    }


@pytest.mark.parametrize("secret", SECRETS.values(), ids=list(SECRETS))
def test_nothing_is_left_of_a_secret_wherever_it_stands(secret: str) -> None:
    for where, events in places(secret).items():
        made = read_part(part(STARTED, events=events), now=NOW)
        kept = zlib.decompress(made.packed, wbits=31).decode()
        assert secret not in kept, where
        assert secret.replace(" ", "") not in kept, where
        assert made.scrubbed >= 1, where


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert Scrubber().text(text) == text


def test_a_link_that_leads_nowhere_stays_a_link() -> None:
    made = read_part(part(STARTED, events=recorded(STARTED, body=[element(20, "a", [], href="#")])), now=NOW)
    assert made.scrubbed == 0
    assert b'"href":"#"' in zlib.decompress(made.packed, wbits=31)


def test_a_blot_is_as_long_as_what_it_hides_and_the_same_everywhere() -> None:
    scrubber = Scrubber()
    assert scrubber.text("mail ada@example.com now") == f"mail {BLOT * 15} now"
    name = "css-1q2w3e4r5t6y7u8i9o0p"
    assert scrubber.text(f".{name}{{color:teal}}") == f".{scrubber.text(name)}{{color:teal}}"


def test_a_number_that_is_a_card_is_blotted_too_and_a_time_is_not() -> None:
    value: list[Any] = [{"value": 4111111111111111, "timestamp": 1762074000005, "x": 12}]
    assert passes_luhn("1762074000005"), "the time would pass for a card"
    Scrubber().scrub(value)
    assert value == [{"value": 0, "timestamp": 1762074000005, "x": 12}]


def test_the_page_keeps_its_path_and_loses_its_query() -> None:
    made = read_part(part(STARTED), now=NOW)
    assert (made.page, made.scrubbed) == ("https://app.example.com/dns", 0)
    assert read_part(part(STARTED, page="/mail/ada@example.com"), now=NOW).page == f"/mail/{BLOT * 15}"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no id": ({"recording": "mine"}, "`recording` must be a UUID"),
    "no number": ({"chunk": -1}, "`chunk` must be a whole number"),
    "a number that is true": ({"chunk": True}, "`chunk` must be a whole number"),
    "nobody": ({"userId": None, "anonymousId": None}, "say whose recording it is"),
    "an empty id": ({"userId": ""}, "`userId` must be a text"),
    "no page": ({"page": None}, "`page` must be the address"),
    "no size": ({"size": [800, 600]}, "`size.width` must be"),
    "no time": ({"started": "yesterday"}, "`started` must be a time"),
    "the end before the beginning": ({"ended": "2026-11-02T08:00:00Z"}, "`ended` must come after"),
    "in the future": ({"ended": "2027-11-02T08:00:00Z"}, "not in the future"),
    "moments that are none": ({"moments": [{"event": "$rage_click"}]}, "`at` must be a time"),
    "moments without a name": ({"moments": ["$rage_click"]}, "`moments[0]` needs the name"),
    "moments of another day": ({"moments": [{"event": "$rage_click", "at": "2026-11-01T09:00:00Z"}]}, "six hours"),
    "too many moments": ({"moments": [{}] * 201}, "at most 200"),
    "no events": ({"events": []}, "`events` must be a list"),
    "an event that is none": ({"events": [7]}, "`events[0]` must be an object"),
    "an unknown kind": ({"events": [{"type": 6, "timestamp": 1, "data": {}}]}, "`events[0].type`"),
    "a canvas": ({"events": [{"type": 3, "timestamp": 1, "data": {"source": 9}}]}, "`events[0].data.source`"),
    "a console": ({"events": [{"type": 3, "timestamp": 1, "data": {"source": 11}}]}, "`events[0].data.source`"),
    "additions that are none": (
        {"events": [{"type": 3, "timestamp": 1, "data": {"source": 0, "adds": 5}}]},
        "`events[0].data.adds` must be a list",
    ),
    "no time of an event": ({"events": [{"type": 0, "data": {}}]}, "`events[0].timestamp`"),
    "a page that is none": ({"events": [{"type": 2, "timestamp": 1, "data": {"node": {"type": 9}}}]}, "is not a page"),
    "a window of no size": (
        {"events": [{"type": 4, "timestamp": 1, "data": {"href": "/", "width": "wide", "height": 600}}]},
        "`events[0].data` needs `href`, and `width`",
    ),
    "children that are none": (
        {"events": [{"type": 2, "timestamp": 1, "data": {"node": {"type": 0, "childNodes": "x"}}}]},
        "`childNodes` are none",
    ),
    "a member of nothing": ({"events": [{"type": 0, "timestamp": 1, "data": {}, "cookie": "x"}]}, "`cookie`"),
    "too many elements": (
        {"events": recorded(STARTED, body=[element(n + 100, "i", []) for n in range(20_001)])},
        "more than 20,000 elements",
    ),
    "too many events": ({"events": [{"type": 0, "timestamp": 1, "data": {}}] * 20_001}, "at most 20,000"),
}


@pytest.mark.parametrize(("said", "told"), WRONG.values(), ids=list(WRONG))
def test_what_is_no_recording_is_refused_with_the_place(said: dict[str, Any], told: str) -> None:
    with pytest.raises(BadReplay) as refused:
        read_part(part(STARTED) | said, now=NOW)
    assert told in str(refused.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(sorted(SECRETS.values())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def of_all_kinds() -> dict[str, Any]:
    """A part with a page, a click, every kind of change to the page, and a moment."""
    added = {"parentId": 6, "nextId": None, "node": element(30, "p", [words(31, "•••")], title="•••")}
    events = [
        *recorded(STARTED, seconds=1),
        changed(source=0, texts=[{"id": 8, "value": "•"}], removes=[{"parentId": 6, "id": 7}], adds=[added]),
        changed(source=0, attributes=[{"id": 7, "attributes": {"class": "on", "style": {"color": "red"}}}], adds=[]),
        changed(source=5, id=7, text="•••", isChecked=False),
        {"type": 5, "timestamp": STARTED // 1_000, "data": {"tag": "gap", "payload": {"reason": "hidden"}}},
    ]
    return part(STARTED, events=events, moments=[moment("$rage_click", STARTED)], userToken="t")


def holders_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place within a value: what holds it, and under which name or number."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(each, (dict, list)):
            yield from holders_of(each)


@given(place=st.integers(0, len(list(holders_of(of_all_kinds()))) - 1), value=JSON)
def test_whatever_stands_in_place_of_whatever_is_refused_or_kept(place: int, value: Any) -> None:
    said = of_all_kinds()
    holder, key = list(holders_of(said))[place]
    holder[key] = value
    try:
        made = read_part(unpack(packed(said)), now=NOW)
    except BadReplay:
        return
    assert isinstance(orjson.loads(zlib.decompress(made.packed, wbits=31)), list)
    if isinstance(value, str) and value in SECRETS.values():
        assert value.encode() not in zlib.decompress(made.packed, wbits=31)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b" " * (UNPACKED_LIMIT * 30)) + packer.flush()
    assert len(bomb) < 1024 * 1024
    with pytest.raises(ReplayTooLarge, match="8 MB at most, unpacked"):
        unpack(bomb)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not gzip"),
        (b"{}", "not gzip"),
        (packed({})[:-6], "complete gzip"),
        (packed({}) + b"more", "goes on after its end"),
        (packed([]), "not a JSON object"),
        (zlib.compress(b"{}", wbits=31)[:-9] + b"\0" * 9, "gzip"),
        (packed(orjson.Fragment(b"[" * 3_000 + b"]" * 3_000)), "not JSON"),
        (packed(orjson.Fragment(b'{"a": NaN}')), "not JSON"),
    ],
    ids=["empty", "plain", "cut short", "more after it", "a list", "torn", "too deep", "no number"],
)
def test_a_body_that_is_none_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(BadReplay, match=told):
        unpack(body)


def test_a_body_over_a_megabyte_is_refused() -> None:
    with pytest.raises(ReplayTooLarge, match="1,024 KB at most"):
        unpack(b"\x1f\x8b" + b"x" * 1024 * 1024)
