"""What a path in a condition speaks of: an attribute, a value of the page or device, a property of the trigger."""

from __future__ import annotations

from dsl.catalog import EventType, Subject
from dsl.checker.comparisons import AnyOperand, kind_words
from dsl.checker.report import Report, written
from dsl.checker.scope import Scope
from dsl.checker.where import likely_type, report_unknown_property
from dsl.codes import names, values
from dsl.nodes import Path
from dsl.suggest import did_you_mean


def path_text(parts: tuple[str, ...]) -> str:
    """A path as it is written."""
    return ".".join(written(part) for part in parts)


def resolve(
    report: Report,
    path: Path,
    scope: Scope,
    *,
    operands: tuple[AnyOperand, ...] = (),
    behind: EventType | None = None,
) -> Subject | None:
    """What the path speaks of, or None after having said what is wrong.

    behind: the event whose `where` was ended just before by `or` or `not`.
    """
    if path.parts[0] == "event" and len(path.parts) == 2:
        return _of_trigger(report, path, scope, operands)
    found = report.project.catalog.subject(path.parts)
    if found is None and not (len(path.parts) == 1 and path.parts[0] in report.salvaged.names):
        _unknown(report, path, scope, operands, behind)
    return found


def _of_trigger(report: Report, path: Path, scope: Scope, operands: tuple[AnyOperand, ...]) -> Subject | None:
    name = path.parts[1]
    if not scope.triggers:
        message = f"`event.{name}` is a property of the event after `on`, and {scope.standing.value} has none"
        help_ = 'write `on "EVENT"` in the guide, or `did "EVENT" where …`'
        report.add(names.EVENT_WITHOUT_TRIGGER.at(path.span, message, help=help_))
        return None
    events = [report.project.catalog.event(each) for each in scope.triggers]
    known = [each for each in events if each is not None]
    if len(known) < len(events):
        return None
    for event in known:
        if name not in event.properties:
            report_unknown_property(report, event, path, name, operands)
            return None
    found = report.project.catalog.subject(path.parts, triggers=scope.triggers)
    if found is None:
        each_kind = ", ".join(f"{kind_words(each.properties[name].kind)} in `{each.name}`" for each in known)
        message = f"`event.{name}` is {each_kind}: it cannot be compared"
        report.add(values.WRONG_TYPE.at(path.span, message, help="write a guide for each event"))
    return found


def _unknown(
    report: Report, path: Path, scope: Scope, operands: tuple[AnyOperand, ...], behind: EventType | None
) -> None:
    catalog, name = report.project.catalog, ".".join(path.parts)
    if behind is not None and name in behind.properties:
        message = f"`{name}` is a property of `{behind.name}`, and the `where` ended before it"
        help_ = "put parentheses after `where`: `where (… or …)`"
        report.add(names.PROPERTY_OUTSIDE_WHERE.at(path.span, message, help=help_))
        return
    if (instead := _meant(report, path, scope)) is not None:
        report.add(names.UNKNOWN_ATTRIBUTE.at(path.span, f"unknown name `{name}`", help=instead[0], fix=instead[1]))
        return
    account = [("account", each) for each in catalog.account]
    known = {".".join(parts): parts for parts in [*((each,) for each in catalog.user), *account]}
    known |= {each: tuple(each.split(".")) for each in catalog.context_names()}
    report.unknown(
        names.UNKNOWN_ATTRIBUTE,
        path.span,
        f"unknown name `{name}`",
        name,
        known,
        write=lambda each: path_text(known[each]),
        otherwise=_declare(path, operands),
    )


def _meant(report: Report, path: Path, scope: Scope) -> tuple[str, str | None] | None:
    """What to write for a name that is known as something else."""
    project, last = report.project, path.parts[-1]
    if len(path.parts) == 1:
        for event in scope.triggers:
            if project.catalog.property(event, last) is not None:
                fix = f"event.{written(last)}"
                return f"`{last}` is a property of the event: write `{fix}`", fix
        if last in project.catalog.account:
            fix = f"account.{written(last)}"
            return did_you_mean([f"`{fix}`"]) or "", fix
        if last in project.segments:
            return f"`{last}` is a segment: write `in {last}`", None
    elif path.parts[0] == "account" and last in project.catalog.user:
        return did_you_mean([f"`{written(last)}`"]) or "", written(last)
    elif project.guides.get(path.parts[0]) is not None:
        return f"for an answer write `answered {path_text(path.parts)} …`", None
    return None


def _declare(path: Path, operands: tuple[AnyOperand, ...]) -> str | None:
    kind = likely_type(operands)
    match path.parts:
        case (name,):
            return f"declare it: attribute {written(name)}: {kind}"
        case ("account", name):
            return f"declare it: account attribute {written(name)}: {kind}"
        case _:
            return None
