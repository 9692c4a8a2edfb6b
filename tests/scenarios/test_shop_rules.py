"""The rules of the shop, decided with `waypost decide` over small histories: who is shown what, and why not."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from api.cli.main import cli

RULES = Path(__file__).parents[2] / "examples" / "ecom"
NEW_ON_DESKTOP = {"platform": "desktop", "user_lifecycle": "new"}
NEW_ON_PHONE = {"platform": "mobile", "user_lifecycle": "new"}
LOYAL = {"platform": "desktop", "user_lifecycle": "loyal"}

TO_PAYMENT = [("09:00", "add_to_cart"), ("09:01", "cart"), ("09:02", "shipping_details"), ("09:03", "payment_details")]
LOYAL_DAYS = [(f"0{day}T10:00", "add_to_cart") for day in range(1, 6)]

STORIES = {
    "whose payment failed is helped, or is held out so that the help can be measured": (
        NEW_ON_DESKTOP, [*TO_PAYMENT, ("09:04", "payment_error")], "payment_error",
        ("payment_rescue", {"TARGETING_MATCH", "SPLIT", "HELD_OUT"}),
    ),
    "who has paid in the meantime is not told that a payment failed": (
        NEW_ON_DESKTOP, [*TO_PAYMENT, ("09:04", "purchase"), ("09:05", "payment_error")], "payment_error",
        ("payment_rescue", {"CONDITION_FALSE"}),
    ),
    "the checkout's fault is a matter of phones": (
        NEW_ON_DESKTOP, [("09:00", "add_to_cart"), ("09:01", "checkout_bug")], "checkout_bug",
        ("checkout_repair", {"NOT_IN_AUDIENCE"}),
    ),
    "and on a phone it is answered": (
        NEW_ON_PHONE, [("09:00", "add_to_cart"), ("09:01", "checkout_bug")], "checkout_bug",
        ("checkout_repair", {"TARGETING_MATCH", "SPLIT", "HELD_OUT"}),
    ),
    "one look at the basket tells nothing": (
        NEW_ON_DESKTOP, [("09:00", "add_to_cart"), ("09:01", "cart")], "cart",
        ("address_hint", {"CONDITION_FALSE"}),
    ),
    "a second look within half an hour may be about the costs": (
        NEW_ON_DESKTOP, [("09:00", "add_to_cart"), ("09:01", "cart"), ("09:20", "cart")], "cart",
        ("address_hint", {"TARGETING_MATCH", "SPLIT", "HELD_OUT"}),
    ),
    "loyal customers know what delivery costs": (
        LOYAL, [("09:00", "add_to_cart"), ("09:01", "cart"), ("09:20", "cart")], "cart",
        ("address_hint", {"NOT_IN_AUDIENCE"}),
    ),
    "who comes often and fills the basket is greeted": (
        LOYAL, LOYAL_DAYS, None,
        ("loyal_thanks", {"TARGETING_MATCH", "SPLIT", "HELD_OUT"}),
    ),
    "but not on the day after a failed payment": (
        LOYAL, [*LOYAL_DAYS, ("05T10:01", "payment_error")], None,
        ("loyal_thanks", {"CONDITION_FALSE"}),
    ),
    "who left the payment is not asked why before a day has gone by": (
        NEW_ON_DESKTOP, TO_PAYMENT, None,
        ("left_in_payment", {"CONDITION_FALSE"}),
    ),
    "after a day a half of them is asked": (
        NEW_ON_DESKTOP, [*TO_PAYMENT, ("07T10:00", "home")], None,
        ("left_in_payment", {"SPLIT", "NOT_IN_ROLLOUT"}),
    ),
}  # fmt: skip


def instant(when: str) -> str:
    """`09:01` of the fifth of the month, `03T10:00` of the third."""
    return f"2024-05-{when if 'T' in when else f'05T{when}'}:00Z"


@pytest.mark.parametrize("story", STORIES)
def test_the_rules_of_the_shop(story: str, tmp_path: Path) -> None:
    traits, happened, trigger, (guide, reasons) = STORIES[story]
    history = [{"type": "identify", "traits": traits, "timestamp": instant("01T00:00")}]
    history += [{"type": "track", "event": name, "timestamp": instant(when)} for when, name in happened]
    lines = [
        orjson.dumps({**each, "userId": "somebody", "messageId": str(number)}) for number, each in enumerate(history)
    ]
    events = tmp_path / "history.ndjson"
    events.write_bytes(b"\n".join(lines))
    command = ["decide", "--rules", str(RULES), "--events", str(events), "--at", instant(happened[-1][0]), "--json"]
    ran = CliRunner().invoke(cli, [*command, *(["--trigger", trigger] if trigger else [])])
    assert ran.exit_code == 0, ran.output
    considered = {each["guide"]: each["reason"] for each in orjson.loads(ran.output)["considered"]}
    assert considered[guide] in reasons
