"""Segment's addresses: `/v1/batch`, `/v1/import`, and one for each type of message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson
from flask import Response

from api.auth import caller, needs_write_key, voucher
from api.blueprint import Blueprint
from api.parsing import load, read_object
from api.routes.browser import seen_by_the_server
from api.schemas.ingest import KINDS, BatchSchema, EnvelopeSchema, ReceiptSchema, SingleSchema
from api.serving import serving, the_request
from dsl.garbage import nothing_collected
from dsl.values import JsonValue
from engine.intake import Defaults
from engine.replies import Receipt, RecordingReceipt

blueprint = Blueprint("events", __name__, url_prefix="/v1", description="Events, in Segment's format")

_BATCH: Final = BatchSchema()
_ENVELOPE: Final = EnvelopeSchema()
_PLAIN: Final = frozenset({"batch", "sentAt", "writeKey"})
"""Members of a batch that asks for nothing; no schema has to look at those."""
_NOTHING_ELSE: Final[dict[str, JsonValue]] = {
    "rejected": [],
    "warnings": [],
    "decisions": [],
    "clicks": None,
    "revision": None,
}
"""The rest of a receipt that says nothing but how many."""
_ENVELOPE_MEMBERS: Final = frozenset({"writeKey", "userToken", "sentAt", "decide", "revision", "type"})


View = Callable[[], Receipt | Response]


def _documented(schema: type[EnvelopeSchema]) -> Callable[[View], View]:
    """Say what is taken. The views read it themselves: messages are judged one by one, by the engine."""
    content = {media: {"schema": schema} for media in ("application/json", "text/plain")}
    return Blueprint.doc(
        requestBody={
            "required": True,
            "description": "JSON, whatever the content type says; plain or gzip; up to 500 KB, unpacked. A page sends "
            "`text/plain` with `writeKey` in the body, to spare the browser's pre-flight.",
            "content": content,
        },
    )


def _read_batch(body: dict[str, JsonValue]) -> dict[str, Any]:
    """What a batch says. The short way for most of them, with the same result."""
    key, messages = body.get("writeKey"), body.get("batch")
    if body.keys() <= _PLAIN and isinstance(messages, list) and (key is None or isinstance(key, str)):
        return {"batch": messages, "decide": False, "context": {}}
    return load(_BATCH, body)


def _answer(receipt: Receipt) -> Receipt | Response:
    """The receipt, for the schema to write; where it says nothing but how many, it is written here, to the letter."""
    if receipt.rejected or receipt.notices or receipt.decisions or receipt.clicks is not None or receipt.revision:
        return receipt
    if isinstance(receipt, RecordingReceipt):
        return receipt
    counts = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    text = orjson.dumps({**counts, **_NOTHING_ELSE, "ttl": receipt.ttl})
    return Response(text, 202, mimetype="application/json")


def _take(
    body: dict[str, JsonValue], messages: Sequence[JsonValue], said: dict[str, Any], *, live: bool
) -> Receipt | Response:
    context: dict[str, JsonValue] = seen_by_the_server() | (said.get("context") or {})
    current, project_id = serving(), caller().project_id
    receipt = current.service.receive(
        project_id,
        messages,
        received=current.clock(),
        sent_at=body.get("sentAt"),
        defaults=Defaults(said.get("userId"), said.get("anonymousId"), context, voucher(body.get("userToken"))),
        decide=said["decide"],
        context=context,
        live=live,
    )
    current.metrics.receive(receipt)
    clicks = current.service.clicks(project_id, known=said.get("revision")) if said["decide"] else None
    return _answer(receipt if clicks is None else replace(receipt, clicks=clicks))


def _take_batch(*, live: bool) -> Receipt | Response:
    """Many messages, of which nothing is left when this returns: not one has to be looked at for garbage."""
    body = read_object(the_request())
    said = _read_batch(body)
    return _take(body, said["batch"], said if live else said | {"decide": False}, live=live)


@blueprint.route("/batch", methods=("POST",))
@needs_write_key
@_documented(BatchSchema)
@blueprint.response(202, ReceiptSchema)
def batch() -> Receipt | Response:
    """Take many messages.

    Good messages are kept, bad ones are listed in `rejected`. With `decide`, the reply brings guidance for the user of
    the last accepted message.
    """
    with nothing_collected():
        return _take_batch(live=True)


@blueprint.route("/import", methods=("POST",))
@needs_write_key
@_documented(BatchSchema)
@blueprint.response(202, ReceiptSchema)
def history() -> Receipt | Response:
    """Take many messages from the past.

    As `/v1/batch`, but nothing in it wakes a rule.
    """
    with nothing_collected():
        return _take_batch(live=False)


def _single(kind: str) -> View:
    def take() -> Receipt | Response:
        body = read_object(the_request())
        said = load(_ENVELOPE, body)
        message: dict[str, JsonValue] = {name: value for name, value in body.items() if name not in _ENVELOPE_MEMBERS}
        context = body.get("context")
        # A context of another kind is the message's fault: the engine says so in `rejected`.
        said["context"] = context if isinstance(context, dict) else {}
        return _take(body, [message | {"type": kind}], said, live=True)

    take.__name__ = kind
    take.__doc__ = f"Take one {kind} message.\n\nAs a batch of one: a message that cannot be taken is in `rejected`."
    return take


for _kind in KINDS:
    _view = needs_write_key(_documented(SingleSchema)(blueprint.response(202, ReceiptSchema)(_single(_kind))))
    blueprint.route(f"/{_kind}", methods=("POST",))(_view)
