"""Translations: of something that is there, into a language that exists, and of all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from dsl.checker.report import Report
from dsl.checker.scope import Scope
from dsl.checker.texts import check_markdown, check_text
from dsl.codes import content, guides, names, warnings
from dsl.diagnostics import Span
from dsl.nodes import (
    Body,
    Question,
    Thanks,
    Title,
    TranslatedAlt,
    TranslatedButton,
    TranslatedItem,
    TranslatedOther,
    TranslatedQuestion,
    Translation,
)

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?")
"""Language, script, region of a BCP 47 tag; nothing more is negotiated."""

LANGUAGE_NAMES: Final[Mapping[str, str]] = {
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "dutch": "nl",
    "portuguese": "pt",
    "polish": "pl",
    "japanese": "ja",
    "chinese": "zh",
    "english": "en",
}
"""What people write instead of a tag; not a list of languages."""


@dataclass(frozen=True, slots=True)
class Words:
    """What there is to translate. choices: of each question that has some, the ids or texts they go by."""

    title: bool = False
    body: bool = False
    thanks: bool = False
    alt: bool = False
    buttons: int = 0
    items: int = 0
    other: bool = False
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def words_of_survey(questions: Sequence[Question], *, thanks: bool, label: bool = False) -> Words:
    """What of a survey is to be translated. label: it has a launcher, whose words are translated as its title."""
    return Words(
        title=label,
        thanks=thanks,
        other=any(choice.is_other for each in questions for choice in each.choices),
        questions={each.id.text: _choice_names(each) for each in questions},
    )


def _choice_names(question: Question) -> tuple[str, ...]:
    return tuple(choice.key for choice in question.choices if not choice.is_other)


def check_translations(report: Report, translations: Sequence[Translation], words: Words, scope: Scope) -> None:
    """Check the translations of one piece of content."""
    seen: set[str] = set()
    for each in translations:
        language = each.language.value
        if _LANGUAGE.fullmatch(language) is None:
            meant = LANGUAGE_NAMES.get(language.casefold())
            help_ = f'write "{meant}"' if meant else 'a language is a tag such as "de" or "pt-BR"'
            fix = f'"{meant}"' if meant else None
            report.add(content.LANGUAGE.at(each.language.span, f"`{language}` is no language", help=help_, fix=fix))
        if language.casefold() in seen:
            message = f"a second translation into `{language}`"
            report.add(guides.SECOND_CLAUSE.at(each.span, message, help="put everything into one"))
        seen.add(language.casefold())
        _check_one(report, each, words, scope)


def _check_one(report: Report, translation: Translation, words: Words, scope: Scope) -> None:
    done: set[str] = set()
    for entry in translation.entries:
        match entry:
            case Title():
                check_text(report, entry.text, scope, what="the title")
                _expect(report, done, "title", entry.span, there=words.title)
            case Body():
                check_markdown(report, entry.text, scope, what="the body")
                _expect(report, done, "body", entry.span, there=words.body)
            case Thanks():
                check_text(report, entry.text, scope, what="the thanks")
                _expect(report, done, "thanks", entry.span, there=words.thanks)
            case TranslatedAlt():
                _expect(report, done, "alt", entry.span, there=words.alt)
            case TranslatedOther():
                check_text(report, entry.text, scope, what="the word for `other`")
                _expect(report, done, "other", entry.span, there=words.other)
            case TranslatedButton():
                check_text(report, entry.text, scope, what="the button")
                _expect(report, done, f"button {entry.number}", entry.span, there=0 < entry.number <= words.buttons)
            case TranslatedItem():
                check_text(report, entry.text, scope, what="the item")
                _expect(report, done, f"item {entry.number}", entry.span, there=0 < entry.number <= words.items)
            case TranslatedQuestion():
                _check_question(report, entry, words, scope, done)
            case _:
                assert_never(entry)
    _check_complete(report, translation, words, done)


def _expect(report: Report, done: set[str], what: str, span: Span, *, there: bool) -> None:
    if not there:
        counted = what[-1].isdigit()
        help_ = "buttons and items are counted from 1, in the order of the text" if counted else "leave it out"
        report.add(content.NOTHING_TO_TRANSLATE.at(span, f"there is no {what} to translate", help=help_))
    elif what in done:
        report.add(guides.SECOND_CLAUSE.at(span, f"a second translation of {what}", help="leave one of the two out"))
    done.add(what)


def _check_question(report: Report, entry: TranslatedQuestion, words: Words, scope: Scope, done: set[str]) -> None:
    question = entry.question.text
    if question not in words.questions:
        report.unknown(
            names.UNKNOWN_QUESTION,
            entry.question.span,
            f"there is no question `{question}` to translate",
            question,
            words.questions,
            write=lambda each: each,
        )
        return
    if entry.text is not None:
        check_text(report, entry.text, scope, what="the question")
        _expect(report, done, f"ask {question}", entry.span, there=True)
    for source, text in entry.choices:
        check_text(report, text, scope, what="the choice")
        choices = words.questions[question]
        if source.value not in choices:
            report.unknown(
                names.UNKNOWN_CHOICE,
                source.span,
                f"question `{question}` has no choice `{source.value}`",
                source.value,
                choices,
                write=lambda each: f'"{each}"',
                otherwise="choices go by their id where they have one, else by their text",
            )
        done.add(f'"{source.value}"')


def _check_complete(report: Report, translation: Translation, words: Words, done: set[str]) -> None:
    wanted = [
        *(["title"] if words.title else []),
        *(["body"] if words.body else []),
        *(["alt"] if words.alt else []),
        *(f"button {number}" for number in range(1, words.buttons + 1)),
        *(f"item {number}" for number in range(1, words.items + 1)),
    ]
    for question, choices in words.questions.items():
        wanted += [f"ask {question}", *(f'"{each}"' for each in choices)]
    wanted += ["thanks"] if words.thanks else []
    missing = [f"`{each}`" for each in dict.fromkeys(wanted) if each not in done]
    if missing:
        shown = ", ".join(missing[:6]) + (", …" if len(missing) > 6 else "")
        message = f"the translation into `{translation.language.value}` lacks {shown}"
        help_ = "readers would meet the source text there"
        report.add(warnings.TRANSLATION_MISSING.at(translation.language.span, message, help=help_))
