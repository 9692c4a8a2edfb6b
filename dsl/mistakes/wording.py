"""Mistakes of wording: what English says otherwise than the language does."""

from __future__ import annotations

import re
from typing import Final

from dsl.codes import syntax
from dsl.mistakes import Mistake, Recogniser, Trouble
from dsl.terminals import END

_NUMBER_AHEAD = r"(?=\s+\d)"
_IN_LAST = (
    r"(?:in|within|during|over|for|from)\s+(?:the\s+)?(?:last|past|previous)|(?:in\s+)?last(?=\s+\d)|in\s+the(?=\s+\d)"
)
_WORDINGS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (_IN_LAST, "in last", ("IN_LAST",)),
    (r"today", "in last 1 day", ("IN_LAST",)),
    (r"(?:this|(?:in\s+)?the\s+last|last|weekly|in\s+a)\s+week", "in last 7 days", ("IN_LAST",)),
    (r"(?:this|(?:in\s+)?the\s+last|last|in\s+a)\s+month", "in last 30 days", ("IN_LAST",)),
    (r"(?:is\s+|was\s+)?(?:in|within|during)\s+(?:the\s+)?(?:last|past)", "within last", ("OP_DURATION",)),
    (r"(?:is\s+)?(?:in|within|during)\s+(?:the\s+)?next", "within next", ("OP_DURATION",)),
    (r"(?:is|was)\s+(?=(?:before|after|between|more\s+than|within)(?!\w))", "", ("OP_DURATION",)),
    (r"since(?=\s+\d{4}-)|from(?=\s+\d{4}-)", "after", ("OP_MOMENT",)),
    (r"on\s+or\s+before|until", "before", ("OP_MOMENT",)),
    (r"(?:is\s+)?(?:at\s+least|(?:no|not)\s+less\s+than|greater\s+than\s+or\s+equal\s+to)", ">=", ("OP_VALUE",)),
    (r"(?:is\s+)?(?:at\s+most|no\s+more\s+than|up\s+to|less\s+than\s+or\s+equal\s+to)", "<=", ("OP_VALUE",)),
    (r"(?:is\s+)?(?:more|greater|higher|larger|bigger)\s+than|is\s+above|above|is\s+over|over", ">", ("OP_VALUE",)),
    (r"(?:is\s+)?(?:less|fewer|lower|smaller)\s+than|is\s+below|below|is\s+under|under", "<", ("OP_VALUE",)),
    (r"(?:is\s+)?not\s+(?:in|any\s+of|one\s+of)|is\s+not\s+(?:in|any\s+of)", "is none of", ("OP_VALUES",)),
    (r"(?:is\s+)?in(?!\s+network)(?=\s*[\[(\"])|is\s+(?:any|either)(?:\s+of)?|one\s+of", "is one of", ("OP_VALUES",)),
    (r"(?:is\s+)?equals?(?:\s+to)?|is\s+equal\s+to|is\s+exactly|eq|was|are|has", "is", ("OP_VALUE",)),
    (r"(?:is\s+)?not\s+equals?(?:\s+to)?|does\s+not\s+equal|is\s+different\s+from|not", "is not", ("OP_VALUE",)),
    (r"is\s+(?:empty|null|none|unset|missing|blank)|does\s+not\s+exist|not\s+set", "is not set", ("OP_NOTHING",)),
    (r"is\s+not\s+(?:empty|null|none|missing|unknown|blank)|exists|is\s+known|is\s+present", "is set", ("OP_NOTHING",)),
    (r"(?:begins?|start)\s+with|starts(?=\s*\")", "starts with", ("OP_VALUE",)),
    (r"end\s+with|ends(?=\s*\")", "ends with", ("OP_VALUE",)),
    (r"contain|containing|has\s+the\s+word", "contains", ("OP_VALUE",)),
    (r"(?:not|does\s+not|doesnt)\s+(?:contains?|include)", "does not contain", ("OP_VALUE",)),
    (r"includes\s+(?=any|all|none)", "include ", ("OP_VALUES",)),
    (r"includes|has", "include", ("OP_VALUE",)),
    (r"match|is\s+like|like", "matches", ("OP_VALUE",)),
    (r"older\s+than|longer\s+than|earlier\s+than|over", "more than", ("OP_DURATION",)),
    (r"less\s+than", "fewer than", ("FEWER_THAN",)),
    (r"(?:no|not)\s+(?:less|fewer)\s+than|a\s+minimum\s+of|minimum|>=", "at least", ("AT_LEAST",)),
    (r"(?:no|not)\s+more\s+than|up\s+to|a\s+maximum\s+of|maximum|at\s+the\s+most|max|<=", "at most", ("AT_MOST",)),
    (rf"(?:greater|over)\s+than{_NUMBER_AHEAD}|over{_NUMBER_AHEAD}|>", "more than", ("MORE_THAN",)),
    (rf"precisely|only{_NUMBER_AHEAD}|=", "exactly", ("EXACTLY",)),
    (r"(?=\d+\s+times?(?!\w)|(?:once|twice)(?!\w))", "at least ", ("AT_LEAST",)),
    (r"x|instances?|occurrences?", "times", ("TIMES",)),
    (r"within(?=\s+\d)", "within last", ("OP_DURATION",)),
    (r"(?=\d+\s+(?:second|minute|hour|day|week)s?\s+ago)", "more than ", ("OP_DURATION",)),
    (r"(?:the\s+)?(?:total|sum)(?:\s+of(?=\s+the))?(?=\s+\w+\s+in\s)", "sum of", ("SUM_OF",)),
    (r"(?:the\s+)?(?:average|avg|mean)(?:\s+of(?=\s+the))?(?=\s+\w+\s+in\s)", "average of", ("AVERAGE_OF",)),
    (r"(?:max(?:imum)?|highest)(?:\s+of(?=\s+the))?(?=\s+\w+\s+in\s)", "highest of", ("HIGHEST_OF",)),
    (r"(?:min(?:imum)?|lowest)(?:\s+of(?=\s+the))?(?=\s+\w+\s+in\s)", "lowest of", ("LOWEST_OF",)),
    (r"number\s+of(?:\s+distinct|\s+unique)?|count\s+of|distinct|unique", "number of different",
     ("NUMBER_OF_DIFFERENT",)),
    (r"false", "not true", ("TRUE",)),
    (r"reached\s+(?:on|with|when|via|through|at)(?=\s*\")", "reached by", ("REACHED_BY",)),
    (r"when|if|with|matching|:", "where", ("WHERE",)),
    (r"idle(?!\s+for)", "idle for", ("IDLE_FOR",)),
    (r"(?:for|at\s+least|of)(?=\s+\d)", "", ("DURATION",)),
    (r"until\s+(?:closed|dismiss|hidden)", "until dismissed", ("UNTIL_DISMISSED",)),
    (r"until\s+(?:done|finished|complete)", "until completed", ("UNTIL_COMPLETED",)),
    (r"until\s+(?:answer|replied|submitted)", "until answered", ("UNTIL_ANSWERED",)),
    (r"(?=\d+\s+\w+\s+per(?!\w))", "at most ", ("AT_MOST",)),
    (r"(?:has|have|had)\s+(?:done|performed|triggered)|does|performed|triggered", "did", ("DID",)),
    (r"(?:has|have|had)\s+(?:not|never)(?:\s+done)?|never\s+did|did\s+never|never|does\s+not", "did not", ("DID_NOT",)),
    (r"(?:and\s+then|followed\s+by|and\s+after\s+that)(?:\s+did(?!\s+not))?", "then", ("THEN",)),
    (r"immediately\s+then|directly\s+followed\s+by|immediately\s+followed\s+by", "directly then", ("DIRECTLY_THEN",)),
    (r"in\s+(?:the\s+same|a|a\s+single)\s+session|in\s+session", "in one session", ("IN_ONE_SESSION",)),
    (r"but\s+not(?=\s*\")|without(?=\s*\")", "and not", ("AND_NOT_TEXT",)),
    (r"(?:but|plus|also)", "and", ("AND",)),
    (r"(?:is|are)\s+in(?!\s+network)|belongs\s+to|member\s+of", "in", ("IN",)),
    (r"(?:is|stands)\s+at", "at", ("AT",)),
    (r"(?:has\s+)?seen|has\s+been\s+shown|viewed", "saw", ("SAW",)),
    (r"(?:has\s+)?returned\s+at|went\s+back\s+to|came\s+back\s+to|returns\s+to", "returned to", ("RETURNED_TO",)),
    (r"feels|feeling", "felt", ("FELT",)),
    (r"ignore\s+case|case\s+insensitive|ignoring\s+the\s+case", "ignoring case", ("IGNORING_CASE",)),
    (r"if(?!\w)", "when", ("WHEN",)),
    (r"(?:to|audience)(?=\s+[a-z_])", "for", ("FOR",)),
    (r"rollout(?=\s+\d)", "sample", ("SAMPLE",)),
    (r"exclude|except\s+when|except|not\s+when|but\s+not\s+when", "unless", ("UNLESS",)),
    (r"display|popup", "show", ("SHOW",)),
    (r"every(?=\s)", "once every", ("ONCE_EVERY",)),
    (r"daily", "once every 1 day", ("ONCE_EVERY",)),
    (r"weekly", "once every 7 days", ("ONCE_EVERY",)),
    (r"(?:only\s+once|one\s+time|1\s+time)", "once", ("ONCE",)),
    (r"(?:show|showed|seen)\s+at\s+most|at\s+most|max", "shown at most", ("SHOWN",)),
    (r"session\s+start|on\s+(?:new\s+)?session(?!\s+start)", "on session start", ("ON_SESSION_START",)),
    (r"(?:expire|ends|until|expires\s+on|expires\s+at|to)(?=\s+\d)", "expires", ("EXPIRES",)),
    (r"(?:starts|start|starting|begins|from\s+date)(?=\s+\d)", "from", ("FROM",)),
    (r"(?:near|next\s+to|at|on|by|under|above|below)(?=\s*\")", "beside", ("BESIDE",)),
    (r"(?:only\s+)?between(?=\s+\d)", "only between", ("ONLY_BETWEEN",)),
    (r"(?:at\s+)?(?:the\s+)?top", "top", ("TOP",)),
    (r"(?:at\s+)?(?:the\s+)?bottom", "bottom", ("BOTTOM",)),
    (r"each|a|an|every|in|/", "per", ("PER", "PER_SESSION")),
    (r"(?:gives?|give)\s+up\s+(?:within|in)", "gives up after", ("GIVES_UP_AFTER",)),
    (r"(?:completed|done|finished)\s+(?:by|when)(?=\s*\")", "reached by", ("REACHED_BY",)),
    (r"(?:tried|attempt|attempts)\s+by", "attempted by", ("ATTEMPTED_BY",)),
    (r"opens\s+url|links?\s+to|goes\s+to|open", "opens", ("OPENS",)),
    (r"close|closes|dismiss", "dismisses", ("DISMISSES",)),
    (r"complete|finishes|done(?!\s+when)", "completes", ("COMPLETES",)),
    (r"snooze\s+for|snoozes\s+for|snooze|remind\s+in", "snoozes", ("SNOOZES",)),
    (r"start|launches", "starts", ("STARTS",)),
    (r"track", "tracks", ("TRACKS",)),
    (r"bool(?:ean)?|flag|true/false", "yes/no", ("KIND",)),
    (r"str(?:ing)?", "text", ("KIND",)),
    (r"int(?:eger)?|float|numeric|decimal", "number", ("KIND",)),
    (r"date(?:time)?|timestamp", "time", ("KIND",)),
    (r"enum(?:\s+of)?|any\s+of", "one of", ("ONE_OF",)),
    (r"(?:list|array)\s+of\s+(?:strings?|texts)|(?:strings|texts)", "list of text", ("KIND",)),
    (r"(?:list|array)\s+of\s+(?:numbers|ints?)|numbers", "list of number", ("KIND",)),
)  # fmt: skip
_COMPILED: Final = tuple(
    (re.compile(rf"(?:{pattern})" + (END if pattern[-1].isalpha() else ""), re.IGNORECASE), meant, terminals)
    for pattern, meant, terminals in _WORDINGS
)


def wording(trouble: Trouble) -> Mistake | None:
    """`in the last 7 days`, `at least 3`, `equals`"""
    for pattern, meant, terminals in _COMPILED:
        found = trouble.find(pattern) if trouble.wants(*terminals) else None
        if found is None or " ".join(found.group().split()) == meant:
            continue
        # A `where` stands on the line of its event; at the beginning of a line `if` is a clause.
        if not (meant == "where" and trouble.is_on_new_line):
            return _said(found, meant)
    return None


def operator_after_is(trouble: Trouble) -> Mistake | None:
    """`is greater than 5`, `is before 2026-01-01`, `is any of "a"`: the `is` was read alone."""
    last = trouble.last
    if last.type != "OP_VALUE" or not last.text.startswith(("is", "does")):
        return None
    operators = frozenset({"OP_VALUE", "OP_VALUES", "OP_NOTHING", "OP_DURATION", "OP_MOMENT", "OP_RANGE"})
    begin = trouble.later(last.start, operators)
    for pattern, meant, terminals in _COMPILED:
        found = begin.find(pattern) if begin.wants(*terminals) else None
        behind = found is not None and (found.end() > last.end or not meant)
        if found is not None and behind and " ".join(found.group().split()) != meant:
            return _said(found, meant)
    return None


_ONCE_PER: Final = re.compile(
    rf"(?:per|an?|each|in)\s+(?:(?P<number>\d+)\s+)?(?P<unit>second|minute|hour|day|week|session)s?{END}", re.IGNORECASE
)


def once_per(trouble: Trouble) -> Mistake | None:
    """`once per day`, `once a week`, `once per session`: the clause `once` was read alone."""
    clause = trouble.last
    found = trouble.find(_ONCE_PER)
    counts = len(trouble.before) > 1 and trouble.before[-2].type in _COUNT_WORDS
    if clause.type != "ONCE" or found is None or counts or trouble.is_on_new_line:
        return None
    written = " ".join(trouble.text[clause.start : found.end()].split())
    unit, number = found["unit"].lower(), found["number"] or "1"
    if unit == "session":
        message, help_ = f"`{written}` needs no clause", "leave it out: a guide is shown once per session anyway"
        return Mistake(syntax.WORDING, clause.start, found.end(), message, help_, "")
    meant = f"once every {number} {unit}{'' if number == '1' else 's'}"
    message = f"`{written}` is said otherwise here"
    return Mistake(syntax.WORDING, clause.start, found.end(), message, f"write `{meant}`", meant)


_COUNT_WORDS: Final = frozenset({"AT_LEAST", "AT_MOST", "EXACTLY", "FEWER_THAN", "MORE_THAN"})


def _said(found: re.Match[str], meant: str) -> Mistake:
    written = " ".join(found.group().split())
    if not written:
        if meant != "at least ":
            message = f"`{meant.strip()}` is missing"
            help_text = f"write `{meant.strip()}` before the number"
        else:
            message = "the comparison is missing"
            help_text = "write `at least`, `at most` or `exactly` before the number"
        return Mistake(syntax.WORDING, *found.span(), message, help_text, meant)
    if not meant:
        return Mistake(
            syntax.WORDING, *found.span(), f"`{written}` is not needed here", f"leave `{written}` out", meant
        )
    return Mistake(
        syntax.WORDING, *found.span(), f"`{written}` is said otherwise here", f"write `{meant.strip()}`", meant
    )


OF_OPERATORS: Final[tuple[Recogniser, ...]] = (operator_after_is,)
"""To be tried before a word is taken for a value."""
IN_ORDER: Final[tuple[Recogniser, ...]] = (once_per, wording)
"""In the order in which they are tried."""
