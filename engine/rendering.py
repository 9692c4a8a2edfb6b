"""The content of a decision: what a guide says to this user, in their language and with their values.

Brings together the guide, the facts and the words; how the tree is made is in `engine.content`.
"""

from __future__ import annotations

from typing import Final

from dsl.needs import Attribute
from dsl.nodes import ChecklistItem
from dsl.values import Instant, Kind, Value, Version, spell_number, to_datetime
from engine.content import Content, Reader, plain, render_guide
from engine.context import NO_CONTEXT, RequestContext, base_language
from engine.decisions import ALONE, GuideDecision, Surroundings
from engine.facts import UserFacts, facts_of
from engine.ruleset import LANGUAGE, LOCALE, CompiledGuide, RuleSet
from engine.state import UserState

YES_AND_NO: Final = {True: "yes", False: "no"}


def render(
    ruleset: RuleSet,
    decided: GuideDecision,
    state: UserState | None,
    *,
    now: Instant,
    context: RequestContext = NO_CONTEXT,
    around: Surroundings = ALONE,
) -> Content:
    """The content that travels with a decision, as `widgets/*/schema.json` promise it.

    The same arguments as the decision was made with. Raises KeyError for a guide that is not in the rule set.
    """
    guide = ruleset.by_name[decided.guide]
    facts = facts_of(
        ruleset.plan,
        state,
        now=now,
        context=context.sent,
        woken=decided.trigger,
        account=around.account,
        others=around.others,
        log=around.log,
    )
    return render_for(guide, decided.variant, facts)


def render_for(guide: CompiledGuide, variant: str | None, facts: UserFacts) -> Content:
    """The content of a guide, or of one of its variants, for a user."""
    show = next((each.show for each in guide.variants if each.name.text == variant), guide.show)

    def is_done(item: ChecklistItem) -> bool:
        return guide.done[item].holds(facts)

    def value(parts: tuple[str, ...]) -> str | None:
        attribute = guide.placeholders.get(parts)
        return None if attribute is None else _read(facts, attribute)

    return render_guide(guide.node, show, Reader(tag=wanted_language(facts), value=value, is_done=is_done))


def wanted_language(facts: UserFacts) -> str | None:
    """The language tag that a user wants: the locale, unless the user's own language is another."""
    locale, language = facts.values.get(LOCALE.key), facts.values.get(LANGUAGE.key)
    if not isinstance(language, str):
        return locale if isinstance(locale, str) else None
    return locale if isinstance(locale, str) and base_language(locale) == base_language(language) else language


def _read(facts: UserFacts, attribute: Attribute) -> str | None:
    value = facts.values.get(attribute.key)
    text = None if value is None else plain(spoken(value, attribute.type.kind))
    return text or None


def spoken(value: Value, kind: Kind) -> str:
    """A value as a reader expects it: whole numbers without a point, times as their day, lists with commas."""
    match value:
        case bool():
            return YES_AND_NO[value]
        case int() if kind is Kind.TIME:
            return to_datetime(Instant(value)).date().isoformat()
        case int() | float():
            # As a person writes it: 62, not 62.0.
            whole = int(value) if abs(value) < 1e15 and value == int(value) else value
            return spell_number(whole)
        case tuple():
            return ", ".join(spoken(each, Kind.TEXT) for each in value)
        case Version():
            return ".".join(map(str, value.release))
        case _:
            return value
