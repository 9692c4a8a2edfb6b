"""The page in which a recording is played, or a masked picture of a page is drawn: what is shown comes from others.

It holds nothing of anybody: the page that frames it hands over what is to be shown, and it hands that on to a page
within it that has no origin and inherits its policy. There only our script runs, and whatever styles were recorded;
nothing can be loaded, nobody can be asked anything, and the console cannot be reached.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request

from api.auth import open_to_all
from api.console.drawing import HOME, bare

blueprint = Blueprint("player", __name__, url_prefix="/console", template_folder=str(HOME / "templates"))
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'none'; font-src 'none'; "
    "connect-src 'none'; frame-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""What the page and the one within it may do: draw. Styles are those that were recorded; they can load nothing."""
STAGES: Final = {"replay": "stage.js", "heat": "heat_stage.js"}
"""By what is shown, the script of the page within."""


@blueprint.get("/player")
@open_to_all
def player() -> Response:
    """An empty stage, which draws what it is told."""
    stage = STAGES.get(request.args.get("view", ""), STAGES["replay"])
    return bare("player.html", POLICY, stage=stage)
