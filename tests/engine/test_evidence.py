"""Evidence from elsewhere: what is kept, what it says of feelings, and which step it belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from dsl.project import RuleProject, load
from dsl.values import DAY, HOUR, Duration, Instant
from engine.errors import WaypostError
from engine.evidence import (
    SOURCES,
    BadEvidence,
    Draft,
    NoSuchEvidence,
    Source,
    Success,
    TaggedBy,
    TagRule,
    checked,
    checked_rules,
    emotion_in,
    place_by_rule,
    read_place,
)
from engine.evidence_desk import EvidenceDesk, Fate
from engine.replies import Published
from engine.roadmap.items import StaleItem
from engine.service import Service
from engine.storage import tables
from engine.storage.evidence import Asked
from tests.engine.clock import STARTED, Clock

RULES = """event "Signed Up"
event "Verified"

journey activation "Activation" {
  stage start "Start" {
    step signup "Create an account" reached by "Signed Up"
    step verify "Verify the domain" reached by "Verified"
  }
}
"""
VERIFY = ("activation", "verify")
SIGNUP = ("activation", "signup")
DNS = TagRule("activation", "verify", words=("dns", "txt record"))


@pytest.fixture
def desk(service: Service) -> tuple[EvidenceDesk, Service, int]:
    """A desk beside a running service, and its project."""
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    return EvidenceDesk(service.database), service, project


At = tuple[EvidenceDesk, Service, int]


def ticket(text: str = "I do not understand the DNS page", **more: object) -> Draft:
    return replace(Draft(Source.SUPPORT_TICKET, text=text), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def declared() -> RuleProject:
    return load({"rules.way": RULES})


# what may be kept


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (Draft(Source.INTERVIEW), "it says nothing: give a `text`"),
        (Draft(Source.INTERVIEW, text=" \n"), "it says nothing"),
        (Draft(Source.INTERVIEW, text="a", feelings=("confuzed",)), "`confuzed` is not a feeling; there are: `delight"),
        (Draft(Source.INTERVIEW, feelings=("confuzed",)), "did you mean `confused`?"),
        (Draft(Source.INTERVIEW, score=3), "`interview` has no `score`; sources with one: `support_ticket`"),
        (Draft(Source.APP_REVIEW, score=0), "the `score` of `app_review` is from 1 to 5, not 0"),
        (Draft(Source.NPS, score=11), "the `score` of `nps` is from 0 to 10, not 11"),
        (Draft(Source.APP_REVIEW, score=float("nan")), "from 1 to 5, not nan"),
        (ticket(success=Success.FAILED), "`task`, `success` and `seconds` belong to `usability_test`"),
        (Draft(Source.USABILITY_TEST, success=Success.FAILED, seconds=-1), "`seconds` is from 0"),
        (ticket(text="a" * 20_001), "`text` has 20,001 characters; at most 20,000"),
        (ticket(quotes=("ok", "a" * 5_001)), r"`quotes\[1\]` has 5,001 characters"),
        (ticket(text="a\0b"), "`text` holds a character that cannot be kept"),
        (ticket(link="javascript:alert(1)"), "`link` is an address that begins with `https://`"),
        (ticket(time=Instant(STARTED + DAY)), "`time` lies in the future"),
        (ticket(time=Instant(-1)), "or before 1970"),
        (ticket(place=("activation", "verfy")), "verfy"),
        (ticket(place=("activatoin", "verify")), "activatoin"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_cannot_be_kept_is_refused_with_what_to_do(declared: RuleProject, draft: Draft, problem: str) -> None:
    with pytest.raises(WaypostError, match=problem):
        checked(draft, declared, now=STARTED)


def test_what_came_without_an_id_is_the_same_tomorrow(declared: RuleProject) -> None:
    today, tomorrow = (checked(ticket(), declared, now=Instant(STARTED + at)) for at in (0, DAY))
    assert today.external == tomorrow.external
    assert today.external != checked(ticket("something else"), declared, now=STARTED).external


@pytest.mark.parametrize(
    ("draft", "valence", "feeling", "inferred"),
    [
        (Draft(Source.INTERVIEW, text="great", feelings=("confused",)), -0.5, "confused", False),
        (Draft(Source.INTERVIEW, feelings=("confused", "frustrated")), -0.7, "confused", False),
        (Draft(Source.APP_REVIEW, score=1), -1.0, "frustrated", False),
        (Draft(Source.APP_REVIEW, score=3), 0.0, "neutral", False),
        (Draft(Source.NPS, score=10), 1.0, "delighted", False),
        (Draft(Source.NPS, score=7.5), 0.0, "neutral", False),
        (Draft(Source.USABILITY_TEST, score=7), 1.0, "delighted", False),
    ],
    ids=["named", "two named", "one star", "three stars", "promoter", "passive", "easy task"],
)
def test_it_says_of_feelings_what_an_answer_would(draft: Draft, valence: float, feeling: str, inferred: bool) -> None:
    found = emotion_in(draft)
    assert found is not None
    assert (found.valence, found.feeling, found.inferred) == (pytest.approx(valence), feeling, inferred)


def test_words_alone_are_marked_as_inferred_and_other_languages_are_not_read() -> None:
    found = emotion_in(ticket("This is horrible, I hate it"))
    assert found is not None
    assert found.inferred
    assert found.valence < -0.5
    assert emotion_in(ticket("Ich hasse es", language="de")) is None
    assert emotion_in(Draft(Source.USABILITY_TEST, success=Success.FAILED)) is None


# which step


@pytest.mark.parametrize(
    ("rule", "draft", "applies"),
    [
        (DNS, ticket("The DNS page?"), True),
        (DNS, ticket("a TXT  record"), False),
        (DNS, ticket("which txt record"), True),
        (DNS, ticket("dnssec is on"), False),
        (DNS, ticket("", quotes=("what is dns",)), True),
        (replace(DNS, source=Source.NPS), ticket("dns"), False),
        (TagRule(*VERIFY, tag="Domain"), ticket(tags=("domain",)), True),
        (TagRule(*VERIFY, tag="domain"), ticket(tags=("domains",)), False),
        (TagRule(*VERIFY, page="/domains/*"), ticket(page="/domains/7?tab=dns"), True),
        (TagRule(*VERIFY, page="/domains/*"), ticket(page="/billing"), False),
        (TagRule(*VERIFY, page="/domains/*"), ticket(), False),
        (replace(DNS, tag="domain"), ticket("dns"), False),
        (TagRule(*VERIFY, source=Source.SUPPORT_TICKET), ticket("anything"), True),
        (TagRule(*VERIFY, words=("c++",)), ticket("the C++ client"), True),
        (TagRule("activation", "gone", words=("dns",)), ticket("dns"), False),
    ],
    ids=[
        "a word",
        "words far apart",
        "two words",
        "part of a word",
        "in a quote",
        "another source",
        "a tag",
        "another tag",
        "a page",
        "another page",
        "no page",
        "all must hold",
        "source alone",
        "no letters",
        "a step that is gone",
    ],
)
def test_a_rule_applies_where_all_that_it_says_holds(
    declared: RuleProject, rule: TagRule, draft: Draft, applies: bool
) -> None:
    found = place_by_rule(draft, [rule], declared)
    assert found == (VERIFY if applies else None)


@pytest.mark.parametrize("text", ["activation", ".verify", "activation.", ""])
def test_what_is_no_step_is_told(text: str) -> None:
    with pytest.raises(BadEvidence, match=r"write it as `journey\.step`"):
        read_place(text)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (TagRule(*VERIFY), "rule 1 applies to everything"),
        (TagRule(*VERIFY, words=(" ",)), "rule 1 applies to everything"),
        (TagRule("activation", "gone", words=("a",)), "rule 1: .*gone"),
        (TagRule(*VERIFY, words=("a" * 101,)), "rule 1: at most 100 words"),
        (TagRule(*VERIFY, page="*" * 20_000), "rule 1: "),
    ],
    ids=["everything", "blank", "no such step", "long word", "long page"],
)
def test_a_bad_rule_is_named_by_its_number(declared: RuleProject, rule: TagRule, problem: str) -> None:
    with pytest.raises(BadEvidence, match=problem):
        checked_rules([rule], declared)


# kept


def test_a_bad_one_does_not_take_its_neighbours_along(desk: At) -> None:
    at, service, project = desk
    drafts = [ticket(external="1", place=VERIFY), ("not_valid", "no text"), ticket("", external="2"), ticket("hm")]
    told = at.take_in(project, service.rules_now(project), drafts, by="Ada")
    assert [each.fate for each in told] == [Fate.KEPT, Fate.REFUSED, Fate.REFUSED, Fate.KEPT]
    assert [each.code for each in told] == [None, "not_valid", "bad_evidence", None]
    assert [each.tagged_by for each in told] == [TaggedBy.HAND, None, None, None]
    assert [each.draft.text for each in at.listed(project)] == [ticket().text, "hm"]


def test_what_is_here_already_stays_as_it_is(desk: At) -> None:
    at, service, project = desk
    rules = service.rules_now(project)
    (first,) = at.take_in(project, rules, [ticket(external="7", place=VERIFY)], by="Ada")
    again, twin = at.take_in(project, rules, [ticket("new words", external="7")] * 2, by="Bob")
    assert (again.fate, again.id, again.place) == (Fate.KNOWN, first.id, VERIFY)
    assert twin.fate is Fate.KNOWN
    assert at.one(project, first.id or 0).draft.text == ticket().text
    other = Draft(Source.INTERVIEW, external="7", text="of another source")
    assert at.take_in(project, rules, [other], by="Ada")[0].fate is Fate.KEPT


def test_a_rehearsal_keeps_nothing(desk: At) -> None:
    at, service, project = desk
    (told,) = at.take_in(project, service.rules_now(project), [ticket()], by="Ada", keeps=False)
    assert (told.fate, told.id) == (Fate.KEPT, None)
    assert at.listed(project) == []


def test_rules_tag_again_what_nobody_tagged_by_hand(desk: At) -> None:
    at, service, project = desk
    rules = service.rules_now(project)
    assert at.set_rules(project, rules, [DNS], revision=0, by="Ada").retagged == 0
    drafts = [ticket("dns"), ticket("dns too", place=SIGNUP), ticket("password")]
    told = at.take_in(project, rules, drafts, by="Ada")
    assert [(each.place, each.tagged_by) for each in told] == [
        (VERIFY, TaggedBy.RULE),
        (SIGNUP, TaggedBy.HAND),
        (None, None),
    ]
    word = TagRule("activation", "signup", words=("password",))
    kept = at.set_rules(project, rules, [word], revision=1, by="Ada")
    assert (kept.revision, kept.retagged) == (2, 2)
    assert [each.draft.place for each in at.listed(project)] == [None, SIGNUP, SIGNUP]
    assert [each.draft.text for each in at.listed(project, Asked(is_tagged=False))] == ["dns"]
    assert [each.draft.text for each in at.listed(project, Asked(journey="activation", step="signup", limit=1))] == [
        "dns too"
    ]
    assert at.rules(project).rules == (word,)
    with pytest.raises(StaleItem, match="at revision 2, changed by Ada"):
        at.set_rules(project, rules, [], revision=1, by="Bob")


def test_what_somebody_tags_by_hand_no_rule_changes(desk: At) -> None:
    at, service, project = desk
    rules = service.rules_now(project)
    told = at.take_in(project, rules, [ticket("dns"), ticket("dns again")], by="Ada")
    first, second = (each.id or 0 for each in told)
    assert at.change(project, rules, first, {"place": SIGNUP}, revision=1, by="Ada").tagged_by is TaggedBy.HAND
    assert at.change(project, rules, second, {"place": None}, revision=1, by="Ada").tagged_by is TaggedBy.HAND
    at.set_rules(project, rules, [DNS], revision=0, by="Ada")
    assert [each.draft.place for each in at.listed(project)] == [SIGNUP, None]


def test_a_change_is_judged_like_what_is_new_and_felt_again(desk: At) -> None:
    at, service, project = desk
    rules = service.rules_now(project)
    at.set_rules(project, rules, [DNS], revision=0, by="Ada")
    (told,) = at.take_in(project, rules, [ticket("password")], by="Ada")
    number = told.id or 0
    changed = at.change(project, rules, number, {"feelings": ("frustrated",), "text": "dns"}, revision=1, by="Eve")
    assert (changed.draft.place, changed.tagged_by) == (VERIFY, TaggedBy.RULE)
    assert changed.emotion is not None
    assert (changed.emotion.valence, changed.emotion.inferred) == (-0.9, False)
    with pytest.raises(BadEvidence, match="is not a feeling"):
        at.change(project, rules, number, {"feelings": ("sad",)}, revision=2, by="Ada")
    with pytest.raises(StaleItem, match=f"evidence {number} is at revision 2, changed by Eve, and your change was"):
        at.change(project, rules, number, {"text": "lost"}, revision=1, by="Ada")
    assert at.one(project, number).draft.text == "dns"
    at.delete(project, number)
    for act in (lambda: at.delete(project, number), lambda: at.one(project, number)):
        with pytest.raises(NoSuchEvidence, match=f"there is no evidence {number}"):
            act()


def test_another_projects_evidence_is_not_there(desk: At) -> None:
    at, service, project = desk
    other = service.ensure_project("other").id
    (told,) = at.take_in(project, service.rules_now(project), [ticket()], by="Ada")
    assert at.listed(other) == []
    for act in (at.one, at.delete):
        with pytest.raises(NoSuchEvidence):
            act(other, told.id or 0)


# whose words


def meet(service: Service, project: int, user: str, at: Instant) -> None:
    message = {"type": "track", "event": "Signed Up", "userId": user, "messageId": f"{user}-{at}"}
    service.receive(project, [message], received=at, decide=False)


def test_a_known_user_is_linked_and_of_an_unknown_one_no_id_is_kept(desk: At, clock: Clock) -> None:
    at, service, project = desk
    meet(service, project, "ada", clock.now)
    told = at.take_in(
        project, service.rules_now(project), [ticket("a", user_id="ada"), ticket("b", user_id="b")], by="x"
    )
    assert [each.has_unknown_user for each in told] == [False, True]
    assert [each.draft.user_id for each in at.listed(project)] == ["ada", None]


def test_an_erased_users_words_go_and_do_not_come_back(desk: At, clock: Clock) -> None:
    at, service, project = desk
    meet(service, project, "ada", clock.now)
    words = [ticket("zebra", user_id="ada", quotes=("q",)), ticket("of nobody")]
    at.take_in(project, service.rules_now(project), words, by="x")
    found = service.privacy.export(project, "ada")
    assert found is not None
    assert [(row["text"], row["quotes"]) for row in found.records["evidence"]] == [("zebra", ["q"])]
    clock.pass_(Duration(HOUR))
    erased = service.privacy.erase(project, "ada")
    assert erased is not None
    assert erased.rows["evidence"] == 1
    assert [each.draft.text for each in at.listed(project)] == ["of nobody"]
    early = replace(words[0], time=STARTED)
    (again,) = at.take_in(project, service.rules_now(project), [early], by="x")
    assert (again.fate, again.code) == (Fate.REFUSED, "erased")
    clock.pass_(Duration(DAY))
    later = replace(words[0], time=clock.now)
    assert at.take_in(project, service.rules_now(project), [later], by="x")[0].fate is Fate.KEPT


# the record


def test_the_record_of_a_step_shows_evidence_by_source(desk: At, clock: Clock) -> None:
    at, service, project = desk
    rules = service.rules_now(project)
    reviews = [
        Draft(Source.APP_REVIEW, external=str(stars), score=stars, time=Instant(clock.now - stars * DAY), place=VERIFY)
        for stars in range(1, 6)
    ]
    test = Draft(Source.USABILITY_TEST, task="verify", quotes=("where am I?", "ah"), place=VERIFY)
    tests = [
        replace(test, external="1", success=Success.COMPLETED, seconds=40, feelings=("confused",)),
        replace(test, external="2", success=Success.WITH_HELP, seconds=60),
        replace(test, external="3", success=Success.FAILED, seconds=500),
    ]
    elsewhere = Draft(Source.NPS, score=0, text="not of this step", place=SIGNUP)
    told = at.take_in(project, rules, [*reviews, *tests, elsewhere], by="Ada")
    assert {each.fate for each in told} == {Fate.KEPT}
    usability, stars = service.step_record(project, *VERIFY).evidence
    assert (stars.source, stars.label, stars.count, stars.n) == (Source.APP_REVIEW, "app reviews", 5, 5)
    assert (stars.mean, stars.score, stars.note) == (pytest.approx(0), 3, None)
    assert stars.interval is not None
    assert stars.interval.low < 0 < stars.interval.high
    assert (stars.feelings["delighted"], stars.feelings["frustrated"]) == (1, 1)
    assert stars.verbatims == ()
    assert (usability.count, usability.mean, usability.note) == (3, None, "not enough answers")
    task = usability.task
    assert task is not None
    assert (task.n, task.completed, task.with_help, task.failed, task.seconds) == (3, 1, 1, 1, 50)
    assert (task.success_rate, task.unaided_rate) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert [each.text for each in usability.verbatims][:2] == ["where am I?", "ah"]


def test_the_newest_words_come_first(desk: At, clock: Clock) -> None:
    at, service, project = desk
    drafts = [ticket(f"{day}", time=Instant(clock.now - day * DAY), place=VERIFY) for day in range(12)]
    at.take_in(project, service.rules_now(project), drafts, by="Ada")
    (tickets,) = service.step_record(project, *VERIFY).evidence
    assert tickets.count == 12
    assert [each.text for each in tickets.verbatims] == [str(day) for day in range(10)]


def test_what_simulated_people_say_counts_only_when_asked_for(desk: At, clock: Clock) -> None:
    at, service, project = desk
    meet(service, project, "ada", clock.now)
    with service.database.writing() as connection:
        connection.execute(sa.update(tables.table(tables.Person)).values(simulated=True))
    words = [ticket("hers", user_id="ada", place=VERIFY), ticket("of nobody", place=VERIFY)]
    at.take_in(project, service.rules_now(project), words, by="x")
    (own,) = service.step_record(project, *VERIFY).evidence
    (every,) = service.step_record(project, *VERIFY, with_simulated=True).evidence
    assert ([each.text for each in own.verbatims], every.count) == (["of nobody"], 2)


def test_every_source_says_what_it_is() -> None:
    assert set(SOURCES) == set(Source)
    assert all(spec.meaning.endswith(".") for spec in SOURCES.values())
