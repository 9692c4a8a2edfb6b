"""What the reference says of each rule of the grammar: its meaning in a sentence or two, and an example.

Forms are not written here: they come from the grammar. A rule without an entry stops the page from being made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """doc: what it means, for a product manager. example: in canonical form, about the product of `world.way`."""

    doc: str
    example: str


DECLARATIONS: Final[Mapping[str, Entry]] = {
    "attribute": Entry(
        "Something known of a user, or of the account that a user belongs to, by its name as it is sent; `from` where "
        "that is another. A default stands in for unset and blank values.",
        'account attribute size from "Company Size": number default 1',
    ),
    "event_declaration": Entry(
        "An event and its properties. With `when clicked` the snippet sends it, and no engineer is needed. Events in "
        "`reached by`, `attempted by`, `outcome` and `goal` are declared by that.",
        'event "Opened DNS help" when clicked "#dns-help" on page "/domains/*"',
    ),
    "journey": Entry(
        "Steps in their order, in stages. It is completed by its outcome, or without one by its last step. A user of "
        "whom nothing of it is heard for the time of `gives up after` has dropped out.",
        'journey reporting "Reporting" {\n  stage use "Use" {\n    step export "Export" reached by "Report Exported"\n'
        '  }\n  outcome "Report Exported"\n  gives up after 3 days\n}',
    ),
    "feature": Entry(
        "What adoption is measured on; content that names a feature that its audience lacks is a warning.",
        'feature reports used by "Report Exported" for enterprise',
    ),
    "segment": Entry(
        "A condition with a name. Segments may stand in each other, but not in a circle.",
        'segment large "Large teams" where seats >= 50',
    ),
    "persona": Entry("A segment that maps are drawn for.", 'persona admin "Admins" where role is "admin"'),
    "guide": Entry(
        "When, for whom, how often, and what: [clauses](#clauses) and one `show`, or several as `variant`.",
        'guide hello "Hello" {\n  show modal {\n    title "Hello"\n  }\n\n  once\n  expires 2030-06-30\n}',
    ),
    "survey": Entry(
        "A guide whose content is [questions](#questions); the same clauses.",
        'survey recommend "Recommendation" {\n  ask nps score "Would you recommend us?"\n\n  once every 90 days\n'
        "  expires 2030-06-30\n}",
    ),
    "feedback": Entry(
        "A launcher that is always there, through which users comment on a page or an element.",
        'feedback ideas "Ideas" {\n  ask text idea "What is missing here?"\n}',
    ),
    "limits": Entry(
        "Caps across guides. `guide` means guides without questions, `survey` surveys, a widget's name that widget in "
        "either. Several blocks all hold.",
        "limits {\n  at most 3 guides per 7 days\n  at least 10 minutes between guides\n}",
    ),
    "record": Entry(
        "Of whom pages record what happens, and where: of users who stand at one of these steps, and who are in one of "
        "these segments. At least one of `at` and `for` stands there; several `record`: whoever any of them is of. "
        "`sample` is a stable share of these users, by one hash for all of them. Nothing is recorded unless the "
        "project's settings say so too.",
        "record at activation.verify_domain, activation.first_value for self_serve sample 20%",
    ),
    "import_file": Entry(
        "Another file, read when a single one is checked. Otherwise a project is a folder: all of its `.way` files are "
        "one namespace, each read once.",
        'import "limits.way"',
    ),
}
"""The alternatives of `program`."""

JOURNEYS: Final[Mapping[str, Entry]] = {
    "stage": Entry(
        "A part of a journey; `as` names its phase in the life of a customer.",
        'stage trying "Trying it out" as first value {\n  step try "Try" reached by "Viewed Docs"\n}',
    ),
    "step": Entry(
        "Reached by any of its events, attempted by others. A touchpoint is a page, an element of one, or something "
        "outside the product. `expect within` is the time that a smooth user needs.",
        'step verify "Verify" reached by "Domain Verified" attempted by "DNS Check Failed" '
        'touchpoint "/domains/*", "Welcome mail" on email expect within 10 minutes',
    ),
    "outcome": Entry("What the journey is for.", 'outcome "Campaign Sent" where recipients >= 10'),
    "gives_up": Entry(
        "After how long without anything of the journey a user has dropped out.", "gives up after 7 days"
    ),
}

LIMITS: Final[Mapping[str, Entry]] = {
    "at_most_limit": Entry("How many, in a session or in some time.", "at most 1 survey per 14 days"),
    "at_least_limit": Entry("How long after one the next may come.", "at least 10 minutes between guides"),
}

CLAUSES: Final[Mapping[str, Entry]] = {
    "at_clause": Entry(
        "The user is at one of these steps, or at any step of a stage. Answers and friction belong to it.",
        "at activation.verify_domain",
    ),
    "on_event": Entry(
        "The guide is decided when this happens, never for older events. Several `on`: any of them. Without any, it is "
        "decided at every request for guidance.",
        'on "DNS Check Failed" where attempt > 1 or reason is "NXDOMAIN"',
    ),
    "on_first": Entry("The same, of the first such event of the user only.", 'on first "Report Exported"'),
    "on_page": Entry("The guide is decided when a page with such a path is viewed.", 'on page "/domains/*"'),
    "on_session_start": Entry("The guide is decided when a session begins.", "on session start"),
    "for_clause": Entry("The user is in any of these segments.", "for self_serve, enterprise"),
    "when": Entry("Must be true; several: all of them.", 'when did "DNS Check Failed" at least 2 times in last 1 day'),
    "unless": Entry("Must be known to be false; several: each of them.", 'unless did "Domain Verified"'),
    "wait": Entry(
        "What only the browser can see. The server decides all else and hands this on; the snippet waits, then asks "
        "the server again before it shows.",
        'wait until element "#dns-records" is visible for 2 seconds',
    ),
    "once": Entry("Once for each user. Without any clause of this kind: once a session.", "once"),
    "once_every": Entry(
        "Again when that much time has passed since it was shown.", "once every 7 days, at most 3 times"
    ),
    "shown_at_most": Entry("So often, ever or in some time.", "shown at most 2 times per 30 days"),
    "until": Entry("At every occasion, until the user has done this.", "until dismissed"),
    "priority": Entry(
        "0 to 100; of several guides the highest is shown, of equal ones the first by name.", "priority 80"
    ),
    "not_with": Entry("Not in a session in which the other was shown.", "not with verify_help"),
    "rollout": Entry("A stable share of users, by hash; raising it never drops anybody. Of guides.", "rollout 25%"),
    "sample": Entry("The same of surveys, drawn anew for each `once every`.", "sample 50%"),
    "holdout": Entry(
        "A stable share that would have seen it and does not, to measure the effect. 10% for guides with `at` or "
        "`goal` unless written, 0% for others and for surveys.",
        "holdout 20%",
    ),
    "goal": Entry(
        "What the effect is measured on; without it, reaching the step of `at` within 7 days.",
        'goal "Domain Verified" within 1 day',
    ),
    "from_clause": Entry("Not before. A day begins at 00:00 in the project's zone.", "from 2027-01-01"),
    "expires": Entry("Not after. A day is included to its end.", "expires 2027-06-30"),
    "only_on": Entry("Only on these days of the week, in the user's own time where it is known.", "only on weekdays"),
    "only_between": Entry("Only at this time of the user's day.", "only between 09:00 and 17:00"),
    "stop_after": Entry("Ends a survey when it has so many submissions with an answer.", "stop after 500 responses"),
    "draft": Entry("Decided and logged, never shown; takes no place.", "draft"),
    "paused": Entry("Not decided at all.", "paused"),
    "testers": Entry(
        "Shown to these only, whatever its frequency and the limits say; conditions, rollout and holdout hold.",
        "testers enterprise",
    ),
}
"""The alternatives of `_clauses` that are no content."""

HISTORIES: Final[Mapping[str, Entry]] = {
    "did": Entry("Whether, or how often, the user did it.", 'did "Report Exported" at least 3 times in last 7 days'),
    "did_not": Entry("The opposite of `did`.", 'did not "Domain Verified" in last 1 day'),
    "sequence": Entry(
        "One after the other, others in between allowed; `within` is the time from the first to the last.",
        'did "Viewed Docs" then "DNS Check Failed" then "Left Page" within 10 minutes in last 7 days',
    ),
    "directly": Entry(
        "Next to each other in one session, repeats counting as one.",
        'did "Viewed Docs" directly then "DNS Check Failed" in one session',
    ),
    "without": Entry(
        "After the latest of the first, that much time has passed without the second.",
        'did "Domain Added" and not "Domain Verified" within 1 day',
    ),
    "first_did": Entry("The time of the first of these.", 'first did "Signed Up" more than 30 days ago'),
    "last_did": Entry("The time of the latest of these.", 'last did "Report Exported" within last 2 hours'),
    "aggregate": Entry(
        "A figure of a property of these events.",
        'average of amount in "Purchase" where currency is "EUR" in last 30 days >= 20',
    ),
    "days_active": Entry("On how many days the user did anything.", "days active in last 14 days >= 3"),
    "anyone": Entry("The same of any user of the account.", 'anyone in account did "Domain Verified"'),
}

PROGRESS: Final[Mapping[str, Entry]] = {
    "at_place": Entry("The user stands at this step, or at a step of this stage.", "at activation.verify_domain"),
    "reached": Entry("The step, or any step of the stage, was reached.", "reached activation.onboarding"),
    "completed": Entry("A journey, a guide or a survey was completed.", "completed activation"),
    "stuck": Entry("The user has stood there for so long.", "stuck at activation.verify_domain for 15 minutes"),
    "returned": Entry("How often the user came back.", "returned to activation.connect_domain at least 2 times"),
    "friction": Entry(
        "How hard it went there, 0 to 1; see [friction](#friction).", "friction at activation.verify_domain >= 0.5"
    ),
    "felt": Entry(
        "A feeling that answers about this place told; see [feelings](#feelings).",
        "felt confused or doubtful at activation.verify_domain in last 7 days",
    ),
    "answered": Entry(
        "A survey, or a question of it, was answered; compared: with the latest answer.",
        "answered verify_effort.ease <= 3",
    ),
    "saw": Entry("How often the guide or survey was shown.", "saw verify_help at least 2 times in last 30 days"),
    "saw_any": Entry("How often any survey was shown.", "saw any survey in last 14 days"),
    "dismissed": Entry("The guide was closed in any way.", "dismissed verify_help"),
}

COMBINING: Final[Mapping[str, Entry]] = {
    "comparison": Entry("A value of the user, compared; see [comparisons](#comparisons).", "seats >= 5"),
    "in_segment": Entry("The user is in the segment.", "in stuck_on_dns"),
    "always": Entry("Always true.", "true"),
    "parenthesis": Entry(
        "`not` binds tighter than `and`, and `and` tighter than `or`; parentheses say otherwise. Where both mix, the "
        "formatter adds them.",
        'plan is "pro" and (seats > 50 or role is "admin")',
    ),
    "all_of": Entry("Each of these, without commas.", 'all of { plan is "trial"  seats > 3 }'),
    "any_of": Entry("At least one of these.", 'any of { plan is "trial"  seats > 3 }'),
    "none_of": Entry("Each of these is known to be false.", 'none of { plan is "trial"  seats > 3 }'),
}

COUNTING: Final[Mapping[str, Entry]] = {
    "count": Entry("Events.", 'did "Purchase" between 2 and 4 times'),
    "tally": Entry("Events, or calendar days with one.", 'did "Purchase" on at least 3 days'),
    "window": Entry(
        "In which time: the latest while, after the latest such event, after the step was first reached, from a day or "
        "a time on.",
        'did "Purchase" exactly 0 times since "Signed Up"',
    ),
}

CONTENT: Final[Mapping[str, Entry]] = {
    "show": Entry(
        "One of the [widgets](#widgets), with what stands in it.", 'show banner bottom {\n  title "Hello"\n}'
    ),
    "variant": Entry(
        "One of several, with its share; the shares add up to 100%.",
        'variant plain 50% {\n  show modal {\n    title "Hello"\n  }\n}\n'
        'variant warm 50% {\n  show modal {\n    title "Hello there"\n  }\n}',
    ),
    "title": Entry("The heading.", 'title "Two records to add"'),
    "body": Entry(
        "Markdown: paragraphs, lists, headings, quotes, code, links, bold and italics; never HTML. "
        '`{{ attribute | "fallback" }}` and `{{ event.prop | "fallback" }}` are values.',
        'body "It usually takes **five minutes**, {{ name | "friend" }}. [Step by step](/docs/dns)"',
    ),
    "image": Entry(
        "A picture, and what it shows for those who cannot see it.",
        'image "https://example.com/dns.png" alt "The form"',
    ),
    "video": Entry("A link to a film.", 'video "https://example.com/dns.mp4"'),
    "button": Entry("A button and its [action](#actions).", 'button "Later" snoozes 1 day'),
    "item": Entry(
        "Of a checklist: what is to do, and when it is done.",
        'item "Connect a domain" done when reached activation.connect_domain opens "/domains/new"',
    ),
    "tour_step": Entry(
        "Of a tour: one card, beside its element, on its page.",
        'step beside "#dns" on page "/domains/*" {\n  title "Here"\n}',
    ),
    "translation": Entry(
        "The same in another language: the exact one is taken, else its base language, else the source text. Buttons "
        "and items go by their number, questions by their id, choices by id or source text.",
        'in "de" {\n  title "Hallo"\n}',
    ),
}

ACTIONS: Final[Mapping[str, Entry]] = {
    "opens": Entry("Opens an address.", 'button "Show me" opens "/docs/dns"'),
    "completes": Entry("Completes the guide: it does not come back.", 'button "Done" completes'),
    "dismisses": Entry("Closes it.", 'button "No, thanks" dismisses'),
    "snoozes": Entry("Closes it; it comes once more after that time.", 'button "Later" snoozes 1 day'),
    "starts": Entry("Starts another guide.", 'button "Show me" starts verify_help'),
    "tracks": Entry("Sends an event.", 'button "I did" tracks "Viewed Docs"'),
}

QUESTIONS: Final[Mapping[str, Entry]] = {
    "question": Entry(
        "One question: its type, its id, its words, then its options in this order. `if` sees earlier answers only; "
        "one that was skipped is unknown, and the question is not asked.",
        'ask text why "Why?" at most 500 characters optional if ease <= 4',
    ),
    "scale": Entry("Another scale than the type's own.", 'ask rating stars "How do you like it?" 1 to 10 stars'),
    "at_most_option": Entry(
        "At most so many choices, or characters.",
        'ask choices parts "Which parts?" at most 2 {\n  "DNS"\n  "Mail"\n  "Web"\n}',
    ),
    "optional": Entry("May be left out.", 'ask email mail "Your address?" optional'),
    "shuffled": Entry(
        "The choices in an order that differs from user to user; `other` stays last.",
        'ask choice part "Which part?" shuffled {\n  "DNS"\n  "Mail"\n}',
    ),
    "ends_survey": Entry(
        "The last question, where it stands or the choice is chosen.", 'ask consent calls "May we call you?" then end'
    ),
    "asks_next": Entry(
        "Goes on with a later question.",
        'ask csat liked "Did you like it?" then ask wish\nask text why "Why?"\nask text wish "Anything else?"',
    ),
    "choice": Entry(
        "Answers are stored by the id after `as`, without one by the source text. `feels` names a "
        "[feeling](#feelings).",
        'ask choice cause "What slowed you down?" {\n  "I did not know" as unclear feels confused\n'
        '  "Nothing" then end\n}',
    ),
    "other_choice": Entry(
        "A choice with a field for words of one's own.",
        'ask choice part "Which part?" {\n  "DNS"\n  other feels neutral\n}',
    ),
    "frame": Entry(
        "Where a survey is shown; a slideout in the corner unless written.", 'show as tooltip beside "#dns"'
    ),
    "thanks": Entry("What is said at the end.", 'thanks "Thank you."'),
}
