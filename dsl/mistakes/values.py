"""Mistakes in values: texts, numbers, dates, lengths of time, names."""

from __future__ import annotations

import re
from typing import Final

from dsl.codes import syntax
from dsl.mistakes import WORD, Mistake, Recogniser, Trouble
from dsl.mistakes.names import LABELLED, NEVER_TEXT, blanks_in_name, name
from dsl.terminals import RESERVED

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+(\d{{4}})(?![\w-])", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?![\w-])", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\w-])")
_NUMBERS_ONLY = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}(?![\w-])")
_TIME_WITHOUT_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?(?![\w:])")
_QUOTED_DATE = re.compile(r'"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)"')
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d\d)?\s*([ap]\.?m\.?)?(?![\w:])", re.IGNORECASE)

_UNIT_NAMES: Final = {
    "second": ("s", "sec", "secs", "second", "seconds"),
    "minute": ("m", "min", "mins", "minute", "minutes"),
    "hour": ("h", "hr", "hrs", "hour", "hours"),
    "day": ("d", "day", "days"),
    "week": ("w", "wk", "wks", "week", "weeks"),
}
_UNIT_OF: Final = {spelling: unit for unit, spellings in _UNIT_NAMES.items() for spelling in spellings}
_CALENDAR_DAYS: Final = {"month": 30, "months": 30, "mo": 30, "year": 365, "years": 365, "yr": 365, "yrs": 365}
_CALENDAR_DAYS_ALL: Final = {**_CALENDAR_DAYS, "y": 365, "quarter": 90, "quarters": 90, "fortnight": 14}
_SPELLED: Final = dict(
    zip(("a", "an", "one", "two", "three", "four", "five", "six", "seven", "ten"), (1, 1, 1, 2, 3, 4, 5, 6, 7, 10),
        strict=True)
)  # fmt: skip
_LENGTH = re.compile(
    rf"(?:(\d+(?:\.\d+)?)\s*-?\s*|({'|'.join(_SPELLED)})\s+)?"
    rf"({'|'.join(sorted((*_UNIT_OF, *_CALENDAR_DAYS_ALL), key=len, reverse=True))})(?![\w$])",
    re.IGNORECASE,
)
_PLAIN_LENGTH = re.compile(r"\d+\s+(?:second|minute|hour|day|week)s?(?![\w$])")

_GROUPED_NUMBER = re.compile(r"-?\d{1,3}(?:([,_' ])\d{3})(?:\1\d{3})*(\.\d+)?(?![\w,.])")
_WITH_UNIT = re.compile(r"([$€£]?)\s*(-?(?:\d+(?:\.\d*)?|\.\d+))\s*([kKmM%$€£x]?)(?![\w.:-])")
_DOTTED = re.compile(r"v?\d+(?:\.\d+)+(?:-[\w.]+)?")
_INTEGER = re.compile(r"-?\d+(?:\.\d+)?(?![\w.:,-])")

_CURLY = re.compile(r"[“”„‟«»‘’‚]([^“”„‟«»‘’\"\n]*)[“”‟«»‘’\"]|'([^'\"\n]*)'|\"([^\"“”„\n]*)[“”„]")
_CURLY_SIGNS: Final = "“”„‟«»‘’‚'"
_STRAIGHT = re.compile(r'"([^"\\\n]*)"')
_NOTHING: Final = frozenset({"null", "none", "nil", "undefined", "empty", "unset", "blank"})
_BEFORE_SELECTOR: Final = frozenset({"BESIDE", "ELEMENT", "WHEN_CLICKED", "TOUCHPOINT"})
_SELECTOR_COMMENT = re.compile(r"[ \t]*(#[\w.#:>~+=\[\]-]+)([^\n]*)")
_ADDRESS = re.compile(r"(?:/|https?://|mailto:|\.{1,2}/)[^\s\"{}]*")
_BARE_AFTER_COMMA = re.compile(r",[ \t]*([^\W\d][\w-]*)(?!\s*:)")


def _pretty(number: str) -> str:
    return number.lstrip("0") or "0"


# Texts


def curly_quotes(trouble: Trouble) -> Mistake | None:
    """`“trial”`, `'trial'`"""
    found = trouble.find(_CURLY)
    if found is None or not trouble.wants("STRING", "COMMA_TEXT", "SUBJECT", "NAME"):
        return None
    inner = next(group for group in found.groups() if group is not None)
    right = f'"{inner}"'
    curly = found.group()[0] != "'"
    return Mistake(
        syntax.QUOTES,
        *found.span(),
        "curly quotes cannot be read" if curly else "texts do not stand in single quotes",
        f"write {right} with straight double quotes",
        right,
    )


def unclosed_text(trouble: Trouble) -> Mistake | None:
    """`"Hello` without its end on the line"""
    text, at = trouble.text, trouble.at
    if text[at : at + 3] == '"""' and text.find('"""', at + 3) < 0:
        return Mistake(
            syntax.UNCLOSED_TEXT,
            at,
            at + 3,
            'the text that begins here has no `"""` at its end',
            'write `"""` on a line of its own after the text',
        )
    sign = text[at : at + 1]
    if sign not in {'"', "`"} or trouble.find(_STRAIGHT):
        return None
    line = text[at : trouble.line_end()].rstrip()
    if sign in line[1:]:
        return None
    ending = re.search(r"(?:\s*[{})])*$", line)
    end = at + (ending.start() if ending else len(line))
    what = "text" if sign == '"' else "name"
    return Mistake(
        syntax.UNCLOSED_TEXT,
        at,
        end,
        f"the {what} that begins here has no end",
        f"write {sign} where the {what} ends",
        text[at:end] + sign,
    )


def text_for_a_name(trouble: Trouble) -> Mistake | None:
    """`for "self_serve"`"""
    found = trouble.find(_STRAIGHT)
    if found is None or trouble.wants("STRING") or not trouble.wants("NAME", "SUBJECT"):
        return None
    inner = found.group(1)
    is_plain = WORD.fullmatch(inner) and inner not in RESERVED
    # A label where the name is missing is another mistake.
    if not inner.strip() or "`" in inner or (trouble.last.type in LABELLED and not is_plain):
        return None
    right = inner if is_plain else f"`{inner}`"
    return Mistake(
        syntax.NAME, *found.span(), "a name stands here, not a text", f"write {right}, without quotes", right
    )


def selector_without_quotes(trouble: Trouble) -> Mistake | None:
    """`beside #dns {`, which is read as a comment"""
    if not trouble.wants("STRING") or trouble.last.type not in _BEFORE_SELECTOR:
        return None
    found = _SELECTOR_COMMENT.match(trouble.original, trouble.last.end)
    if found is None:
        return None
    selector, rest = found.groups()
    return Mistake(
        syntax.UNQUOTED,
        found.start(1),
        found.end(),
        f"`{selector}` has no quotes, so `#` begins a comment",
        f'write "{selector}"',
        f'"{selector}"{rest}',
    )


def bare_address(trouble: Trouble) -> Mistake | None:
    """`opens /docs`, `touchpoint /domains/*`"""
    found = trouble.find(_ADDRESS) if trouble.wants("STRING") and not trouble.wants("PATTERN") else None
    if found is None:
        return None
    right = f'"{found.group()}"'
    return Mistake(syntax.UNQUOTED, *found.span(), f"`{found.group()}` has no quotes", f"write {right}", right)


_BRACKETED = re.compile(r"[\[(]\s*((?:\"[^\"\n]*\"|-?[\d.]+)(?:\s*,\s*(?:\"[^\"\n]*\"|-?[\d.]+))*)\s*,?\s*[\])]")


def bracketed_values(trouble: Trouble) -> Mistake | None:
    """`is one of ["a", "b"]`, `is one of ("a", "b")`"""
    found = trouble.find(_BRACKETED) if trouble.wants("STRING") else None
    if found is None:
        return None
    right = found.group(1)
    return Mistake(syntax.SIGN, *found.span(), "values stand without brackets", f"write {right}", right)


def bare_pattern(trouble: Trouble) -> Mistake | None:
    """`matches .+@corp`, `matches /domains/*`"""
    last = trouble.last
    if not ((last.type == "OP_VALUE" and last.text == "matches") or last.type == "PATTERN"):
        return None
    start = last.start if last.type == "PATTERN" else trouble.at
    if last.type == "PATTERN" and last.end != trouble.at:
        return None
    found = re.compile(r"[^\s\"`]+").match(trouble.text, start)
    if found is None:
        return None
    written = found.group()
    right = f'"{written}"' if written[0] == "/" else f"/{written}/"
    return Mistake(
        syntax.UNQUOTED, *found.span(), f"`{written}` is a pattern without its signs",
        f"write {right}; a pattern with `*` stands in quotes, a regular expression between slashes", right,
    )  # fmt: skip


def unquoted_text(trouble: Trouble) -> Mistake | None:
    """`plan is trial`, `title Two records`"""
    found = trouble.find(WORD)
    if found is None or found.group()[0] == "`" or trouble.is_on_new_line:
        return None
    word = found.group()
    if word in NEVER_TEXT or not trouble.wants("STRING", "LONG_STRING"):
        return None
    if trouble.wants("YES"):
        special = _no_value(trouble, found)
        if special is not None:
            return special
    elif trouble.wants("RBRACE", "LBRACE", "NAME") or not trouble.wants("STRING"):
        return None
    end = _end_of_text(trouble, found.end())
    written = trouble.text[trouble.at : end]
    right = f'"{written}"'
    return Mistake(
        syntax.UNQUOTED, trouble.at, end, f"`{written}` is a text and has no quotes", f"write {right}", right
    )


def _no_value(trouble: Trouble, found: re.Match[str]) -> Mistake | None:
    """`true` for `yes`, `null` for `is not set`."""
    word, operator = found.group(), trouble.last
    lower = word.lower()
    if lower in {"true", "false", "yes", "no"}:
        right = "yes" if lower in {"true", "yes"} else "no"
        return Mistake(
            syntax.TRUE_FALSE, *found.span(), f"`{word}` is no value of a yes/no attribute", f"write {right}", right
        )
    if lower in _NOTHING and operator.type == "OP_VALUE":
        right = "is not set" if operator.text == "is" else "is set"
        return Mistake(
            syntax.WORDING,
            operator.start,
            found.end(),
            f"`{word}` is no value",
            f"to ask whether there is a value, write `{right}`",
            right,
        )
    return None


def _end_of_text(trouble: Trouble, end: int) -> int:
    """Where a text without quotes ends: with its line after `title` and the like, else before a word that goes on."""
    if trouble.last.type in {"TITLE", "BODY", "THANKS", "ALT"}:
        line = trouble.text[trouble.at : trouble.line_end()]
        return trouble.at + len(re.split(r"[{}\"]", line)[0].rstrip())
    more = re.compile(r"[ \t]+([^\W\d][\w$-]*)")
    while (following := more.match(trouble.text, end)) and following.group(1) not in NEVER_TEXT:
        end = following.end()
    return end


def bare_value_of_list(trouble: Trouble) -> Mistake | None:
    """`one of "free", trial`"""
    found = trouble.find(_BARE_AFTER_COMMA) if trouble.wants("COMMA_TEXT") else None
    if found is None or found.group(1) in NEVER_TEXT:
        return None
    right = f', "{found.group(1)}"'
    return Mistake(
        syntax.UNQUOTED, *found.span(), f"`{found.group(1)}` is a text and has no quotes", f"write{right[1:]}", right
    )


# Dates and times of day


def date(trouble: Trouble) -> Mistake | None:
    """`30 June 2027`, `June 30, 2027`, `30.06.2027`, `2027-6-3`"""
    if not trouble.wants("DAY"):
        return None
    right = None
    if found := trouble.find(_DAY_FIRST):
        day, month, year = found.groups()
        right = f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}"
    elif found := trouble.find(_MONTH_FIRST):
        month, day, year = found.groups()
        right = f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}"
    elif found := trouble.find(_QUOTED_DATE):
        right = found.group(1)
    elif found := trouble.find(_TIME_WITHOUT_ZONE):
        day, clock, seconds, zone = found.groups()
        right = f"{day}T{clock}{seconds or ':00'}{zone or 'Z'}"
    elif found := trouble.find(_YEAR_FIRST):
        year, _, month, day = found.groups()
        right = f"{year}-{int(month):02}-{int(day):02}"
    elif found := trouble.find(_NUMBERS_ONLY):
        return Mistake(
            syntax.DATE,
            *found.span(),
            f"`{found.group()}` can be read in two ways",
            "write year-month-day, such as 2027-06-30",
        )
    if found is None or right is None:
        return None
    return Mistake(
        syntax.DATE,
        *found.span(),
        f"`{found.group()}` is not a date as the language writes it",
        f"write {right}",
        right,
    )


def time_of_day(trouble: Trouble) -> Mistake | None:
    """`9:00`, `5pm`"""
    found = trouble.find(_CLOCK) if trouble.wants("CLOCK") else None
    if found is None:
        return None
    hour, minute, half = int(found.group(1)), found.group(2) or "00", (found.group(3) or "").lower()
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    right = f"{hour:02}:{minute}"
    return Mistake(
        syntax.CLOCK,
        *found.span(),
        f"`{found.group().strip()}` is not a time of day as the language writes it",
        f"write {right}",
        right,
    )


# Lengths of time


def length_of_time(trouble: Trouble) -> Mistake | None:
    """`7d`, `1 month`, `a week`, `1.5 hours`"""
    found = trouble.find(_LENGTH) if trouble.wants("DURATION") else None
    if found is None or _PLAIN_LENGTH.fullmatch(found.group()):
        return None
    digits, spelled, unit = found.groups()
    if spelled is None and digits is None and unit.lower() not in {"second", "minute", "hour", "day", "week", "month",
                                                                   "quarter", "year", "fortnight"}:  # fmt: skip
        return None
    amount = float(digits) if digits else float(_SPELLED[spelled.lower()] if spelled else 1)
    if amount > 1e6:
        return None
    written = found.group()
    days = _CALENDAR_DAYS_ALL.get(unit.lower())
    if days is not None:
        right = f"{round(amount * days)} days"
        return Mistake(
            syntax.DURATION,
            *found.span(),
            f"there are no {unit.lower().rstrip('s')}s, because their length is not fixed",
            f"write {right}",
            right,
        )
    right = _length_in_words(amount, _UNIT_OF[unit.lower()])
    return Mistake(
        syntax.DURATION, *found.span(), f"`{written}` is not a length of time as it is written here", f"write {right}",
        right,
    )  # fmt: skip


def _length_in_words(amount: float, unit: str) -> str:
    """`1.5`, `hour` is `90 minutes`."""
    smaller = {"week": ("day", 7), "day": ("hour", 24), "hour": ("minute", 60), "minute": ("second", 60)}
    while amount != int(amount) and unit in smaller:
        unit, factor = smaller[unit]
        amount = round(amount * factor, 6)
    number = round(amount)
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


# Numbers


def share(trouble: Trouble) -> Mistake | None:
    """`rollout 50`"""
    found = trouble.find(_INTEGER) if trouble.wants("PERCENT") and not trouble.wants("NUMBER") else None
    if found is None:
        return None
    right = f"{found.group()}%"
    return Mistake(syntax.NUMBER, *found.span(), "a share has a percent sign", f"write {right}", right)


def number(trouble: Trouble) -> Mistake | None:
    """`1,000`, `$5`, `50k`, `.5`, `2.10.0`"""
    if trouble.wants("VERSION") and (found := trouble.find(_DOTTED)) and found.group().count(".") > 1:
        right = f'version "{found.group()}"'
        return Mistake(syntax.NUMBER, *found.span(), f"`{found.group()}` is a version", f"write {right}", right)
    if not trouble.wants("NUMBER"):
        return None
    if found := trouble.find(_GROUPED_NUMBER):
        right = re.sub(r"[,_' ]", "", found.group())
        return Mistake(
            syntax.NUMBER,
            *found.span(),
            f"`{found.group()}` has a separator in it",
            f"write {right}; a list has a blank after each comma",
            right,
        )
    found = trouble.find(_WITH_UNIT)
    if found is None:
        return None
    before, digits, after = found.groups()
    if not (before or after or digits.lstrip("-")[0] == "." or digits[-1] == "."):
        return None
    plain = float(digits) * {"k": 1000, "m": 1_000_000}.get(after.lower(), 1)
    right = str(int(plain)) if plain == int(plain) else str(plain)
    right = f"{right} times" if trouble.wants("TIMES") or after == "x" else right
    return Mistake(
        syntax.NUMBER,
        *found.span(),
        f"`{found.group().strip()}` is not a number as the language writes it",
        f"write {right}",
        right,
    )


def number_word(trouble: Trouble) -> Mistake | None:
    """`at least three times`"""
    found = trouble.find(WORD) if trouble.wants("NUMBER") and not trouble.wants("STRING") else None
    value = _SPELLED.get(found.group().lower()) if found else None
    if found is None or value is None:
        return None
    return Mistake(
        syntax.NUMBER, *found.span(), f"`{found.group()}` is written in digits", f"write {value}", str(value)
    )


IN_ORDER: Final[tuple[Recogniser, ...]] = (
    curly_quotes,
    unclosed_text,
    text_for_a_name,
    date,
    time_of_day,
    length_of_time,
    share,
    number,
    number_word,
    bracketed_values,
    bare_pattern,
    selector_without_quotes,
    bare_address,
    bare_value_of_list,
    blanks_in_name,
    unquoted_text,
    name,
)
"""In the order in which they are tried."""
