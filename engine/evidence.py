"""Evidence from elsewhere: what people said outside of the product, marked by its source and tagged with a step.

Decides what may be kept as evidence, what it says of how somebody felt (`engine.emotion`, as for answers), and which
step it belongs to: the one that somebody named, else that of the first rule of the project that applies. Where it is
kept is decided in `engine.evidence_desk`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import orjson

from dsl import patterns
from dsl.feelings import FEELINGS
from dsl.project import RuleProject
from dsl.suggest import did_you_mean, nearest
from dsl.values import Instant
from engine.emotion import NEUTRAL_SCORES, Emotion, emotion_of, valence_on_scale
from engine.errors import UnknownJourney, UnknownStep, WaypostError

LONGEST_TEXT: Final = 20_000
LONGEST_QUOTE: Final = 5_000
MOST_QUOTES: Final = 50
MOST_TAGS: Final = 50
LONGEST_TAG: Final = 100
LONGEST_NAME: Final = 255
LONGEST_LINK: Final = 2_000
LONGEST_TASK: Final = 1_000
MOST_RULES: Final = 500
MOST_WORDS: Final = 100
MOST_SECONDS: Final = 7 * 86_400.0
"""The longest time on a task."""


class Source(StrEnum):
    """Where evidence comes from."""

    SUPPORT_TICKET = "support_ticket"
    INTERVIEW = "interview"
    USABILITY_TEST = "usability_test"
    ADVISORY_BOARD = "advisory_board"
    APP_REVIEW = "app_review"
    NPS = "nps"
    REPLAY = "replay"


class Success(StrEnum):
    """How a task of a usability test went."""

    COMPLETED = "completed"
    WITH_HELP = "with_help"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What is known of a source.

    label: for readers. scale: of its scores, None where it has none. neutral: the score of neither glad nor sorry,
    where it is not the middle. has_task: it tells of a task, with success and time. is_note: it is the note of somebody
    who watched a recording, at a second of it: the words are not the user's, so that feelings are not read from them.
    """

    label: str
    meaning: str
    scale: tuple[int, int] | None = None
    neutral: float | None = None
    has_task: bool = False
    is_note: bool = False


SOURCES: Final[Mapping[Source, SourceSpec]] = MappingProxyType(
    {
        Source.SUPPORT_TICKET: SourceSpec("support tickets", "What support was asked; the score is its CSAT.", (1, 5)),
        Source.INTERVIEW: SourceSpec("interviews", "What somebody told in an interview."),
        Source.USABILITY_TEST: SourceSpec(
            "usability tests",
            "One task of one session; the score is the Single Ease Question after it.",
            (1, 7),
            has_task=True,
        ),
        Source.ADVISORY_BOARD: SourceSpec("advisory board", "Notes of a meeting of the advisory board."),
        Source.APP_REVIEW: SourceSpec("app reviews", "A review in an app store; the score is its stars.", (1, 5)),
        Source.NPS: SourceSpec(
            "NPS exports", "An answer to an NPS question asked elsewhere.", (0, 10), neutral=NEUTRAL_SCORES["nps"]
        ),
        Source.REPLAY: SourceSpec(
            "notes on recordings", "What somebody noted who watched a recording, at a second of it.", is_note=True
        ),
    }
)
"""Every source. The one list: the wire, the command line and the reference read it."""
OF_FILES: Final = tuple(source for source, spec in SOURCES.items() if not spec.is_note)
"""What files may hold; notes on recordings are made where these are watched."""


class TaggedBy(StrEnum):
    """Who named the step."""

    HAND = "hand"
    RULE = "rule"


class BadEvidence(WaypostError):
    """Something that cannot be kept as evidence, or a rule for tagging that cannot be so."""

    code = "bad_evidence"


class NoSuchEvidence(WaypostError):
    """There is no evidence of that number in the project."""

    code = "no_such_evidence"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no evidence {number}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said of one piece of evidence.

    external: its id in the source; without one, its content is its id. text: as written. quotes: what was said word
    for word. score: on the scale of the source. task, success, seconds: of a usability test. place: (journey, step),
    named by hand. time: when it was said; None: now. user_id: whose words these are. recording, at_second: of a note on
    a recording, which one, and how far from its beginning.
    """

    source: Source
    external: str | None = None
    time: Instant | None = None
    text: str = ""
    quotes: tuple[str, ...] = ()
    language: str | None = None
    feelings: tuple[str, ...] = ()
    score: float | None = None
    task: str | None = None
    success: Success | None = None
    seconds: float | None = None
    tags: tuple[str, ...] = ()
    page: str | None = None
    link: str | None = None
    user_id: str | None = None
    place: tuple[str, str] | None = None
    recording: str | None = None
    at_second: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence as it is kept. `draft.place` is its step, `tagged_by` who named it: None for no step.

    `draft.external` and `draft.time` are always known here; `draft.user_id` only where the user is known to us.
    """

    id: int
    draft: Draft
    tagged_by: TaggedBy | None
    emotion: Emotion | None
    created: Instant
    by: str
    revision: int
    changed_by: str

    @property
    def said(self) -> tuple[str, ...]:
        """Its words: the quotes, or else the text."""
        return self.draft.quotes or ((self.draft.text,) if self.draft.text else ())


@dataclass(frozen=True, slots=True)
class TagRule:
    """Evidence of this kind belongs to `journey.step`. What is not said does not matter; all that is said must hold.

    words: one of them occurs as a whole word, whatever its case; a word may be several. tag: it has this tag,
    whatever its case. page: a pattern such as `/billing/*`.
    """

    journey: str
    step: str
    source: Source | None = None
    words: tuple[str, ...] = ()
    tag: str | None = None
    page: str | None = None


def checked(draft: Draft, rules: RuleProject, *, now: Instant) -> Draft:
    """The draft as it may be kept, its time and id filled in. Raises BadEvidence, UnknownJourney, UnknownStep."""
    spec = SOURCES[draft.source]
    said_at = draft.time
    draft = replace(
        draft,
        external=draft.external.strip() if draft.external else None,
        text=draft.text.strip(),
        quotes=tuple(dict.fromkeys(quote.strip() for quote in draft.quotes if quote.strip())),
        tags=tuple(dict.fromkeys(tag.strip() for tag in draft.tags if tag.strip())),
        feelings=tuple(dict.fromkeys(draft.feelings)),
        time=now if draft.time is None else draft.time,
    )
    _refuse_too_long(draft)
    _refuse_unknown_feelings(draft.feelings)
    if draft.time is not None and not 0 <= draft.time <= now:
        raise BadEvidence("`time` lies in the future, or before 1970: say when it was said")
    if draft.score is not None:
        _refuse_bad_score(draft.source, spec, draft.score)
    if not spec.has_task and (draft.task, draft.success, draft.seconds) != (None, None, None):
        raise BadEvidence(f"`task`, `success` and `seconds` belong to `{Source.USABILITY_TEST}`, not `{draft.source}`")
    if draft.seconds is not None and not 0 <= draft.seconds <= MOST_SECONDS:
        raise BadEvidence(f"`seconds` is from 0 to {MOST_SECONDS:,.0f}, the time spent on the task")
    _refuse_bad_note(draft, spec)
    says = (draft.text, draft.quotes, draft.feelings, draft.score, draft.success)
    if says == ("", (), (), None, None):
        raise BadEvidence("it says nothing: give a `text`, `quotes`, `feelings`, a `score` or a `success`")
    refuse_unknown_place(draft.place, rules)
    # Of the time only what was said: what came without one is the same tomorrow.
    return draft if draft.external else replace(draft, external=content_id(replace(draft, time=said_at)))


def refuse_unknown_place(place: tuple[str, str] | None, rules: RuleProject) -> None:
    """Raise UnknownJourney or UnknownStep for a step that the rules do not declare."""
    if place is None:
        return
    name, step = place
    journey = rules.journeys.get(name)
    if journey is None:
        raise UnknownJourney(name, list(rules.journeys))
    steps = [each.name.text for each in journey.steps]
    if step not in steps:
        raise UnknownStep(name, step, steps)


def content_id(draft: Draft) -> str:
    """The id of evidence that brings none: the same words of the same day, task and score are the same evidence."""
    day = None if draft.time is None else draft.time // 86_400_000_000
    told: tuple[object, ...] = (day, draft.text, draft.quotes, draft.task, draft.success, draft.score)
    told += (draft.feelings, draft.user_id)
    if draft.recording is not None:
        told += (draft.recording, draft.at_second)
    digest = hashlib.sha256(orjson.dumps(told)).hexdigest()
    return f"content-{digest[:32]}"


def emotion_in(draft: Draft) -> Emotion | None:
    """What evidence says of how somebody felt: feelings that it names, else its score and its words."""
    spec = SOURCES[draft.source]
    score = None
    if draft.score is not None and spec.scale is not None:
        score = valence_on_scale(draft.score, *spec.scale, neutral=spec.neutral)
    words = None if spec.is_note else "\n".join(draft.quotes) or draft.text or None
    return emotion_of(draft.feelings, score=score, text=words, language=draft.language)


def place_by_rule(draft: Draft, tag_rules: Sequence[TagRule], rules: RuleProject) -> tuple[str, str] | None:
    """The step that the first rule that applies gives; rules of steps that are not declared any more do not apply."""
    for rule in tag_rules:
        if applies(rule, draft):
            journey = rules.journeys.get(rule.journey)
            if journey is not None and any(each.name.text == rule.step for each in journey.steps):
                return rule.journey, rule.step
    return None


def applies(rule: TagRule, draft: Draft) -> bool:
    """True when all that a rule says holds of the evidence."""
    if rule.source is not None and rule.source is not draft.source:
        return False
    if rule.tag is not None and rule.tag.casefold() not in {tag.casefold() for tag in draft.tags}:
        return False
    if rule.page is not None and (draft.page is None or not patterns.glob(rule.page)(draft.page)):
        return False
    if not rule.words:
        return True
    told = " ".join((draft.text, *draft.quotes, draft.task or "")).casefold()
    return any(_has_word(told, word) for word in rule.words)


def checked_rules(tag_rules: Sequence[TagRule], rules: RuleProject) -> tuple[TagRule, ...]:
    """Rules for tagging as they may be kept. Raises BadEvidence, which names the rule by its number."""
    if len(tag_rules) > MOST_RULES:
        raise BadEvidence(f"a project has at most {MOST_RULES} rules for tagging, not {len(tag_rules):,}")
    found = []
    for number, rule in enumerate(tag_rules, 1):
        words = tuple(dict.fromkeys(word.strip() for word in rule.words if word.strip()))
        tag = rule.tag.strip() if rule.tag else None
        page = rule.page.strip() if rule.page else None
        ready = replace(rule, words=words, tag=tag or None, page=page or None)
        if (ready.source, ready.words, ready.tag, ready.page) == (None, (), None, None):
            raise BadEvidence(f"rule {number} applies to everything: give it a source, words, a tag or a page")
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_TAG for word in words):
            raise BadEvidence(f"rule {number}: at most {MOST_WORDS} words, of at most {LONGEST_TAG} characters each")
        try:
            refuse_unknown_place((rule.journey, rule.step), rules)
            if ready.page is not None:
                patterns.glob(ready.page)
        except (UnknownJourney, UnknownStep, patterns.PatternError) as error:
            raise BadEvidence(f"rule {number}: {error}") from None
        found.append(ready)
    return tuple(found)


def read_place(text: str) -> tuple[str, str]:
    """`journey.step` as written. Raises BadEvidence."""
    journey, dot, step = text.partition(".")
    if not dot or not journey or not step:
        raise BadEvidence(f"`{text[:80]}` is not a step: write it as `journey.step`")
    return journey, step


def _has_word(text: str, word: str) -> bool:
    # `\b` would not end a word such as `c++`.
    return re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", text) is not None


def _refuse_bad_score(source: Source, spec: SourceSpec, score: float) -> None:
    if spec.scale is None:
        having = ", ".join(f"`{each}`" for each, told in SOURCES.items() if told.scale is not None)
        raise BadEvidence(f"`{source}` has no `score`; sources with one: {having}")
    low, high = spec.scale
    if not low <= score <= high:
        raise BadEvidence(f"the `score` of `{source}` is from {low} to {high}, not {score:g}")


def _refuse_bad_note(draft: Draft, spec: SourceSpec) -> None:
    if not spec.is_note:
        if draft.recording is not None or draft.at_second is not None:
            raise BadEvidence(f"`recording` and `at_second` belong to `{Source.REPLAY}`, not `{draft.source}`")
        return
    if draft.recording is None or draft.at_second is None:
        raise BadEvidence(
            f"evidence of `{draft.source}` is a note on a recording: say which `recording`, and `at_second`"
        )
    if not 0 <= draft.at_second <= MOST_SECONDS:
        raise BadEvidence(f"`at_second` is from 0 to {MOST_SECONDS:,.0f}, from the beginning of the recording")


def _refuse_unknown_feelings(feelings: Sequence[str]) -> None:
    for feeling in feelings:
        if feeling not in FEELINGS:
            near = did_you_mean([f"`{each}`" for each in nearest(feeling, FEELINGS)])
            known = ", ".join(f"`{each}`" for each in FEELINGS)
            raise BadEvidence(
                f"`{feeling[:80]}` is not a feeling; there are: {known}{'' if near is None else '; ' + near}"
            )


def _refuse_too_long(draft: Draft) -> None:
    texts = {
        "text": (draft.text, LONGEST_TEXT),
        "external": (draft.external, LONGEST_NAME),
        "language": (draft.language, 35),
        "task": (draft.task, LONGEST_TASK),
        "page": (draft.page, LONGEST_LINK),
        "link": (draft.link, LONGEST_LINK),
        "user": (draft.user_id, LONGEST_NAME),
    }
    texts |= {f"quotes[{at}]": (quote, LONGEST_QUOTE) for at, quote in enumerate(draft.quotes)}
    texts |= {f"tags[{at}]": (tag, LONGEST_TAG) for at, tag in enumerate(draft.tags)}
    for name, (text, most) in texts.items():
        if text is not None and len(text) > most:
            raise BadEvidence(f"`{name}` has {len(text):,} characters; at most {most:,} are kept")
        if text is not None and "\0" in text:
            raise BadEvidence(f"`{name}` holds a character that cannot be kept (NUL)")
    for name, count, most in (("quotes", len(draft.quotes), MOST_QUOTES), ("tags", len(draft.tags), MOST_TAGS)):
        if count > most:
            raise BadEvidence(f"{count} `{name}` are too many: at most {most}")
    if draft.link is not None and not draft.link.startswith(("https://", "http://")):
        raise BadEvidence("`link` is an address that begins with `https://` or `http://`")
