"""What Segment's webhook destinations pass on as it happens: `/v1/mirrors/segment`."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial

from flask import Request

from api.auth import caller, header_key, needs_key_in, voucher
from api.blueprint import Blueprint
from api.limits import MIRROR_LIMIT, allow_body
from api.parsing import read_json, refuse_deep
from api.problems import BadSignature, FieldError, InvalidFields
from api.schemas.mirrors import MirrorReceiptSchema, SegmentCallSchema
from api.serving import serving, the_request
from dsl.garbage import nothing_collected
from dsl.values import JsonValue
from engine.imports import segment
from engine.intake import Defaults
from engine.mirrors import Erase, Mirroring, MirrorReceipt
from engine.permissions import Scope

blueprint = Blueprint("mirrors", __name__, url_prefix="/v1/mirrors", description="What other tools pass on live")

SIGNATURE = "X-Signature"


@blueprint.before_request
def _admit() -> None:
    allow_body(MIRROR_LIMIT)


@blueprint.route("/segment", methods=("POST",))
@needs_key_in(lambda: None)
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": SegmentCallSchema}}},
    parameters=[
        {
            "in": "header",
            "name": SIGNATURE,
            "schema": {"type": "string"},
            "description": "HMAC-SHA1 of the body, hexadecimal, with the key as shared secret; judged where it comes.",
        }
    ],
)
@blueprint.response(200, MirrorReceiptSchema)
def from_segment() -> MirrorReceipt:
    """Take what a webhook destination of Segment sends: one call, a list, or `{"batch": […]}`.

    Every call counts as one that a server sent, and wakes rules; sent again with its `messageId` it has no second
    effect. `delete` erases the person, where the key may (`people:erase`).
    """
    asked = the_request()
    _refuse_forged(asked)
    body = read_json(asked.get_data())
    refuse_deep(body)
    current, project_id = serving(), caller().project_id
    mirroring = Mirroring(
        service=current.service,
        project_id=project_id,
        received=current.clock(),
        convert=segment.converter(),
        defaults=Defaults(voucher=voucher(None)),
        erase=_eraser(),
        heard=current.metrics.receive,
    )
    with nothing_collected():
        return mirroring.take(_calls(body))


def _calls(body: JsonValue) -> list[JsonValue]:
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        raise InvalidFields((FieldError("", "must be a JSON object, or a list of them"),))
    batch = body.get("batch")
    if "type" in body or batch is None:
        return [body]
    if not isinstance(batch, list):
        raise InvalidFields((FieldError("batch", "must be a list"),))
    return batch


def _refuse_forged(asked: Request) -> None:
    """Raise BadSignature where a signature came that is not made with the key."""
    given = asked.headers.get(SIGNATURE)
    if given is None:
        return
    # SHA1 because that is what Segment signs with; as an HMAC it holds.
    wanted = hmac.new((header_key() or "").encode(), asked.get_data(), hashlib.sha1).hexdigest()
    if not hmac.compare_digest(given.strip().lower().encode(), wanted.encode()):
        raise BadSignature(
            f"the header `{SIGNATURE}` is not the body's: give the destination the same key as shared secret that it "
            "sends as `Authorization: Bearer KEY`"
        )


def _eraser() -> Erase | None:
    """How to forget somebody; None where the caller may not."""
    who = caller()
    if Scope.PEOPLE_ERASE not in who.scopes:
        return None
    return partial(serving().service.privacy.erase, who.project_id, by=who.actor)
