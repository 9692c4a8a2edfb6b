"""How the first event is sent: what pages say that have nothing to show yet."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from api.console.desk import Desk
from api.snippet import snippet_tag
from engine.permissions import Scope
from engine.replies import KeyKind


@dataclass(frozen=True, slots=True)
class HowToSend:
    """snippet: the line for the head of a page. command: the same from a terminal."""

    snippet: str
    command: str


def how_to_send(desk: Desk) -> HowToSend | None:
    """With the project's public key; None for those who may not see keys."""
    if not desk.may(Scope.KEYS_READ):
        return None
    keys = desk.service.tenancy.keys([desk.project.id])
    public = [each.shown for each in keys if each.kind is KeyKind.PUBLIC and each.is_alive(desk.rules.now)]
    key = public[0] if public else "wp_pub_…"
    said = '{"userId": "ada", "event": "Signed Up"}'
    return HowToSend(
        snippet=snippet_tag(f"{request.url_root}sdk/waypost.js", key),
        command=f"curl {request.url_root}v1/track -u {key}: -H 'Content-Type: application/json' -d '{said}'",
    )
