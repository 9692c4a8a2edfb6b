"""Why a guide is shown or not: a closed list of words, and the order in which the first that applies is given.

OpenFeature's words where it has one (TARGETING_MATCH, SPLIT, DISABLED, ERROR), ours elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Reason(StrEnum):
    """Why a guide that was considered is shown, or is not, each with a sentence for people (`meaning`).

    The members stand in the order of the gates: of several that apply, the first is given.
    """

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Reason:
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        return member

    ERROR = "ERROR", "The rule failed while it was decided; it is reported and hides no other."
    DISABLED = "DISABLED", "All guides are switched off, or the guide is not in the rules any more."
    NO_CONSENT = "NO_CONSENT", "The user has not agreed to guidance, or has taken it back."
    PAUSED = "PAUSED", "The guide says `paused`."
    NOT_TRIGGERED = "NOT_TRIGGERED", "Nothing that it waits for after `on` has just happened."
    OUT_OF_SCHEDULE = "OUT_OF_SCHEDULE", "It is before `from`, after `expires`, or outside `only …`."
    QUOTA_REACHED = "QUOTA_REACHED", "The survey has the responses that it was to collect (`stop after`)."
    NOT_AT_STEP = "NOT_AT_STEP", "The user is at none of the steps after `at`."
    NOT_IN_AUDIENCE = (
        "NOT_IN_AUDIENCE",
        "The user is in none of the segments after `for` or `testers`, or not known to be.",
    )
    CONDITION_FALSE = "CONDITION_FALSE", "A `when` is false, or an `unless` is true."
    CONDITION_UNKNOWN = "CONDITION_UNKNOWN", "Nothing speaks against it, but a `when` or an `unless` lacks a value."
    SNOOZED = "SNOOZED", "The user asked to be reminded later, and it is not later yet."
    FREQUENCY_CAPPED = "FREQUENCY_CAPPED", "The user has seen it as often as it allows, or has completed it."
    NOT_IN_ROLLOUT = "NOT_IN_ROLLOUT", "The user is outside the share of `rollout` or `sample`."
    GLOBAL_LIMIT = "GLOBAL_LIMIT", "`limits` across guides, or `not with`, leave no room for it now."
    OUTRANKED = "OUTRANKED", "Another guide has the place: of higher priority, or the same and an earlier name."
    HELD_OUT = "HELD_OUT", "It has the place, but the user is in the share that does not see it."
    DRAFT = "DRAFT", "It would be shown, were it not a `draft`."
    WAITING_FOR_BROWSER = "WAITING_FOR_BROWSER", "It is shown as soon as the browser sees what the guide waits for."
    SPLIT = "SPLIT", "It is shown; a variant, or a share below 100 %, was chosen for the user by hash."
    TARGETING_MATCH = "TARGETING_MATCH", "It is shown."

    @property
    def shows(self) -> bool:
        """True for the reasons with which a guide goes out to the browser."""
        return self in _SHOWN


_SHOWN: Final = frozenset({Reason.WAITING_FOR_BROWSER, Reason.SPLIT, Reason.TARGETING_MATCH})

RANK: Final[Mapping[Reason, int]] = MappingProxyType({reason: number for number, reason in enumerate(Reason)})
"""The place of a reason in the order of the gates."""
