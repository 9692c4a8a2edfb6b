"""What a guide says, as the content that travels to the browser: words of one user, in one language.

Chooses the translation (exact, then the base language, then the source text), puts the user's values into the words,
and makes the tree that `widgets/*/schema.json` promise. Never HTML; values are only ever text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, assert_never

from dsl.clauses import every, one
from dsl.nodes import (
    Action,
    Body,
    Button,
    ChecklistItem,
    Choice,
    Completes,
    ContentItem,
    Dismisses,
    Guide,
    GuideKind,
    Image,
    OpensUrl,
    Question,
    Show,
    Snoozes,
    StartsGuide,
    TextLiteral,
    Thanks,
    Title,
    TourStep,
    TracksEvent,
    TranslatedAlt,
    TranslatedButton,
    TranslatedItem,
    TranslatedOther,
    TranslatedQuestion,
    Translation,
    Variant,
    Video,
)
from dsl.templates import Placeholder, placeholders, split_template
from dsl.urls import MEDIA_SCHEMES, SCHEMES, safe_url
from dsl.values import JsonValue
from dsl.walk import find
from engine.markdown import read_markdown
from engine.residual import seconds
from engine.surveys import expression_of, jump_to_wire, scale_to_wire
from widgets.registry import SURVEY_FRAME, WIDGETS, Item

Content = dict[str, JsonValue]
Node = TypeVar("Node")

RIGHT_TO_LEFT: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})
"""Base languages that are written from right to left."""

_SPOKEN: Final = (Show, Variant, Question, Thanks, Translation)

LONGEST_VALUE: Final = 200
"""Characters of a user's value that are shown; a longer one is cut, since nobody meant it to be read."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The user for whom words are made.

    tag: the wanted language (`de-AT`), None for the source text. value: the text that the user's value reads as, None
    where it is not known. is_done: whether a checklist item's condition is true.
    """

    tag: str | None
    value: Callable[[tuple[str, ...]], str | None]
    is_done: Callable[[ChecklistItem], bool]


def render_guide(guide: Guide, show: Show | None, reader: Reader) -> Content:
    """The content of a guide for one user; `show` is that of the variant, None for a survey with the usual frame."""
    if guide.kind is GuideKind.FEEDBACK:
        return _feedback(guide, show, reader)
    if guide.kind is GuideKind.SURVEY:
        return _survey(guide, show, reader)
    if show is None:
        raise ValueError(f"guide `{guide.name.text}` shows nothing")
    words = _Words.of([each for each in show.content if isinstance(each, Translation)], reader)
    items = WIDGETS[show.widget].items
    if Item.STEP in items:
        return _tour(show, reader)
    if Item.ITEM in items:
        return _checklist(show, words)
    return {
        "widget": show.widget,
        "target": _target(show.selector),
        "side": _side(show.widget, show.side),
        **_card(show.content, words),
        **words.language_of([each.text.value for each in show.content if isinstance(each, Title | Body)]),
    }


def texts_of(guide: Guide) -> tuple[str, ...]:
    """Every text of a guide that a user may read, in every language."""
    content = [clause for clause in guide.clauses if isinstance(clause, _SPOKEN)]
    return tuple(dict.fromkeys(text.value for node in content for text in find(node, TextLiteral)))


def placeholders_of(guide: Guide) -> tuple[tuple[str, ...], ...]:
    """The paths of the values that a guide's words are filled in with, each once."""
    found = [each.parts for text in texts_of(guide) for each in placeholders(text)]
    return tuple(dict.fromkeys(found))


def best_language(wanted: str | None, offered: Iterable[str]) -> str | None:
    """The offered language for a wanted tag: the same tag, then its base language; None means the source text."""
    if wanted is None:
        return None
    by_tag = {_normal(language): language for language in offered}
    tag = _normal(wanted)
    return by_tag.get(tag) or by_tag.get(tag.split("-", 1)[0])


def direction_of(language: str | None, texts: Iterable[str]) -> str:
    """`rtl` or `ltr`: by the language, and where nobody stated it by the first letter that has a direction."""
    if language is not None:
        return "rtl" if _normal(language).split("-", 1)[0] in RIGHT_TO_LEFT else "ltr"
    for text in texts:
        for char in text:
            kind = unicodedata.bidirectional(char)
            if kind in ("R", "AL"):
                return "rtl"
            if kind == "L":
                return "ltr"
    return "ltr"


def plain(text: str) -> str:
    """A user's value as one line of visible text: no control characters, no marks that turn the writing around."""
    line = " ".join(text.split())
    visible = "".join(char for char in line if char in _JOINERS or unicodedata.category(char) not in _INVISIBLE)
    return visible if len(visible) <= LONGEST_VALUE else visible[: LONGEST_VALUE - 1].rstrip() + "…"


_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})
# Persian names and many emoji are not what they are without these two.
_JOINERS: Final = "\u200c\u200d"


def _normal(tag: str) -> str:
    return tag.replace("_", "-").lower()


@dataclass(frozen=True, slots=True)
class _Words:
    """The translation that was chosen, and how words are filled in."""

    language: str | None
    entries: tuple[object, ...]
    reader: Reader

    @classmethod
    def of(cls, translations: Sequence[Translation], reader: Reader) -> _Words:
        by_language = {each.language.value: each for each in translations}
        language = best_language(reader.tag, by_language)
        return cls(language, by_language[language].entries if language is not None else (), reader)

    def first(self, kind: type[Node]) -> Node | None:
        return next((each for each in self.entries if isinstance(each, kind)), None)

    def text(self, source: str, translated: TextLiteral | None = None) -> str:
        """The words with the user's values."""
        pieces = split_template(source if translated is None else translated.value)
        return "".join(piece if isinstance(piece, str) else self.fill(piece) for piece in pieces)

    def fill(self, placeholder: Placeholder) -> str:
        known = self.reader.value(placeholder.parts)
        return known if known is not None else placeholder.fallback or ""

    def button(self, number: int) -> TextLiteral | None:
        entries = [each for each in self.entries if isinstance(each, TranslatedButton)]
        return next((each.text for each in entries if each.number == number), None)

    def item(self, number: int) -> TextLiteral | None:
        entries = [each for each in self.entries if isinstance(each, TranslatedItem)]
        return next((each.text for each in entries if each.number == number), None)

    def question(self, name: str) -> TranslatedQuestion | None:
        entries = [each for each in self.entries if isinstance(each, TranslatedQuestion)]
        return next((each for each in entries if each.question.text == name), None)

    def language_of(self, source: Sequence[str]) -> Content:
        return {"language": self.language, "direction": direction_of(self.language, source)}


def _card(content: Sequence[ContentItem], words: _Words) -> Content:
    """Title, body, image, video and buttons: what a card has, whatever stands around it."""
    title, body = _only(content, Title), _only(content, Body)
    image, video = _only(content, Image), _only(content, Video)
    return {
        "title": _title(title, words),
        "body": _body(body, words),
        "image": _image(image, words),
        "video": safe_url(video.url.value, schemes=MEDIA_SCHEMES) if video is not None else None,
        "buttons": _buttons(content, words),
    }


def _title(title: Title | None, words: _Words) -> str | None:
    translated = words.first(Title)
    source = title or translated
    if source is None:
        return None
    return words.text(source.text.value, translated.text if translated is not None else None) or None


def _body(body: Body | None, words: _Words) -> list[JsonValue]:
    chosen = words.first(Body) or body
    return read_markdown(chosen.text.value).filled(words.fill) if chosen is not None else []


def _image(image: Image | None, words: _Words) -> Content | None:
    source = safe_url(image.url.value, schemes=MEDIA_SCHEMES) if image is not None else None
    if image is None or source is None:
        return None
    alt = words.first(TranslatedAlt)
    return {"src": source, "alt": words.text(image.alt.value, alt.text if alt is not None else None)}


def _buttons(content: Sequence[ContentItem], words: _Words) -> list[JsonValue]:
    buttons = [each for each in content if isinstance(each, Button)]
    wire: list[JsonValue] = []
    for number, button in enumerate(buttons, start=1):
        text, action = words.text(button.text.value, words.button(number)), _action(button.action)
        # A button that leads nowhere we may go would be a lie.
        if text and action is not None:
            wire.append({"text": text, "action": action})
    return wire


def _action(action: Action) -> Content | None:
    match action:
        case OpensUrl():
            url = safe_url(action.url.value, schemes=SCHEMES)
            return {"type": "open", "url": url} if url is not None else None
        case Completes():
            return {"type": "complete"}
        case Dismisses():
            return {"type": "dismiss"}
        case Snoozes():
            return {"type": "snooze", "seconds": seconds(action.duration)}
        case StartsGuide():
            return {"type": "start", "guide": action.guide.text}
        case TracksEvent():
            return {"type": "track", "event": action.event.value}
        case _:
            assert_never(action)


def _checklist(show: Show, words: _Words) -> Content:
    entries = [each for each in show.content if isinstance(each, ChecklistItem)]
    items: list[JsonValue] = [
        {
            "text": words.text(item.text.value, words.item(number)),
            "done": words.reader.is_done(item),
            "action": _action(item.action) if item.action is not None else None,
        }
        for number, item in enumerate(entries, start=1)
    ]
    title, body = _only(show.content, Title), _only(show.content, Body)
    return {
        "widget": show.widget,
        "title": _title(title, words),
        "body": _body(body, words),
        "items": items,
        "buttons": _buttons(show.content, words),
        **words.language_of([each.text.value for each in (title, body, *entries) if each is not None]),
    }


def _tour(show: Show, reader: Reader) -> Content:
    steps = [each for each in show.content if isinstance(each, TourStep)]
    whole = [each for each in show.content if isinstance(each, Translation)]
    wire: list[JsonValue] = []
    language: str | None = None
    for step in steps:
        words = _Words.of([*whole, *(each for each in step.content if isinstance(each, Translation))], reader)
        language = language or words.language
        page = step.page.value if step.page is not None else None
        wire.append({"target": _target(step.selector), "page": page, **_card(step.content, words)})
    texts = [each.text.value for step in steps for each in step.content if isinstance(each, Title | Body)]
    return {
        "widget": show.widget,
        "steps": wire,
        "language": language,
        "direction": direction_of(language, texts),
    }


def _feedback(guide: Guide, show: Show | None, reader: Reader) -> Content:
    words = _Words.of(every(guide, Translation), reader)
    # A launcher goes by its label; a translation calls it its title.
    label, translated = guide.label, words.first(Title)
    source = label.value if label is not None else guide.name.text
    said = words.text(source, translated.text if translated is not None else None)
    asked = _survey(guide, show, reader)
    spoken = words.language_of([source, *(each.text.value for each in every(guide, Question))])
    return {**asked, "widget": "feedback", "label": said or guide.name.text, **spoken}


def _survey(guide: Guide, show: Show | None, reader: Reader) -> Content:
    words = _Words.of(every(guide, Translation), reader)
    questions = every(guide, Question)
    frame = show.widget if show is not None else SURVEY_FRAME
    thanks, translated = one(guide, Thanks), words.first(Thanks)
    source = thanks or translated
    return {
        "widget": "survey",
        "show": {
            "widget": frame,
            "target": _target(show.selector if show is not None else None),
            "side": _side(frame, show.side if show is not None else None),
        },
        "questions": [_question(each, questions[:number], words) for number, each in enumerate(questions)],
        "thanks": words.text(source.text.value, translated.text if translated is not None else None) or None
        if source is not None
        else None,
        **words.language_of([each.text.value for each in questions]),
    }


def _question(question: Question, earlier: Sequence[Question], words: _Words) -> Content:
    name = question.id.text
    translated = words.question(name)
    other = words.first(TranslatedOther)
    labels = {key.value: text for key, text in translated.choices} if translated is not None else {}
    return {
        "id": name,
        "type": question.type,
        "text": words.text(question.text.value, translated.text if translated is not None else None),
        "optional": question.optional,
        "shuffled": question.shuffled,
        "scale": scale_to_wire(question),
        "limit": question.at_most,
        "if": expression_of(question, earlier),
        "then": jump_to_wire(question.then),
        "choices": [_choice(each, labels, other, words) for each in question.choices],
    }


def _choice(choice: Choice, labels: Mapping[str, TextLiteral], other: TranslatedOther | None, words: _Words) -> Content:
    source = choice.text.value if choice.text is not None else None
    # A translation names a choice by its id or by its source text.
    label = labels.get(choice.key) or (labels.get(source) if source is not None else None)
    if label is None and choice.is_other and other is not None:
        label = other.text
    return {
        "id": choice.key,
        "text": words.text(source or "", label) or None if source is not None or label is not None else None,
        "other": choice.is_other,
        "then": jump_to_wire(choice.then),
    }


def _target(selector: TextLiteral | None) -> Content | None:
    return {"selector": selector.value} if selector is not None else None


def _side(widget: str, written: str | None) -> str | None:
    return written if written is not None else WIDGETS[widget].default_side


def _only(content: Sequence[ContentItem], kind: type[Node]) -> Node | None:
    return next((each for each in content if isinstance(each, kind)), None)
