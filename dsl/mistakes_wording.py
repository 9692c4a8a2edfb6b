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
    (r"is\s+(?:empty|null|none|unset|missing|unknown|blank)|does\s+not\s+exist|not\s+set", "is not set", ("OP_NOTHING",)),
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
    (r"time(?=s?\w)|x(?!\w)", "times", ("TIMES",)),
    (r"(?:has|have|had)\s+(?:done|performed|triggered)|does|performed|triggered|event(?=\s*\")", "did", ("DID",)),
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
        if not found.group():
            return Mistake(
                syntax.WORDING, trouble.at, trouble.at, "the comparison is missing",
                "write `at least`, `at most` or `exactly` before the number", meant,
            )  # fmt: skip
        written = " ".join(found.group().split())
        if not meant:
            return Mistake(
                syntax.WORDING, *found.span(), f"`{written}` is not needed here", f"leave `{written}` out", ""
            )
        return Mistake(
            syntax.WORDING, *found.span(), f"`{written}` is said otherwise here", f"write `{meant.strip()}`", meant
        )
    return None


IN_ORDER: Final[tuple[Recogniser, ...]] = (wording,)
"""In the order in which they are tried."""
