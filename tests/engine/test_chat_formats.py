"""Messages to chat tools: of the shape that each publishes, within its limits, and with nothing alive in them."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import orjson
import pytest

from engine.chat_formats import CHAT_FORMATS, written
from engine.chat_words import message_of
from engine.webhooks import Format, HookKind

CONSOLE = "https://way.example.com"
HOSTILE = (
    "<!channel> <!here> <@U024BE7LH> @everyone @here @channel <@&42> <users/all>",
    "*bold* _it_ ~s~ `code` **b** __u__ ||spoiler|| # head\n- item\n> quote",
    "[click](https://evil.example) <https://evil.example|Read> http://evil.example www.evil.example",
    '<a href="https://evil.example">x</a><img src=x onerror=alert(1)>&amp;{{7*7}}',
    "\u202egnp.exe \x00\x07\x1b[31m 日本語 🎉",
    "\\" * 40,
)
SAID: dict[str, Any] = {
    "guide": "help",
    "question": "why",
    "value": 2,
    "text": "slow",
    "low": 0,
    "high": 10,
    "userId": "ada",
    "alert": "drop",
    "journey": "activation",
    "step": "verify_domain",
    "message": "the drop rose",
    "version": 3,
    "note": "better words",
    "added": ["a", "b", "c", "d", "e", "f", "g"],
    "quarter": "2026-Q3",
    "themes": 3,
    "moved": ["one"],
    "late": ["two"],
    "toDrop": [],
}
TEXTS = ("text", "userId", "message", "note", "guide", "question", "alert")

_TEXT = {"type": "string", "minLength": 1}
_PLAIN = {
    "type": "object",
    "properties": {"type": {"const": "plain_text"}, "text": _TEXT, "emoji": {"type": "boolean"}},
    "required": ["type", "text"],
    "additionalProperties": False,
}
SHAPES: dict[Format, dict[str, Any]] = {
    # Incoming webhooks and Block Kit: header at most 150, text of a section 3,000 characters, 50 blocks.
    Format.SLACK: {
        "type": "object",
        "required": ["text", "blocks"],
        "properties": {
            "text": {"type": "string", "maxLength": 40_000},
            "blocks": {
                "type": "array",
                "maxItems": 50,
                "items": {
                    "oneOf": [
                        {
                            "properties": {
                                "type": {"const": "header"},
                                "text": {"allOf": [_PLAIN, {"properties": {"text": {"maxLength": 150}}}]},
                            },
                            "required": ["type", "text"],
                        },
                        {
                            "properties": {
                                "type": {"const": "section"},
                                "text": {
                                    "properties": {
                                        "type": {"enum": ["plain_text", "mrkdwn"]},
                                        "text": {"type": "string", "minLength": 1, "maxLength": 3_000},
                                    },
                                },
                            },
                            "required": ["type", "text"],
                        },
                    ]
                },
            },
            "unfurl_links": {"const": False},
            "unfurl_media": {"const": False},
        },
        "additionalProperties": False,
    },
    # Execute Webhook and the limits of embeds.
    Format.DISCORD: {
        "type": "object",
        "required": ["embeds", "allowed_mentions"],
        "properties": {
            "allowed_mentions": {"const": {"parse": []}},
            "embeds": {
                "type": "array",
                "minItems": 1,
                "maxItems": 10,
                "items": {
                    "properties": {
                        "title": {"type": "string", "maxLength": 256},
                        "description": {"type": "string", "maxLength": 4_096},
                        "url": {"type": "string", "format": "uri"},
                        "color": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFF},
                        "fields": {
                            "maxItems": 25,
                            "items": {
                                "properties": {
                                    "name": {"type": "string", "minLength": 1, "maxLength": 256},
                                    "value": {"type": "string", "minLength": 1, "maxLength": 1_024},
                                    "inline": {"type": "boolean"},
                                },
                                "required": ["name", "value"],
                            },
                        },
                    },
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
    },
    # What Workflows takes: an Adaptive Card, at most version 1.5 in Teams, within a message.
    Format.TEAMS: {
        "type": "object",
        "required": ["type", "attachments"],
        "properties": {
            "type": {"const": "message"},
            "attachments": {
                "minItems": 1,
                "maxItems": 1,
                "items": {
                    "required": ["contentType", "content"],
                    "properties": {
                        "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                        "contentUrl": {"type": "null"},
                        "content": {
                            "required": ["type", "version", "body"],
                            "properties": {
                                "type": {"const": "AdaptiveCard"},
                                "version": {"enum": ["1.2", "1.3", "1.4", "1.5"]},
                                "body": {
                                    "items": {
                                        "properties": {
                                            "type": {"const": "RichTextBlock"},
                                            "inlines": {
                                                "items": {
                                                    "properties": {"type": {"const": "TextRun"}, "text": _TEXT},
                                                    "required": ["type", "text"],
                                                }
                                            },
                                        },
                                        "required": ["type", "inlines"],
                                    }
                                },
                                "actions": {
                                    "items": {
                                        "properties": {"type": {"const": "Action.OpenUrl"}, "url": {"format": "uri"}},
                                        "required": ["type", "title", "url"],
                                    }
                                },
                            },
                        },
                    },
                },
            },
        },
    },
    # spaces.messages with cards of version 2.
    Format.GOOGLE_CHAT: {
        "type": "object",
        "required": ["cardsV2"],
        "properties": {
            "cardsV2": {
                "items": {
                    "required": ["cardId", "card"],
                    "properties": {
                        "card": {
                            "required": ["header", "sections"],
                            "properties": {
                                "header": {"required": ["title"]},
                                "sections": {
                                    "minItems": 1,
                                    "items": {
                                        "properties": {
                                            "widgets": {
                                                "minItems": 1,
                                                "items": {"type": "object", "minProperties": 1, "maxProperties": 1},
                                            }
                                        }
                                    },
                                },
                            },
                        }
                    },
                }
            }
        },
        "additionalProperties": False,
    },
    # Incoming webhooks with message attachments.
    Format.MATTERMOST: {
        "type": "object",
        "required": ["attachments"],
        "properties": {
            "attachments": {
                "items": {
                    "required": ["fallback", "text"],
                    "properties": {
                        "color": {"pattern": "^#[0-9a-f]{6}$"},
                        "title": {"type": "string"},
                        "title_link": {"type": "string", "format": "uri"},
                        "text": {"type": "string", "maxLength": 16_383},
                        "fields": {"items": {"required": ["title", "value", "short"]}},
                    },
                }
            }
        },
        "additionalProperties": False,
    },
}
"""What each tool publishes of its incoming webhooks, as far as we use it."""

TOOLS = list(CHAT_FORMATS)


def body(form: Format, kind: HookKind, **said: Any) -> Any:
    message = message_of(kind, {**SAID, **said}, project="shop/staging", console=CONSOLE)
    return orjson.loads(written(form, message))


def texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for each in value.values() for text in texts(each)]
        case list():
            return [text for each in value for text in texts(each)]
        case str():
            return [value]
        case _:
            return []


def test_every_format_but_the_standard_one_is_registered() -> None:
    assert {Format.STANDARD, *CHAT_FORMATS} == set(Format)
    assert set(SHAPES) == set(CHAT_FORMATS)


@pytest.mark.parametrize("form", TOOLS)
def test_every_kind_has_the_shape_that_the_tool_publishes(form: Format) -> None:
    for kind in HookKind:
        for said in (
            {},
            dict.fromkeys(TEXTS, ""),
            dict.fromkeys(TEXTS, "w" * 9_000),
            dict.fromkeys(TEXTS, "🎉" * 9_000),
        ):
            told = body(form, kind, **said)
            jsonschema.validate(told, SHAPES[form])
            assert len(orjson.dumps(told)) <= CHAT_FORMATS[form].limit


@pytest.mark.parametrize("form", TOOLS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_of_anybodys_words_comes_alive(form: Format, hostile: str) -> None:
    for kind in HookKind:
        told = body(form, kind, **dict.fromkeys(TEXTS, hostile * 30))
        jsonschema.validate(told, SHAPES[form])
        whole = orjson.dumps(told).decode()
        assert len(whole.encode()) <= CHAT_FORMATS[form].limit
        assert not re.search("[\x00-\x1f\u202e]", whole), "no control characters"
        for text in _interpreted(form, told):
            assert "evil.example" not in text or "https://evil" not in text, text
            assert "<!" not in text, text
            assert "<@" not in text.replace(r"\<@", ""), text
            assert not re.search(r"@(everyone|here|channel)", text), text
            # Slack and Google Chat know no such links, and the address in it is none any more.
            assert form in {Format.SLACK, Format.GOOGLE_CHAT} or not re.search(r"(?<!\\)\]\(", text), text
            assert "<img" not in text.replace(r"\<img", ""), text


def _interpreted(form: Format, told: Any) -> list[str]:
    """The texts in which the tool looks for markup; its own links, which are ours, are left out."""
    match form:
        case Format.SLACK:
            marked = [each["text"]["text"] for each in told["blocks"] if each["text"]["type"] == "mrkdwn"]
            return [told["text"], *(re.sub(rf"<{CONSOLE}[^>|]*\|[^>]*>", "", text) for text in marked)]
        case Format.DISCORD:
            return [text for text in texts(told["embeds"]) if not text.lstrip("<").startswith(CONSOLE)]
        case Format.TEAMS:
            return []
        case Format.GOOGLE_CHAT:
            return list(_paragraphs(told))
        case _:
            return [text for text in texts(told) if not text.startswith(CONSOLE)]


def _paragraphs(told: Any) -> Any:
    for section in told["cardsV2"][0]["card"]["sections"]:
        for widget in section["widgets"]:
            if "textParagraph" in widget:
                yield widget["textParagraph"]["text"]


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        (HookKind.ALERT_RAISED, "find?journey=activation&step=verify_domain"),
        (HookKind.SCORE_LOW, "responses?survey=help"),
        (HookKind.GUIDE_SHOWN, "rules?guide=help"),
        (HookKind.GUIDE_PUBLISHED, "versions"),
        (HookKind.REVIEW_DUE, "review?quarter=2026-Q3"),
        (HookKind.TEST, "settings/webhooks"),
    ],
)
def test_a_message_leads_to_its_page_of_the_console(kind: HookKind, page: str) -> None:
    message = message_of(kind, SAID, project="shop/staging", console=f"{CONSOLE}/in/")
    assert message.link is not None
    assert message.link.url == f"{CONSOLE}/in/console/p/shop~staging/{page}"
    assert message_of(kind, SAID, project="shop", console=None).link is None


def test_an_alert_on_a_source_leads_to_the_sources() -> None:
    said = {"alert": "source_stopped", "source": 3, "name": "zendesk", "message": "it was turned off"}
    message = message_of(HookKind.ALERT_RAISED, said, project="shop", console=CONSOLE)
    assert message.link is not None
    assert (message.title, message.link.url) == (
        "Alert: scheduled source zendesk",
        f"{CONSOLE}/console/p/shop/settings/scheduled?source=3",
    )


def test_an_alert_reads_as_a_sentence() -> None:
    told = body(Format.SLACK, HookKind.ALERT_RAISED)
    assert [each["text"]["text"] for each in told["blocks"]] == [
        "Alert: drop at activation.verify_domain",
        "the drop rose\nProject: shop/staging",
        f"<{CONSOLE}/console/p/shop~staging/find?journey=activation&amp;step=verify_domain|Look at the journey>",
    ]
