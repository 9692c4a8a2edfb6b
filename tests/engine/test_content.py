"""What a guide says: as the schemas promise, in the user's language, with the user's values as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dsl.values import JsonValue, Kind, read_version
from engine.content import LONGEST_VALUE, best_language, direction_of, plain
from engine.context import read_context
from engine.decisions import decide
from engine.rendering import render, spoken
from tests.engine.deciding import folded, guide, rules
from tests.engine.histories import NOW
from widgets.schemas import validator

Rows = Sequence[tuple[Any, ...]]


def said(
    text: str, rows: Rows = (), *, context: Mapping[str, Any] | None = None, person: str = "u1"
) -> dict[str, JsonValue]:
    """The content of what is shown, checked against its schema."""
    ruleset = rules(text)
    past = folded(ruleset, rows)
    asked = read_context(context)
    found = decide(ruleset, past.state, past.woken, now=NOW, person=person, context=asked)
    shown = found.winner or (found.launchers[0] if found.launchers else None)
    assert shown is not None, found.considered
    content = render(ruleset, shown, past.state, now=NOW, context=asked)
    errors = [error.message for error in validator(f"{content['widget']}/schema.json").iter_errors(content)]
    assert not errors, errors
    return content


def shows(inside: str, *, widget: str = "modal", clauses: str = "") -> str:
    return guide(clauses, show=f"show {widget} {{ {inside} }}")


def named(**traits: JsonValue) -> Rows:
    return [("1 hour", "$identify", traits)]


def words(content: Mapping[str, Any]) -> str:
    """The first line of the body."""
    return "".join(part["text"] for part in content["body"][0]["children"])


@pytest.mark.parametrize(
    ("widget", "target", "side"),
    [
        ('tooltip beside "#dns"', {"selector": "#dns"}, None),
        ('hotspot beside "#dns"', {"selector": "#dns"}, None),
        ("modal", None, None),
        ("banner top", None, "top"),
        ("banner bottom", None, "bottom"),
        ("slideout", None, None),
    ],
)
def test_a_card_has_its_widget_place_and_words(widget: str, target: JsonValue, side: str | None) -> None:
    content = said(shows('title "Two records" body "Copy **both**."', widget=widget))
    assert content == {
        "widget": widget.split(maxsplit=1)[0],
        "target": target,
        "side": side,
        "title": "Two records",
        "body": [
            {
                "type": "paragraph",
                "children": [
                    {"type": "text", "text": "Copy "},
                    {"type": "strong", "children": [{"type": "text", "text": "both"}]},
                    {"type": "text", "text": "."},
                ],
            }
        ],
        "image": None,
        "video": None,
        "buttons": [],
        "language": None,
        "direction": "ltr",
    }


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('opens "/docs/dns"', {"type": "open", "url": "/docs/dns"}),
        ("completes", {"type": "complete"}),
        ("dismisses", {"type": "dismiss"}),
        ("snoozes 1 day", {"type": "snooze", "seconds": 86_400}),
        ("starts help", {"type": "start", "guide": "help"}),
        ('tracks "Domain Added"', {"type": "track", "event": "Domain Added"}),
    ],
)
def test_a_button_has_its_action(action: str, expected: JsonValue) -> None:
    content = said(shows(f'title "A" button "Go" {action}'))
    assert content["buttons"] == [{"text": "Go", "action": expected}]


def test_pictures_and_films_travel_as_addresses() -> None:
    inside = 'title "A" image "https://example.com/a.png" alt "The form" video "https://example.com/a.mp4"'
    content = said(shows(inside))
    assert content["image"] == {"src": "https://example.com/a.png", "alt": "The form"}
    assert content["video"] == "https://example.com/a.mp4"


HELLO = 'title "Hello {{ first_name | "there" }}" body "You have {{ seats | "some" }} seats."'


@pytest.mark.parametrize(
    ("traits", "title", "body"),
    [
        ({}, "Hello there", "You have some seats."),
        ({"first_name": "Zoë", "seats": 5}, "Hello Zoë", "You have 5 seats."),
        ({"first_name": "  ", "seats": 5.0}, "Hello there", "You have 5 seats."),
        ({"first_name": "<b>Zoë</b>", "seats": 2.5}, "Hello <b>Zoë</b>", "You have 2.5 seats."),
        ({"first_name": "**Zoë** [x](javascript:y)"}, "Hello **Zoë** [x](javascript:y)", "You have some seats."),
        ({"first_name": "{{ seats }}", "seats": "many"}, "Hello {{ seats }}", "You have some seats."),
        ({"first_name": "Zo\u202eë\n\x07Ann"}, "Hello Zoë Ann", "You have some seats."),
    ],
)
def test_values_stand_in_the_words_as_text(traits: dict[str, JsonValue], title: str, body: str) -> None:
    content = said(shows(HELLO), named(**traits))
    assert content["title"] == title
    assert words(content) == body


def test_the_triggering_events_properties_stand_in_the_words() -> None:
    text = shows(
        'title "{{ event.reason | "It failed" }}" body "On {{ page.path | "this page" }}"',
        clauses='on "DNS Check Failed"',
    )
    rows = [("0", "DNS Check Failed", {"reason": "NXDOMAIN"})]
    content = said(text, rows, context={"page": {"path": "/domains/7"}})
    assert content["title"] == "NXDOMAIN"
    assert words(content) == "On /domains/7"
    assert said(text, [("0", "DNS Check Failed")])["title"] == "It failed"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (True, Kind.YES_NO, "yes"),
        (False, Kind.YES_NO, "no"),
        (1_234, Kind.NUMBER, "1234"),
        (0.1, Kind.NUMBER, "0.1"),
        (1e30, Kind.NUMBER, "1e+30"),
        (float("1e16"), Kind.NUMBER, "1e+16"),
        (NOW, Kind.TIME, "2026-06-15"),
        (("a", "b"), Kind.TEXT_LIST, "a, b"),
        ((1, 2.0), Kind.NUMBER_LIST, "1, 2"),
        (read_version("2.10"), Kind.VERSION, "2.10"),
    ],
)
def test_a_value_is_spelled_as_a_reader_expects(value: Any, kind: Kind, expected: str) -> None:
    assert spoken(value, kind) == expected


def test_a_long_value_is_cut() -> None:
    assert len(plain("x" * 10_000)) == LONGEST_VALUE


GERMAN = """
title "Hello {{ first_name | "there" }}" body "Copy both." image "/a.png" alt "The form"
button "Now" completes
button "Later" snoozes 1 day
in "de" {
  title "Hallo {{ first_name | "du" }}"
  body "Kopiere **beide**."
  button 2 "Später"
  alt "Das Formular"
}
in "de-CH" { title "Grüezi" }
in "ar" { title "مرحبا" }
"""


@pytest.mark.parametrize(
    ("traits", "context", "title", "language", "direction"),
    [
        ({}, {}, "Hello there", None, "ltr"),
        ({}, {"locale": "de-AT"}, "Hallo du", "de", "ltr"),
        ({}, {"locale": "de_DE"}, "Hallo du", "de", "ltr"),
        ({}, {"locale": "de-ch"}, "Grüezi", "de-CH", "ltr"),
        ({}, {"locale": "fr"}, "Hello there", None, "ltr"),
        ({}, {"locale": "ar-EG"}, "مرحبا", "ar", "rtl"),
        ({"language": "de"}, {"locale": "en-US"}, "Hallo du", "de", "ltr"),
        ({"locale": "de-CH"}, {"locale": "en-US"}, "Grüezi", "de-CH", "ltr"),
        ({"first_name": "Zoë", "locale": "de"}, {}, "Hallo Zoë", "de", "ltr"),
    ],
)
def test_the_language_is_exact_then_base_then_source(
    traits: dict[str, JsonValue], context: dict[str, str], title: str, language: str | None, direction: str
) -> None:
    content = said(shows(GERMAN), named(**traits), context=context)
    assert (content["title"], content["language"], content["direction"]) == (title, language, direction)


def test_what_a_translation_leaves_out_is_the_source_text() -> None:
    german = said(shows(GERMAN), context={"locale": "de"})
    assert [button["text"] for button in german["buttons"]] == ["Now", "Später"]  # type: ignore[index, union-attr]
    assert german["image"] == {"src": "/a.png", "alt": "Das Formular"}
    swiss = said(shows(GERMAN), context={"locale": "de-CH"})
    assert words(swiss) == "Copy both."


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        (None, ["de"], None),
        ("de", ["de"], "de"),
        ("DE_at", ["de-AT", "de"], "de-AT"),
        ("de-AT", ["de"], "de"),
        ("de", ["de-AT"], None),
        ("pt-BR", ["pt", "de"], "pt"),
        ("zh-Hant-TW", ["zh"], "zh"),
        ("", ["de"], None),
    ],
)
def test_the_best_language(wanted: str | None, offered: list[str], expected: str | None) -> None:
    assert best_language(wanted, offered) == expected


@pytest.mark.parametrize(
    ("language", "texts", "expected"),
    [
        ("he", ["Hello"], "rtl"),
        ("fa-IR", [], "rtl"),
        ("en", ["שלום"], "ltr"),
        (None, ["שלום"], "rtl"),
        (None, ["123 مرحبا"], "rtl"),
        (None, ["Hello שלום"], "ltr"),
        (None, ["…", "Hello"], "ltr"),
        (None, [], "ltr"),
    ],
)
def test_the_direction_is_the_languages_or_the_first_letters(
    language: str | None, texts: list[str], expected: str
) -> None:
    assert direction_of(language, texts) == expected


def test_a_checklist_says_what_is_done() -> None:
    text = shows(
        """title "Start here"
        item "Sign up" done when did "Signed Up"
        item "Connect" done when did "Domain Added" opens "/domains/new"
        in "de" { title "Los" item 2 "Verbinden" }""",
        widget="checklist",
    )
    content = said(text, [("1 minute", "Signed Up")], context={"locale": "de"})
    assert (content["title"], content["language"]) == ("Los", "de")
    assert content["items"] == [
        {"text": "Sign up", "done": True, "action": None},
        {"text": "Verbinden", "done": False, "action": {"type": "open", "url": "/domains/new"}},
    ]


def test_a_tour_has_its_steps_each_with_its_translation() -> None:
    text = shows(
        """step beside "#a" { title "One" in "de" { title "Eins" } }
        step beside "#b" on page "/x" { title "Two" body "More" button "Done" completes }""",
        widget="tour",
    )
    content = said(text, context={"locale": "de"})
    steps: Any = content["steps"]
    assert [(each["target"]["selector"], each["page"], each["title"]) for each in steps] == [
        ("#a", None, "Eins"),
        ("#b", "/x", "Two"),
    ]
    assert content["language"] == "de"


SURVEY = """
survey effort "Effort" {
  ask effort ease "How easy was it, {{ first_name | "friend" }}?"
  ask choice cause "What slowed you down?" shuffled if ease <= 4 {
    "I did not know" as lost feels confused
    "It kept failing" feels frustrated then end
    other
  }
  ask text detail "What else?" at most 500 characters optional
  thanks "Thank you, {{ first_name | "friend" }}."
  in "de" {
    ask ease "Wie leicht war es?"
    ask cause "Was hielt dich auf?" { "lost" as "Ratlos" "It kept failing" as "Es schlug fehl" }
    other "Etwas anderes"
    thanks "Danke."
  }
  once
  expires 2030-01-01
}
"""


def test_a_survey_has_its_questions() -> None:
    content = said(SURVEY, named(first_name="Zoë"))
    assert content["show"] == {"widget": "slideout", "target": None, "side": None}
    assert content["thanks"] == "Thank you, Zoë."
    ease, cause, detail = content["questions"]  # type: ignore[misc]
    assert ease == {
        "id": "ease",
        "type": "effort",
        "text": "How easy was it, Zoë?",
        "optional": False,
        "shuffled": False,
        "scale": {"low": 1, "high": 7, "style": "numbers"},
        "limit": None,
        "if": None,
        "then": None,
        "choices": [],
    }
    assert cause == {
        "id": "cause",
        "type": "choice",
        "text": "What slowed you down?",
        "optional": False,
        "shuffled": True,
        "scale": None,
        "limit": None,
        "if": {"question": "ease", "op": "<=", "value": 4},
        "then": None,
        "choices": [
            {"id": "lost", "text": "I did not know", "other": False, "then": None},
            {"id": "It kept failing", "text": "It kept failing", "other": False, "then": {"end": True}},
            {"id": "other", "text": None, "other": True, "then": None},
        ],
    }
    assert (detail["limit"], detail["optional"]) == (500, True)  # type: ignore[index]


def test_a_survey_is_translated_by_the_ids_of_questions_and_choices() -> None:
    content: Any = said(SURVEY, context={"locale": "de"})
    ease, cause, detail = content["questions"]
    assert (ease["text"], cause["text"], detail["text"]) == ("Wie leicht war es?", "Was hielt dich auf?", "What else?")
    assert [(each["id"], each["text"]) for each in cause["choices"]] == [
        ("lost", "Ratlos"),
        ("It kept failing", "Es schlug fehl"),
        ("other", "Etwas anderes"),
    ]
    assert (content["thanks"], content["language"]) == ("Danke.", "de")


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("show as modal", {"widget": "modal", "target": None, "side": None}),
        ("show as banner bottom", {"widget": "banner", "target": None, "side": "bottom"}),
        ('show as tooltip beside "#a"', {"widget": "tooltip", "target": {"selector": "#a"}, "side": None}),
    ],
)
def test_a_survey_is_shown_in_the_frame_it_names(frame: str, expected: JsonValue) -> None:
    assert said(f'survey s "S" {{ {frame} ask text a "?" once expires 2030-01-01 }}')["show"] == expected


def test_a_launcher_travels_with_its_label_and_its_questions() -> None:
    content: Any = said('feedback idea "Ideas" { ask text what "What is missing?" }')
    assert (content["widget"], content["label"]) == ("feedback", "Ideas")
    assert [each["id"] for each in content["questions"]] == ["what"]
    assert content["show"]["widget"] == "slideout"


def test_a_launcher_that_asks_nothing_leaves_the_question_to_the_browser() -> None:
    content: Any = said("feedback idea {}")
    assert (content["label"], content["questions"]) == ("idea", [])


def test_the_label_of_a_launcher_is_translated_as_its_title() -> None:
    text = 'feedback idea "Ideas" { ask text what "What?" in "ar" { title "أفكار" ask what "ماذا؟" } }'
    content: Any = said(text, context={"locale": "ar-EG"})
    assert (content["label"], content["direction"]) == ("أفكار", "rtl")


def test_a_variant_says_its_own_words() -> None:
    variants = 'variant a 50% { show modal { title "A" } }\nvariant b 50% { show modal { title "B" } }'
    titles = {said(guide("", show=variants), person=f"p{number}")["title"] for number in range(12)}
    assert titles == {"A", "B"}
