"""What a name means, where it comes from, and giving it another: `|` in a text is the position."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.navigate import Hover, Refused, Sort, declaration_of, hover, name_at, rename, uses
from dsl.operators import OPERATORS
from dsl.project import RuleProject, load

WHOLE = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
FILE, OTHER = "mine.way", "onboarding.way"


def marked(text: str) -> tuple[RuleProject, int]:
    position = text.index("|")
    return load({OTHER: WHOLE, FILE: text[:position] + text[position + 1 :]}), position


def hovered(text: str) -> Hover | None:
    project, position = marked(text)
    return hover(project, FILE, position)


def renamed(text: str, new: str) -> dict[str, str] | Refused:
    """The files as they are after a rename; only those that change."""
    project, position = marked(text)
    edits = rename(project, FILE, position, new)
    if isinstance(edits, Refused):
        return edits
    files = dict(project.sources)
    for edit in sorted(edits, key=lambda each: each.span.start, reverse=True):
        source = files[edit.span.file]
        files[edit.span.file] = source[: edit.span.start] + edit.text + source[edit.span.end :]
    return {name: text for name, text in files.items() if text != project.sources[name]}


NAMES = [
    ("segment s where pl|an is set", Sort.ATTRIBUTE, "plan", "attribute plan"),
    ("segment s where account.ind|ustry is set", Sort.ACCOUNT_ATTRIBUTE, "industry", "account attribute industry"),
    ('segment s where did "Domain| Added"', Sort.EVENT, "Domain Added", 'event "Domain Added"'),
    ('segment s where did "Domain Added" where prov|ider is set', Sort.PROPERTY, "provider", "domain: text, provider"),
    ('segment s where sum of rec|ipients in "Campaign Sent" > 1', Sort.PROPERTY, "recipients", "{ recipients"),
    ('guide x { on "DNS Check Failed" when event.rea|son is set }', Sort.PROPERTY, "reason", "{ reason"),
    ("segment s where at acti|vation.signup", Sort.JOURNEY, "activation", "journey activation"),
    ("segment s where at activation.sig|nup", Sort.STEP, "signup", "step signup"),
    ("segment s where at activation.onb|oarding", Sort.STAGE, "onboarding", "stage onboarding"),
    ("segment s where in self|_serve", Sort.SEGMENT, "self_serve", "persona self_serve"),
    ("guide x { for self|_serve }", Sort.SEGMENT, "self_serve", "persona self_serve"),
    ("record for enterprise, self|_serve sample 5%", Sort.SEGMENT, "self_serve", "persona self_serve"),
    ("record at acti|vation.signup", Sort.JOURNEY, "activation", "journey activation"),
    ("record at activation.sig|nup for self_serve", Sort.STEP, "signup", "step signup"),
    ("record for self_serve at activation.onb|oarding", Sort.STAGE, "onboarding", "stage onboarding"),
    ("segment s where saw verify|_help", Sort.GUIDE, "verify_help", "guide verify_help"),
    ("segment s where completed act|ivation", Sort.JOURNEY, "activation", "journey activation"),
    ("segment s where completed verify|_help", Sort.GUIDE, "verify_help", "guide verify_help"),
    ("segment s where answered verify_effort.ea|se <= 3", Sort.QUESTION, "ease", "ask effort ease"),
    ('guide x { show modal { title "Hi {{ first|_name }}" } }', Sort.ATTRIBUTE, "first_name", "attribute first_name"),
    ('guide x { show modal { button "B" starts verify|_help } }', Sort.GUIDE, "verify_help", "guide verify_help"),
    ("segment s where seats >= 80% of sea|ts", Sort.ATTRIBUTE, "seats", "attribute seats"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sort", "name", "declared"), NAMES)
def test_a_name_is_known_and_leads_to_its_declaration(text: str, sort: Sort, name: str, declared: str) -> None:
    project, position = marked(text)
    found = name_at(project, FILE, position)
    assert found is not None
    assert (found.named.sort, found.named.name) == (sort, name)
    place = declaration_of(project, found.named)
    assert place is not None
    written = WHOLE[place.span.start : place.span.end]
    assert written.strip('"') == name
    assert WHOLE[: place.span.end].endswith(declared.rstrip('"') + '"' * declared.endswith('"'))


def test_an_event_that_only_a_step_names_is_declared_there() -> None:
    text = 'journey j { stage s { step a reached by "Begun" } }\nsegment t where did "Beg|un"'
    project, position = marked(text)
    found = name_at(project, FILE, position)
    assert found is not None
    place = declaration_of(project, found.named)
    assert place is not None
    assert place.span.start == text.index('"Begun"')


def test_the_same_name_of_another_thing_is_no_use_of_it() -> None:
    project = load({FILE: 'attribute reason: text\nevent "A" { reason: text }\nevent "B" { reason: text }\n'
                          'segment s where reason is set and did "A" where reason is "x"\n'})  # fmt: skip
    position = project.sources[FILE].index('reason is "x"')
    found = name_at(project, FILE, position)
    assert found is not None
    assert len(uses(project, found.named)) == 2


def test_a_segment_is_renamed_in_all_files() -> None:
    after = renamed("segment s where in self|_serve\n", "trials")
    assert isinstance(after, dict)
    assert after[FILE] == "segment s where in trials\n"
    assert 'persona trials "Self-serve trial"' in after[OTHER]
    assert "  for trials\n" in after[OTHER]


def test_a_renamed_attribute_is_still_read_under_the_name_it_is_sent() -> None:
    after = renamed("segment s where first|_name is set\n", "given name")
    assert isinstance(after, dict)
    assert after[FILE] == "segment s where `given name` is set\n"
    assert 'attribute `given name` from "first_name": text' in after[OTHER]
    assert '{{ `given name` | "there" }}' in after[OTHER]


RENAMES = [
    ("step", "segment s where at activation.sig|nup\n", "create", "step create "),
    ("event", 'segment s where did "Domain Ver|ified"\n', "Verified", 'goal "Verified" within'),
    ("question", "segment s where answered verify_effort.ea|se <= 3\n", "effort", "if effort <= 4"),
    ("property", 'segment s where did "Campaign Sent" where recip|ients > 1\n', "people", "where people >= 1"),
    ("journey", "segment s where at activ|ation.signup\n", "start", "friction at start.verify_domain"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "new", "expected"), [each[1:] for each in RENAMES], ids=[each[0] for each in RENAMES])
def test_after_a_rename_everything_means_what_it_meant(text: str, new: str, expected: str) -> None:
    before, _ = marked(text)
    after = renamed(text, new)
    assert isinstance(after, dict)
    assert expected in after[OTHER]
    found = load({**before.sources, **after}).diagnostics
    assert [each.code for each in found] == [each.code for each in before.diagnostics]


REFUSED = [
    ("segment s where in self|_serve", "activation", "`activation` is a journey already"),
    ("segment s where pl|an is set", "seats", "there is an attribute `seats` already"),
    ("segment s where at activation.sig|nup", "connect_domain", "there is a step `connect_domain` already"),
    ("segment s where page.pa|th is set", "address", "`page.path` is built in: its name is fixed"),
    ('segment s where did "$pa|ge"', "Page", "`$page` is built in: its name is fixed"),
    ("segment s where em|ail is set", "mail", "`email` is not declared in these files"),
    ("segment s where in self|_serve", "a`b", "a name has 1 to 128 characters, without quotes, backticks and braces"),
    ("segment s where| in self_serve", "x", "there is no name here that could be changed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "new", "message"), REFUSED)
def test_a_rename_that_cannot_be_says_why(text: str, new: str, message: str) -> None:
    assert renamed(text, new) == Refused(message)


HOVERS = [
    ("segment s where se|ats > 1", "attribute `seats`: number", ""),
    ("segment s where sales|_assisted is yes", "attribute `sales_assisted`: yes/no", "no stands for it"),
    ('segment s where did "DNS| Check Failed"', "event “DNS Check Failed”", "It is an attempt at the step Verify"),
    ("segment s where at activation.verify|_domain", "step `activation.verify_domain`", "Reached by “Domain Verified”"),
    ("segment s where in self|_serve", "persona `self_serve`", "plan is “trial”"),
    ("segment s where saw verify|_help", "guide `verify_help`", "Shown to self-serve trial users"),
    ("segment s where answered verify_effort.ea|se <= 3", "question `verify_effort.ease`", "How easy was it"),
    ("segment s where plan is on|e of \"free\"", "`is one of`", OPERATORS["is one of"].doc),
    ("guide x { show tool|tip beside", "widget `tooltip`", "points at one element"),
    ('survey x { ask np|s score "?"', "type of question `nps`", ""),
    ("segment s where felt frus|trated at activation.signup", "feeling `frustrated`", "-0.9"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title", "said"), HOVERS)
def test_a_word_is_explained(text: str, title: str, said: str) -> None:
    found = hovered(text)
    assert found is not None
    assert found.title == title
    assert said in "\n".join(found.lines)


@pytest.mark.parametrize("text", ["segment s wh|ere plan is set", "# seg|ment", "|", 'segment s where plan is "fr|ee"'])
def test_there_is_nothing_to_say_of_other_words(text: str) -> None:
    assert hovered(text) is None
