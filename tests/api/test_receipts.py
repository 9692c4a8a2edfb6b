"""Receipts that are written without the schema, and batches that are read without it, say what the schema would."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from api.schemas.ingest import ReceiptSchema
from engine.replies import Receipt
from tests.api.asking import PUBLIC_KEY, Site


def message(number: int, **members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "userId": "u", "messageId": f"m{number}", **members}


@pytest.mark.parametrize(
    ("envelope", "accepted", "duplicates"),
    [
        ({"batch": []}, 0, 0),
        ({"batch": [message(1), message(2), message(1)]}, 2, 1),
        ({"batch": [message(1)], "sentAt": "2026-11-02T09:00:00Z", "writeKey": PUBLIC_KEY}, 1, 0),
        ({"batch": [message(1)], "context": {"locale": "fr"}}, 1, 0),
    ],
    ids=["nothing", "two and a repeat", "as a library sends it", "with a context"],
)
def test_a_receipt_that_only_counts_is_the_schemas_to_the_letter(
    site: Site, envelope: dict[str, Any], accepted: int, duplicates: int
) -> None:
    answer = site.post("/v1/batch", envelope)
    assert (answer.status_code, answer.content_type) == (202, "application/json")
    wanted = ReceiptSchema().dump(Receipt(accepted, duplicates, rejected=()))
    assert answer.get_data() == orjson.dumps(wanted)


@pytest.mark.parametrize(
    ("envelope", "field"),
    [
        ({}, "batch"),
        ({"batch": {}}, "batch"),
        ({"batch": [], "writeKey": 5}, "writeKey"),
        ({"batch": [], "decide": "yes"}, "decide"),
        ({"batch": [], "context": 5}, "context"),
    ],
    ids=["nothing", "no list", "no key", "no yes or no", "no context"],
)
def test_an_envelope_of_another_form_is_refused_with_its_place(site: Site, envelope: object, field: str) -> None:
    answer = site.post("/v1/batch", envelope)
    assert answer.status_code == 422
    assert [each["path"] for each in orjson.loads(answer.get_data())["errors"]] == [field]
