"""A provider for OpenFeature: an application asks a segment or a guide of a running Waypost as a flag.

`segment:NAME`, `persona:NAME` and `guide:NAME` are booleans; `guide:NAME` is also an object, what the guide says to the
user. Asking changes nothing at the server, and a resolution never raises: whatever goes wrong gives the default value
with its code. Needs the extra `openfeature`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, assert_never

import orjson
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import (
    ErrorCode,
    FlagNotFoundError,
    GeneralError,
    InvalidContextError,
    OpenFeatureError,
    ProviderFatalError,
    ProviderNotReadyError,
    TargetingKeyMissingError,
    TypeMismatchError,
)
from openfeature.flag_evaluation import FlagResolutionDetails, FlagType, FlagValueType
from openfeature.flag_evaluation import Reason as Word
from openfeature.provider import AbstractProvider, Metadata, ProviderStatus

from api.cli.remote import Remote, RemoteProblem, Unreachable, UnusableKey
from engine.reasons import Reason

T = TypeVar("T")
Structure = Sequence[FlagValueType] | Mapping[str, FlagValueType]

NAME: Final = "waypost"
TIMEOUT: Final = 2.0
"""Seconds to wait for an answer: somebody waits for a page meanwhile."""
KEPT_FOR: Final = 300.0
"""Seconds for which the last answer stands in while the server cannot be asked."""
RESTS_FOR: Final = 5.0
"""Seconds in which a server that did not answer is not asked again, so that not every request waits for it."""
MOST_KEPT: Final = 10_000

_FLAGS: Final = "/api/v1/flags"
_TYPES: Final[Mapping[str, frozenset[FlagType]]] = {
    "segment": frozenset({FlagType.BOOLEAN}),
    "persona": frozenset({FlagType.BOOLEAN}),
    "guide": frozenset({FlagType.BOOLEAN, FlagType.OBJECT}),
}
"""What each kind of flag can be asked as, by the word before the colon of its key."""
_FAULTS: Final[Mapping[str, Callable[[str], OpenFeatureError]]] = {
    "unknown_flag": FlagNotFoundError,
    "invalid_fields": InvalidContextError,
    "no_identity": InvalidContextError,
}
"""What the server refuses, by the code of its problem; anything else is a general error."""
_FOR_GOOD: Final = frozenset({401, 403})
_TOO_MANY: Final = 429
_OURS: Final = 500

_log = logging.getLogger("waypost.openfeature")


def word_of(reason: Reason) -> Word:
    """OpenFeature's word for a reason of ours, which goes along in the flag's metadata."""
    match reason:
        case Reason.TARGETING_MATCH | Reason.WAITING_FOR_BROWSER:
            return Word.TARGETING_MATCH
        case Reason.SPLIT | Reason.NOT_IN_ROLLOUT | Reason.HELD_OUT:
            return Word.SPLIT
        case Reason.DISABLED | Reason.PAUSED | Reason.DRAFT:
            return Word.DISABLED
        case Reason.ERROR:
            return Word.ERROR
        case (
            Reason.NO_CONSENT
            | Reason.NOT_TRIGGERED
            | Reason.OUT_OF_SCHEDULE
            | Reason.QUOTA_REACHED
            | Reason.NOT_AT_STEP
            | Reason.NOT_IN_AUDIENCE
            | Reason.CONDITION_FALSE
            | Reason.CONDITION_UNKNOWN
            | Reason.SNOOZED
            | Reason.FREQUENCY_CAPPED
            | Reason.GLOBAL_LIMIT
            | Reason.OUTRANKED
        ):
            return Word.DEFAULT
        case _:
            assert_never(reason)


@dataclass(frozen=True, slots=True)
class _Question:
    """A flag for a user. context: JSON, the same for equal contexts."""

    flag: str
    user: str
    context: bytes


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the server said. is_stale: some time ago; now it cannot be asked."""

    told: Mapping[str, Any]
    is_stale: bool = False


class WaypostProvider(AbstractProvider):
    """Asks a server over HTTP with a secret key that has `people:read`. Safe to use from several threads.

    timeout: seconds to wait for an answer. kept_for: seconds for which the last answer to the same question stands in
    while the server cannot be asked, 0 for never. rests_for: see RESTS_FOR. clock: seconds that only go forward.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = TIMEOUT,
        kept_for: float = KEPT_FOR,
        rests_for: float = RESTS_FOR,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._remote = Remote(url, key, timeout)
        self._kept_for = kept_for
        self._rests_for = rests_for
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Question, tuple[float, Mapping[str, Any]]] = OrderedDict()
        self._status = ProviderStatus.NOT_READY
        self._revision = ""
        self._rests_until = 0.0
        self._trouble = ""

    def get_metadata(self) -> Metadata:
        return Metadata(name=NAME)

    def initialize(self, evaluation_context: EvaluationContext) -> None:  # noqa: ARG002
        """Ask once, so that a wrong address or key is told at the start and not by every flag.

        Raises ProviderFatalError for a key that is refused, GeneralError for a server that does not answer: it may yet,
        and flags are asked all the same.
        """
        try:
            told = self._remote.get(f"{_FLAGS}?limit=1")
        except UnusableKey as error:
            raise ProviderFatalError(str(error)) from None
        except RemoteProblem as refused:
            if refused.document.get("status") in _FOR_GOOD:
                raise ProviderFatalError(str(refused)) from None
            self._status = ProviderStatus.ERROR
            raise GeneralError(str(refused)) from None
        except Unreachable as error:
            self._status = ProviderStatus.ERROR
            raise GeneralError(str(error)) from None
        self._revision = str(told.get("revision", ""))
        self._status = ProviderStatus.READY

    def shutdown(self) -> None:
        """Forget everything; `initialize` begins anew."""
        with self._lock:
            self._kept.clear()
            self._status = ProviderStatus.NOT_READY
            self._rests_until = 0.0

    # each type of flag

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return self._resolve(flag_key, default_value, evaluation_context, FlagType.BOOLEAN, _yes_or_no)

    async def resolve_boolean_details_async(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return await asyncio.to_thread(self.resolve_boolean_details, flag_key, default_value, evaluation_context)

    def resolve_object_details(
        self, flag_key: str, default_value: Structure, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Structure]:
        return self._resolve(flag_key, default_value, evaluation_context, FlagType.OBJECT, _content)

    async def resolve_object_details_async(
        self, flag_key: str, default_value: Structure, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Structure]:
        return await asyncio.to_thread(self.resolve_object_details, flag_key, default_value, evaluation_context)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._resolve(flag_key, default_value, evaluation_context, FlagType.STRING, _none)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._resolve(flag_key, default_value, evaluation_context, FlagType.INTEGER, _none)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._resolve(flag_key, default_value, evaluation_context, FlagType.FLOAT, _none)

    def _resolve(
        self,
        flag: str,
        default: T,
        context: EvaluationContext | None,
        wanted: FlagType,
        value: Callable[[Mapping[str, Any]], T | None],
    ) -> FlagResolutionDetails[T]:
        """Never raises: whoever asks goes on with the default. value: reads it from the answer, None for none."""
        try:
            return _details(self._ask(_question(flag, context, wanted)), default, value)
        except OpenFeatureError as error:
            code, message = error.error_code, error.error_message
        except Exception as error:
            _log.exception("the flag `%s` could not be resolved", flag)
            code, message = ErrorCode.GENERAL, f"{type(error).__name__}: {error}"
        return FlagResolutionDetails(default, reason=Word.ERROR, error_code=code, error_message=message)

    # asking

    def _ask(self, question: _Question) -> _Answer:
        if self._status is ProviderStatus.NOT_READY:
            raise ProviderNotReadyError("the provider has not been initialized, or was shut down")
        if self._clock() < self._rests_until:
            return self._stand_in(question)
        body = {"flag": question.flag, "user": question.user, "context": orjson.Fragment(question.context)}
        try:
            told = self._remote.post(_FLAGS, body)
        except RemoteProblem as refused:
            status = refused.document.get("status")
            if status in _FOR_GOOD:
                self._become(ProviderStatus.ERROR, str(refused))
                raise GeneralError(str(refused)) from None
            if not isinstance(status, int) or status == _TOO_MANY or status >= _OURS:
                return self._without_server(question, str(refused))
            self._become(ProviderStatus.READY)
            raise _FAULTS.get(str(refused.document.get("code")), GeneralError)(str(refused)) from None
        except Unreachable as error:
            return self._without_server(question, str(error))
        self._keep(question, told)
        return _Answer(told)

    def _keep(self, question: _Question, told: Mapping[str, Any]) -> None:
        revision = str(told.get("revision", ""))
        with self._lock:
            if self._kept_for > 0:
                self._kept[question] = (self._clock(), told)
                self._kept.move_to_end(question)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            is_changed, self._revision = self._revision not in {"", revision}, revision
        self._become(ProviderStatus.READY)
        if is_changed:
            self.emit_provider_configuration_changed(
                ProviderEventDetails(message="other rules are in force", metadata={"revision": revision})
            )

    def _without_server(self, question: _Question, trouble: str) -> _Answer:
        now = self._clock()
        with self._lock:
            self._rests_until, self._trouble = now + self._rests_for, trouble
            # The latest stands last.
            latest = next(reversed(self._kept.values()), None)
            has_some = latest is not None and now - latest[0] <= self._kept_for
        self._become(ProviderStatus.STALE if has_some else ProviderStatus.ERROR, trouble)
        return self._stand_in(question)

    def _stand_in(self, question: _Question) -> _Answer:
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None and self._clock() - kept[0] <= self._kept_for:
                return _Answer(kept[1], is_stale=True)
            raise GeneralError(self._trouble)

    def _become(self, status: ProviderStatus, message: str | None = None) -> None:
        """Tell of a status that is another than before."""
        with self._lock:
            # Whoever was shut down meanwhile stays so.
            if self._status in {status, ProviderStatus.NOT_READY}:
                return
            self._status = status
        if status is ProviderStatus.READY:
            self.emit_provider_ready(ProviderEventDetails())
        elif status is ProviderStatus.STALE:
            self.emit_provider_stale(ProviderEventDetails(message=message))
        else:
            self.emit_provider_error(ProviderEventDetails(message=message, error_code=ErrorCode.GENERAL))


def _question(flag: str, context: EvaluationContext | None, wanted: FlagType) -> _Question:
    """What is to be asked. Raises the OpenFeatureError that says why it cannot be."""
    kind, _, name = flag.partition(":")
    types = _TYPES.get(kind)
    if types is None or not name:
        raise FlagNotFoundError(f"`{flag}` is no flag: write `segment:NAME`, `persona:NAME` or `guide:NAME`")
    if wanted not in types:
        able = " or ".join(sorted(each.value.lower() for each in types))
        raise TypeMismatchError(f"`{flag}` is a {able}, and was asked as {wanted.value.lower()}")
    if context is None or not context.targeting_key:
        raise TargetingKeyMissingError(f"`{flag}` is asked for a user: put the user id into the targeting key")
    try:
        sent = orjson.dumps(
            nested(context.attributes), default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NAIVE_UTC
        )
    except TypeError as error:
        raise InvalidContextError(f"the attributes of the evaluation context are not JSON: {error}") from None
    return _Question(flag, context.targeting_key, sent)


def nested(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as a request's context: `page.path` may also be written as `path` within `page`."""
    found: dict[str, Any] = {name: value for name, value in attributes.items() if "." not in name}
    for name, value in attributes.items():
        first, dot, rest = name.partition(".")
        if dot:
            inner = found.get(first)
            found[first] = {**(inner if isinstance(inner, Mapping) else {}), rest: value}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"a value of the type {type(value).__name__}")


def _details(answer: _Answer, default: T, value: Callable[[Mapping[str, Any]], T | None]) -> FlagResolutionDetails[T]:
    told = answer.told
    code = str(told["reason"])
    # A server that is newer than this may have reasons that are not known here.
    word = word_of(Reason.__members__[code]) if code in Reason.__members__ else Word.UNKNOWN
    if word is Word.ERROR:
        raise GeneralError(f"the rule of `{told['key']}` failed; the server's log says why")
    found = value(told)
    metadata = {"reason": code, "revision": told["revision"], "kind": told["kind"], "widget": told["widget"]}
    return FlagResolutionDetails(
        default if found is None else found,
        reason=Word.STALE if answer.is_stale else word,
        variant=told["variant"] or ("on" if told["value"] else "off"),
        flag_metadata={name: str(each) for name, each in metadata.items() if each is not None},
    )


def _yes_or_no(told: Mapping[str, Any]) -> bool:
    return told["value"] is True


def _content(told: Mapping[str, Any]) -> Structure | None:
    found = told["content"]
    return found if isinstance(found, dict) else None


def _none(told: Mapping[str, Any]) -> None:
    """No flag has a value of this type; it is refused before anything is asked."""
