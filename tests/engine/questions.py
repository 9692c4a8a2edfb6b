"""Questions that use everything a funnel can do, to be asked of several engines."""

from __future__ import annotations

from dsl.project import RuleProject, load
from dsl.values import DAY, HOUR, Duration
from engine.analytics.asked import FunnelAsked
from engine.analytics.funnels import Order, Unit

RULES = """
event "buy" { amount: number, currency: text }
journey shop "Shop" {
  stage s "S" {
    step adding "Add" reached by "add"
    step cart "Cart" reached by "cart", "help"
    step paying "Pay" reached by "pay"
    step buying "Buy" reached by "buy" where amount >= 5
  }
}
"""

STEPS = ("add", "cart", "pay", "buy")
DAYS = Duration(2 * DAY)
QUESTIONS: dict[str, FunnelAsked] = {
    "plain": FunnelAsked(steps=STEPS),
    "window": FunnelAsked(steps=STEPS, window=DAYS),
    "strict": FunnelAsked(steps=("add", "cart", "pay"), order=Order.STRICT),
    "any order": FunnelAsked(steps=("add", "pay", "buy"), order=Order.ANY, window=DAYS),
    "any order without": FunnelAsked(steps=("add", "pay", "buy"), order=Order.ANY, exclude=("error",)),
    "exclusion": FunnelAsked(steps=STEPS, window=DAYS, exclude=("error",)),
    "exclusion between": FunnelAsked(steps=STEPS, exclude=("error between cart and buy", "help between add and cart")),
    "repeated": FunnelAsked(steps=("add", "add", "cart"), window=DAYS),
    "where": FunnelAsked(steps=("add", 'buy where amount >= 5 and currency is "EUR"')),
    "where decided by rules": FunnelAsked(steps=("add", 'buy where currency is not "EUR"'), window=DAYS),
    "every event": FunnelAsked(steps=STEPS, where="event.amount > 6"),
    "journey": FunnelAsked(journey="shop", window=DAYS),
    "sessions": FunnelAsked(steps=STEPS[:3], unit=Unit.SESSION, window=Duration(6 * HOUR)),
    "accounts": FunnelAsked(steps=STEPS, unit=Unit.ACCOUNT, window=DAYS),
    "by week": FunnelAsked(steps=STEPS, breakdown="week"),
    "by trait": FunnelAsked(steps=STEPS, breakdown="plan"),
    "everyone": FunnelAsked(steps=STEPS, everyone=True),
}
"""By a name for each."""


def rules() -> RuleProject:
    project = load({"shop.way": RULES})
    assert project.ok, project.diagnostics
    return project
