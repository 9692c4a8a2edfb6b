"""The rules of the benchmarks in the words of other engines, compiled, each with the context that it likes best.

`make bench` installs them (`peers.txt`); nothing else needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import cel
import celpy
import rule_engine
import zen
from growthbook import GrowthBook

from benchmarks.measure import Contestants
from dsl.values import Instant, JsonValue

ATTRIBUTES = 'plan == "trial" and sales_assisted == false and (fails >= 2 or friction_now >= 0.5) and verified == false'

PERSON: Mapping[str, Any] = {
    "standing": "verify_domain",
    "plan": "trial",
    "sales_assisted": False,
    "friction": 0.0,
}
"""What everybody is told of the user of `verify_help`, besides the events."""
OF_PERSON = 'standing == "verify_domain" and plan == "trial" and sales_assisted == false'
FILTERS = {
    "zen": ("len(filter(events, #.name == {name}{more})) {test}", " and #.time > since"),
    "rule": ('[e for e in events if e["name"] == {name}{more}].length {test}', ' and e["time"] > since'),
    "cel": ("events.filter(e, e.name == {name}{more}).size() {test}", " && e.time > since"),
}
"""How each counts events of a name, and how it asks that they came after an instant."""


def over_attributes(context: Mapping[str, JsonValue]) -> Contestants:
    """The rule over attributes alone."""
    ready = dict(context)
    expression, rule = zen.compile_expression(ATTRIBUTES), rule_engine.Rule(ATTRIBUTES)
    native, native_context = cel.compile(_in_cel(ATTRIBUTES)), cel.Context(variables=ready)
    program, cel_context = _celpy(ATTRIBUTES), _celpy_context(ready)
    condition = {
        "plan": "trial",
        "sales_assisted": False,
        "$or": [{"fails": {"$gte": 2}}, {"friction_now": {"$gte": 0.5}}],
        "verified": False,
    }
    return {
        _named("zen-engine"): lambda: expression.evaluate(ready),
        _named("common-expression-language"): lambda: native.execute(native_context),
        _named("growthbook"): partial(_growthbook(condition, ready).is_on, "rule"),
        _named("rule-engine"): lambda: rule.matches(ready),
        _named("cel-python"): lambda: bool(program.evaluate(cel_context)),
    }


def over_history(events: Sequence[tuple[str, Instant]], *, since: int, with_preparation: bool) -> Contestants:
    """`verify_help` in engines that filter lists, and in one that is told the counts.

    with_preparation: each call makes its context from the events; else it is made once, before.
    """

    def listed() -> dict[str, Any]:
        told = [{"name": name, "time": time} for name, time in events]
        return {**PERSON, "since": since, "events": told}

    def counted() -> dict[str, Any]:
        failed = sum(1 for name, time in events if name == "DNS Check Failed" and time > since)
        verified = sum(1 for name, _ in events if name == "Domain Verified")
        return {**PERSON, "failed": failed, "verified": verified}

    condition = {
        "standing": "verify_domain",
        "plan": "trial",
        "sales_assisted": False,
        "$or": [{"failed": {"$gte": 2}}, {"friction": {"$gte": 0.5}}],
        "verified": 0,
    }
    expression, rule = zen.compile_expression(_logic("zen")), rule_engine.Rule(_logic("rule"))
    native, program = cel.compile(_in_cel(_logic("cel"))), _celpy(_logic("cel"))
    engines: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
        "zen-engine": (listed, expression.evaluate),
        "growthbook": (lambda: _growthbook(condition, counted()), lambda growthbook: growthbook.is_on("rule")),
        "common-expression-language": (lambda: cel.Context(variables=listed()), native.execute),
        "rule-engine": (listed, rule.matches),
        "cel-python": (lambda: _celpy_context(listed()), lambda context: bool(program.evaluate(context))),
    }
    return {
        _named(name): _call(make, decide, with_preparation=with_preparation) for name, (make, decide) in engines.items()
    }


def _growthbook(condition: Mapping[str, Any], attributes: Mapping[str, Any]) -> Any:
    """GrowthBook as its customers use it: a feature that is on for those of whom the condition is true."""
    rule = {"defaultValue": False, "rules": [{"condition": condition, "force": True}]}
    return GrowthBook(attributes=dict(attributes), features={"rule": rule})


def _call(make: Callable[[], Any], decide: Callable[[Any], object], *, with_preparation: bool) -> Callable[[], object]:
    if with_preparation:
        return lambda: decide(make())
    ready = make()
    return lambda: decide(ready)


def _logic(engine: str) -> str:
    counted, since = FILTERS[engine]
    failed = counted.format(name='"DNS Check Failed"', more=since, test=">= 2")
    verified = counted.format(name='"Domain Verified"', more="", test="== 0")
    return f"{OF_PERSON} and ({failed} or friction >= 0.5) and {verified}"


def _in_cel(text: str) -> str:
    return text.replace(" and ", " && ").replace(" or ", " || ")


def _celpy(text: str) -> Any:
    environment = celpy.Environment()
    return environment.program(environment.compile(_in_cel(text)))


def _celpy_context(context: Mapping[str, Any]) -> Any:
    return celpy.json_to_cel(dict(context))


def _named(distribution: str) -> str:
    return f"{distribution} {version(distribution)}"
