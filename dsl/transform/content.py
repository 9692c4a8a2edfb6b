"""From words to what a guide shows and a survey asks."""

from __future__ import annotations

from typing import NamedTuple

from lark import Token

from dsl.codes import syntax
from dsl.nodes import (
    AsksNext,
    Body,
    Button,
    ChecklistItem,
    Choice,
    Completes,
    Condition,
    Dismisses,
    EndsSurvey,
    Image,
    Name,
    Node,
    OpensUrl,
    Question,
    Scale,
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
from dsl.transform.conditions import ConditionBuilder
from dsl.transform.literals import Children


class Word(NamedTuple):
    """An option of a question that is one word, or a number with its words."""

    kind: str
    number: int
    first: Token
    last: Token


class Choices(NamedTuple):
    """`{ … }` after a question, with its closing brace."""

    choices: tuple[Choice, ...]
    last: Token


class TranslatedChoices(NamedTuple):
    """`{ "unclear" as "…" }`, with its closing brace."""

    pairs: tuple[tuple[TextLiteral, TextLiteral], ...]
    last: Token


class ContentBuilder(ConditionBuilder):
    """Makes content and questions of words."""

    # Shows

    def show(self, children: Children) -> Show:
        word, name, beside, side, _, *content, end = children
        return Show(
            self.name(name).text,
            beside,
            None if side is None else str(side),
            tuple(content),
            span=self.span(word, end),
        )

    def frame(self, children: Children) -> Show:
        word, name, beside, side = children
        return Show(
            self.name(name).text,
            beside,
            None if side is None else str(side),
            is_frame=True,
            span=self.span(word, side or beside or name),
        )

    def beside(self, children: Children) -> TextLiteral:
        return self.literal_text(children[1])

    def side(self, children: Children) -> Token:
        side: Token = children[0]
        return side

    def variant(self, children: Children) -> Variant:
        word, name, percent, _, show, end = children
        return Variant(self.name(name), self.percent(percent), show, span=self.span(word, end))

    def title(self, children: Children) -> Title:
        word, text = children
        return Title(self.literal_text(text), span=self.span(word, text))

    def body(self, children: Children) -> Body:
        word, text = children
        return Body(self.long_text(text), span=self.span(word, text))

    def image(self, children: Children) -> Image:
        word, url, _, alt = children
        return Image(self.literal_text(url), self.literal_text(alt), span=self.span(word, alt))

    def video(self, children: Children) -> Video:
        word, url = children
        return Video(self.literal_text(url), span=self.span(word, url))

    def button(self, children: Children) -> Button:
        word, text, action = children
        return Button(self.literal_text(text), action, span=self.span(word, action))

    def item(self, children: Children) -> ChecklistItem:
        word, text, _, condition, action = children
        return ChecklistItem(
            self.literal_text(text), condition, action, span=self.span(word, condition if action is None else action)
        )

    def tour_step(self, children: Children) -> TourStep:
        word, beside, _, page, _, *content, end = children
        return TourStep(beside, self.optional_text(page), tuple(content), span=self.span(word, end))

    # What a button does

    def opens(self, children: Children) -> OpensUrl:
        word, url = children
        return OpensUrl(self.literal_text(url), span=self.span(word, url))

    def completes(self, children: Children) -> Completes:
        return Completes(span=self.span(children[0], children[0]))

    def dismisses(self, children: Children) -> Dismisses:
        return Dismisses(span=self.span(children[0], children[0]))

    def snoozes(self, children: Children) -> Snoozes:
        word, length = children
        return Snoozes(self.duration(length), span=self.span(word, length))

    def starts(self, children: Children) -> StartsGuide:
        word, name = children
        return StartsGuide(self.name(name), span=self.span(word, name))

    def tracks(self, children: Children) -> TracksEvent:
        word, name = children
        return TracksEvent(self.literal_text(name), span=self.span(word, name))

    # Translations

    def translation(self, children: Children) -> Translation:
        word, language, _, *entries, end = children
        return Translation(self.literal_text(language), tuple(entries), span=self.span(word, end))

    def translated_button(self, children: Children) -> TranslatedButton:
        word, number, text = children
        return TranslatedButton(self.whole(number, low=1), self.literal_text(text), span=self.span(word, text))

    def translated_item(self, children: Children) -> TranslatedItem:
        word, number, text = children
        return TranslatedItem(self.whole(number, low=1), self.literal_text(text), span=self.span(word, text))

    def translated_question(self, children: Children) -> TranslatedQuestion:
        word, name, text, choices = children
        return TranslatedQuestion(
            self.name(name),
            self.optional_text(text),
            () if choices is None else choices.pairs,
            span=self.span(word, choices.last if choices is not None else text or name),
        )

    def translated_choices(self, children: Children) -> TranslatedChoices:
        return TranslatedChoices(tuple(children[1:-1]), children[-1])

    def translated_choice(self, children: Children) -> tuple[TextLiteral, TextLiteral]:
        source, _, text = children
        return self.literal_text(source), self.literal_text(text)

    def translated_other(self, children: Children) -> TranslatedOther:
        word, text = children
        return TranslatedOther(self.literal_text(text), span=self.span(word, text))

    def translated_alt(self, children: Children) -> TranslatedAlt:
        word, text = children
        return TranslatedAlt(self.literal_text(text), span=self.span(word, text))

    def thanks(self, children: Children) -> Thanks:
        word, text = children
        return Thanks(self.literal_text(text), span=self.span(word, text))

    # Questions

    def question(self, children: Children) -> Question:
        word, kind, name, text, *options, condition, jump, choices = children
        once: dict[str, Scale | Word] = {}
        for option in options:
            key = "scale" if isinstance(option, Scale) else option.kind
            if key in once:
                self._said_twice(option)
            once.setdefault(key, option)
        scale, most = once.get("scale"), once.get("at most") or once.get("characters")
        last = choices.last if choices is not None else jump or condition or (options[-1] if options else text)
        return Question(
            self.name(kind).text,
            self.name(name),
            self.literal_text(text),
            scale if isinstance(scale, Scale) else None,
            most.number if isinstance(most, Word) else None,
            "characters" in once,
            "optional" in once,
            "shuffled" in once,
            condition,
            jump,
            () if choices is None else choices.choices,
            span=self.span(word, last.last if isinstance(last, Word) else last),
        )

    def scale(self, children: Children) -> Scale:
        low, _, high, style = children
        return Scale(
            self.whole(low, high=1000),
            self.whole(high, high=1000),
            None if style is None else str(style),
            span=self.span(low, style or high),
        )

    def at_most_option(self, children: Children) -> Word:
        word, number, characters = children
        kind = "at most" if characters is None else "characters"
        return Word(kind, self.whole(number, low=1), word, number if characters is None else characters)

    def optional(self, children: Children) -> Word:
        return Word("optional", 0, children[0], children[0])

    def shuffled(self, children: Children) -> Word:
        return Word("shuffled", 0, children[0], children[0])

    def question_if(self, children: Children) -> Condition:
        condition: Condition = children[1]
        return condition

    def ends_survey(self, children: Children) -> EndsSurvey:
        return EndsSurvey(span=self.span(children[0], children[0]))

    def asks_next(self, children: Children) -> AsksNext:
        word, name = children
        return AsksNext(self.name(name), span=self.span(word, name))

    def choices(self, children: Children) -> Choices:
        return Choices(tuple(children[1:-1]), children[-1])

    def choice(self, children: Children) -> Choice:
        text, _, key, _, feeling, jump = children
        return Choice(
            self.literal_text(text),
            self._optional_name(key),
            self._optional_name(feeling),
            jump,
            span=self.span(text, jump or feeling or key or text),
        )

    def other_choice(self, children: Children) -> Choice:
        word, _, feeling, jump = children
        return Choice(
            None,
            None,
            self._optional_name(feeling),
            jump,
            is_other=True,
            span=self.span(word, jump or feeling or word),
        )

    def _optional_name(self, token: Token | None) -> Name | None:
        return None if token is None else self.name(token)

    def _said_twice(self, option: Scale | Word) -> None:
        first: Token | Node = option if isinstance(option, Scale) else option.first
        last: Token | Node = option if isinstance(option, Scale) else option.last
        what = "the scale" if isinstance(option, Scale) else f"`{' '.join(option.first.split())}`"
        self.diagnostics.append(
            syntax.TWICE.at(self.span(first, last), f"{what} stands here a second time", help="leave one of them out")
        )
