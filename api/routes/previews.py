"""The page in which the rule editor draws a guide as customers would see it, with the widgets' own code.

It holds nothing of anybody: what is drawn is handed to it by the page that frames it. It runs in an origin of its own,
may load the widgets and pictures, and may ask nobody anything.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response

from api.auth import open_to_all
from api.console.drawing import HOME, bare

blueprint = Blueprint("previews", __name__, url_prefix="/console", template_folder=str(HOME / "templates"))
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src https: data:; media-src https:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts"
)
"""What the page may do: draw."""


@blueprint.get("/preview")
@open_to_all
def preview() -> Response:
    """A page of a product, with nothing on it but what a guide may stand beside."""
    return bare("preview.html", POLICY)
