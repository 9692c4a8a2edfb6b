"""An OpenID Connect provider for tests: a real server with keys of its own, strict about code, PKCE and secret."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "waypost"
CLIENT_SECRET = "s3cret-of-the-test"


@dataclass
class IdentityProvider:
    """What the provider says of whoever signs in; tests change it."""

    now: int
    """Seconds since 1970, by the provider's clock."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Of the person, besides `sub`; what stands here wins over what would be right."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs_with: RSAKey | None = None
    """Another key than the published one."""
    algorithm: str = "RS256"
    url: str = ""
    begun: dict[str, dict[str, str]] = field(default_factory=dict)
    """Authorization requests by the code that was given for them."""

    def sign_in(self, authorize_url: str) -> dict[str, str]:
        """What the browser brings back from the provider after signing in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = hashlib.sha256(asked["state"].encode()).hexdigest()
        self.begun[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Redeem a code: once, with the verifier, from the client."""
        wanted = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self.begun.pop(form.get("code", ""), None)
        if authorization != wanted or asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        header = {"alg": self.algorithm, "kid": "one"}
        text = jwt.encode(header, claims, self.signs_with or self.key, algorithms=[self.algorithm])
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": text}

    def document(self, path: str) -> dict[str, Any] | None:
        """What is published."""
        match path:
            case "/.well-known/openid-configuration":
                return {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/jwks",
                }
            case "/jwks":
                return {"keys": [self.key.as_dict(private=False)]}
            case _:
                return None


@contextmanager
def serving_identities(now: int) -> Iterator[IdentityProvider]:
    """A provider that listens on an address of this machine."""
    provider = IdentityProvider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = provider.document(self.path)
            self._answer(404 if found is None else 200, found or {})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            self._answer(*provider.token(form, self.headers.get("Authorization", "")))

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
