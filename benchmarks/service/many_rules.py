"""Two hundred rules as a team of some size has them, and people whom they are about."""

from __future__ import annotations

from pathlib import Path

from dsl.values import Instant, JsonValue, format_instant
from engine.service import Service

RULES = 200
ACTIONS = 12
MARKETS = 10

_DECLARED = """
attribute plan: one of "free", "trial", "pro"
attribute market: text
attribute seats: number
attribute is_partner: yes/no default no

event "DNS Check Failed" { reason: text }

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step connect_domain "Connect" reached by "Domain Added"
    step verify_domain "Verify" reached by "Domain Verified" attempted by "DNS Check Failed"
  }
}
"""

_GUIDE = """
guide help_{number} "Help {number}" {{
  {place}
  when plan is "trial" and market is "m{market}" and seats >= {seats} and is_partner is no
  when did "Action {action}" at least {times} times in last 30 days
  unless did "Domain Verified"

  show modal {{
    title "Help with {{{{ market | "your domain" }}}}"
    button "Done" completes
  }}

  once every 7 days
  priority {priority}
  holdout 0%
}}
"""


def write_rules(folder: Path) -> Path:
    """The rules in a folder: three of four hold at any time, the others are woken by an event."""
    folder.mkdir(parents=True, exist_ok=True)
    declared = _DECLARED + "\n".join(f'event "Action {number}"' for number in range(ACTIONS)) + "\n"
    guides = [
        _GUIDE.format(
            number=number,
            place='on "DNS Check Failed"' if number % 4 == 0 else "at activation.connect_domain",
            market=number % MARKETS,
            seats=number % 20 * 5,
            action=number % ACTIONS,
            times=1 + number % 3,
            priority=number % 101,
        )
        for number in range(RULES)
    ]
    (folder / "rules.way").write_text(declared + "".join(guides), encoding="utf-8")
    return folder


def add_people(service: Service, project_id: int, now: Instant, *, actions: int = 30) -> None:
    """Two people with a history: `served` gets a guide, `left_alone` none."""
    for user, plan in (("served", "trial"), ("left_alone", "free")):
        traits: dict[str, JsonValue] = {"plan": plan, "market": "m3", "seats": 80, "is_partner": False}
        told: dict[str, JsonValue] = {"type": "identify", "userId": user, "traits": traits}
        done: list[JsonValue] = [
            {
                "type": "track",
                "userId": user,
                "event": f"Action {number % ACTIONS}",
                "timestamp": format_instant(Instant(now - (actions - number) * 1_000_000)),
            }
            for number in range(actions)
        ]
        service.import_history(project_id, [told, *done], received=now)
