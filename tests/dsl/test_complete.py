"""What is proposed where: a text with `|` at the position, and the labels expected at the top of the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.catalog import Seen
from dsl.complete import Completion, Sort, complete
from dsl.complete.cursor import declaration_start
from dsl.complete.walk import spots, tables
from dsl.parser.tables import build
from dsl.project import load
from dsl.terminals import PLAIN
from dsl.values import TEXT

WHOLE = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
PROJECT = load({"onboarding.way": WHOLE}, seen=Seen({"nickname": TEXT}, {}, {"Clicked Around": {}}))


def at_mark(text: str) -> tuple[Completion, ...]:
    position = text.index("|")
    return complete(text[:position] + text[position + 1 :], position, PROJECT)


def labels(text: str) -> list[str]:
    return [each.label for each in at_mark(text)]


TOP = [
    # Declarations
    ("|", ["attribute", "account attribute", "event", "journey"]),
    ("gui|", ["guide"]),
    ("attribute plan: |", ["one of", "text", "number", "yes/no", "time", "version"]),
    ('attribute plan: one of "a", "b" default |', ["a", "b"]),
    ("attribute beta: yes/no default |", ["yes", "no"]),
    ("journey j { stage s { step a |", ["step", "reached by", "attempted by"]),
    ("journey j { stage s as |", ["discovery", "awareness", "consideration"]),
    ("journey j { stage s { step a reached by |", ["Signed Up", "Domain Added", "DNS Check Failed"]),
    ('journey j { stage s { step a reached by "Campaign Sent" where |', ["recipients"]),
    ('feature sending used by "Campaign Sent" for |', ["self_serve", "enterprise", "stuck_on_dns"]),
    ("limits { at most 1 |", ["guide", "survey"]),
    ("limits { at most 2 |", ["guides", "surveys"]),
    ("limits { at most 2 guides |", ["per session", "per"]),
    ("rec|", ["record"]),
    ("record |", ["for", "at", "sample"]),
    ("record at |", ["activation.signup", "activation.connect_domain", "activation.verify_domain"]),
    ("record at activation.on|", ["activation.onboarding"]),
    ("record at activation.signup |", ["for", "sample"]),
    ("record for |", ["self_serve", "enterprise", "stuck_on_dns"]),
    ("record for self_serve, |", ["self_serve", "enterprise", "stuck_on_dns"]),
    ("record for self_serve sample 5% |", ["at"]),
    ('import "on|', ["onboarding.way"]),
    # Clauses
    ("guide x {\n  |", ["at", "on page", "on"]),
    ("guide x {\n  at |", ["activation.signup", "activation.connect_domain", "activation.verify_domain"]),
    ("guide x {\n  at act|", ["activation.signup", "activation.connect_domain"]),
    ("guide x {\n  at verify|", ["activation.verify_domain"]),
    ("guide x {\n  on |", ["Signed Up", "Domain Added"]),
    ("guide x {\n  at activation.verify_domain\n  on |", ["DNS Check Failed", "Domain Verified", "Signed Up"]),
    ("guide x {\n  on first |", ["Signed Up"]),
    ("guide x {\n  for |", ["self_serve", "enterprise", "stuck_on_dns"]),
    ("guide x {\n  for self_serve, |", ["self_serve", "enterprise", "stuck_on_dns"]),
    ("guide x {\n  testers |", ["self_serve", "enterprise", "stuck_on_dns"]),
    ("guide x {\n  not with |", ["verify_help", "verify_effort"]),
    ("guide verify_help {\n  not with |", ["verify_effort"]),
    ("guide x {\n  only on |", ["monday", "tuesday"]),
    ("guide x {\n  once every 7 |", ["7 seconds", "7 minutes", "7 hours", "7 days", "7 weeks"]),
    ("guide x {\n  once every 1 d|", ["1 day"]),
    ("guide x {\n  on page |", ["/domains/new", "/domains/*"]),
    ("guide x {\n  wait |", ["wait until"]),
    ("guide x {\n  wait until |", ["idle for", "element", "scrolled", "exit intent", "on page for"]),
    ("guide x {\n  until |", ["until answered", "until completed", "until dismissed"]),
    # Content
    ("guide x {\n  show |", ["banner", "checklist", "hotspot", "modal", "slideout", "tooltip", "tour"]),
    ("guide x {\n  show tooltip |", ["beside"]),
    ("guide x {\n  show banner |", ["top", "bottom"]),
    ("guide x {\n  show modal {\n    |", ["title", "body", "image", "video", "button"]),
    ('guide x {\n  show modal { title "Hello {{ fi|', ["first_name", "first_seen"]),
    ('guide x {\n  on "DNS Check Failed"\n  show modal { body "It says {{ ev|', ["event.reason", "event.attempt"]),
    ('guide x {\n  show modal { body """\n    Hello {{ first_n|', ["first_name"]),
    ('guide x {\n  show modal { button "Go" |', ["opens", "completes", "dismisses", "snoozes", "starts", "tracks"]),
    ('guide x {\n  show modal { button "Go" starts |', ["verify_help", "verify_effort"]),
    # Questions
    ("survey s {\n  ask |", ["choice", "choices", "consent", "csat", "date", "effort"]),
    ("survey s {\n  show as |", ["banner", "modal", "slideout", "tooltip"]),
    ('survey s {\n  ask choice why "Why?" { "Slow" feels |', ["delighted", "confident", "neutral", "confused"]),
    ('survey s {\n  ask effort ease "How?"\n  ask text more "More?" if |', ["ease"]),
    ('survey s {\n  ask effort ease "?"\n  ask text more "?" if ease |', ["is", "is not", ">="]),
    ('survey s {\n  ask choice why "Why?" { "Slow" as slow "Hard" }\n  ask text t "?" if why is |', ["slow", "Hard"]),
    ('survey verify_effort {\n  ask effort first "How?" then ask |', ["ease", "cause", "detail"]),
    ('survey s {\n  ask nps n "?"\n  in "de" { ask |', ["n"]),
    ('survey s {\n  ask choice c "?" { "a" "b" as bee }\n  in "de" { ask c "?" { |', ["a", "bee"]),
    ('survey verify_effort {\n  in "de" { ask cause "?" { "It|', ["It kept failing"]),
    # Conditions
    ("guide x {\n  when |", ["plan", "seats", "sales_assisted", "signed_up_at", "first_name", "account.industry"]),
    ("guide x {\n  when nick|", ["nickname"]),
    ("guide x {\n  when not |", ["plan", "seats"]),
    ("guide x {\n  when account.|", ["account.industry"]),
    ("guide x {\n  when page.p|", ["page.path"]),
    ('guide x {\n  on "DNS Check Failed"\n  when ev|', ["event.reason", "event.attempt"]),
    ("segment s where in |", ["self_serve", "enterprise", "stuck_on_dns"]),
    ("segment s where plan |", ["is", "is not", "is one of", "is none of", "contains"]),
    ("segment s where plan is |", ["free", "trial", "pro"]),
    ('segment s where plan is "tr|', ["trial"]),
    ('segment s where plan is "tr|"', ["trial"]),
    ('segment s where plan is one of "free", |', ["free", "trial", "pro"]),
    ("segment s where plan is no|", ["is not", "is none of", "is not set"]),
    ("segment s where sales_assisted is |", ["yes", "no"]),
    ("segment s where seats |", ["is", "is not", ">=", ">", "<=", "<", "is one of"]),
    ("segment s where seats >|", [">=", ">"]),
    ("segment s where seats >= 80% of |", ["seats"]),
    ("segment s where signed_up_at |", ["within last", "within next", "more than", "before", "after", "is set"]),
    ("segment s where signed_up_at more than 3 days |", ["ago"]),
    ("segment s where plan is not set |", ["and", "or"]),
    ("segment s where did |", ["Signed Up", "Domain Added", "DNS Check Failed"]),
    ("segment s where did dns|", ["DNS Check Failed"]),
    ('segment s where did "dns|', ["DNS Check Failed"]),
    ('segment s where did "check|', ["DNS Check Failed"]),
    ('segment s where did "DNS Check Failed" |', ["where", "at least", "in last"]),
    ('segment s where did "DNS Check Failed" at le|', ["at least"]),
    ('segment s where did "DNS Check Failed" at least 2 |', ["times"]),
    ('segment s where did "DNS Check Failed" at least 1 |', ["time"]),
    ('segment s where did "DNS Check Failed" in la|', ["in last"]),
    ('segment s where did "DNS Check Failed" in last 10 m|', ["10 minutes"]),
    ('segment s where did "DNS Check Failed" since |', ["activation.signup", "activation.connect_domain"]),
    ('segment s where did "DNS Check Failed" where |', ["reason", "attempt"]),
    ('segment s where did "DNS Check Failed" where attempt > 1 and |', ["reason", "attempt", "plan"]),
    ('segment s where (did "DNS Check Failed" where attempt > 1) and |', ["plan", "seats"]),
    ('segment s where did "DNS Check Failed" where (attempt > 1 or |', ["reason", "attempt"]),
    ('segment s where did "DNS Check Failed" where attempt > 1 or |', ["plan", "seats"]),
    ("segment s where sum of |", ["attempt", "recipients"]),
    ("segment s where number of different |", ["domain", "provider", "reason", "attempt", "recipients"]),
    ("segment s where sum of recipients in |", ["Campaign Sent", "Signed Up"]),
    ("segment s where friction at |", ["activation.signup"]),
    ("segment s where friction at activation.signup |", ["is", "is not", ">="]),
    ("segment s where felt |", ["delighted", "confident"]),
    ("segment s where felt confused or |", ["delighted", "confident"]),
    ("segment s where answered |", ["verify_effort", "verify_effort.ease", "verify_effort.cause"]),
    ("segment s where answered verify_effort.e|", ["verify_effort.ease"]),
    ("segment s where answered verify_effort.cause is |", ["other", "I did not know what to do"]),
    ("segment s where saw |", ["verify_help", "verify_effort"]),
    ("segment s where completed |", ["activation", "verify_help", "verify_effort"]),
    ("segment s where stuck at |", ["activation.signup", "activation.connect_domain"]),
    ("segment s where all of { plan is set  |", ["plan", "seats"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TOP, ids=[text for text, _ in TOP])
def test_the_best_proposals_are_those_that_fit_the_place(text: str, expected: list[str]) -> None:
    assert labels(text)[: len(expected) or 1] == expected


BROKEN = [
    # An earlier line is wrong.
    ("guide x {\n  when plan = = \n  pri|", ["priority"]),
    ("guide x {\n  frobnicate 5\n  for |", ["self_serve"]),
    ("guide x {\n  when\n  once every 7 days\n  pri|", ["priority"]),
    # The same line is.
    ("segment s where plan = \"trial\" and |", ["plan", "seats"]),
    # Braces are missing.
    ('guide x {\n  show tooltip beside "#x" {\n    title "x"\n  once every 7 days\n  pri|', ["priority"]),
    ('guide x {\n  show modal {\n    title "x"\n    bo|\n  once every 7 days\n}', ["body"]),
    # Another declaration is.
    ('guide broken {\n  when when when\n\nguide x {\n  for |', ["self_serve"]),
    ('segment broken where "\n\nsegment s where plan is |', ["free", "trial", "pro"]),
    ('guide broken {\n  show modal { body """\n\nguide x {\n  for |', ["self_serve"]),
    # What follows is.
    ("guide x {\n  for |\n  when when\n}\nguide }", ["self_serve"]),
    # Nothing is, but a new declaration begins where a `}` is missing.
    ("guide x {\n  when plan is set\nseg|", ["segment"]),
    # A text looks like a declaration.
    ('guide x {\n  show modal { body """\nguide you through\n""" bu|', ["button"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BROKEN, ids=[text for text, _ in BROKEN])
def test_files_that_cannot_be_parsed_are_completed_all_the_same(text: str, expected: list[str]) -> None:
    assert labels(text)[: len(expected)] == expected


ABSENT = [
    ("a clause that stands already", "guide x {\n  priority 80\n  |", "priority"),
    ("another way to say how often", "guide x {\n  once every 7 days\n  |", "shown"),
    ("`rollout` in a survey", "survey x {\n  |", "rollout"),
    ("`sample` in a guide", "guide x {\n  |", "sample"),
    ("`ask` in a guide", "guide x {\n  |", "ask"),
    ("`beside` after what has its own place", "guide x {\n  show modal |", "beside"),
    ("an item of a checklist in a modal", "guide x {\n  show modal {\n    |", "item"),
    ("a comparison of numbers for a text", "segment s where plan |", ">="),
    ("`ago` after what takes none", "segment s where signed_up_at within last 3 days |", "ago"),
    ("`ignoring case` after a number", "segment s where seats >= 5 |", "ignoring case"),
    ("`yes` for a text", "segment s where plan is |", "yes"),
    ("attributes inside `where`", 'segment s where did "Campaign Sent" where |', "plan"),
    ("a stage where a step is needed", "segment s where stuck at |", "activation.onboarding"),
    ("the guide itself", "guide verify_help {\n  not with |", "verify_help"),
    ("anything in a comment", "guide x {  # wh|", "when"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "label"), [each[1:] for each in ABSENT], ids=[each[0] for each in ABSENT])
def test_what_would_be_an_error_is_not_proposed(text: str, label: str) -> None:
    assert label not in labels(text)


def test_clauses_that_may_stand_again_are_proposed_again() -> None:
    assert {"when", "on", "unless"} <= set(
        labels('guide x {\n  on "Signed Up"\n  when plan is set\n  unless seats > 1\n  |')
    )


def test_what_is_declared_comes_before_what_is_built_in_and_that_before_what_was_only_seen() -> None:
    found = labels("segment s where |")
    assert found.index("plan") < found.index("user_id") < found.index("nickname") < found.index("did")
    events = labels("segment s where did |")
    assert events.index("Campaign Sent") < events.index("$page") < events.index("Clicked Around")


EVERYWHERE = [found.start() for found in re.finditer(r"(?<=\s)\S|\n", WHOLE)]


def test_every_next_word_of_a_whole_file_is_proposed_where_it_stands() -> None:
    """Names of the project and words of the language; new names, numbers and texts of one's own cannot be."""
    new = re.compile(r"(?:guide|survey|journey|stage|step|persona|segment|event|attribute|ask \w+) $")
    missing = []
    for found in re.finditer(r'(?<=\s)(?:[a-z_.]+|"[A-Z][\w ]+")(?=\s)', WHOLE.replace("# onboarding.way", "")):
        text = WHOLE.replace("# onboarding.way", "")
        before = text[: found.start()]
        if before.count('"""') % 2 or before.rpartition("\n")[2].count('"') % 2 or new.search(before):
            continue
        proposed = complete(text, found.start(), PROJECT)
        word = found.group().strip('"')
        if not any(each.label == word or f" {each.label} ".find(f" {word} ") >= 0 for each in proposed):
            missing.append((before[-30:], word))
    own = {word for _, word in missing if word[0].isupper()}
    assert [each for each in missing if each[1] not in own] == []


def test_no_proposal_shows_the_name_of_a_terminal() -> None:
    terminals = {*PLAIN}
    shown = {each.label for position in EVERYWHERE for each in complete(WHOLE, position, PROJECT)}
    assert not [label for label in shown if label in terminals or re.fullmatch(r"[A-Z]+_[A-Z_]+", label)]


def test_every_position_of_a_file_can_be_asked_about_also_when_the_file_ends_there() -> None:
    for position in range(0, len(WHOLE), 7):
        complete(WHOLE, position, PROJECT)
        complete(WHOLE[:position], position, PROJECT)


def test_a_completion_takes_the_place_of_the_whole_word() -> None:
    text = "guide x {\n  for self_ser\n}"
    (found,) = complete(text, text.index("_ser"), PROJECT)
    assert text[: found.start] + found.insert + text[found.end :] == "guide x {\n  for self_serve\n}"


def test_a_completion_in_a_text_takes_the_place_of_its_quotes_too() -> None:
    text = 'guide x {\n  on "DNS Ch"\n}'
    (found,) = complete(text, text.index(" Ch"), PROJECT)
    assert found.kind is Sort.EVENT
    assert text[: found.start] + found.insert + text[found.end :] == 'guide x {\n  on "DNS Check Failed"\n}'


def test_names_that_need_backticks_get_them() -> None:
    project = load({"a.way": "attribute `Company Size`: number\n"})
    for text in ("segment s where Comp", "segment s where `Company S"):
        assert complete(text, len(text), project)[0].insert == "`Company Size`"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("event \"A\"\nguide x {\n  for |", "guide x {"),
        ("guide x {\n  all of {\n    guide is \"x\"\n    |", "guide x {"),
        ("guide x {\n  event.reason is \"x\"\n|", "guide x {"),
        ("  guide x {\n    for |", "  guide x {"),
    ],
)  # fmt: skip
def test_the_declaration_that_holds_a_position_is_found(text: str, line: str) -> None:
    start = declaration_start(text, text.index("|"))
    assert text[start:].split("\n", maxsplit=1)[0] == line


HOSTILE = {
    "parentheses": "guide x { when " + "(" * 50_000,
    "braces": "guide x {\n" + "{ " * 30_000,
    "quotes": '"' * 50_000,
    "unreadable lines": "guide x {\n" + "foo bar = \n" * 5_000,
    "unreadable words": "guide x { " + "= " * 30_000,
    "no declaration at all": "foo ( { " * 60_000,
    "a condition beyond every limit": "segment s where " + 'plan is "a" and ' * 3_900,
    "names of Python": "guide __class__ { when __globals__ is ",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_answered_too(text: str) -> None:
    assert isinstance(complete(text, len(text), PROJECT), tuple)


@given(st.data())
def test_whatever_is_written_and_wherever_one_asks_there_is_an_answer(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.sampled_from([0, 0, 1, 5, 80]))
        text = text[:at] + data.draw(st.text(max_size=6) | st.sampled_from(PIECES)) + text[at + gone :]
    position = data.draw(st.integers(-1, len(text) + 1))
    for each in complete(text, position, PROJECT):
        assert 0 <= each.start <= each.end <= len(text)


PIECES = ['"', '"""', "{", "}", "(", ")", "{{", "}}", "`", "#", "\n", "guide ", "when ", "where ", "not ", "all of {"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        'attribute plan: one of "a"',
        "guide x {",
        'guide x { on "E" when seats >= 5',
        'guide x { when did "E" where (a is 1) in last 3 days',
        "survey x { ask nps score",
        "limits { at most 1 guide",
        'guide x { show modal { title "T" }',
    ],
)
def test_what_may_come_next_is_what_larks_interactive_parser_accepts(text: str) -> None:
    parser = LARK.parse_interactive(text, start="program")
    for token in parser.lexer_thread.lex(parser.parser_state):
        parser.feed_token(token)
    assert tables().accepts(spots(text, "", "")[-1].states) == parser.accepts() - {"$END"}


LARK = build(None)
