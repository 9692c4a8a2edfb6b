"""Random rules and random people for whom they are decided, small enough that everything meets everything."""

from __future__ import annotations

from random import Random
from typing import Any

from dsl.values import MINUTE, Instant
from engine.decisions import Reservation, Surroundings
from tests.engine.histories import NOW

ATTRIBUTES = """
attribute plan: one of "free", "trial", "pro"
attribute seats: number
attribute market: text
attribute is_admin: yes/no
attribute tags: list of text
attribute app: version

event "Signed Up"
event "Domain Added"
event "DNS Check Failed" { reason: text, attempt: number }
event "Domain Verified"
event "Report Exported"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step connect_domain "Connect a domain" reached by "Domain Added"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed"
  }
}

segment trial where plan is "trial"
segment large where seats >= 5 or is_admin is yes
segment stuck where at activation.verify_domain and not did "Report Exported"
"""

EVENTS = ("Signed Up", "Domain Added", "DNS Check Failed", "Domain Verified", "Report Exported")

ATOMS = (
    'plan is "trial"',
    'plan is "pro"',
    'plan is not "free"',
    'plan is one of "trial", "pro"',
    'plan is none of "trial", "free"',
    'plan is "TRIAL" ignoring case',
    'market is "m0"',
    'market is "m1"',
    'market is not "m1"',
    'market is one of "m1", "m2", "m3"',
    "is_admin is yes",
    "is_admin is not yes",
    "seats is 5",
    "seats >= 5",
    "seats < 3",
    "seats between 2 and 6",
    "seats is set",
    'tags include "beta"',
    'app is version "2.0"',
    'app is not version "2.0.0"',
    'did "Report Exported"',
    'did not "DNS Check Failed" in last 1 hour',
    'did "DNS Check Failed" at least 2 times in last 10 minutes',
    'first did "Report Exported" more than 1 hour ago',
    "friction at activation.verify_domain >= 0.3",
    "reached activation.connect_domain",
    "at activation.verify_domain",
    "in trial",
    "in large",
    "not in stuck",
    "saw any survey in last 14 days",
    "saw g1",
    "true",
    'page.path is "/domains"',
)
OF_THE_EVENT = ('event.reason is "NXDOMAIN"', "event.attempt > 1", 'event.reason is not "TIMEOUT"')
TRIGGERS = (
    'on "DNS Check Failed"',
    'on "DNS Check Failed" where attempt > 1',
    'on first "DNS Check Failed"',
    'on "Report Exported"',
    'on page "/domains/*"',
    "on session start",
)


MEASURED = 'holdout 40%\n  goal "Domain Verified" within 1 day'


def condition(random: Random, *, depth: int = 2, atoms: tuple[str, ...] = ATOMS) -> str:
    """A condition."""
    if depth == 0 or random.random() < 0.5:
        return random.choice(atoms)
    parts = [condition(random, depth=depth - 1, atoms=atoms) for _ in range(random.randint(1, 3))]
    match random.randrange(4):
        case 0:
            return "(" + " and ".join(f"({each})" for each in parts) + ")"
        case 1:
            return "(" + " or ".join(f"({each})" for each in parts) + ")"
        case 2:
            return "none of { " + " ".join(f"({each})" for each in parts) + " }"
        case _:
            return f"not ({parts[0]})"


def rules_of(random: Random, size: int) -> str:
    """So many guides of all kinds, limits, and what is recorded."""
    # A few conditions stand in many guides, as they do in real rules.
    common = [condition(random) for _ in range(3)]
    guides = [guide_of(random, number, size, common) for number in range(size)]
    limits = ["", "limits { at most 1 survey per session }", "limits { at most 1 guide per 1 day }"]
    records = [record_of(random) for _ in range(random.randrange(3))]
    return ATTRIBUTES + random.choice(limits) + "\n".join([*guides, *records]) + "\n"


def record_of(random: Random) -> str:
    """One `record`, of people, at steps, or both; of all of them or of a share."""
    where = ["at activation.verify_domain", "at activation.onboarding, activation.signup"]
    people = ["for trial", "for large, stuck"]
    said = random.choice([where, people, [f"{one} {other}" for one in where for other in people]])
    return f"record {random.choice(said)}{random.choice(['', ' sample 40%', ' sample 99.5%'])}"


def guide_of(random: Random, number: int, size: int, common: list[str]) -> str:
    """One guide, survey or launcher."""
    kind = random.choices(["guide", "survey", "feedback"], [8, 3, 1])[0]

    def maybe(share: float, *clauses: str) -> list[str]:
        return [random.choice(clauses)] if random.random() < share else []

    woken = random.sample(TRIGGERS, random.choice([0, 1, 1, 2])) if kind != "feedback" else []
    on_failure = bool(woken) and all("DNS Check Failed" in each for each in woken)
    atoms = (*ATOMS, *OF_THE_EVENT) if on_failure else ATOMS
    clauses = [*woken]
    clauses += maybe(0.4, "at activation.verify_domain", "at activation.onboarding", "at activation.signup")
    clauses += maybe(0.3, "for trial", "for trial, large", "for stuck", "for large")
    clauses += [f"when {random.choice([condition(random, atoms=atoms), *common])}" for _ in range(random.randrange(3))]
    clauses += [
        f"unless {random.choice([condition(random, atoms=atoms), *common])}" for _ in range(random.randrange(2))
    ]
    clauses += maybe(0.3, "from 2026-06-15T13:00:00Z", "from 2026-06-01")
    clauses += maybe(0.3, "expires 2026-06-01", "expires 2030-01-01", "expires 2026-06-15T12:00:00Z")
    clauses += maybe(0.15, "only on monday", "only on sunday")
    clauses += maybe(0.15, "only between 09:00 and 13:00", "only between 22:00 and 06:00")
    clauses += maybe(0.1, "draft", "paused")
    clauses += maybe(0.1, "testers large")
    clauses += maybe(0.4, "once", "once every 1 day", "shown at most 2 times", "until dismissed")
    if kind == "guide":
        clauses += maybe(0.5, f"priority {random.randrange(4)}")
        clauses += maybe(0.3, "rollout 50%")
        clauses += [random.choice(["holdout 0%", "holdout 0%", MEASURED])]
        clauses += maybe(0.2, f"not with g{random.choice([each for each in range(size) if each != number] or [0])}")
        clauses += maybe(0.2, "wait until idle for 5 seconds")
        clauses += [_shown(random)]
    elif kind == "survey":
        clauses += maybe(0.3, "sample 50%")
        clauses += maybe(0.3, "stop after 3 responses")
        clauses += ['ask text detail "What?"']
    else:
        clauses += ['ask text detail "What?"']
    return f'{kind} g{number} "G{number}" {{\n  ' + "\n  ".join(clauses) + "\n}\n"


def _shown(random: Random) -> str:
    if random.random() < 0.8:
        return 'show modal { title "Hello" }'
    return (
        'variant a 50% { show modal { title "A" } }\n'
        f'variant b 50% {{ show {random.choice(["modal", "banner"])} {{ title "B" }} }}'
    )


def history_of(random: Random, size: int) -> list[tuple[Any, ...]]:
    """What happened to a person, up to this moment."""
    rows: list[tuple[Any, ...]] = []
    told = {
        "plan": random.choice(["free", "trial", "pro", None]),
        "seats": random.choice([1, 2, 5, 8, "many", None]),
        "market": random.choice(["m0", "m1", "m2", "m9", None]),
        "is_admin": random.choice([True, False, None]),
        "tags": random.choice([["beta"], [], None]),
        "app": random.choice(["2.0.0", "1.9", None]),
        "timezone": random.choice(["Europe/Berlin", "Asia/Tokyo", "Nowhere/Land", None]),
    }
    rows.append(("3 days", "$identify", {name: value for name, value in told.items() if value is not None}))
    for _ in range(random.randrange(12)):
        guide = f"g{random.randrange(size)}"
        rows.append(
            random.choice(
                [
                    (_ago(random), random.choice(EVENTS), {"reason": "NXDOMAIN", "attempt": random.randrange(3)}),
                    (_ago(random), "$shown", {"guide": guide}),
                    (_ago(random), "$completed", {"guide": guide}),
                    (_ago(random), "$dismissed", {"guide": guide, "how": "close"}),
                    (_ago(random), "$snoozed", {"guide": guide, "seconds": random.choice([60, 86_400])}),
                    (_ago(random), "$rage_click", {"selector": "#a"}),
                ]
            )
        )
    rows.append(("0", random.choice(EVENTS), {"reason": random.choice(["NXDOMAIN", "TIMEOUT"]), "attempt": 2}))
    rows.append(("0", "$page", {"path": "/domains/new"}))
    return sorted(rows, key=lambda row: -_length(row[0]))


def _ago(random: Random) -> str:
    return random.choice(["0", "1 minutes", "3 minutes", "9 minutes", "50 minutes", "5 hours", "2 days"])


def _length(ago: str) -> float:
    units = {"minutes": 1, "hours": 60, "days": 1440}
    words = ago.split()
    return int(words[0]) * units[words[1]] if len(words) > 1 else 0


def around_of(random: Random, size: int) -> Surroundings:
    """Responses that came before, and a place that another tab may hold."""
    at = Instant(NOW - random.choice([0, 1]) * MINUTE)
    held = Reservation(f"g{random.randrange(size)}", at, Instant(NOW + MINUTE))
    return Surroundings(
        responses={f"g{random.randrange(size)}": random.choice([2, 3, 4]) for _ in range(size // 2)},
        reservations=[held] if random.random() < 0.3 else [],
    )
