"""The kinds of content, questions' choices and translations that a form draws, and all kinds by where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dsl.formatter.words import name
from dsl.forms.clause_kinds import ANY, BESIDE, CLAUSES, TEXT
from dsl.forms.compound import action_of, jump_of
from dsl.forms.condition_kinds import CONDITIONS
from dsl.forms.kinds import Field, Place, RowKind
from dsl.forms.values import Sort, name_of, text_of
from dsl.nodes import (
    Body,
    Button,
    ChecklistItem,
    Choice,
    Image,
    Thanks,
    Title,
    TourStep,
    TranslatedAlt,
    TranslatedButton,
    TranslatedItem,
    TranslatedOther,
    TranslatedQuestion,
    Translation,
    Video,
)

_P = Place.CONTENT
_ACTION = Field("action", Sort.ACTION, "Does", take=lambda node: action_of(node.action))
CONTENT: Final = (
    RowKind("title", "Title", _P, Title, "title {text}", (TEXT,), starts={"text": ""}),
    RowKind(
        "body",
        "Text",
        _P,
        Body,
        "body {text}",
        (Field("text", Sort.LONG_TEXT, "Text", take=lambda node: text_of(node.text)),),
        starts={"text": ""},
    ),
    RowKind("button", "Button", _P, Button, "button {text} {action}", (TEXT, _ACTION),
            starts={"text": "", "action": {"do": "completes", "value": None}}),
    RowKind(
        "image",
        "Picture",
        _P,
        Image,
        "image {url} alt {alt}",
        (
            Field("url", Sort.TEXT, "Address", take=lambda node: text_of(node.url)),
            Field("alt", Sort.TEXT, "What it shows, for those who cannot see it", take=lambda node: text_of(node.alt)),
        ),
        starts={"url": "", "alt": ""},
    ),
    RowKind("video", "Video", _P, Video, "video {url}",
            (Field("url", Sort.TEXT, "Address", take=lambda node: text_of(node.url)),), starts={"url": ""}),
    RowKind(
        "item",
        "Item to tick off",
        _P,
        ChecklistItem,
        "item {text} done when {done_when}[ {action}]",
        (
            TEXT,
            Field("done_when", Sort.CONDITION, "Done when"),
            Field("action", Sort.ACTION, "Does", take=lambda node: action_of(node.action), optional=True),
        ),
        starts={"text": "", "done_when": ANY, "action": None},
    ),
    RowKind(
        "step",
        "Step of the tour",
        _P,
        TourStep,
        "step[ beside {selector}][ on page {page}]",
        (BESIDE, Field("page", Sort.TEXT, "On the page", take=lambda node: text_of(node.page), optional=True)),
        holds=Place.STEP,
        starts={"selector": None, "page": None},
    ),
    RowKind(
        "words",
        "In another language",
        _P,
        Translation,
        "in {language}",
        (Field("language", Sort.TEXT, "Language", take=lambda node: text_of(node.language), hint="de"),),
        holds=Place.WORDS,
        starts={"language": ""},
    ),
)  # fmt: skip
CHOICES: Final = (
    RowKind(
        "choice",
        "Choice",
        Place.CHOICE,
        Choice,
        "{text}[ as {id}][ feels {feels}][ {then}]",
        (
            TEXT,
            Field("id", Sort.NAME, "Kept as", take=lambda node: name_of(node.id), optional=True),
            Field(
                "feels",
                Sort.NAME,
                "Feels",
                take=lambda node: name_of(node.feels),
                names="feelings",
                optional=True,
            ),
            Field("then", Sort.JUMP, "Then", take=lambda node: jump_of(node.then), optional=True),
        ),
        fits=lambda node: not node.is_other,
        starts={"text": "", "id": None, "feels": None, "then": None},
    ),
    RowKind(
        "other",
        "Something else, in their words",
        Place.CHOICE,
        Choice,
        "other[ feels {feels}][ {then}]",
        (
            Field(
                "feels",
                Sort.NAME,
                "Feels",
                take=lambda node: name_of(node.feels),
                names="feelings",
                optional=True,
            ),
            Field("then", Sort.JUMP, "Then", take=lambda node: jump_of(node.then), optional=True),
        ),
        fits=lambda node: node.is_other,
        starts={"feels": None, "then": None},
    ),
)  # fmt: skip
_W = Place.WORDS
_NUMBER = Field("number", Sort.WHOLE, "Number")
WORDS: Final = (
    RowKind("title", "Title", _W, Title, "title {text}", (TEXT,), starts={"text": ""}),
    RowKind("body", "Text", _W, Body, "body {text}",
            (Field("text", Sort.LONG_TEXT, "Text", take=lambda node: text_of(node.text)),), starts={"text": ""}),
    RowKind("button", "Button", _W, TranslatedButton, "button {number} {text}", (_NUMBER, TEXT),
            starts={"number": 1, "text": ""}),
    RowKind("item", "Item", _W, TranslatedItem, "item {number} {text}", (_NUMBER, TEXT),
            starts={"number": 1, "text": ""}),
    RowKind(
        "ask",
        "Question",
        _W,
        TranslatedQuestion,
        "ask {question}[ {text}]",
        (
            Field("question", Sort.NAME, "Question", take=lambda node: name(node.question.text), names="own questions"),
            Field("text", Sort.TEXT, "Words", take=lambda node: text_of(node.text), optional=True),
        ),
        holds=Place.CHOICE_WORDS,
        starts={"question": "", "text": ""},
    ),
    RowKind("other", "Something else", _W, TranslatedOther, "other {text}", (TEXT,), starts={"text": ""}),
    RowKind("alt", "What the picture shows", _W, TranslatedAlt, "alt {text}", (TEXT,), starts={"text": ""}),
    RowKind("thanks", "Thanks", _W, Thanks, "thanks {text}", (TEXT,), starts={"text": ""}),
)  # fmt: skip
CHOICE_WORDS: Final = (
    RowKind(
        "as",
        "Choice",
        Place.CHOICE_WORDS,
        TranslatedQuestion,
        "{source} as {text}",
        (Field("source", Sort.TEXT, "Choice"), TEXT),
        starts={"source": "", "text": ""},
    ),
)

KINDS: Final[Mapping[Place, Mapping[str, RowKind]]] = MappingProxyType(
    {
        Place.CLAUSE: {each.name: each for each in CLAUSES},
        Place.CONDITION: {each.name: each for each in CONDITIONS},
        Place.CONTENT: {each.name: each for each in CONTENT},
        Place.STEP: {each.name: each for each in CONTENT if each.name != "step"},
        Place.VARIANT: {each.name: each for each in CLAUSES if each.name == "show"},
        Place.CHOICE: {each.name: each for each in CHOICES},
        Place.WORDS: {each.name: each for each in WORDS},
        Place.CHOICE_WORDS: {each.name: each for each in CHOICE_WORDS},
    }
)
"""What may stand where, by name."""
