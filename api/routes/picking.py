"""Picking elements on the customer's pages: links for people who write rules, and what the opened page hands back."""

from __future__ import annotations

from typing import Any

from flask import request

from api.auth import caller, needs, needs_key_in, needs_write_key
from api.blueprint import Blueprint
from api.limits import allow_body
from api.origins import is_allowed, is_own, origin_of
from api.packed import PACKED, key_within, unpacked
from api.problems import PickerOrigin
from api.schemas.picking import (
    NewPickerSchema,
    PickedSchema,
    PickerSchema,
    PickersSchema,
    PickerTokenSchema,
    PickerWantedSchema,
    PickerWelcomeSchema,
    PickTakenSchema,
    PictureTakenSchema,
)
from api.serving import serving
from dsl.values import SECOND, Duration
from engine.heat_snapshots import BadHeatSnapshot, HeatSnapshots, Snapshot, read_snapshot
from engine.permissions import Scope
from engine.picking import Picking
from engine.picks import Pick, Picked, Session
from engine.replay.errors import BadReplay
from engine.replay.parts import PACKED_LIMIT

blueprint = Blueprint("picking", __name__, description="Picking elements on pages")

FRAGMENT = "waypost-picker"
"""What the snippet looks for behind the `#` of an address (`widgets/snippet/client.ts`)."""


@blueprint.route("/api/v1/pickers", methods=("POST",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(PickerWantedSchema)
@blueprint.response(201, NewPickerSchema)
def open_picker(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a link that opens the element picker on a page, for a short time."""
    url = asked["url"].partition("#")[0]
    origin = origin_of(url)
    project = serving().service.project(caller().project_id)
    listed = project.allowed_origins if project is not None else ()
    if not is_allowed(origin, listed) and not is_own(origin):
        raise PickerOrigin(
            f"pages of `{origin}` may not talk to this project; add the origin with `waypost keys allow {origin}`"
        )
    lasts = Duration(asked["lasts"] * SECOND)
    session, token = _picking().open(caller().project_id, url=url, origin=origin, by=caller().actor, lasts=lasts)
    return {**_line(session), "link": f"{url}#{FRAGMENT}={token}"}


@blueprint.route("/api/v1/pickers")
@needs(Scope.RULES_WRITE)
@blueprint.response(200, PickersSchema)
def pickers() -> dict[str, Any]:
    """The links of the last days, with what was picked."""
    return {"data": [_line(each) for each in _picking().sessions(caller().project_id)]}


@blueprint.route("/api/v1/pickers/<int:picker_id>")
@needs(Scope.RULES_WRITE)
@blueprint.response(200, PickerSchema)
def picker(picker_id: int) -> dict[str, Any]:
    """A link, and what was picked with it so far."""
    return _line(_picking().session(caller().project_id, picker_id))


@blueprint.route("/api/v1/pickers/<int:picker_id>", methods=("DELETE",))
@needs(Scope.RULES_WRITE)
@blueprint.response(200, PickerSchema)
def end_picker(picker_id: int) -> dict[str, Any]:
    """End a link at once; what was picked stays for a week."""
    return _line(_picking().end(caller().project_id, picker_id))


@blueprint.route("/v1/picker", methods=("POST",))
@needs_write_key
@blueprint.arguments(PickerTokenSchema)
@blueprint.response(200, PickerWelcomeSchema)
def welcome(asked: dict[str, Any]) -> Session:
    """Whether the page that was opened may show the picker."""
    return _picking().welcome(caller().project_id, asked["token"], origin=request.headers.get("Origin"))


@blueprint.route("/v1/picker/picks", methods=("POST",))
@needs_write_key
@blueprint.arguments(PickedSchema)
@blueprint.response(201, PickTakenSchema)
def take(asked: dict[str, Any]) -> Pick:
    """Take an element that was picked on a page, for whoever made the link."""
    picked = Picked(asked["kind"], asked["selector"], event=asked["event"], page=asked["page"])
    return _picking().take(caller().project_id, asked["token"], picked, origin=request.headers.get("Origin"))


@blueprint.before_request
def _allow() -> None:
    if request.endpoint == f"{blueprint.name}.{take_picture.__name__}":
        allow_body(PACKED_LIMIT)


def _handed() -> dict[str, Any]:
    """What the page handed over."""
    try:
        return unpacked()
    except BadReplay as error:
        raise BadHeatSnapshot(str(error)) from None


@blueprint.route("/v1/picker/snapshots", methods=("POST",))
@needs_key_in(key_within(_handed))
@Blueprint.doc(
    requestBody={
        "required": True,
        "description": "A JSON object, packed with gzip, whatever the content type says, up to 1 MB packed and 8 MB "
        "unpacked: `writeKey`, `token` of the link, `page` (a pattern of paths) and `events`: rrweb's events meta and "
        "full snapshot, masked.",
        "content": PACKED,
    }
)
@blueprint.response(201, PictureTakenSchema)
def take_picture() -> Snapshot:
    """Take a masked picture of a page for heat maps, in place of the one for the same pages.

    It is looked at once more for secrets.
    """
    said, who, current = _handed(), caller(), serving()
    token = said.get("token")
    session = _picking().welcome(
        who.project_id, token if isinstance(token, str) else "", origin=request.headers.get("Origin")
    )
    taken = read_snapshot(said.get("page"), said.get("events"))
    pictures = HeatSnapshots(current.service.database)
    return pictures.take(who.project_id, taken, by=session.by, now=current.clock())


def _picking() -> Picking:
    return serving().service.picking


def _line(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "url": session.url,
        "origin": session.origin,
        "by": session.by,
        "created": session.created,
        "expires": session.expires,
        "opened": session.opened,
        "picks": [
            {
                "id": pick.id,
                "time": pick.time,
                "kind": pick.picked.kind,
                "selector": pick.picked.selector,
                "event": pick.picked.event,
                "page": pick.picked.page,
                "way": pick.way,
            }
            for pick in session.picks
        ],
    }
