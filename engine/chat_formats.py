"""Bodies for chat tools, each declared once: how a message is written so that nothing in it comes alive.

Names, answers and notes are anybody's words. Wherever a tool can be given text that it does not interpret, it is; where
it reads Markdown or HTML, what would be a mention, a link or markup is broken. Lengths are those that
`engine.chat_words` allows, which are below every tool's own limits.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from engine.chat_words import Message, Tone
from engine.webhooks import Format

BREAK: Final = "\u200b"
"""Takes no room, and stands where a tool would otherwise see a mention or a link."""
COLOURS: Final[Mapping[Tone, str]] = {Tone.BAD: "#b0303c", Tone.GOOD: "#1b7346", Tone.PLAIN: "#1f5fa8"}

_MARKUP: Final = re.compile(r"([\\`*_~|\[\]()<>#!{}+-])")


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """A form of bodies. tool: what people call it. where: one gets an address. limit: bytes that it takes at most."""

    tool: str
    where: str
    limit: int
    write: Callable[[Message], Mapping[str, Any]]


def written(form: Format, message: Message) -> bytes:
    """The body of a message in a chat tool's form."""
    body = orjson.dumps(CHAT_FORMATS[form].write(message))
    assert len(body) <= CHAT_FORMATS[form].limit, form  # noqa: S101  (the words are short enough)
    return body


def unlinked(text: str) -> str:
    """A text in which no address is one any more, and nobody is mentioned."""
    found = text.replace("://", f":{BREAK}//").replace("@", f"@{BREAK}")
    return re.sub(r"(?i)\bwww\.", lambda match: f"{match[0][:-1]}{BREAK}.", found)


def plain_markdown(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\1", unlinked(text))


def slack_text(text: str) -> str:
    """A text that Slack shows as it is: `<!channel>`, links and markup begin with `<`, or stand for emphasis."""
    escaped = unlinked(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([*_~`])", rf"{BREAK}\1{BREAK}", escaped)


def _slack(message: Message) -> Mapping[str, Any]:
    lines = [message.text, *(f"{name}: {value}" for name, value in message.facts if value)]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(message.title)},
        {"type": "section", "text": _plain("\n".join(filter(None, lines)))},
    ]
    if message.link is not None:
        url = message.link.url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f"<{url}|{message.link.words}>"}})
    fallback = slack_text(f"{message.title}: {message.text}")
    return {"text": fallback, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _discord(message: Message) -> Mapping[str, Any]:
    embed: dict[str, Any] = {
        "title": plain_markdown(message.title)[:256],
        "description": plain_markdown(message.text),
        "color": int(COLOURS[message.tone][1:], 16),
        "fields": [
            {"name": name, "value": plain_markdown(value), "inline": True} for name, value in message.facts if value
        ],
    }
    if message.link is not None:
        embed["url"] = message.link.url
        embed["fields"].append({"name": message.link.words, "value": f"<{message.link.url}>", "inline": False})
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _teams(message: Message) -> Mapping[str, Any]:
    def run(text: str, **more: Any) -> dict[str, Any]:
        # Runs of a RichTextBlock are no Markdown.
        return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **more}]}

    colour = {Tone.BAD: "attention", Tone.GOOD: "good", Tone.PLAIN: "default"}[message.tone]
    body = [run(message.title, weight="bolder", size="medium", color=colour), run(message.text or " ")]
    body += [run(f"{name}: {value}", isSubtle=True) for name, value in message.facts if value]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if message.link is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": message.link.words, "url": message.link.url}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _google_chat(message: Message) -> Mapping[str, Any]:
    def paragraph(text: str) -> dict[str, Any]:
        # Texts of cards are HTML, in which nobody is mentioned.
        return {"textParagraph": {"text": html.escape(unlinked(text))}}

    widgets = [paragraph(message.text)] if message.text else []
    widgets += [paragraph(f"{name}: {value}") for name, value in message.facts if value]
    if message.link is not None:
        opens = {"openLink": {"url": message.link.url}}
        widgets.append({"buttonList": {"buttons": [{"text": message.link.words, "onClick": opens}]}})
    card = {"header": {"title": message.title, "subtitle": "Waypost"}, "sections": [{"widgets": widgets}]}
    return {"cardsV2": [{"cardId": "waypost", "card": card}]}


def _mattermost(message: Message) -> Mapping[str, Any]:
    attachment: dict[str, Any] = {
        "fallback": plain_markdown(message.title),
        "color": COLOURS[message.tone],
        "title": plain_markdown(message.title),
        "text": plain_markdown(message.text),
        "fields": [
            {"title": name, "value": plain_markdown(value), "short": True} for name, value in message.facts if value
        ],
    }
    if message.link is not None:
        attachment["title_link"] = message.link.url
    return {"attachments": [attachment]}


CHAT_FORMATS: Final[Mapping[Format, ChatFormat]] = {
    Format.SLACK: ChatFormat("Slack", "an app of your workspace, *Incoming Webhooks*", 40_000, _slack),
    Format.DISCORD: ChatFormat("Discord", "the channel's *Integrations → Webhooks*", 20_000, _discord),
    Format.TEAMS: ChatFormat(
        "Microsoft Teams",
        "the channel's *Workflows → Post to a channel when a webhook request is received*",
        28_000,
        _teams,
    ),
    Format.GOOGLE_CHAT: ChatFormat("Google Chat", "the space's *Apps & integrations → Webhooks*", 32_000, _google_chat),
    Format.MATTERMOST: ChatFormat("Mattermost", "*Integrations → Incoming Webhooks*", 16_000, _mattermost),
}
"""The forms for chat tools, in the order of menus."""
