"""The questions of a Formbricks survey, as those of a survey here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dsl.formatter.words import name as spelled_name
from engine.convert import spelling
from engine.convert.conditions import Note
from engine.convert.places import Place, Unsayable, first_text
from engine.convert.sheet import Sheet, snake

_PLAIN: Final = {
    "nps": "nps",
    "ces": "effort",
    "csat": "csat",
    "date": "date",
    "consent": "consent",
    "openText": "text",
}
_CHOSEN: Final = {"multipleChoiceSingle": "choice", "multipleChoiceMulti": "choices", "ranking": "rank"}
_SCALES: Final = {"star": "stars", "number": "numbers", "smiley": "faces"}
_MOST_CHOICES: Final = 25
_LONGEST_QUESTION: Final = 300


def questions(sheet: Sheet, survey: Place, remarks: list[Note]) -> list[str]:
    """The questions, in their order. One that has no like here is told; a survey without any asks for a text."""
    found: list[str] = []
    taken: set[str] = set()
    asked = [*survey.at("questions").each()]
    asked += [each for block in survey.at("blocks").each() for each in block.at("elements").each()]
    for each in asked:
        try:
            found.append(_question(each, taken))
        except Unsayable as reason:
            remarks.append(sheet.note(each, str(reason)))
        if each.at("logic").each():
            remarks.append(sheet.note(each.at("logic"), "write `if COND` or `then ask ID` at the question"))
    if not found:
        remarks.append(
            sheet.note(survey.at("questions"), "no question of it can be asked here: this one stands for them")
        )
        found.append(f"ask text answer {spelling.label(survey.at('name').text)}")
    return found


def text_of(place: Place) -> str:
    """A text in its own language."""
    return first_text(place, place.at("default"), *(each for _, each in place.members()))


def _question(place: Place, taken: set[str]) -> str:
    kind = place.at("type").text
    headline = spelling.one_line(text_of(place.at("headline")), _LONGEST_QUESTION)
    if not headline:
        raise Unsayable("the question has no text")
    known = _name(place, taken)
    said = spelling.label(headline)
    optional = " optional" if place.at("required").value is False else ""
    if kind in _PLAIN:
        word = "email" if kind == "openText" and place.at("inputType").text == "email" else _PLAIN[kind]
        return f"ask {word} {known} {said}{optional}"
    if kind == "rating":
        top, scale = place.at("range").number or 5, _SCALES.get(place.at("scale").text, "numbers")
        if top not in (3, 4, 5, 6, 7, 10):
            raise Unsayable("a rating has 3 to 7 or 10 points")
        return f"ask rating {known} {said} 1 to {int(top)} {scale}{optional}"
    if kind in _CHOSEN:
        return f"ask {_CHOSEN[kind]} {known} {said}{optional} {{ {' '.join(_choices(place, kind))} }}"
    raise Unsayable(f"there is no question like `{spelling.one_line(kind, 40)}` here")


def _choices(place: Place, kind: str) -> Sequence[str]:
    others = [each for each in place.at("choices").each() if each.at("id").text == "other"]
    texts = [
        spelling.one_line(text_of(each.at("label")), 150) for each in place.at("choices").each() if each not in others
    ]
    listed = list(dict.fromkeys(each for each in texts if each))
    if not 2 <= len(listed) <= _MOST_CHOICES:
        raise Unsayable(f"a question has 2 to {_MOST_CHOICES} choices here")
    return [*(spelling.label(each) for each in listed), *(["other"] if others and kind != "ranking" else [])]


def _name(place: Place, taken: set[str]) -> str:
    wanted = snake(first_text(place.at("id")) or "question", "question")
    made, number = wanted, 1
    while made in taken:
        number += 1
        made = f"{wanted}_{number}"
    taken.add(made)
    return spelled_name(made)
