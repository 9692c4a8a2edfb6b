"""A simulated past of Postbird: what 2,000 customers did in the 14 days before a given instant.

Pure: the same seed and instant give the same messages, in the form in which a customer's page would have sent them
(Segment's). Every message says in its context that it is simulated. Two causes are hidden in it, for the analyses to
find: self-serve customers do not understand the DNS page, and customers in large companies may not change their DNS.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant, JsonValue, format_instant
from examples.demo import voices

SEED: Final = 2027
USERS: Final = 2_000
DAYS: Final = 14

Message = dict[str, JsonValue]
Meets = Callable[[list[Message], Instant], str | None]
"""What the product does with what somebody just did: the name of the guide that it shows for the last of it."""

_MILLISECOND: Final = 1_000
_REASONS: Final = ("NXDOMAIN", "NXDOMAIN", "NXDOMAIN", "TXT mismatch", "CNAME missing", "SERVFAIL")
_AGENTS: Final = (
    ("desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"),
    ("desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15"),
    ("desktop", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    ("mobile", "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"),
    ("mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1"),
)
_PLACES: Final = (
    ("en-US", "America/New_York"),
    ("en-US", "America/Los_Angeles"),
    ("en-GB", "Europe/London"),
    ("en-GB", "Africa/Nairobi"),
    ("en-IN", "Asia/Kolkata"),
    ("de-DE", "Europe/Berlin"),
)


class Trouble(Enum):
    """What stands between a customer and a verified domain."""

    NONE = "none"
    DOES_NOT_UNDERSTAND = "does not understand the page"
    MAY_NOT_CHANGE_DNS = "may not change the DNS"


HELPED: Final = {Trouble.NONE: 0.7, Trouble.DOES_NOT_UNDERSTAND: 0.55, Trouble.MAY_NOT_CHANGE_DNS: 0.5}
"""The share of those who see a guide at the DNS page whom it gets through, by their trouble."""


@dataclass(frozen=True, slots=True)
class Market:
    """A kind of customer: how common it is, what it looks like, and how often it is in which trouble."""

    share: float
    plan: str
    seats: tuple[int, int]
    sales_assisted: bool
    confused: float
    no_access: float

    def trouble(self, chance: random.Random) -> Trouble:
        """The trouble of one customer of this kind."""
        draw = chance.random()
        if draw < self.confused:
            return Trouble.DOES_NOT_UNDERSTAND
        return Trouble.MAY_NOT_CHANGE_DNS if draw < self.confused + self.no_access else Trouble.NONE


SELF_SERVE: Final = Market(0.62, "trial", (1, 12), sales_assisted=False, confused=0.58, no_access=0.02)
ENTERPRISE: Final = Market(0.22, "pro", (50, 900), sales_assisted=True, confused=0.05, no_access=0.64)
SMALL_TEAM: Final = Market(0.16, "pro", (3, 40), sales_assisted=False, confused=0.22, no_access=0.06)
_MARKETS: Final = (SELF_SERVE, ENTERPRISE, SMALL_TEAM)


@dataclass(slots=True)
class _Customer:
    """One simulated person with a clock of their own; writes the messages that their browser sends."""

    number: int
    seed: int
    until: Instant
    chance: random.Random
    now: int
    market: Market
    trouble: Trouble
    name: str
    domain: str
    provider: str
    agent: tuple[str, str]
    place: tuple[str, str]
    meets: Meets | None = None
    handed: int = 0
    known: bool = False
    path: str = "/"
    sent: list[tuple[int, Message]] = field(default_factory=list)

    @property
    def speaks_german(self) -> bool:
        return self.place[0].startswith("de")

    @property
    def dns_page(self) -> str:
        return f"/domains/{self.domain}/dns"

    def wait(self, shortest: Duration, longest: Duration) -> None:
        """Let some time go by, rather near the shortest."""
        spread = longest - shortest
        self.now += int(shortest + spread * self.chance.random() ** 2) // _MILLISECOND * _MILLISECOND

    def _send(self, kind: str, **parts: JsonValue) -> None:
        if self.now > self.until:
            return
        device, agent = self.agent
        locale, timezone = self.place
        identity: Message = {"anonymousId": f"sim-visitor-{self.number:04}"}
        if self.known:
            identity["userId"] = f"sim-{self.number:04}"
        message: Message = {
            "type": kind,
            "messageId": f"sim-{self.seed}-{self.number:04}-{len(self.sent):03}",
            "timestamp": format_instant(Instant(self.now)),
            **identity,
            **parts,
            "context": {
                "simulated": True,
                "page": {"path": self.path, "url": f"https://app.postbird.example{self.path}"},
                "userAgent": agent,
                "device": {"type": device},
                "locale": locale,
                "timezone": timezone,
            },
        }
        self.sent.append((self.now, message))

    def view(self, path: str, title: str) -> None:
        """Open a page."""
        self.path = path
        self._send("page", name=title, properties={"path": path, "title": title})

    def identify(self) -> None:
        """Become a known user."""
        self.known = True
        low, high = self.market.seats
        traits: Message = {
            "plan": self.market.plan,
            "seats": self.chance.randint(low, high),
            "sales_assisted": self.market.sales_assisted,
            "signed_up_at": format_instant(Instant(self.now)),
            "first_name": self.name,
            "email": f"{self.name.lower()}@{self.domain}",
        }
        self._send("identify", traits=traits)

    def track(self, event: str, **properties: JsonValue) -> None:
        """Do something that the product or Waypost tracks."""
        self._send("track", event=event, properties=properties)

    def suffer(self, signal: str, selector: str, **evidence: JsonValue) -> None:
        """Show a friction signal on the page where they are."""
        self.track(f"${signal}", selector=selector, page={"path": self.path}, evidence=evidence, v=1)

    def shown(self) -> str | None:
        """The guide that comes for what they did last; None in a past in which nobody was guided."""
        if self.meets is None:
            return None
        fresh = [message for _, message in self.sent[self.handed :]]
        self.handed = len(self.sent)
        return self.meets(fresh, min(Instant(self.now), self.until)) if fresh else None

    def say(self, sentences: Sequence[str], wishes: Sequence[str] = (), *, german: Sequence[str] = ()) -> str:
        """An answer in the customer's own words."""
        if self.speaks_german and german:
            return self.chance.choice(german)
        words = [self.chance.choice(sentences)]
        if wishes and self.chance.random() < 0.45:
            words.append(self.chance.choice(wishes))
        return " ".join(words)


def simulate(*, until: Instant, seed: int = SEED, users: int = USERS) -> list[Message]:
    """The messages of all customers in the order of their time, none later than `until`."""
    chance = random.Random(seed)  # noqa: S311
    arrivals = sorted(_arrival(chance, until, DAYS) for _ in range(users))
    sent: list[tuple[int, int, int, Message]] = []
    for number, arrival in enumerate(arrivals, start=1):
        customer = _customer(number, arrival, seed=seed, until=until)
        _live(customer)
        sent += [(moment, number, index, message) for index, (moment, message) in enumerate(customer.sent)]
    return [message for _, _, _, message in sorted(sent, key=lambda each: each[:3])]


def live_on(*, week: int, until: Instant, users: int, meets: Meets, seed: int = SEED) -> Iterator[int]:
    """The customers of a later week, the first being 1, which ends at `until`; they live with the guidance of `meets`:
    one after another, each with their number when all that they did has been handed over.

    A guide at the DNS page is taken to be well written: see HELPED for how many it gets through.
    """
    chance = random.Random(f"{seed}/week {week}")  # noqa: S311
    first = USERS + (week - 1) * users + 1
    for number in range(first, first + users):
        customer = _customer(number, _arrival(chance, until, 7), seed=seed, until=until)
        customer.meets = meets
        _live(customer)
        customer.shown()
        yield number


def _arrival(chance: random.Random, until: Instant, days: int) -> int:
    """When a customer first comes: on any of the days, mostly in working hours, rarely at a weekend."""
    while True:
        moment = until - int(chance.random() * days * DAY)
        hour = moment // HOUR % 24
        weekend = (moment // DAY + 4) % 7 in (0, 6)  # 1970-01-01 was a Thursday; 0 is Sunday
        likely = (1.0 if 7 <= hour < 19 else 0.3) * (0.45 if weekend else 1.0)
        if chance.random() < likely:
            return moment // _MILLISECOND * _MILLISECOND


def _customer(number: int, arrival: int, *, seed: int, until: Instant) -> _Customer:
    # A stream of its own for everybody, so that changing one customer's story leaves the others as they are.
    chance = random.Random(f"{seed}/{number}")  # noqa: S311
    market = chance.choices(_MARKETS, [each.share for each in _MARKETS])[0]
    company = chance.choice(voices.COMPANY_FIRST) + chance.choice(voices.COMPANY_LAST)
    return _Customer(
        number=number,
        seed=seed,
        until=until,
        chance=chance,
        now=arrival,
        market=market,
        trouble=market.trouble(chance),
        name=chance.choice(voices.FIRST_NAMES),
        domain=f"{company}.example",
        provider=chance.choice(voices.PROVIDERS),
        agent=chance.choices(_AGENTS, (34, 26, 12, 14, 14))[0],
        place=chance.choices(_PLACES, (26, 18, 20, 8, 14, 14))[0],
    )


def _live(customer: _Customer) -> None:
    """One customer's way from the first page to the first campaign, or to where they leave."""
    if not _signs_up(customer) or not _connects(customer):
        return
    if not _verifies(customer):
        return
    _tells_effort(customer)
    _sends(customer)


def _signs_up(customer: _Customer) -> bool:
    chance = customer.chance
    customer.view("/signup", "Create your account")
    customer.wait(Duration(20 * SECOND), Duration(3 * MINUTE))
    if chance.random() < 0.07:
        if chance.random() < 0.4:
            customer.suffer("form_abandoned", "#signup", filled=chance.randint(1, 2))
        return False
    if chance.random() < 0.05:
        customer.suffer("field_reentered", "#email", times=2)
    customer.identify()
    customer.track("Signed Up", plan=customer.market.plan)
    return True


def _connects(customer: _Customer) -> bool:
    chance = customer.chance
    customer.wait(Duration(2 * SECOND), Duration(30 * SECOND))
    customer.view("/domains/new", "Connect a domain")
    customer.wait(Duration(20 * SECOND), Duration(6 * MINUTE))
    if chance.random() < 0.08:
        if chance.random() < 0.3:
            customer.suffer("quick_back", "body", seconds=3)
        return False
    if chance.random() < 0.06:
        customer.suffer("field_reentered", "#domain", times=2)
    customer.track("Domain Added", domain=customer.domain, provider=customer.provider)
    customer.wait(Duration(1 * SECOND), Duration(4 * SECOND))
    customer.view(customer.dns_page, "Verify your domain")
    return True


def _verifies(customer: _Customer) -> bool:
    """The step at which most of them leave; True when the domain is verified in the end."""
    match customer.trouble:
        case Trouble.NONE:
            failures, gives_up, comes_back = customer.chance.choices((0, 1, 2), (60, 32, 8))[0], 0.05, 0.5
        case Trouble.DOES_NOT_UNDERSTAND:
            failures, gives_up, comes_back = customer.chance.choices((1, 2, 3, 4, 5), (10, 32, 30, 18, 10))[0], 0.6, 0.5
        case Trouble.MAY_NOT_CHANGE_DNS:
            failures, gives_up, comes_back = customer.chance.choices((0, 1, 2), (20, 62, 18))[0], 0.97, 0.7
    for attempt in range(1, failures + 1):
        _struggles(customer)
        customer.track(
            "DNS Check Failed", domain=customer.domain, reason=customer.chance.choice(_REASONS), attempt=attempt
        )
        if _is_helped(customer):
            return True
    if customer.chance.random() >= gives_up:
        customer.wait(Duration(40 * SECOND), Duration(20 * MINUTE))
        customer.track("Domain Verified", domain=customer.domain)
        return True
    return _returns(customer, failures, comes_back)


def _is_helped(customer: _Customer) -> bool:
    """Whether a guide came for the failed check, and got them through."""
    guide, chance = customer.shown(), customer.chance
    if guide is None:
        return False
    customer.wait(Duration(1 * SECOND), Duration(4 * SECOND))
    customer.track("$shown", guide=guide)
    customer.wait(Duration(4 * SECOND), Duration(1 * MINUTE))
    if chance.random() >= HELPED[customer.trouble]:
        customer.track("$dismissed", guide=guide, how="close")
        return False
    customer.track("$completed", guide=guide)
    customer.wait(Duration(2 * MINUTE), Duration(50 * MINUTE))
    customer.track("Domain Verified", domain=customer.domain)
    return True


def _struggles(customer: _Customer) -> None:
    """What happens on the DNS page before a failed check."""
    chance = customer.chance
    customer.wait(Duration(15 * SECOND), Duration(5 * MINUTE))
    likely: dict[str, tuple[float, str]]
    match customer.trouble:
        case Trouble.NONE:
            likely = {"retry": (0.15, "#check-dns"), "hesitation": (0.05, "#dns-records")}
        case Trouble.DOES_NOT_UNDERSTAND:
            likely = {
                "dead_click": (0.34, "#zone-term"),
                "hesitation": (0.30, "#dns-records"),
                "error_click": (0.14, "#check-dns"),
                "rage_click": (0.17, "#check-dns"),
                "retry": (0.24, "#check-dns"),
                "loop": (0.10, "body"),
            }
        case Trouble.MAY_NOT_CHANGE_DNS:
            likely = {
                "hesitation": (0.28, "#dns-records"),
                "form_abandoned": (0.22, "#dns-records"),
                "quick_back": (0.20, "body"),
                "dead_click": (0.08, "#zone-term"),
            }
    evidence: dict[str, Callable[[], Message]] = {
        "dead_click": lambda: {"waited_ms": 2500},
        "rage_click": lambda: {"clicks": chance.randint(3, 7)},
        "error_click": lambda: {"after_ms": 40, "error": "TypeError"},
        "hesitation": lambda: {"waited_ms": 1000 * chance.randint(20, 90), "long_text": False, "filled": False},
    }
    for signal, (probability, selector) in likely.items():
        if chance.random() < probability:
            customer.suffer(signal, selector, **evidence.get(signal, dict)())
            customer.wait(Duration(2 * SECOND), Duration(40 * SECOND))


def _returns(customer: _Customer, failures: int, comes_back: float) -> bool:
    """Another day: some come back, a few of them get it done, some say what is in the way."""
    chance = customer.chance
    if chance.random() >= comes_back:
        return False
    customer.wait(Duration(14 * HOUR), Duration(3 * DAY))
    customer.view(customer.dns_page, "Verify your domain")
    if failures:
        _tells_blocker(customer)
    customer.wait(Duration(1 * MINUTE), Duration(15 * MINUTE))
    done = 0.26 if customer.trouble is Trouble.MAY_NOT_CHANGE_DNS else 0.22
    if chance.random() >= done:
        if chance.random() < 0.3:
            customer.suffer("form_abandoned", "#dns-records", form=True, changed=1)
        return False
    customer.track("Domain Verified", domain=customer.domain)
    return True


def _answers(customer: _Customer, survey: str, answers: Sequence[tuple[str, JsonValue, str | None]]) -> None:
    """One submission: an `$answered` for each question, then `$completed`."""
    submission = f"sim-{customer.number:04}-{survey}"
    language = "de" if customer.speaks_german else "en"
    for question, value, text in answers:
        customer.wait(Duration(3 * SECOND), Duration(25 * SECOND))
        written: Message = {} if text is None else {"text": text}
        customer.track(
            "$answered",
            guide=survey,
            question=question,
            value=value,
            submission=submission,
            language=language,
            **written,
        )
    customer.track("$completed", guide=survey)


def _tells_blocker(customer: _Customer) -> None:
    chance = customer.chance
    customer.wait(Duration(2 * SECOND), Duration(20 * SECOND))
    customer.track("$shown", guide="verify_blocker")
    if chance.random() >= 0.42:
        if chance.random() < 0.6:
            customer.track("$dismissed", guide="verify_blocker", how=chance.choice(("close", "escape")))
        return
    if chance.random() < 0.08:
        _answers(customer, "verify_blocker", [("blocker", "other", chance.choice(voices.OTHER_BLOCKER))])
        return
    match customer.trouble:
        case Trouble.DOES_NOT_UNDERSTAND:
            choice = "unsure"
            words = customer.say(voices.CONFUSED, voices.CONFUSED_WISH, german=voices.CONFUSED_GERMAN)
        case Trouble.MAY_NOT_CHANGE_DNS:
            choice = "no_access"
            words = customer.say(voices.NO_ACCESS, voices.NO_ACCESS_WISH, german=voices.NO_ACCESS_GERMAN)
        case Trouble.NONE:
            choice, words = "no_time", customer.say(voices.NO_TIME)
    answers: list[tuple[str, JsonValue, str | None]] = [("blocker", choice, None)]
    if chance.random() < 0.7:
        answers.append(("words", words, None))
    _answers(customer, "verify_blocker", answers)


def _tells_effort(customer: _Customer) -> None:
    """The survey after verification: about a quarter answer it, and how depends on what they went through."""
    chance = customer.chance
    customer.wait(Duration(1 * SECOND), Duration(3 * SECOND))
    customer.track("$shown", guide="verify_effort")
    if chance.random() >= 0.26:
        if chance.random() < 0.5:
            customer.track("$dismissed", guide="verify_effort", how="close")
        return
    match customer.trouble:
        case Trouble.NONE:
            ease = chance.choices((3, 4, 5, 6, 7), (4, 8, 22, 38, 28))[0]
        case Trouble.DOES_NOT_UNDERSTAND:
            ease = chance.choices((1, 2, 3, 4, 5, 6), (14, 26, 28, 18, 10, 4))[0]
        case Trouble.MAY_NOT_CHANGE_DNS:
            ease = chance.choices((1, 2, 3, 4, 5), (24, 30, 24, 14, 8))[0]
    answers: list[tuple[str, JsonValue, str | None]] = [("ease", ease, None)]
    words = customer.say(voices.PLEASED, german=voices.PLEASED_GERMAN)
    if ease <= 4:
        cause, words, text = _cause(customer)
        answers.append(("cause", cause, text))
    if chance.random() < 0.38:
        answers.append(("detail", words, None))
    _answers(customer, "verify_effort", answers)


def _cause(customer: _Customer) -> tuple[str, str, str | None]:
    """What slowed them down: the choice's id, their words, and the text beside `other`."""
    chance = customer.chance
    lost, doubtful, failing = "I did not know what to do", "I was not sure it would work", "It kept failing"
    if customer.trouble is Trouble.MAY_NOT_CHANGE_DNS:
        words = customer.say(voices.NO_ACCESS, voices.NO_ACCESS_WISH, german=voices.NO_ACCESS_GERMAN)
        kind = chance.choices((doubtful, "other"), (35, 65))[0]
        return (kind, words, "Had to ask our IT department") if kind == "other" else (kind, words, None)
    weights = (52, 16, 26, 6) if customer.trouble is Trouble.DOES_NOT_UNDERSTAND else (18, 30, 32, 20)
    kind = chance.choices((lost, doubtful, failing, "other"), weights)[0]
    said = {
        lost: (voices.CONFUSED, voices.CONFUSED_WISH),
        doubtful: (voices.DOUBTFUL, ()),
        failing: (voices.FAILING, voices.CONFUSED_WISH),
        "other": (voices.CONFUSED, ()),
    }
    sentences, wishes = said[kind]
    words = customer.say(sentences, wishes, german=voices.CONFUSED_GERMAN if kind == lost else ())
    return kind, words, chance.choice(voices.OTHER_CAUSE) if kind == "other" else None


def _sends(customer: _Customer) -> None:
    chance = customer.chance
    customer.wait(Duration(5 * SECOND), Duration(10 * MINUTE))
    customer.view("/campaigns/new", "New campaign")
    customer.wait(Duration(2 * MINUTE), Duration(40 * MINUTE))
    if chance.random() < 0.1:
        customer.suffer("retry", "#send", times=2)
    if chance.random() < 0.18:
        return
    if chance.random() < 0.3:
        customer.wait(Duration(18 * HOUR), Duration(3 * DAY))
        customer.view("/campaigns/new", "New campaign")
        customer.wait(Duration(1 * MINUTE), Duration(10 * MINUTE))
    customer.track("Campaign Sent", recipients=int(chance.lognormvariate(4.5, 1.2)) + 1)
