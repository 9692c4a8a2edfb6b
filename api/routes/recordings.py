"""Where pages send what they record: `POST /v1/replays`."""

from __future__ import annotations

from typing import Any

from api.auth import callers_project, needs_key_in, voucher
from api.blueprint import Blueprint
from api.limits import allow_body
from api.packed import PACKED, key_within, unpacked
from api.replays import replay_desk
from api.schemas.replays import ReplayPartTakenSchema
from api.serving import serving
from engine.replay.errors import ReplayOff
from engine.replay.parts import PACKED_LIMIT, read_part

blueprint = Blueprint("recordings", __name__, url_prefix="/v1", description="Recordings of sessions, from pages")


@blueprint.before_request
def _allow() -> None:
    allow_body(PACKED_LIMIT)


@blueprint.route("/replays", methods=("POST",))
@needs_key_in(key_within(unpacked))
@Blueprint.doc(
    requestBody={
        "required": True,
        "description": "A JSON object, packed with gzip, whatever the content type says; up to 1 MB packed and 8 MB "
        "unpacked. See `docs/reference/replay.md`.",
        "content": PACKED,
    }
)
@blueprint.response(200, ReplayPartTakenSchema)
def take() -> dict[str, Any]:
    """Take a part of a recording.

    It is looked at once more for secrets, and kept once however often it comes. `next` is the number of the first part
    that is not here.
    """
    current, project = serving(), callers_project()
    if not project.replay.records:
        raise ReplayOff
    part = read_part(unpacked(), now=current.clock())
    proof = voucher(part.user_token)
    if proof is not None and part.user_id is not None:
        current.service.vouching.admit_user(project, part.user_id, proof)
    rules = current.service.rules_now(project.id)
    return {"next": replay_desk().take(project.id, part, project.replay, rules)}
