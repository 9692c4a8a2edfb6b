"""Signing in at an identity provider: OpenID Connect, code flow with PKCE, state and nonce; by authlib.

Decides whether the provider really vouches for somebody, and which roles its groups mean. What has to be remembered
until the browser comes back is in a signed cookie of ten minutes: a callback that this browser did not begin is
refused. Imported only where a provider is set up: its libraries come with the extra `[oidc]`.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.config import Settings
from api.problems import NoProvider, ProviderUnavailable, SignInFailed
from dsl.values import MINUTE, SECOND, Duration, Instant
from engine.permissions import Role
from engine.tenancy import Tenancy

BEGUN_VALID: Final = Duration(10 * MINUTE)
"""How long somebody may take at the provider."""
_TIMEOUT: Final = 10
_LEEWAY: Final = 60
# Asymmetric only: with HS256 the client's secret would be a signing key.
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

_log = logging.getLogger("waypost.oidc")


@dataclass(frozen=True, slots=True)
class Begun:
    """What is remembered while somebody is at the provider."""

    state: str
    nonce: str
    verifier: str
    expires: Instant
    after: str
    """The path of ours that they wanted to see."""

    def to_text(self) -> str:
        """For a signed cookie."""
        return orjson.dumps([self.state, self.nonce, self.verifier, self.expires, self.after]).hex()

    @classmethod
    def from_text(cls, text: str) -> Begun:
        """What `to_text` wrote."""
        state, nonce, verifier, expires, after = orjson.loads(bytes.fromhex(text))
        return cls(state, nonce, verifier, Instant(expires), after)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom the provider vouches for."""

    issuer: str
    subject: str
    email: str
    name: str
    groups: tuple[str, ...]


class Provider:
    """The identity provider of the settings. Raises NoProvider, ProviderUnavailable, SignInFailed."""

    def __init__(self, settings: Settings, redirect_uri: str) -> None:
        if settings.oidc_issuer is None or not settings.oidc_client_id:
            raise NoProvider("no identity provider is set up: WAYPOST_OIDC_ISSUER and WAYPOST_OIDC_CLIENT_ID name one")
        self._issuer = settings.oidc_issuer
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._metadata = self._get(self._issuer + "/.well-known/openid-configuration")
        if str(self._metadata.get("issuer", "")).rstrip("/") != self._issuer:
            raise ProviderUnavailable("the identity provider calls itself by another address than WAYPOST_OIDC_ISSUER")

    def begin(self, begun: Begun) -> str:
        """The address at the provider to send the browser to."""
        url, _ = self._session().create_authorization_url(
            self._metadata["authorization_endpoint"],
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
        )
        return str(url)

    def finish(self, begun: Begun, answer: Mapping[str, str], *, now: Instant) -> Known:
        """Who came back. answer: the query of the callback."""
        if now >= begun.expires or not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise SignInFailed("this sign-in was not begun here, or took too long: begin again")
        if "iss" in answer and answer["iss"].rstrip("/") != self._issuer:
            raise SignInFailed("the answer comes from another identity provider than the one that was asked")
        if "code" not in answer:
            raise SignInFailed(f"the identity provider did not sign you in: {answer.get('error', 'no code')[:80]}")
        token = self._redeem(answer["code"], begun)
        claims = self._claims(str(token.get("id_token", "")), begun, now)
        if "email" not in claims and "userinfo_endpoint" in self._metadata:
            more = self._get(self._metadata["userinfo_endpoint"], str(token.get("access_token", "")))
            if more.get("sub") != claims["sub"]:
                raise SignInFailed("the identity provider's user info is about somebody else")
            claims = {**more, **claims}
        if not isinstance(claims.get("email"), str) or claims.get("email_verified") is not True:
            raise SignInFailed("the identity provider has no verified address of you")
        groups = claims.get(self._settings.oidc_roles_claim, [])
        listed = groups if isinstance(groups, list) else [groups]
        return Known(
            issuer=self._issuer,
            subject=str(claims["sub"])[:255],
            email=claims["email"],
            name=str(claims.get("name", "")),
            groups=tuple(each for each in listed if isinstance(each, str)),
        )

    def _redeem(self, code: str, begun: Begun) -> Mapping[str, Any]:
        try:
            token: Mapping[str, Any] = self._session().fetch_token(
                self._metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
                timeout=_TIMEOUT,
            )
        except (AuthlibBaseError, ValueError) as error:
            _log.warning("the identity provider refused a code: %s", error)
            raise SignInFailed("the identity provider did not take the code it gave: begin again") from None
        except requests.RequestException as error:
            raise self._unavailable(error) from None
        return token

    def _claims(self, id_token: str, begun: Begun, now: Instant) -> dict[str, Any]:
        keys = KeySet.import_key_set(self._get(self._metadata["jwks_uri"]))  # type: ignore[arg-type]
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": self._metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
            "sub": {"essential": True},
        }
        params = {"nonce": begun.nonce, "client_id": self._settings.oidc_client_id}
        try:
            token = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(now=now // SECOND, leeway=_LEEWAY)
        except (JoseError, ValueError) as error:
            _log.warning("the identity provider's token is not valid: %s", error)
            raise SignInFailed("the identity provider's token is not valid: begin again") from None
        return dict(claims)

    def _session(self) -> OAuth2Session:
        secret = self._settings.oidc_client_secret or None
        return OAuth2Session(
            self._settings.oidc_client_id,
            secret,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope="openid email profile",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )

    def _get(self, url: str, bearer: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            answer = requests.get(url, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
            answer.raise_for_status()
            found = orjson.loads(answer.content)
        except (requests.RequestException, orjson.JSONDecodeError) as error:
            raise self._unavailable(error) from None
        if not isinstance(found, dict):
            raise self._unavailable(ValueError("not an object"))
        return found

    def _unavailable(self, error: Exception) -> ProviderUnavailable:
        _log.error("the identity provider does not answer: %s", error)
        return ProviderUnavailable("the identity provider does not answer; try again in a while")


def roles_from(settings: Settings, groups: tuple[str, ...], tenancy: Tenancy) -> dict[int, Role | None]:
    """What somebody's groups make them: for each project of WAYPOST_OIDC_ROLES the highest role, None for none."""
    order = list(Role)
    found: dict[int, Role | None] = {}
    for group, project, role in settings.oidc_roles:
        view = tenancy.by_slug(project)
        if view is None:
            _log.warning("WAYPOST_OIDC_ROLES names the project %s, which is not there", project)
            continue
        given, so_far = (Role(role) if group in groups else None), found.get(view.root)
        known = [each for each in (given, so_far) if each is not None]
        found[view.root] = max(known, key=order.index) if known else None
    return found


def safe_path(path: str | None) -> str:
    """Where to go after signing in: a path of ours, and nothing that leads elsewhere."""
    fallback = "/console/"
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return fallback
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc and "\\" not in path else fallback
