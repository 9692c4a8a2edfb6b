"""What a step expects, as a phrase: `shown verify_help`, `not shown verify_help because SNOOZED`, `recorded`."""

from __future__ import annotations

import re
from typing import Final

from dsl.clauses import every
from dsl.nodes import Variant
from dsl.suggest import nearest
from engine.reasons import Reason
from engine.scenarios import codes, members
from engine.scenarios.model import Expectation
from engine.scenarios.reader import Reader
from engine.scenarios.tree import Group, Leaf, Tree

NOTHING: Final = "nothing"
RECORDED: Final = {"recorded": True, "not recorded": False}
HELP: Final = "write `shown GUIDE`, `not shown GUIDE because REASON`, `nothing`, `recorded` or `not recorded`"

_NAME: Final = r"(?P<guide>`[^`]+`|[^\s`]+)"
_PHRASE = re.compile(
    rf"(?P<shown>not shown|shown) {_NAME}(?: variant (?P<variant>`[^`]+`|\S+))?(?: because (?P<reason>.+))?"
)
_ALMOST = re.compile(
    r"(?P<not>not |never |no )?(?:is |be )?(?:shows?|shown|hidden|displays?|see|sees)\b.*", re.IGNORECASE
)


def read_expectations(tree: Tree, reader: Reader) -> tuple[Expectation, ...]:
    """What stands after `expect`: one phrase or a list of them."""
    read = [_expectation(each, reader) for each in reader.one_or_more(tree)]
    found = tuple(each for each in read if each is not None)
    shown = [each for each in found if each.is_shown and each.guide not in _launchers(reader)]
    if len({each.guide for each in shown}) > 1:
        message = "one guide is shown at a time"
        reader.report(codes.NOT_AN_EXPECTATION, tree, message, "expect one to be shown, and the other `not shown …`")
    if shown and any(each.text == NOTHING for each in found):
        reader.report(codes.NOT_AN_EXPECTATION, tree, f"`{NOTHING}` and `{shown[0].text}` cannot both be")
    if len({each.recorded for each in found if each.recorded is not None}) > 1:
        reader.report(codes.NOT_AN_EXPECTATION, tree, "`recorded` and `not recorded` cannot both be")
    return found


def _launchers(reader: Reader) -> set[str]:
    return {name for name, guide in reader.project.guides.items() if guide.kind.value == "feedback"}


def _expectation(tree: Tree, reader: Reader) -> Expectation | None:
    if isinstance(tree, Group):
        said = " ".join(f"{key.text} {value.text}" for key, value in tree.members if isinstance(value, Leaf))
        help_ = f"write `expect: {said}`" if _PHRASE.fullmatch(said) else HELP
        reader.report(codes.WRONG_SHAPE, tree, "`expect` is one text, without a second `:`", help_)
        return None
    text = reader.text(tree, "`expect`")
    if text is None:
        return None
    words = " ".join(text.split())
    if words == NOTHING or words in RECORDED:
        return Expectation(tree.span, words, None, recorded=RECORDED.get(words))
    found = _PHRASE.fullmatch(words)
    if found is None:
        reader.report(codes.NOT_AN_EXPECTATION, tree, f"`{words}` is no expectation", _help(words))
        return None
    guide = reader.known(_part(tree, found["guide"]), "guide or survey", reader.project.guides, "the rules have")
    reason = _reason(tree, found["reason"], reader, is_shown=found["shown"] == "shown")
    if guide is None:
        return None
    variant = found["variant"]
    if variant is not None:
        if found["shown"] != "shown":
            message = "which variant is not shown cannot be said"
            reader.report(codes.NOT_AN_EXPECTATION, tree, message, f"write `not shown {guide}`")
        variants = [each.name.text for each in every(reader.project.guides[guide], Variant)]
        variant = reader.known(_part(tree, variant), "variant", variants, f"`{guide}` has")
    return Expectation(tree.span, words, guide, is_shown=found["shown"] == "shown", variant=variant, reason=reason)


def _reason(tree: Tree, text: str | None, reader: Reader, *, is_shown: bool) -> Reason | None:
    if text is None:
        return None
    if text not in members.REASONS:
        spelled = text.strip().upper().replace(" ", "_").replace("-", "_")
        near = (spelled,) if spelled in members.REASONS else nearest(spelled, members.REASONS)
        fitting = [each.value for each in Reason if each.shows is is_shown]
        help_ = f"write `{near[0]}`" if near else "it is one of " + ", ".join(fitting)
        reader.report(codes.NOT_AN_EXPECTATION, tree, f"`{text}` is no reason", help_)
        return None
    reason = Reason[text]
    if reason.shows is not is_shown:
        message = f"with {reason.value} a guide is {'shown' if reason.shows else 'not shown'}"
        reader.report(codes.NOT_AN_EXPECTATION, tree, message, HELP)
    return reason


def _part(tree: Tree, name: str) -> Tree:
    return Leaf(name.removeprefix("`").removesuffix("`"), tree.span)


def _help(words: str) -> str:
    found = _ALMOST.fullmatch(words)
    if found is None:
        return HELP
    return "write `not shown GUIDE`" if found["not"] or "hidden" in words.lower() else "write `shown GUIDE`"
