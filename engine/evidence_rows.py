"""Evidence as flat rows, the same for CSV, Parquet and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dsl.values import format_instant
from engine.evidence import Evidence

EVIDENCE_COLUMNS: Final[Mapping[str, str]] = {
    "id": "its number here",
    "source": "`support_ticket`, `interview` and so on",
    "external": "its id in the source",
    "time": "when it was said",
    "journey": "blank for no step",
    "step": "of the journey",
    "tagged_by": "who named the step: `hand` or `rule`",
    "text": "as written",
    "quotes": "what was said word for word, with ` / ` between",
    "language": "of the words",
    "feelings": "as they were named, with `, ` between",
    "valence": "−1 to +1; blank where it says nothing of feelings",
    "inferred": "the feeling was read from the words, not said",
    "score": "on the scale of the source",
    "task": "of a usability test",
    "success": "of a usability test",
    "seconds": "of a usability test",
    "tags": "with `, ` between",
    "page": "that it is about",
    "link": "where it can be read in the source",
    "recording": "of a note: the recording that it is on",
    "at_second": "of a note: from the beginning of the recording",
    "user": "whose words these are, where they are known here",
    "by": "who brought it",
}
"""The columns of evidence, with what they mean."""


def evidence_rows(found: Iterable[Evidence]) -> list[dict[str, Any]]:
    """The rows of evidence, with the keys of EVIDENCE_COLUMNS."""
    return [_row(each) for each in found]


def _row(one: Evidence) -> dict[str, Any]:
    draft, felt = one.draft, one.emotion
    values = (
        one.id,
        draft.source.value,
        draft.external,
        None if draft.time is None else format_instant(draft.time),
        *(draft.place or (None, None)),
        None if one.tagged_by is None else one.tagged_by.value,
        draft.text or None,
        " / ".join(draft.quotes) or None,
        draft.language,
        ", ".join(draft.feelings) or None,
        None if felt is None else felt.valence,
        felt is not None and felt.inferred,
        draft.score,
        draft.task,
        None if draft.success is None else draft.success.value,
        draft.seconds,
        ", ".join(draft.tags) or None,
        draft.page,
        draft.link,
        draft.recording,
        draft.at_second,
        draft.user_id,
        one.by,
    )
    return dict(zip(EVIDENCE_COLUMNS, values, strict=True))
