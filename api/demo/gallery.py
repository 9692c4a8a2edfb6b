"""The gallery: every widget and every question from the example beside it, in every look. Needs no database.

Each piece is a page of its own, with the snippet as a customer would paste it, and a decision shown as a preview.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from api.auth import open_to_all
from api.demo import material
from dsl.values import JsonValue
from widgets.registry import FOLDER, QUESTION_TYPES, WIDGETS, Style

Content = dict[str, Any]
Theme = Literal["light", "dark"]
Direction = Literal["ltr", "rtl"]
Words = Literal["plain", "long"]

WIDTHS: Final = (360, 768, 1280)
"""Widths that the gallery offers for its windows, in CSS pixels."""

_LONGER: Final = "Domainverifizierungseinstellungsübersicht, noch einmal ganz in Ruhe und mit allen Einzelheiten"
"""What a translation may add: a word that nothing but breaking makes fit, and a whole line more."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a piece is looked at. words: as in its example, or much longer ones."""

    theme: Theme = "light"
    direction: Direction = "ltr"
    words: Words = "plain"

    def __str__(self) -> str:
        """As in an address: `dark-rtl-plain`."""
        return f"{self.theme}-{self.direction}-{self.words}"

    @classmethod
    def read(cls, text: str) -> Look:
        """The look of an address. Raises NotFound for one that there is not."""
        theme, _, rest = text.partition("-")
        direction, _, words = rest.partition("-")
        if theme not in get_args(Theme) or direction not in get_args(Direction) or words not in get_args(Words):
            raise NotFound
        return cls(theme, direction, words)  # type: ignore[arg-type]


@cache
def pieces() -> Mapping[str, Content]:
    """The content of every piece by its name: widgets, then questions (`ask-nps`), then other forms of both."""
    widgets = {name: _example(name) for name in WIDGETS}
    questions = {f"ask-{name}": _asking(_question(name)) for name in QUESTION_TYPES}
    scales = {
        f"ask-rating-{style}": _asking({**_question("rating"), "scale": {"low": 1, "high": high, "style": style}})
        for style, high in ((Style.NUMBERS, 10), (Style.FACES, 5), (Style.STARS, 10))
    }
    frames = {f"survey-{frame['widget']}": {**_example("survey"), "show": frame} for frame in _FRAMES}
    done = {**_example("checklist"), "items": [{**each, "done": True} for each in _example("checklist")["items"]]}
    return MappingProxyType({**widgets, **questions, **scales, **frames, "checklist-done": done})


_FRAMES: Final[tuple[Content, ...]] = (
    {"widget": "modal", "target": None, "side": None},
    {"widget": "banner", "target": None, "side": "bottom"},
    {"widget": "tooltip", "target": {"selector": "#verify"}, "side": None},
)


def decision(name: str, look: Look) -> Content:
    """The piece as a decision of the wire, in that look. Raises NotFound for a name that there is not."""
    content = pieces().get(name)
    if content is None:
        raise NotFound
    return {
        "id": f"gallery_{name}",
        "guide": name,
        "kind": content["widget"],
        "variant": None,
        "content": worded(content, look),
        "wait": None,
        "priority": 50,
        "expires": None,
    }


def worded(content: Content, look: Look) -> Content:
    """The content with the words, the language and the direction of a look."""
    said: Callable[[str], str] = _arabic() if look.direction == "rtl" else lambda text: text
    longer = look.words == "long"
    language = "ar" if look.direction == "rtl" else "de" if longer else content["language"]
    changed: Content = _reworded(content, lambda text: f"{said(text)} {_LONGER}" if longer else said(text))
    return {**changed, "language": language, "direction": look.direction}


_SPOKEN: Final = frozenset({"text", "title", "alt", "label", "thanks"})


def _reworded(node: Any, change: Callable[[str], str]) -> Any:
    if isinstance(node, list):
        return [_reworded(each, change) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: change(value)
        if key in _SPOKEN and isinstance(value, str)
        # Pictures of the examples lie beside the pages of the demo.
        else value.replace("/art/", "/demo/assets/")
        if key == "src"
        else _reworded(value, change)
        for key, value in node.items()
    }


def _example(folder: str) -> Content:
    found: Content = json.loads((FOLDER / folder / "example.json").read_bytes())
    return found


def _question(kind: str) -> Content:
    return _example(f"survey/questions/{kind}")


def _asking(question: Content) -> Content:
    return {**_example("survey"), "questions": [question]}


@cache
def _arabic() -> Callable[[str], str]:
    words: dict[str, str] = json.loads((material.folder() / "gallery.ar.json").read_bytes())
    return lambda text: words.get(text, text)


blueprint = Blueprint("gallery", __name__, url_prefix="/gallery", template_folder=str(material.folder() / "pages"))


@blueprint.get("")
@open_to_all
def overview() -> str:
    """All pieces in windows of one width."""
    look = Look.read(request.args.get("look", str(Look())))
    width = request.args.get("width", WIDTHS[0], type=int)
    choices = {
        "Theme": [(each, Look(each, look.direction, look.words)) for each in get_args(Theme)],
        "Direction": [(each, Look(look.theme, each, look.words)) for each in get_args(Direction)],
        "Words": [(each, Look(look.theme, look.direction, each)) for each in get_args(Words)],
    }
    return render_template("gallery.html", names=list(pieces()), look=look, width=width, widths=WIDTHS, choices=choices)


@blueprint.get("/<name>/<look>")
@open_to_all
def piece(name: str, look: str) -> str:
    """A small page of a product with one piece on it."""
    seen = Look.read(look)
    if name not in pieces():
        raise NotFound
    said: Callable[[str], str] = _arabic() if seen.direction == "rtl" else lambda text: text
    made = json.dumps(decision(name, seen), ensure_ascii=False)
    return render_template("gallery_piece.html", name=name, look=seen, said=said, decision=made)


@blueprint.post("/v1/<path:_asked>")
@open_to_all
def answer(_asked: str) -> dict[str, JsonValue]:
    """What the snippet of those pages asks of its server: nothing is decided, and nothing kept."""
    return {"accepted": 0, "duplicates": 0, "rejected": [], "warnings": [], "decisions": [], "revision": None, "ttl": 0}
