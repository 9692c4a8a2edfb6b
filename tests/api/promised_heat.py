"""What is asked of heat maps and of the pictures that they are drawn on, with which answer."""

from __future__ import annotations

from typing import Any

HEAT = "/api/v1/heat"

HEAT_ASKED: list[tuple[str, str, str, Any, int]] = [
    ("get", HEAT, f"{HEAT}?journey=activation&step=verify_domain&by=device", None, 200),
    ("get", HEAT, f"{HEAT}?page=/dns&from=2026-01-01T00:00:00Z&where=user_id is set", None, 200),
    ("get", HEAT, f"{HEAT}?journey=activation&step=signup", None, 422),
    ("get", HEAT, f"{HEAT}?journey=nothing&step=signup", None, 404),
    ("get", HEAT, f"{HEAT}?page=/dns&by=persona", None, 422),
    ("get", HEAT, HEAT, None, 422),
    ("get", f"{HEAT}/users", f"{HEAT}/users?page=/dns&figure=seen&limit=1", None, 200),
    ("get", f"{HEAT}/users", f"{HEAT}/users?page=/dns&figure=warm", None, 422),
    ("get", f"{HEAT}/pages", f"{HEAT}/pages?device=mobile", None, 200),
    ("get", f"{HEAT}/picture", f"{HEAT}/picture?page=/dns", None, 404),
    ("get", f"{HEAT}/picture", f"{HEAT}/picture?journey=activation&step=signup", None, 422),
    ("get", f"{HEAT}/snapshots", f"{HEAT}/snapshots", None, 200),
    ("delete", f"{HEAT}/snapshots/{{heat_snapshot_id}}", f"{HEAT}/snapshots/9", None, 404),
    ("post", "/v1/picker/snapshots", "/v1/picker/snapshots", {}, 422),
]
