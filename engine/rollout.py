"""Who is in a share, which variant a person sees, and who is held out: by stable hashes, never by a draw.

Integers only, explicit UTF-8, SHA-256: any language gives the same answers (docs/reference/hashing.md has test
vectors). Each question has a salt of its own, so the answers are independent of each other. `person` is the
person's first id, which never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Final

from dsl.values import Duration, Instant

PARTS: Final = 1_000_000
"""Places on the scale; a share is a number of them, so shares are exact to 0.0001 %."""


class Salt(StrEnum):
    """What a hash is asked about."""

    ROLLOUT = "rollout"
    SAMPLE = "sample"
    PHASE = "phase"
    VARIANT = "variant"
    HOLDOUT = "holdout"
    ORDER = "order"
    RECORD = "record"


def place(salt: Salt, guide: str, person: str, *, round_number: int | None = None) -> int:
    """The person's place on the scale, 0 to 999,999, for one question about one guide.

    SHA-256 of `salt ␟ guide ␟ person`, or `salt ␟ guide ␟ round ␟ person` (␟ is U+001F), in UTF-8; the first eight
    bytes as a big-endian integer h; the place is (h · 1,000,000) >> 64.
    """
    words = (salt.value, guide, person) if round_number is None else (salt.value, guide, str(round_number), person)
    digest = sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:8], "big") * PARTS) >> 64


def parts_of(percent: int | float) -> int:
    """How many places of the scale a share takes: 12.5 % is 125,000. Cut to 0 … 100 %."""
    exact = int(Decimal(str(percent)) * (PARTS // 100))
    return max(0, min(PARTS, exact))


def is_in_rollout(guide: str, person: str, percent: int | float) -> bool:
    """True for the people of a `rollout`. Who is in at 10 % is in at 20 %."""
    return place(Salt.ROLLOUT, guide, person) < parts_of(percent)


def is_held_out(guide: str, person: str, percent: int | float) -> bool:
    """True for the people of a `holdout`. Who is held out at 10 % is held out at 20 %."""
    return place(Salt.HOLDOUT, guide, person) < parts_of(percent)


def is_in_sample(guide: str, person: str, percent: int | float, *, every: Duration | None, now: Instant) -> bool:
    """True for the people of a `sample` at an instant.

    Without `once every` it is a share for good. With it, there is one draw for each period and person, however often
    the survey is triggered: asking again within the period gives the same answer.
    """
    round_number = None if every is None else sample_round(guide, person, every=every, now=now)
    return place(Salt.SAMPLE, guide, person, round_number=round_number) < parts_of(percent)


def is_in_recording(person: str, percent: int | float) -> bool:
    """True for the people of the `sample` of a `record`.

    There is one draw for all of them: who is in at 10 % is in at 20 %, also of another `record`.
    """
    return place(Salt.RECORD, "", person) < parts_of(percent)


def sample_round(guide: str, person: str, *, every: Duration, now: Instant) -> int:
    """Which period of a survey `once every D` an instant lies in for a person.

    Periods have the length D since 1970, each person's moved by a part of D (phase · D / 1,000,000), so that not
    everybody is drawn anew at the same minute.
    """
    phase = place(Salt.PHASE, guide, person) * every // PARTS
    return (now + phase) // every


def variant_of(guide: str, person: str, shares: Sequence[tuple[str, int | float]]) -> str | None:
    """The variant that a person sees: shares in the order of the text, laid end to end on the scale.

    None only if the shares leave a gap (which the checker refuses) and the person is in it.
    """
    at = place(Salt.VARIANT, guide, person)
    end = 0
    for name, percent in shares:
        end += parts_of(percent)
        if at < end:
            return name
    # Thirds written as 33.3333 % add up to a hair below the whole; nobody may fall through the hair.
    return shares[-1][0] if shares and PARTS - end <= len(shares) * 100 else None
