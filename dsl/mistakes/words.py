"""Mistakes in the words of the language: signs, short forms, capitals, and what English says otherwise."""

from __future__ import annotations

import re
from typing import Final

from dsl.codes import syntax
from dsl.mistakes import Mistake, Recogniser, Trouble, Word
from dsl.parser.words import is_keyword
from dsl.terminals import END, OPERATOR_SPELLINGS, STRING, phrase_of

# Signs

_SIGNS: Final = re.compile(r"===?|!==?|=>|=<|<>|≠|≥|≤|=|&&?|\|\|?|!|;")
_MEANT: Final = {
    "=": "is", "==": "is", "===": "is", "!=": "is not", "!==": "is not", "<>": "is not", "≠": "is not", "=>": ">=",
    "≥": ">=", "=<": "<=", "≤": "<=", "&": "and", "&&": "and", "|": "or", "||": "or", "!": "not",
}  # fmt: skip


def sign(trouble: Trouble) -> Mistake | None:
    """`=`, `==`, `!=`, `&&`, `||`"""
    found = trouble.find(_SIGNS)
    last = trouble.before[-1] if trouble.before else None
    if last is not None and last.text == "<" and trouble.text[trouble.at : trouble.at + 1] == ">":
        return Mistake(
            syntax.SIGN, last.start, trouble.at + 1, "`<>` is no word of the language", "write `is not`", "is not"
        )
    if found is None:
        return None
    written = found.group()
    if written == ";":
        return Mistake(syntax.SIGN, *found.span(), "nothing stands between two lines", "leave the `;` out", "")
    right = _MEANT[written]
    if written in {"=", "=>"}:
        right = ":" if trouble.wants("COLON") else "where" if trouble.wants("WHERE") else right
    fix = right + (" " if right.isalpha() and not trouble.text[found.end() : found.end() + 1].isspace() else "")
    before = trouble.text[trouble.at - 1 : trouble.at]
    fix = f" {fix}" if right[0].isalpha() and before and not before.isspace() and before != "(" else fix
    if right.split()[0] in {"and", "or", "not"} and trouble.wants("OP_VALUE"):
        return None
    return Mistake(
        syntax.SIGN, *found.span(), f"`{written}` is no word of the language", f"write `{right}` instead", fix
    )


# Short forms and capitals

_SHORT: Final = re.compile(
    r"(is|are|was|were|did|has|have|had|does|do|can|wo)(?:n['’‘`]t|nt|['’‘`]nt)(?![\w$])", re.IGNORECASE
)


def short_form(trouble: Trouble) -> Mistake | None:
    """`isn't`, `didn't`, `doesn't`"""
    found = trouble.find(_SHORT)
    if found is None:
        return None
    verb = found.group(1).lower()
    meant = {"is": "is not", "are": "is not", "was": "is not", "were": "is not", "does": "does not", "do": "does not"}
    right = meant.get(verb, "did not")
    return Mistake(syntax.SHORT_FORM, *found.span(), f"`{found.group()}` is written out", f"write `{right}`", right)


def capitals(trouble: Trouble) -> Mistake | None:
    """`AND`, `Did`, `IS NOT`"""
    if not trouble.text[trouble.at : trouble.at + 1].isalpha():
        return None
    best = ""
    for phrase in _phrases_wanted(trouble):
        found = re.compile(r"\s+".join(phrase.split()) + END, re.IGNORECASE).match(trouble.text, trouble.at)
        if found and len(found.group()) > len(best):
            best = found.group()
    right = best.lower()
    if not best or best == right:
        return None
    end = trouble.at + len(best)
    return Mistake(syntax.CAPITALS, trouble.at, end, f"`{best}` stands in small letters", f"write `{right}`", right)


def _phrases_wanted(trouble: Trouble) -> list[str]:
    phrases = [phrase_of(terminal) for terminal in trouble.accepts if is_keyword(terminal)]
    if trouble.wants("OP_VALUE", "OP_DURATION"):
        phrases += [spelling for spelling in OPERATOR_SPELLINGS if spelling[0].isalpha()]
    if trouble.wants("YES"):
        phrases += ["yes", "no"]
    return sorted(phrases)


def within_for_in_last(trouble: Trouble) -> Mistake | None:
    """`did "X" within 7 days`"""
    found = trouble.find(re.compile(r"within(?:\s+the)?(?:\s+last)?(?=\s+\d)"))
    if found is None or not trouble.wants("IN_LAST") or trouble.wants("WITHIN"):
        return None
    return Mistake(
        syntax.WITHIN,
        *found.span(),
        "`within` is the time between the events of a sequence",
        "for the time up to now write `in last`",
        "in last",
    )


def ago_after_did(trouble: Trouble) -> Mistake | None:
    """`did "X" more than 30 days ago`"""
    found = trouble.find(re.compile(r"(?:(more|less)\s+than\s+)?(\d+\s+(?:second|minute|hour|day|week)s?)\s+ago(?!\w)"))
    did = _did_before(trouble)
    if found is None or did is None:
        return None
    event = trouble.text[did.end : trouble.at].strip()
    if did.type == "DID_NOT" or found.group(1) == "less":
        word = "did not" if did.type == "DID_NOT" else "did"
        right = f"{word} {event} in last {' '.join(found.group(2).split())}"
        lead = "what happened since then is"
    else:
        right = f"last did {event} more than {' '.join(found.group(2).split())} ago"
        lead = "say which time of many is meant:"
    return Mistake(
        syntax.AGO, did.start, found.end(), "`ago` asks about one time, and this may have happened often",
        f"{lead} `{right}`", right,
    )  # fmt: skip


def did_again(trouble: Trouble) -> Mistake | None:
    """`did "A" then did "B"`, `did "A" and then "B"`"""
    found = trouble.find(_DID_AGAIN)
    last = trouble.before[-1] if trouble.before else None
    if found and last is not None and last.type == "AND" and found.group().startswith("then"):
        return Mistake(
            syntax.DID_AGAIN, last.start, found.end(), "a sequence is told with `then` alone",
            'write `did "A" then "B"`', "then",
        )  # fmt: skip
    if (
        found is None
        or found.group() != "did"
        or last is None
        or last.type not in {"THEN", "DIRECTLY_THEN", "AND_NOT_TEXT"}
    ):
        return None
    return Mistake(
        syntax.DID_AGAIN, last.start, found.end(), "a sequence says `did` once",
        f'write `did "A" {last.text} "B"`', last.text,
    )  # fmt: skip


_DID_AGAIN = re.compile(r'(?:did|then(?:\s+did)?)(?=\s*")')
_QUOTED_VALUE = rf"(?:{STRING}|-?\d+(?:\.\d+)?|version\s+{STRING})"
_BARE_VALUE = r"[^\W\d][\w-]*(?=[ \t]*(?:$|[\n,)}]|(?:and|or)(?!\w)))"
_VALUE = rf"(?:{_QUOTED_VALUE}|{_BARE_VALUE})"
_MORE_VALUES = re.compile(rf"{_VALUE}(?:\s*(?:,|(?:or|and)(?!\w))\s*{_VALUE}(?!\s*(?:is|contains|[<>=])))*")
_LISTED = re.compile(rf"({_QUOTED_VALUE})|(?<![\w-])(?!(?:and|or)(?!\w))([^\W\d][\w-]*)")
_COMMA: Final = re.compile(r",\s*")
_AGAIN: Final = re.compile(r"(?:is|contains|starts|ends|matches|include|does)(?![\w$])|[<>]=?")
_JOINTS: Final = frozenset({"OR", "AND", "AND_COMPARED"})
_BETWEEN_VALUES: Final = frozenset({"OR", "AND", "AND_COMPARED", "STRING", "NUMBER", "VERSION", "COMMA"})
_LIST_OPERATOR: Final = {"is": "is one of", "is not": "is none of", "include": "include any of"}


def values_with_or(trouble: Trouble) -> Mistake | None:
    """`plan is "a" or "b"`, `plan is "a" or is "b"`, `plan is "a", "b"`"""
    joined = _joined_values(trouble)
    if joined is None:
        return None
    subject, operator = joined
    word = " ".join(operator.text.split())
    comma = trouble.find(_COMMA)
    values = _MORE_VALUES.match(trouble.text, comma.end() if comma else trouble.at)
    if values is not None and (operator.type == "OP_VALUES" or word in _LIST_OPERATOR):
        listed = _LISTED.findall(trouble.text[operator.end : values.end()])
        texts = ", ".join(quoted or f'"{bare}"' for quoted, bare in listed)
        right = f"{_LIST_OPERATOR.get(word, word)} {texts}"
        return Mistake(
            syntax.VALUES_WITH_OR,
            operator.start,
            values.end(),
            "`or` and `and` join whole conditions, not values",
            f"for several values write `{right}`",
            right,
        )
    joint = trouble.before[-1]
    again = values or trouble.find(_AGAIN)
    if again is None or joint.type == "COMMA":
        return None
    missing = f"{subject.text} {word}" if values else subject.text
    return Mistake(
        syntax.VALUES_WITH_OR,
        joint.start,
        again.end(),
        f"`{joint.text}` joins whole conditions",
        f"say again what is compared: `{joint.text} {missing} …`",
        f"{joint.text} {missing} {again.group()}",
    )


def _joined_values(trouble: Trouble) -> tuple[Word, Word] | None:
    """The subject and the operator of a comparison whose value stands before an `or`, `and` or comma just before."""
    words = list(trouble.before)
    comma = trouble.text[trouble.at : trouble.at + 1] == "," and trouble.wants("AND", "AND_COMPARED")
    if not words or (words[-1].type not in {"OR", "AND", "AND_COMPARED", "COMMA"} and not comma):
        return None
    begin = len(words) - 1
    while begin > 1 and words[begin].type in _BETWEEN_VALUES:
        begin -= 1
    if words[begin].type not in {"OP_VALUE", "OP_VALUES"} or begin == len(words) - 1:
        return None
    if words[begin].type == "OP_VALUES" and all(word.type not in _JOINTS for word in words[begin + 1 :]):
        return None
    subject = words[begin - 1]
    if begin > 1 and words[begin - 2].type in {"ANSWERED", "FRICTION_AT"}:
        subject = Word(subject.type, f"{words[begin - 2].text} {subject.text}", words[begin - 2].start, subject.end)
    return subject, words[begin]


def _did_before(trouble: Trouble) -> Word | None:
    """The `did` whose event stands just before, if it has no count or window yet."""
    words = trouble.before
    if len(words) >= 2 and words[-1].type == "STRING" and words[-2].type in {"DID", "DID_NOT"}:
        return words[-2]
    return None


_BEFORE_SECOND: Final = re.compile(r",|-|–|to(?!\w)|or(?!\w)|\.\.\.?|&")


def range_without_and(trouble: Trouble) -> Mistake | None:
    """`between 5, 20`, `between 5 - 20`, `between 5 to 20`"""
    words = trouble.before
    found = trouble.find(_BEFORE_SECOND)
    if found is None or len(words) < 2 or trouble.accepts - {"AND"} or not trouble.wants("AND"):
        return None
    right = "and" if trouble.text[trouble.at - 1].isspace() else " and"
    right += "" if trouble.text[found.end() : found.end() + 1].isspace() else " "
    return Mistake(
        syntax.WORDING, *found.span(), f"`{found.group()}` does not stand between two values", "write `and`", right
    )


def comma_between_feelings(trouble: Trouble) -> Mistake | None:
    """`felt confused, doubtful at …`"""
    sign = trouble.text[trouble.at : trouble.at + 1]
    if sign != "," or not trouble.wants("OR") or not any(word.type == "FELT" for word in trouble.before[-8:]):
        return None
    return Mistake(syntax.WORDING, trouble.at, trouble.at + 1, "a comma does not join feelings", "write `or`", " or")


def joined_names(trouble: Trouble) -> Mistake | None:
    """`for self_serve and enterprise`"""
    found = trouble.find(re.compile(r"(?:and|or|&|\+)(?!\w)"))
    if found is None or not trouble.wants("COMMA") or trouble.last.type not in {"NAME", "PLACE"}:
        return None
    return Mistake(
        syntax.WORDING, trouble.last.end, found.end(), f"names are not joined with `{found.group()}`",
        "write a comma between them", ",",
    )  # fmt: skip


_EVENT_LISTS: Final = frozenset({"REACHED_BY", "ATTEMPTED_BY", "OUTCOME", "USED_BY"})


def where_of_several(trouble: Trouble) -> Mistake | None:
    """`reached by "A", "B" where x > 1`"""
    words = trouble.before
    if len(words) < 2 or words[-2].type != "COMMA" or trouble.find(re.compile(r"where(?!\w)")) is None:
        return None
    keyword = next((word.text for word in reversed(words) if word.type in _EVENT_LISTS), None)
    if keyword is None:
        return None
    right = f" {keyword} {words[-1].text}"
    return Mistake(
        syntax.WHERE, words[-2].start, words[-1].end, "a `where` belongs to one event, and these are several",
        f"name the one with the `where` apart: `{right.strip()} where …`", right,
    )  # fmt: skip


def not_in_where(trouble: Trouble) -> Mistake | None:
    """`did "A" where not x is 1`, `did "A" where (x is 1 and did "B")`"""
    last = trouble.before[-1].type if trouble.before else ""
    found = trouble.find(re.compile(r"(not|did|in|at|reached|completed|saw|answered)(?![\w$])"))
    if found is None or not any(word.type == "WHERE" for word in trouble.before[-40:]):
        return None
    if found.group() == "not" and last in {"WHERE", "AND_COMPARED"}:
        return Mistake(
            syntax.WHERE, *found.span(), "inside a `where`, `not` needs parentheses",
            "write `(not …)` around it",
        )  # fmt: skip
    if trouble.wants("SUBJECT") and not trouble.wants("DID", "IN"):
        return Mistake(
            syntax.WHERE, *found.span(), "a `where` asks about properties of its event, nothing else",
            "put parentheses around `did … where …`, and the rest behind them",
        )  # fmt: skip
    return None


def since_last(trouble: Trouble) -> Mistake | None:
    """`since last week`, `since yesterday`"""
    last = trouble.before[-1] if trouble.before else None
    found = trouble.find(re.compile(r"(?:the\s+)?last\s+(?=\w)|yesterday(?!\w)"))
    if found is None or last is None or last.type != "SINCE":
        return None
    right = "in last 1 day" if found.group() == "yesterday" else "in last "
    return Mistake(
        syntax.WORDING, last.start, found.end(), "`since` begins at an event, a step or a date",
        f"for a length of time write `{right.strip()}`", right,
    )  # fmt: skip


IN_ORDER: Final[tuple[Recogniser, ...]] = (
    sign,
    short_form,
    within_for_in_last,
    ago_after_did,
    did_again,
    range_without_and,
    comma_between_feelings,
    joined_names,
    where_of_several,
    not_in_where,
    since_last,
    values_with_or,
    capitals,
)
"""In the order in which they are tried."""
