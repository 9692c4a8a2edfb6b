"""Postbird on Flask: no script of its own. The server tells what happened, the browser shows what Waypost answers.

The secret key stays here; the page gets the public one, and a token by which this server vouches for its user.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

import jwt
from flask import Flask, Response, flash, redirect, render_template, request, session, url_for
from segment.analytics.client import Client

WAYPOST_URL = os.environ["WAYPOST_URL"]

app = Flask(__name__)
app.secret_key = os.environ.get("POSTBIRD_SECRET") or os.urandom(32)
# Any client for Segment will do. With `sync_mode` the event is there before the next page is.
waypost = Client(os.environ["WAYPOST_SECRET_KEY"], host=WAYPOST_URL, sync_mode=True, max_retries=1, timeout=2)


def track(event: str, **properties: object) -> None:
    """Tell what the user did. Guidance must never stand in the way of the product."""
    try:
        waypost.track(session["user"], event, properties)
    except Exception:
        app.logger.exception("%s was not told to Waypost", event)


@app.context_processor
def guidance() -> dict[str, Any]:
    """What base.html puts into every page."""
    calls = [["identify", session["user"], {"first_name": session["first_name"]}, token()]] if "user" in session else []
    return {"waypost_url": WAYPOST_URL, "waypost_key": os.environ["WAYPOST_PUBLIC_KEY"], "waypost_calls": calls}


def token() -> dict[str, str]:
    """By which Waypost knows that it is this user: `waypost project signing add` makes the secret."""
    claims = {"sub": session["user"], "exp": int(time.time()) + 3600}
    return {"token": jwt.encode(claims, os.environ["WAYPOST_SIGNING_SECRET"], algorithm="HS256")}


@app.after_request
def protect(response: Response) -> Response:
    """A strict policy: all that Waypost needs is its own address, twice."""
    policy = f"default-src 'self'; script-src {WAYPOST_URL}; connect-src {WAYPOST_URL}"
    response.headers["Content-Security-Policy"] = policy
    return response


@app.route("/", methods=["GET", "POST"])
def sign_up() -> Any:
    """Create an account."""
    if request.method == "GET":
        return render_template("sign_up.html")
    session.update(user=str(uuid.uuid4()), first_name=request.form["first_name"])
    track("Signed Up")
    return redirect(url_for("add_domain"))


@app.route("/domains/new", methods=["GET", "POST"])
def add_domain() -> Any:
    """Add a domain."""
    if request.method == "GET":
        return render_template("add_domain.html")
    track("Domain Added", domain=request.form["domain"])
    return redirect(url_for("verify", domain=request.form["domain"]))


@app.route("/domains/<domain>", methods=["GET", "POST"])
def verify(domain: str) -> Any:
    """Check the records of a domain."""
    if request.method == "GET":
        return render_template("verify.html", domain=domain)
    is_verified = "added" in request.form
    track("Domain Verified" if is_verified else "DNS Check Failed", domain=domain)
    flash(f"{domain} is verified." if is_verified else "We found no records yet.")
    return redirect(url_for("verify", domain=domain))
