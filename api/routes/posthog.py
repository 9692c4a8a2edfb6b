"""PostHog's capture format, as its clients speak it: they are pointed here, with a key of ours as the project's key.

Events become messages by the mapping that also reads PostHog's exports. Flags are segments and guides, and are answered
to servers only: a public key reads nothing but guidance.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from uuid import uuid4

from flask import request

from api.auth import caller, needs, needs_key_in, voucher
from api.blueprint import Blueprint
from api.limits import MIRROR_LIMIT, allow_body
from api.posthog import CAPTURE_PATHS, FLAGS_PATHS, RESULTS_PATH, events_in, posthog_body, posthog_key
from api.problems import FieldError, InvalidFields
from api.routes.browser import seen_by_the_server
from api.schemas.mirrors import (
    CaptureReceiptSchema,
    DefinitionsSchema,
    FlagsToldSchema,
    FlagsWantedSchema,
    PosthogEventSchema,
    ResultsSchema,
)
from api.serving import serving
from dsl.garbage import nothing_collected
from dsl.values import Instant, JsonValue
from engine.flags import FlagAnswer
from engine.imports import posthog
from engine.imports.rows import Unreadable
from engine.imports.vendor import identifier, instant
from engine.intake import Defaults
from engine.mirrors import Clocks, Mirroring, MirrorReceipt, known_ids, posthog_records
from engine.permissions import Scope
from engine.public_flags import PublicFlagsDesk
from engine.reasons import Reason

blueprint = Blueprint("posthog", __name__, description="Events in PostHog's format, and its clients' other calls")

_TAKES: Final = {
    "required": True,
    "description": "JSON, plain or gzip, by header or by `?compression=gzip-js`; or a form whose `data` is JSON or its "
    "base64. Up to 6 MB, unpacked.",
    "content": {"application/json": {"schema": PosthogEventSchema}},
}
_WANTED: Final = {"required": True, "content": {"application/json": {"schema": FlagsWantedSchema}}}


@blueprint.before_request
def _admit() -> None:
    allow_body(MIRROR_LIMIT, deflated=True)


def capture() -> dict[str, Any]:
    """Take events of a client of PostHog's: one, a list, or `{"batch": […]}`.

    Every event wakes rules as any other does, unless `historical_migration` says that it is a history. An event that
    cannot be taken is in `rejected`, and never takes its neighbours along.
    """
    receipt = _take(posthog_body())
    return {**asdict(receipt), "status": 1}


for _path in CAPTURE_PATHS:
    _view = needs_key_in(posthog_key)(
        blueprint.doc(requestBody=_TAKES)(blueprint.response(200, CaptureReceiptSchema)(capture))
    )
    blueprint.add_url_rule(
        _path, endpoint=_path.strip("/").replace("/", "-"), view_func=_view, methods=["POST"], strict_slashes=False
    )


@needs_key_in(posthog_key)
@blueprint.doc(requestBody=_TAKES)
@blueprint.response(200, ResultsSchema)
def capture_with_results() -> dict[str, Any]:
    """Take events, and say of each, by its `uuid`, what became of it."""
    body = posthog_body()
    events = events_in(body)
    refused = {each.index: each.message for each in _take(body).rejected}
    results = {}
    for index, event in enumerate(events):
        name = identifier(event.get("uuid")) if isinstance(event, dict) else None
        if name is not None:
            why = refused.get(index)
            results[name] = {"result": "ok"} if why is None else {"result": "drop", "details": why}
    return {"results": results}


blueprint.add_url_rule(
    RESULTS_PATH, endpoint="results", view_func=capture_with_results, methods=["POST"], strict_slashes=False
)


def _take(body: JsonValue) -> MirrorReceipt:
    current, project_id = serving(), caller().project_id
    told = body if isinstance(body, dict) else {}
    is_history = told.get("historical_migration") is True
    clocks = Clocks(current.clock(), _sent(told))
    mirroring = Mirroring(
        service=current.service,
        project_id=project_id,
        received=clocks.received,
        convert=posthog.converter(known_ids(current.service.database, project_id)),
        defaults=Defaults(context=seen_by_the_server(), voucher=voucher(told.get("userToken"))),
        is_live=not is_history,
        heard=current.metrics.receive,
    )
    with nothing_collected():
        records = posthog_records(events_in(body), clocks, is_history=is_history, library=_library())
        return mirroring.take([*records])


def _library() -> str | None:
    """Who sends, as the newer protocol says it: `posthog-python/7.91.1`."""
    return request.headers.get("PostHog-Sdk-Info", "").partition("/")[0] or None


def _sent(told: dict[str, JsonValue]) -> Instant | None:
    """The sender's clock as it sent this: of the body, of a header, or of the address; None where nothing says so."""
    for value in (told.get("sent_at"), request.headers.get("PostHog-Request-Timestamp"), _milliseconds()):
        if value is not None:
            try:
                return instant(value, "sent_at")
            except Unreadable:
                continue
    return None


def _milliseconds() -> JsonValue:
    written = request.args.get("_", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None


def flags() -> dict[str, Any]:
    """Segments, personas and guides as PostHog's flags. Keys are those of `/api/v1/flags`, such as `segment:trial`.

    A secret key that may read people is told all of them; every other one those that pages may ask (`/v1/flags`).
    """
    body = posthog_body()
    told = body if isinstance(body, dict) else {}
    person = identifier(told.get("distinct_id")) or identifier(told.get("$distinct_id"))
    if person is None:
        raise InvalidFields((FieldError("distinct_id", "says nobody: the id of a user or a visitor is needed"),))
    wanted = told.get("flag_keys_to_evaluate")
    keys = [key for key in wanted if isinstance(key, str)] if isinstance(wanted, list) else None
    if Scope.PEOPLE_READ in caller().scopes:
        answers = serving().service.flags.ask_many(caller().project_id, keys, user=person)
    else:
        answers = _public_flags(person, keys, token=told.get("userToken"))
    is_failed = any(each.reason is Reason.ERROR for each in answers)
    return {
        **_in_form_of(_asked_version(), answers),
        "errorsWhileComputingFlags": is_failed,
        "requestId": str(uuid4()),
        "supportedCompression": ["gzip", "gzip-js", "base64"],
        "sessionRecording": False,
        "surveys": False,
    }


def _public_flags(person: str, keys: list[str] | None, *, token: JsonValue) -> tuple[FlagAnswer, ...]:
    """The flags that pages may ask, for a visitor; for a known user as `/v1/flags` tells them."""
    service, project_id = serving().service, caller().project_id
    public = PublicFlagsDesk(service.database).of(project_id).flags
    wanted = public if keys is None else [key for key in keys if key in public]
    if not wanted:
        return ()
    is_user = known_ids(service.database, project_id)(person) is True
    vouched, project = voucher(token), service.project(project_id)
    if is_user and vouched is not None and project is not None:
        service.vouching.admit_user(project, person, vouched)
    user_id, anonymous_id = (person, None) if is_user else (None, person)
    context = seen_by_the_server()
    answers, _ = service.flags.ask_for_visitor(
        project_id, wanted, user_id=user_id, anonymous_id=anonymous_id, context=context
    )
    return answers


for _path in FLAGS_PATHS:
    _asked = needs_key_in(posthog_key)(
        blueprint.doc(requestBody=_WANTED)(blueprint.response(200, FlagsToldSchema)(flags))
    )
    blueprint.add_url_rule(_path, endpoint=_path.strip("/"), view_func=_asked, methods=["POST"], strict_slashes=False)


@blueprint.route("/flags/definitions")
@needs(Scope.PEOPLE_READ)
@blueprint.response(200, DefinitionsSchema)
def definitions() -> dict[str, Any]:
    """What a server may compute by itself: nothing, so that it asks `/flags/` for each person."""
    return {"flags": [], "group_type_mapping": {}, "cohorts": {}}


def _asked_version() -> int:
    written = request.args.get("v", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 1


def _in_form_of(version: int, answers: tuple[FlagAnswer, ...]) -> dict[str, Any]:
    """Flags as a version of `/flags/` tells them; `/decide/` told them as one number more."""
    number = version - 2 if request.path.startswith("/decide") else version
    if number < 2:
        return {
            "featureFlags": {each.key: each.variant or each.value for each in answers},
            "featureFlagPayloads": {},
        }
    return {"flags": {each.key: _flag(each, typed=number >= 4) for each in answers}}


def _flag(answer: FlagAnswer, *, typed: bool) -> dict[str, Any]:
    is_failed = answer.reason is Reason.ERROR
    told: dict[str, Any] = {
        "key": answer.key,
        "enabled": answer.value,
        "variant": answer.variant,
        "failed": is_failed,
        "reason": {"code": answer.reason.value.lower(), "condition_index": None, "description": answer.reason.value},
        "metadata": {"id": None, "version": None, "description": "", "payload": None},
    }
    return {**told, "value": None if is_failed else answer.variant or answer.value} if typed else told
