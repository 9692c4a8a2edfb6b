"""What HTTP itself refuses: bodies, keys, sessions, rates, addresses.

What else is refused is an error of the module that refuses it. `api.statuses` says with which status each is answered,
`api.answering` what the answer looks like. A code, once published, keeps its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import WaypostError


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


class BadSignature(WaypostError):
    """What was sent is signed, and not with the key that it brings."""

    code = "bad_signature"


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
