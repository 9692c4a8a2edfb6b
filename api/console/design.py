"""The page that shows what pages are made of: the tokens with their contrasts, the type, the spaces, each component.

Read from what browsers load, so that it never says anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.console.drawing import STATIC

_TOKEN: Final = re.compile(
    r"--(?P<name>[\w-]+):\s*"
    r"(?:var\(--if-light,\s*(?P<light>[^()]+)\)\s*var\(--if-dark,\s*(?P<dark>[^()]+)\)|(?P<both>[^;}]+))"
)
"""A token of the list: one value in the light and one in the dark, or the same in both."""
_LIST: Final = re.compile(r":root,\s*\.in-light,\s*\.in-dark\s*\{(?P<tokens>[^}]*)\}")
_HEX: Final = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)

PAIRS: Final = (
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "sunk"),
    ("soft", "paper"),
    ("soft", "card"),
    ("soft", "sunk"),
    ("accent", "paper"),
    ("accent", "card"),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("bad", "card"),
    ("bad", "bad-soft"),
    ("good", "card"),
    ("good", "good-soft"),
)
"""Which colour stands as text on which ground."""
ENOUGH: Final = 4.5
"""What text needs at least (WCAG 2.2, 1.4.3)."""

MEANINGS: Final[Mapping[str, str]] = {
    "paper": "the ground of a page",
    "card": "what stands out from it, and fields",
    "sunk": "what lies deeper: code, tags",
    "ink": "text",
    "soft": "text of less weight: hints, heads of tables",
    "line": "lines between things",
    "accent": "what can be pressed, and what is chosen",
    "accent-soft": "the ground of what is chosen",
    "on-accent": "text on a button",
    "bad": "what went wrong, and what is lost",
    "bad-soft": "its ground",
    "good": "what went well",
    "good-soft": "its ground",
    "radius": "corners of cards",
    "gap": "between cards",
}
"""What each token is for."""

TYPE: Final = (
    ("Title", "h1", "1.5rem, 700, of one page"),
    ("Head", "h2", "1.0625rem, 700, of a part of it"),
    ("Text", "p", "1rem on 1.5, the system's own face"),
    ("What a chart says", "told", "1.0625rem, at most 62 letters wide"),
    ("Figure", "figure", "2rem, figures of one width"),
    ("Hint", "hint", "0.875rem, soft"),
    ("Code", "code", "0.875em, of one width"),
)
SPACES: Final = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.5)
"""In rem: between what belongs together, and up to the margins of a page."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """How well a text can be told from its ground: 1 to 21."""

    text: str
    ground: str
    colour: str
    behind: str
    ratio: float

    @property
    def is_enough(self) -> bool:
        """True where everybody can read it."""
        return self.ratio >= ENOUGH


def tokens(theme: str) -> dict[str, str]:
    """The tokens of `light` or `dark`, by name."""
    listed = _LIST.search((STATIC / "console.css").read_text(encoding="utf-8"))
    assert listed is not None  # noqa: S101  (the file begins with them)
    return {each["name"]: (each["both"] or each[theme]).strip() for each in _TOKEN.finditer(listed["tokens"])}


def contrasts(theme: str) -> list[Contrast]:
    """Every text on every ground that it stands on."""
    known = tokens(theme)
    return [
        Contrast(text, ground, known[text], known[ground], ratio(known[text], known[ground])) for text, ground in PAIRS
    ]


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG computes it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """How light a colour is, 0 to 1."""
    digits = colour.removeprefix("#")
    whole = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return sum(share * each for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def design_values() -> dict[str, Any]:
    """What the page shows."""
    light, dark = tokens("light"), tokens("dark")
    return {
        "colours": [
            (name, value, dark[name], MEANINGS.get(name, "")) for name, value in light.items() if _HEX.fullmatch(value)
        ],
        "lengths": [
            (name, value, MEANINGS.get(name, "")) for name, value in light.items() if not _HEX.fullmatch(value)
        ],
        "contrasts": list(zip(contrasts("light"), contrasts("dark"), strict=True)),
        "type": TYPE,
        "spaces": SPACES,
        "enough": ENOUGH,
        "mark": {"letter": "B", "colour": "#1f5f8b", "label": "stage B"},
        "chart": {
            "kind": "funnel",
            "steps": [{"label": "Create account", "letter": "A"}, {"label": "Verify the domain", "letter": "B"}],
            "groups": [
                {"name": "All", "shares": [1.0, 0.62], "low": [None, 0.5], "high": [None, 0.73], "counts": [60, 37]}
            ],
        },
    }
