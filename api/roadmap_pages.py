"""The quarterly review as a page of its own, to be printed or sent: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from api.console.drawing import coded
from engine.roadmap.board import Board
from engine.roadmap.review import Review
from engine.roadmap.review_text import preface, sections_of, title_of
from engine.roadmap.sheets import range_in_words

STYLE: Final = """
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{margin:0}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;margin:.5rem 0}
h2{font-size:1.15rem;margin:1.5rem 0 .25rem}
.preface,.nothing{opacity:.8}
li{margin:.25rem 0;overflow-wrap:anywhere}
section{break-inside:avoid-page}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #8888}
th[scope=row]{font-weight:600;min-width:11rem;overflow-wrap:break-word}
.letter{height:1.25rem;vertical-align:-.25rem;font:700 12px/1 system-ui,sans-serif}
@media print{@page{margin:15mm} main{max-width:none;padding:0} :root{font-size:10pt;color-scheme:light}
.letter{print-color-adjust:exact} .scroll{overflow:visible} .board{break-before:page;break-inside:auto}}
"""
POLICY: Final = (
    "default-src 'none'; img-src data:; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""What a browser lets the page do: show its own style, and nothing else."""
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "console" / "templates"), autoescape=True, trim_blocks=True
)
_TEMPLATES.filters["coded"] = coded


def review_page(review: Review, board: Board) -> str:
    """The review as HTML, with the roadmap behind it."""
    return _TEMPLATES.get_template("review_alone.html").render(
        title=title_of(review),
        preface=preface(review),
        sections=sections_of(review),
        board=board,
        words=range_in_words,
        style=Markup(STYLE),  # noqa: S704  (our own text)
    )
