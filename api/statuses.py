"""The one table of errors and the HTTP statuses with which they are answered; `docs/reference/problems.md` shows it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from api.limits import BadGzip, TooLarge, TooPacked, UnknownEncoding
from api.problems import (
    BadRequest,
    BadSignature,
    ForgedRequest,
    InternalError,
    InvalidFields,
    KeyNotAllowed,
    MalformedJson,
    MethodNotAllowed,
    MissingKey,
    MissingScope,
    NoProvider,
    NotReady,
    NotSignedIn,
    OriginNotAllowed,
    PickerOrigin,
    ProviderUnavailable,
    ScopeNotHeld,
    SignInFailed,
    TooDeep,
    TooManyRequests,
    UnknownAddress,
    UnknownKey,
    UnknownUser,
    WhichProject,
)
from api.publishing import RulesRefused
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
    UnknownFlag,
    UnknownGuide,
    UnknownJourney,
    UnknownProject,
    UnknownStep,
    UnknownVersion,
    WaypostError,
)
from engine.evidence import BadEvidence, NoSuchEvidence
from engine.evidence_sheet import BadEvidenceSheet
from engine.heat import NoSuchPage
from engine.heat_snapshots import BadHeatSnapshot, NoSuchHeatSnapshot
from engine.import_runs import BadImport, NoSuchImport, NoSuchMapping
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
from engine.public_flags import TooManyPublicFlags
from engine.publications import TooMuchHistory
from engine.replay.errors import (
    BadReplay,
    NoSuchReplay,
    ReplayDayFull,
    ReplayGone,
    ReplayOfAnother,
    ReplayOff,
    ReplayTooEarly,
    ReplayTooLarge,
)
from engine.replay.settings import BadReplaySettings
from engine.report_schedules import BadSchedule, ExportsOff, NoSuchRun, NoSuchSchedule
from engine.roadmap.items import BadItem, NoSuchItem, NotSchedulable, StaleItem
from engine.roadmap.metrics import BadTarget, UnknownStage
from engine.roadmap.opportunities import UnknownOpportunity
from engine.roadmap.planner import NoReason
from engine.roadmap.sheets import BadSheet
from engine.roadmap.themes import NoSuchTheme
from engine.roadmap.timeboxes import BadTimebox
from engine.scheduled.facts import BadScheduledSource, NoSuchScheduledSource
from engine.shared_links import BadSharedLink, NoSuchSharedLink, SharedLinkOver, SharingOff
from engine.step_alerts import BadStepAlert, NoSuchStepAlert
from engine.step_answers import BadReading, UnknownDisagreement
from engine.survey_answers import BadTag, UnknownResponse
from engine.tenancy import KeyAlreadyRotated, NoSuchKey
from engine.tracking import PlanRefused
from engine.vouching import NoSuchSecret, TooManySecrets, UnsignedUser
from engine.webhooks import BadWebhook, NoSuchDelivery, NoSuchWebhook, NothingToResend

STATUSES: Final[Mapping[type[WaypostError], HTTPStatus]] = {
    # HTTP itself, and who asks
    BadGzip: HTTPStatus.BAD_REQUEST,
    BadRequest: HTTPStatus.BAD_REQUEST,
    MalformedJson: HTTPStatus.BAD_REQUEST,
    TooDeep: HTTPStatus.BAD_REQUEST,
    WhichProject: HTTPStatus.BAD_REQUEST,
    MissingKey: HTTPStatus.UNAUTHORIZED,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    SignInFailed: HTTPStatus.UNAUTHORIZED,
    UnknownKey: HTTPStatus.UNAUTHORIZED,
    ForgedRequest: HTTPStatus.FORBIDDEN,
    BadSignature: HTTPStatus.UNAUTHORIZED,
    KeyNotAllowed: HTTPStatus.FORBIDDEN,
    MissingScope: HTTPStatus.FORBIDDEN,
    OriginNotAllowed: HTTPStatus.FORBIDDEN,
    ScopeNotHeld: HTTPStatus.FORBIDDEN,
    NoProvider: HTTPStatus.NOT_FOUND,
    UnknownAddress: HTTPStatus.NOT_FOUND,
    UnknownUser: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooPacked: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnknownEncoding: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InvalidFields: HTTPStatus.UNPROCESSABLE_ENTITY,
    PickerOrigin: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ProviderUnavailable: HTTPStatus.BAD_GATEWAY,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    # people of the console, their keys and projects
    WrongLogin: HTTPStatus.UNAUTHORIZED,
    UnsignedUser: HTTPStatus.FORBIDDEN,
    BadLink: HTTPStatus.NOT_FOUND,
    NoSuchInvite: HTTPStatus.NOT_FOUND,
    NoSuchKey: HTTPStatus.NOT_FOUND,
    NoSuchMember: HTTPStatus.NOT_FOUND,
    NoSuchSecret: HTTPStatus.NOT_FOUND,
    NoSuchSharedLink: HTTPStatus.NOT_FOUND,
    SharedLinkOver: HTTPStatus.NOT_FOUND,
    AlreadyMember: HTTPStatus.CONFLICT,
    KeyAlreadyRotated: HTTPStatus.CONFLICT,
    LastAdmin: HTTPStatus.CONFLICT,
    MemberElsewhere: HTTPStatus.CONFLICT,
    ProjectExists: HTTPStatus.CONFLICT,
    SharingOff: HTTPStatus.CONFLICT,
    TooManySecrets: HTTPStatus.CONFLICT,
    BadAddress: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadProjectName: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadSharedLink: HTTPStatus.UNPROCESSABLE_ENTITY,
    WeakPassword: HTTPStatus.UNPROCESSABLE_ENTITY,
    # what is found of all, and the database
    UnknownDecision: HTTPStatus.NOT_FOUND,
    UnknownFlag: HTTPStatus.NOT_FOUND,
    UnknownGuide: HTTPStatus.NOT_FOUND,
    UnknownJourney: HTTPStatus.NOT_FOUND,
    UnknownProject: HTTPStatus.NOT_FOUND,
    UnknownStep: HTTPStatus.NOT_FOUND,
    UnknownVersion: HTTPStatus.NOT_FOUND,
    StaleVersion: HTTPStatus.CONFLICT,
    HistoryRemoved: HTTPStatus.GONE,
    BadReplaySettings: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadRetention: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoIdentity: HTTPStatus.UNPROCESSABLE_ENTITY,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    # rules, drafts and the tracking plan
    PickerRefused: HTTPStatus.FORBIDDEN,
    NoDraft: HTTPStatus.NOT_FOUND,
    NoSuchPicker: HTTPStatus.NOT_FOUND,
    StaleDraft: HTTPStatus.CONFLICT,
    AsksOthers: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPick: HTTPStatus.UNPROCESSABLE_ENTITY,
    NothingToTry: HTTPStatus.UNPROCESSABLE_ENTITY,
    PlanRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    RulesRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMuchHistory: HTTPStatus.UNPROCESSABLE_ENTITY,
    # analyses
    NoSuchPersona: HTTPStatus.NOT_FOUND,
    NoSuchStep: HTTPStatus.NOT_FOUND,
    NothingRecorded: HTTPStatus.NOT_FOUND,
    UnknownAccount: HTTPStatus.NOT_FOUND,
    UnknownDisagreement: HTTPStatus.NOT_FOUND,
    UnknownResponse: HTTPStatus.NOT_FOUND,
    BadBreakdown: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCare: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadChain: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCondition: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadExclusion: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPath: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPeriod: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadReading: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadRevenue: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadStretch: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadTag: HTTPStatus.UNPROCESSABLE_ENTITY,
    FunnelTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    FunnelTooShort: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoDesign: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoOutcome: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoPathsOfAccounts: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoStart: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSuchPage: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSuchHeatSnapshot: HTTPStatus.NOT_FOUND,
    BadHeatSnapshot: HTTPStatus.UNPROCESSABLE_ENTITY,
    NothingToMeasure: HTTPStatus.UNPROCESSABLE_ENTITY,
    RepeatedStep: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnitOfNeighbours: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSpark: HTTPStatus.SERVICE_UNAVAILABLE,
    # recordings of sessions
    BadReplay: HTTPStatus.BAD_REQUEST,
    ReplayOff: HTTPStatus.FORBIDDEN,
    NoSuchReplay: HTTPStatus.NOT_FOUND,
    ReplayOfAnother: HTTPStatus.CONFLICT,
    ReplayGone: HTTPStatus.GONE,
    ReplayTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ReplayDayFull: HTTPStatus.TOO_MANY_REQUESTS,
    ReplayTooEarly: HTTPStatus.TOO_MANY_REQUESTS,
    # evidence, imports and what is sent elsewhere
    NoSuchEvidence: HTTPStatus.NOT_FOUND,
    NoSuchImport: HTTPStatus.NOT_FOUND,
    NoSuchMapping: HTTPStatus.NOT_FOUND,
    NoSuchScheduledSource: HTTPStatus.NOT_FOUND,
    NoSuchStepAlert: HTTPStatus.NOT_FOUND,
    NoSuchDelivery: HTTPStatus.NOT_FOUND,
    NoSuchSchedule: HTTPStatus.NOT_FOUND,
    NoSuchRun: HTTPStatus.NOT_FOUND,
    ExportsOff: HTTPStatus.CONFLICT,
    BadSchedule: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSuchWebhook: HTTPStatus.NOT_FOUND,
    NothingToResend: HTTPStatus.CONFLICT,
    TooManyPublicFlags: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadEvidence: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadEvidenceSheet: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadImport: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadScheduledSource: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadStepAlert: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadWebhook: HTTPStatus.UNPROCESSABLE_ENTITY,
    # maps, the roadmap, and talk about them
    NotYourComment: HTTPStatus.FORBIDDEN,
    NoSuchComment: HTTPStatus.NOT_FOUND,
    NoSuchItem: HTTPStatus.NOT_FOUND,
    NoSuchSnapshot: HTTPStatus.NOT_FOUND,
    NoSuchTheme: HTTPStatus.NOT_FOUND,
    UnknownOpportunity: HTTPStatus.NOT_FOUND,
    UnknownStage: HTTPStatus.NOT_FOUND,
    StaleItem: HTTPStatus.CONFLICT,
    BadCell: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadComment: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadComparison: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadItem: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadSheet: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadTarget: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadTimebox: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoReason: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSuchLink: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotSchedulable: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Every error that may be answered over HTTP, and its status. A new one gets its line here, in its area."""


def answered_as(kind: type[WaypostError]) -> type[WaypostError] | None:
    """The class under which an error is answered: its own, or the one that it is a special case of; None for none."""
    return next((one for one in kind.__mro__ if one in STATUSES), None)


def title(kind: type[WaypostError]) -> str:
    """The first sentence of what the class means; the same for every such problem."""
    return inspect.cleandoc(kind.__doc__ or "").split(". ")[0].replace("\n", " ").rstrip(".")


def published() -> Iterator[tuple[type[WaypostError], HTTPStatus]]:
    """The table in the order of the reference page: by status, then by code."""
    yield from sorted(STATUSES.items(), key=lambda entry: (entry[1], entry[0].code))


def reference_page() -> str:
    """`docs/reference/problems.md`."""
    lines = [
        "# Problems",
        "",
        "Made from `api/statuses.py` by `waypost openapi --problems`; a test compares the two.",
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
