"""Does the comparison fit the value, and the operand the comparison? The rules come from `dsl.operators`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, assert_never

from dsl.catalog import LIST_ELEMENT
from dsl.checker.literals import (
    check_duration,
    check_glob,
    check_network,
    check_pattern,
    check_version,
)
from dsl.checker.report import Report
from dsl.codes import names, values
from dsl.diagnostics import Diagnostic, Span
from dsl.nodes import (
    DayLiteral,
    DurationLiteral,
    NumberLiteral,
    Operand,
    OtherChoice,
    Path,
    PatternLiteral,
    ShareOf,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.operators import OPERATORS, Operator, Wants
from dsl.suggest import did_you_mean, nearest
from dsl.values import NUMBER, Kind, ValueType, read_number, read_version, spell_number

AnyOperand: TypeAlias = "Operand | OtherChoice"

CASELESS: Final = frozenset({Kind.TEXT, Kind.ONE_OF, Kind.TEXT_LIST})
"""Kinds whose comparisons can ignore upper and lower case."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared, in the reader's words (`` `seats` ``), its type, and where.

    choices: the ids of a question's choices, where its answers are compared; None for anything else.
    texts: the ids of choices by their text, for those whose id is another than their text.
    """

    words: str
    type: ValueType
    span: Span
    choices: tuple[str, ...] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Test:
    """The right side of a comparison."""

    operator: str
    operands: Sequence[AnyOperand]
    span: Span
    ignoring_case: bool = False


ShareType: TypeAlias = Callable[[Path], ValueType | None]
"""Resolves the path after `80% of`, reporting an unknown name."""


_KIND_WORDS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.YES_NO: "yes or no",
    Kind.TIME: "a time",
    Kind.VERSION: "a version",
    Kind.TEXT_LIST: "a list of texts",
    Kind.NUMBER_LIST: "a list of numbers",
    Kind.ONE_OF: "text",
}


def kind_words(kind: Kind) -> str:
    """The kind as a sentence says it: `a number`."""
    return _KIND_WORDS[kind]


def literal_words(operand: AnyOperand) -> str:  # noqa: PLR0911  (one case a kind of operand)
    """What was written, as a sentence says it."""
    match operand:
        case TextLiteral():
            return f'"{operand.value}" is text'
        case NumberLiteral():
            return f"{spell_number(operand.value)} is a number"
        case YesNoLiteral():
            return f"{'yes' if operand.value else 'no'} is yes or no"
        case DayLiteral() | TimeLiteral():
            return "a date is a time"
        case VersionLiteral():
            return f'version "{operand.text}" is a version'
        case PatternLiteral():
            return "a pattern between slashes goes with `matches`"
        case DurationLiteral():
            return f"{operand.amount} {operand.unit}{'' if operand.amount == 1 else 's'} is a duration"
        case ShareOf():
            return f"{operand.percent:g}% of `{'.'.join(operand.of.parts)}` is a number"
        case OtherChoice():
            return f"`{operand.name}` is a choice"
        case _:
            assert_never(operand)


def check_test(report: Report, asked: Asked, test: Test, share: ShareType) -> None:
    """Check operator and operands of one comparison against the type of what is compared."""
    operator = OPERATORS[test.operator]
    if asked.type.kind not in operator.accepts:
        report.add(_does_not_fit(asked, test, operator))
        return
    if test.ignoring_case and not (operator.can_ignore_case and asked.type.kind in CASELESS):
        message = f"{asked.words} is {kind_words(asked.type.kind)}: there is no case to ignore"
        report.add(values.CASE_OF_NO_TEXT.at(test.span, message, help="leave `ignoring case` out"))
    for operand in test.operands:
        _check_operand(report, asked, operator, operand, test, share)


def _does_not_fit(asked: Asked, test: Test, operator: Operator) -> Diagnostic:
    kind = asked.type.kind
    message = f"{asked.words} is {kind_words(kind)}; `{operator.name}` cannot be asked of it"
    meant = next((each for each in _MEANT.get(operator.name, ()) if kind in OPERATORS[each].accepts), None)
    is_moment = all(isinstance(each, DayLiteral | TimeLiteral) for each in test.operands)
    if meant is not None and (kind is not Kind.TIME or is_moment):
        # `after` and `before` leave out the day that they name; `>=` and `<=` would not.
        without = ", which leaves that day out" if kind is Kind.TIME and operator.name in (">=", "<=") else ""
        return values.WRONG_OPERATOR.at(test.span, message, help=f"write `{meant}`{without}")
    fitting = [f"`{each.name}`" for each in OPERATORS.values() if kind in each.accepts]
    return values.WRONG_OPERATOR.at(test.span, message, help=f"it can be asked with {', '.join(fitting)}")


_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    "is": ("include",),
    "is not": ("include none of",),
    "is one of": ("include any of",),
    "is none of": ("include none of",),
    "contains": ("include",),
    "does not contain": ("include none of",),
    "include": ("contains",),
    "include any of": ("is one of",),
    "include all of": ("contains",),
    "include none of": ("is none of",),
    ">": ("after",),
    ">=": ("after",),
    "<": ("before",),
    "<=": ("before",),
    "after": (">",),
    "before": ("<",),
}
"""What is asked of another kind of value by nearly the same words; the first that fits is proposed."""


def _check_operand(  # noqa: C901, PLR0912  (one case a kind of wanted value)
    report: Report, asked: Asked, operator: Operator, operand: AnyOperand, test: Test, share: ShareType
) -> None:
    match operator.wants:
        case Wants.NOTHING:
            return
        case Wants.SAME:
            _check_same(report, asked, asked.type, operand, test, share)
        case Wants.ELEMENT:
            element = ValueType(LIST_ELEMENT[asked.type.kind])
            _check_same(report, asked, element, operand, test, share)
        case Wants.TEXT:
            if not isinstance(operand, TextLiteral):
                _wrong(report, operand, f"`{operator.name}` takes text", _as_text_help(operand))
        case Wants.PATTERN:
            match operand:
                case PatternLiteral():
                    check_pattern(report, operand)
                case TextLiteral():
                    check_glob(report, operand)
                case _:
                    _wrong(report, operand, "`matches` takes a pattern", 'write "/domains/*" or /^[a-z]+$/')
        case Wants.NETWORK:
            if isinstance(operand, TextLiteral):
                check_network(report, operand)
            else:
                _wrong(report, operand, "`in network` takes a network", 'write "10.0.0.0/8"')
        case Wants.DURATION:
            if isinstance(operand, DurationLiteral):
                check_duration(report, operand)
            else:
                _wrong(report, operand, f"`{operator.name}` takes a duration", "write `14 days`")
        case Wants.MOMENT:
            if not isinstance(operand, DayLiteral | TimeLiteral):
                _wrong(report, operand, f"`{operator.name}` takes a date", "write `2026-01-01`")
        case _:
            assert_never(operator.wants)


def _check_same(
    report: Report, asked: Asked, wanted: ValueType, operand: AnyOperand, test: Test, share: ShareType
) -> None:
    """The operand is of the kind of the value."""
    match wanted.kind, operand:
        case Kind.TEXT, OtherChoice() if asked.choices is not None:
            _check_choice(report, asked, operand.name, operand, in_words=True)
        case Kind.TEXT, TextLiteral():
            if asked.choices is not None and not test.ignoring_case:
                _check_choice(report, asked, operand.value, operand, in_words=False)
        case Kind.ONE_OF, TextLiteral():
            _check_allowed(report, asked, wanted, operand, ignoring_case=test.ignoring_case)
        case (Kind.NUMBER, NumberLiteral()) | (Kind.YES_NO, YesNoLiteral()):
            return
        case Kind.NUMBER, ShareOf():
            other = share(operand.of)
            if other is not None and other.kind is not Kind.NUMBER:
                name = ".".join(operand.of.parts)
                message = f"`{name}` is {kind_words(other.kind)}; a share can be taken of a number only"
                report.add(values.WRONG_TYPE.at(operand.of.span, message, help="name an attribute that is a number"))
        case Kind.VERSION, VersionLiteral():
            check_version(report, operand)
        case _:
            whole = f"{asked.words} is {kind_words(asked.type.kind)}"
            _wrong(report, operand, whole, _as_kind_help(operand, wanted.kind), fix=_as_kind_fix(operand, wanted.kind))


def _check_allowed(
    report: Report, asked: Asked, wanted: ValueType, operand: TextLiteral, *, ignoring_case: bool
) -> None:
    value = operand.value
    folded = {each.casefold() for each in wanted.allowed} if ignoring_case else set()
    if value in wanted.allowed or value.casefold() in folded:
        return
    near = nearest(value, wanted.allowed)
    all_values = "it is " + str(wanted)
    report.add(
        values.NOT_ONE_OF.at(
            operand.span,
            f"{asked.words} is never `{value}`",
            help=did_you_mean([f'"{each}"' for each in near]) or all_values,
            fix=f'"{near[0]}"' if len(near) == 1 else None,
        )
    )


def _check_choice(report: Report, asked: Asked, key: str, operand: AnyOperand, *, in_words: bool) -> None:
    """A choice is named by its id in words (`is other`), or in quotes by its id or its text."""
    choices = asked.choices or ()
    if key in choices:
        return
    if key in asked.texts:
        choice_id = asked.texts[key]
        message = f"answers to {asked.words} are kept by their ids, and this choice has the id `{choice_id}`"
        report.add(names.UNKNOWN_CHOICE.at(operand.span, message, help=f"write `{choice_id}`", fix=choice_id))
        return
    plain = [each for each in choices if each.isidentifier()] if in_words else list(choices)
    report.unknown(
        names.UNKNOWN_CHOICE,
        operand.span,
        f"{asked.words} has no choice `{key}`",
        key,
        plain,
        write=(lambda each: each) if in_words else (lambda each: f'"{each}"'),
        otherwise="its choices are " + ", ".join(f'"{each}"' for each in choices),
    )


def _wrong(report: Report, operand: AnyOperand, need: str, help_: str | None, *, fix: str | None = None) -> None:
    report.add(values.WRONG_TYPE.at(operand.span, f"{need}, and {literal_words(operand)}", help=help_, fix=fix))


def _as_text_help(operand: AnyOperand) -> str:
    fix = _as_kind_fix(operand, Kind.TEXT)
    return f"write {fix}" if fix is not None else "write text in quotes"


def _as_kind_help(operand: AnyOperand, kind: Kind) -> str | None:
    fix = _as_kind_fix(operand, kind)
    if fix is not None:
        return f"write {fix}"
    match kind:
        case Kind.NUMBER:
            return "write a number, without quotes"
        case Kind.TEXT | Kind.ONE_OF:
            return "write text in quotes"
        case Kind.YES_NO:
            return "write `yes` or `no`, without quotes"
        case Kind.VERSION:
            return 'write version "2.10.0"'
        case Kind.TIME | Kind.TEXT_LIST | Kind.NUMBER_LIST:
            return None
        case _:
            assert_never(kind)


_YES: Final = frozenset({"yes", "true"})
_NO: Final = frozenset({"no", "false"})


def _as_kind_fix(operand: AnyOperand, kind: Kind) -> str | None:
    """The same value written as the kind that is needed, where it can be."""
    fix: str | None = None
    match kind, operand:
        case Kind.NUMBER, TextLiteral():
            number = read_number(operand.value.strip())
            fix = None if number is None else spell_number(number)
        case ((Kind.TEXT | Kind.ONE_OF), NumberLiteral()):
            fix = f'"{spell_number(operand.value)}"'
        case ((Kind.TEXT | Kind.ONE_OF), YesNoLiteral()):
            fix = '"yes"' if operand.value else '"no"'
        case ((Kind.TEXT | Kind.ONE_OF), VersionLiteral()):
            fix = f'"{operand.text}"'
        case Kind.YES_NO, TextLiteral():
            word = operand.value.strip().casefold()
            fix = "yes" if word in _YES else "no" if word in _NO else None
        case Kind.YES_NO, NumberLiteral() if operand.value in (0, 1):
            fix = "yes" if operand.value else "no"
        case Kind.VERSION, TextLiteral() if read_version(operand.value) is not None:
            fix = f'version "{operand.value}"'
        case Kind.VERSION, NumberLiteral():
            fix = f'version "{spell_number(operand.value)}"'
        case _:
            fix = None
    return fix


def no_share(_: Path) -> ValueType | None:
    """For places where `80% of …` speaks of a number that is known to be one."""
    return NUMBER
