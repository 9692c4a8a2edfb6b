"""From an error to its answer: one table of classes to HTTP statuses, and RFC 9457 problem documents.

Decides what a refusal looks like on the wire; who refuses, and why, is decided where the error is raised. A code, once
published, keeps its meaning. `docs/reference/problems.md` is made from the table.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Final

import orjson
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from api.limits import BadGzip, TooLarge, TooPacked, UnknownEncoding
from api.publishing import RulesRefused
from api.schemas.problems import DiagnosticSchema
from engine.account_health import BadCare, NoOutcome, UnknownAccount
from engine.analytics.asked import BadBreakdown, BadCondition, NoSuchStep
from engine.analytics.conversion import UnitOfNeighbours
from engine.analytics.designs import BadPath, NoDesign
from engine.analytics.engines import NoSpark
from engine.analytics.funnels import BadExclusion, FunnelTooLong, FunnelTooShort, RepeatedStep
from engine.analytics.history import NothingRecorded
from engine.analytics.paths import BadStretch, NoPathsOfAccounts
from engine.analytics.paths_asked import BadChain
from engine.comments import BadComment, NoSuchComment, NotYourComment
from engine.drafts import NoDraft, NothingToTry, StaleDraft
from engine.effects import NoSuchPersona, NothingToMeasure
from engine.environments import BadProjectName, ProjectExists
from engine.errors import (
    Busy,
    HistoryRemoved,
    NoIdentity,
    StaleVersion,
    StorageUnavailable,
    UnknownDecision,
    UnknownGuide,
    UnknownJourney,
    UnknownProject,
    UnknownStep,
    UnknownVersion,
    WaypostError,
)
from engine.evidence import BadEvidence, NoSuchEvidence
from engine.evidence_sheet import BadEvidenceSheet
from engine.import_runs import BadImport, NoSuchImport
from engine.mapping.cells import BadCell, NoSuchLink
from engine.mapping.comparing import BadComparison
from engine.mapping.snapshots import NoSuchSnapshot
from engine.members import (
    AlreadyMember,
    BadAddress,
    BadLink,
    LastAdmin,
    MemberElsewhere,
    NoSuchInvite,
    NoSuchMember,
    WrongLogin,
)
from engine.membership import AsksOthers
from engine.passwords import WeakPassword
from engine.paths import NoStart
from engine.picking import NoSuchPicker, PickerRefused
from engine.picks import BadPick
from engine.privacy import BadRetention
from engine.product_figures import BadPeriod, BadRevenue
from engine.publications import TooMuchHistory
from engine.roadmap.items import BadItem, NoSuchItem, NotSchedulable, StaleItem
from engine.roadmap.metrics import BadTarget, UnknownStage
from engine.roadmap.opportunities import UnknownOpportunity
from engine.roadmap.planner import NoReason
from engine.roadmap.sheets import BadSheet
from engine.roadmap.themes import NoSuchTheme
from engine.roadmap.timeboxes import BadTimebox
from engine.shared_links import BadSharedLink, NoSuchSharedLink, SharedLinkOver, SharingOff
from engine.step_answers import BadReading, UnknownDisagreement
from engine.survey_answers import BadTag, UnknownResponse
from engine.tenancy import KeyAlreadyRotated, NoSuchKey
from engine.tracking import PlanRefused
from engine.vouching import NoSuchSecret, TooManySecrets, UnsignedUser
from engine.webhooks import BadWebhook, NoSuchWebhook

MEDIA_TYPE: Final = "application/problem+json"
_DIAGNOSTICS: Final = DiagnosticSchema(many=True)
_log = logging.getLogger("waypost.http")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be used."""

    path: str
    """Where it is: `context.page`, `files[0].name`; empty for the whole body."""
    message: str


class MalformedJson(WaypostError):
    """The body is not JSON: broken, empty, not UTF-8, or with `NaN`, `Infinity` or half a character in it."""

    code = "malformed_json"


class TooDeep(WaypostError):
    """Lists or objects in the body are nested too deeply to be kept."""

    code = "too_deep"


class InvalidFields(WaypostError):
    """The body is JSON but not of the form that this address takes; `errors` names each field, and why."""

    code = "invalid_fields"

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        shown = "; ".join(f"`{error.path or 'body'}`: {error.message}" for error in errors[:3])
        more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
        super().__init__(f"these fields cannot be used: {shown}{more}")
        self.errors = errors


class MissingKey(WaypostError):
    """The request brings no key."""

    code = "missing_key"


class UnknownKey(WaypostError):
    """The key of the request is not one of ours, or has been withdrawn."""

    code = "unknown_key"


class KeyNotAllowed(WaypostError):
    """The key is valid but not for this: a public key on an address for servers, or a secret key in a browser."""

    code = "key_not_allowed"


class MissingScope(WaypostError):
    """The caller is known but may not do this: the key lacks the scope, or the person's role does."""

    code = "missing_scope"


class ScopeNotHeld(WaypostError):
    """A caller tried to give away more than it may do itself: a key with other scopes, a role with more rights."""

    code = "scope_not_held"


class NotSignedIn(WaypostError):
    """The address is for people of the console who are signed in, or the session is over."""

    code = "not_signed_in"


class NoProvider(WaypostError):
    """No identity provider is set up: people sign in by password here."""

    code = "no_provider"


class ProviderUnavailable(WaypostError):
    """The identity provider does not answer, or not as the settings say."""

    code = "provider_unavailable"


class SignInFailed(WaypostError):
    """The identity provider did not vouch for somebody, or the sign-in was not begun in this browser."""

    code = "sign_in_failed"


class ForgedRequest(WaypostError):
    """A browser sent the session's cookie along without the proof that a page of ours asked it to."""

    code = "forged_request"


class WhichProject(WaypostError):
    """The signed-in person is a member of several projects, and the request does not say which one it is about."""

    code = "which_project"


class TooManyRequests(WaypostError):
    """More was asked than one key, one address or one account may ask for; `Retry-After` says when it goes on."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds to wait before trying again."""


class OriginNotAllowed(WaypostError):
    """A web page on an origin that the project does not list sent this."""

    code = "origin_not_allowed"


class PickerOrigin(WaypostError):
    """The picker is wanted on a page whose origin the project does not list, so that it could not answer."""

    code = "picker_origin"


class UnknownUser(WaypostError):
    """Nobody with that id has been seen in this project."""

    code = "unknown_user"


class UnknownAddress(WaypostError):
    """Nothing is served at this address."""

    code = "unknown_address"


class MethodNotAllowed(WaypostError):
    """The address exists, but not for this HTTP method."""

    code = "method_not_allowed"


class BadRequest(WaypostError):
    """The request cannot be understood as HTTP."""

    code = "bad_request"


class NotReady(WaypostError):
    """The server is up but cannot take events: its database does not answer, or its writer has stopped."""

    code = "not_ready"


class InternalError(WaypostError):
    """A fault of ours. It is logged with the request id that the problem document names."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("something went wrong on our side; it is logged under the request id given here")


STATUSES: Final[Mapping[type[WaypostError], HTTPStatus]] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    MalformedJson: HTTPStatus.BAD_REQUEST,
    TooDeep: HTTPStatus.BAD_REQUEST,
    BadGzip: HTTPStatus.BAD_REQUEST,
    MissingKey: HTTPStatus.UNAUTHORIZED,
    UnknownKey: HTTPStatus.UNAUTHORIZED,
    WrongLogin: HTTPStatus.UNAUTHORIZED,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    SignInFailed: HTTPStatus.UNAUTHORIZED,
    NoProvider: HTTPStatus.NOT_FOUND,
    ProviderUnavailable: HTTPStatus.BAD_GATEWAY,
    KeyNotAllowed: HTTPStatus.FORBIDDEN,
    ForgedRequest: HTTPStatus.FORBIDDEN,
    UnsignedUser: HTTPStatus.FORBIDDEN,
    MissingScope: HTTPStatus.FORBIDDEN,
    OriginNotAllowed: HTTPStatus.FORBIDDEN,
    PickerRefused: HTTPStatus.FORBIDDEN,
    NotYourComment: HTTPStatus.FORBIDDEN,
    UnknownAddress: HTTPStatus.NOT_FOUND,
    UnknownProject: HTTPStatus.NOT_FOUND,
    UnknownJourney: HTTPStatus.NOT_FOUND,
    UnknownStep: HTTPStatus.NOT_FOUND,
    UnknownGuide: HTTPStatus.NOT_FOUND,
    UnknownUser: HTTPStatus.NOT_FOUND,
    UnknownDecision: HTTPStatus.NOT_FOUND,
    UnknownVersion: HTTPStatus.NOT_FOUND,
    NothingRecorded: HTTPStatus.NOT_FOUND,
    NothingToMeasure: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoOutcome: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCare: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadEvidence: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadSharedLink: HTTPStatus.UNPROCESSABLE_ENTITY,
    SharingOff: HTTPStatus.CONFLICT,
    BadComment: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCell: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSuchLink: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadComparison: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadReading: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadTag: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadEvidenceSheet: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownAccount: HTTPStatus.NOT_FOUND,
    BadRevenue: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPeriod: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSuchPersona: HTTPStatus.NOT_FOUND,
    NoSuchStep: HTTPStatus.NOT_FOUND,
    NoSuchKey: HTTPStatus.NOT_FOUND,
    NoSuchMember: HTTPStatus.NOT_FOUND,
    NoSuchInvite: HTTPStatus.NOT_FOUND,
    NoSuchSecret: HTTPStatus.NOT_FOUND,
    NoSuchPicker: HTTPStatus.NOT_FOUND,
    NoSuchItem: HTTPStatus.NOT_FOUND,
    NoSuchTheme: HTTPStatus.NOT_FOUND,
    NoSuchEvidence: HTTPStatus.NOT_FOUND,
    NoSuchComment: HTTPStatus.NOT_FOUND,
    NoSuchSharedLink: HTTPStatus.NOT_FOUND,
    SharedLinkOver: HTTPStatus.NOT_FOUND,
    NoSuchSnapshot: HTTPStatus.NOT_FOUND,
    UnknownDisagreement: HTTPStatus.NOT_FOUND,
    UnknownResponse: HTTPStatus.NOT_FOUND,
    UnknownOpportunity: HTTPStatus.NOT_FOUND,
    UnknownStage: HTTPStatus.NOT_FOUND,
    BadLink: HTTPStatus.NOT_FOUND,
    NoSuchImport: HTTPStatus.NOT_FOUND,
    NoSuchWebhook: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    HistoryRemoved: HTTPStatus.GONE,
    BadRetention: HTTPStatus.UNPROCESSABLE_ENTITY,
    StaleVersion: HTTPStatus.CONFLICT,
    StaleDraft: HTTPStatus.CONFLICT,
    NoDraft: HTTPStatus.NOT_FOUND,
    NothingToTry: HTTPStatus.UNPROCESSABLE_ENTITY,
    StaleItem: HTTPStatus.CONFLICT,
    ProjectExists: HTTPStatus.CONFLICT,
    KeyAlreadyRotated: HTTPStatus.CONFLICT,
    AlreadyMember: HTTPStatus.CONFLICT,
    LastAdmin: HTTPStatus.CONFLICT,
    MemberElsewhere: HTTPStatus.CONFLICT,
    TooManySecrets: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooPacked: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnknownEncoding: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BadProjectName: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCondition: HTTPStatus.UNPROCESSABLE_ENTITY,
    AsksOthers: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadBreakdown: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadExclusion: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnitOfNeighbours: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadChain: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoStart: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadStretch: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoPathsOfAccounts: HTTPStatus.UNPROCESSABLE_ENTITY,
    FunnelTooShort: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoDesign: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPath: HTTPStatus.UNPROCESSABLE_ENTITY,
    FunnelTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    RepeatedStep: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSpark: HTTPStatus.SERVICE_UNAVAILABLE,
    PickerOrigin: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPick: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadItem: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadSheet: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadTarget: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadTimebox: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoReason: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadImport: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadWebhook: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotSchedulable: HTTPStatus.UNPROCESSABLE_ENTITY,
    WeakPassword: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadAddress: HTTPStatus.UNPROCESSABLE_ENTITY,
    ScopeNotHeld: HTTPStatus.FORBIDDEN,
    WhichProject: HTTPStatus.BAD_REQUEST,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    InvalidFields: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMuchHistory: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoIdentity: HTTPStatus.UNPROCESSABLE_ENTITY,
    RulesRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    PlanRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every error that may be answered over HTTP, and its status."""


def answered_as(kind: type[WaypostError]) -> type[WaypostError] | None:
    """The class under which an error is answered: its own, or the one that it is a special case of; None for none."""
    return next((one for one in kind.__mro__ if one in STATUSES), None)


def problem(error: WaypostError) -> Response:
    """The answer to an error: a problem document with a stable `code`, and the headers that belong to its status."""
    kind = answered_as(type(error)) or InternalError
    status = STATUSES[kind]
    document: dict[str, Any] = {
        "type": problem_type(error.code),
        "title": title(kind),
        "status": int(status),
        "detail": _detail(error),
        "code": error.code,
        "request_id": g.get("request_id", ""),
    }
    g.problem_code = error.code
    if isinstance(error, InvalidFields | PlanRefused):
        faults = error.errors if isinstance(error, InvalidFields) else error.faults
        document["errors"] = [{"path": one.path, "message": one.message} for one in faults]
    if isinstance(error, RulesRefused):
        document["diagnostics"] = _DIAGNOSTICS.dump(error.diagnostics)
    answer = Response(orjson.dumps(document), status=int(status), content_type=MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        # Not `Basic`: browsers would open a password window over the customer's page.
        answer.headers["WWW-Authenticate"] = 'Bearer realm="waypost"'
    if isinstance(error, Busy | StorageUnavailable | TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _detail(error: WaypostError) -> str:
    if isinstance(error, StorageUnavailable):
        # The driver's words may name hosts and files: they are for the log.
        _log.error("request %s: %s", g.get("request_id"), error)
        return "the database cannot be used right now; send this again later, nothing is ever kept twice"
    return str(error)


def problem_type(code: str) -> str:
    """The URI that names a kind of problem."""
    return f"urn:problem-type:waypost:{code}"


def title(kind: type[WaypostError]) -> str:
    """The first sentence of what the class means; the same for every such problem."""
    return inspect.cleandoc(kind.__doc__ or "").split(". ")[0].replace("\n", " ").rstrip(".")


class _ByStatus:
    """What an error of the web framework is in our words."""

    ERRORS: ClassVar[Mapping[int, WaypostError]] = {
        404: UnknownAddress("nothing is served at this address; `/openapi.json` lists what is"),
        405: MethodNotAllowed("this address does not take that method; the `Allow` header lists those that it takes"),
    }


def register(app: Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(WaypostError, lambda error: problem(told(error)))
    app.register_error_handler(HTTPException, framework_error)
    app.register_error_handler(Exception, lambda error: problem(told(error)))


def told(error: Exception) -> WaypostError:
    """What a client is told of an error: itself, or, where it is a fault of ours, only that there was one."""
    if isinstance(error, WaypostError):
        if answered_as(type(error)) is not None:
            return error
        _log.error("request %s: %s has no HTTP status", g.get("request_id"), type(error).__name__, exc_info=error)
    else:
        _log.error("request %s failed", g.get("request_id"), exc_info=error)
    return InternalError()


def framework_error(error: HTTPException) -> Response:
    """The problem document for an error that Flask itself raised; redirects pass as they are."""
    original = error.get_response()
    if original.status_code < 400:
        return Response(original.get_data(), status=original.status_code, headers=original.headers)
    ours = _ByStatus.ERRORS.get(original.status_code)
    if ours is None:
        ours = InternalError() if original.status_code >= 500 else BadRequest(error.description or error.name)
    answer = problem(ours)
    if "Allow" in original.headers:
        answer.headers["Allow"] = original.headers["Allow"]
    return answer


def published() -> Iterator[tuple[type[WaypostError], HTTPStatus]]:
    """The table in the order of the reference page: by status, then by code."""
    yield from sorted(STATUSES.items(), key=lambda entry: (entry[1], entry[0].code))


def reference_page() -> str:
    """`docs/reference/problems.md`."""
    lines = [
        "# Problems",
        "",
        "Made from `api/problems.py` by `waypost openapi --problems`; a test compares the two.",
        "",
        "Every refusal over HTTP is a document of type `application/problem+json` (RFC 9457):",
        "",
        "```json",
        '{"type": "urn:problem-type:waypost:origin_not_allowed", "title": "…", "status": 403, "detail": "…",',
        ' "code": "origin_not_allowed", "request_id": "…"}',
        "```",
        "",
        "`code` never changes its meaning: branch on it. `detail` is a sentence for people and may be reworded.",
        "Messages of a batch that cannot be taken are listed in `rejected` of its reply; the others are kept.",
        "",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    for kind, status in published():
        meaning = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
        lines.append(f"| `{kind.code}` | {int(status)} {status.phrase} | {meaning} |")
    return "\n".join(lines) + "\n"
