"""No statement of the language's description goes without a test, here or where only another layer can show it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.meaning import test_what_conditions_mean, test_what_guides_mean, test_what_histories_mean
from tests.meaning.statements import STATEMENTS, statement

ROOT = Path(__file__).parents[2]

INGEST, SERVICE, STATE = "tests/engine/test_ingest.py", "tests/engine/test_service.py", "tests/engine/test_state.py"
RECORDS, EMOTION, SURVEYS = (
    "tests/engine/test_records.py",
    "tests/engine/test_emotion.py",
    "tests/engine/test_surveys.py",
)
HISTORIES, TOOLTIP, MODAL = (
    "tests/engine/test_conditions_histories.py",
    "widgets/tooltip/test_tooltip.py",
    "widgets/modal/test_modal.py",
)
IDENTITY, EVAL = "tests/engine/test_storage_identity.py", "tests/api/test_decide_and_eval.py"

VERSIONS = "tests/engine/test_survey_versions.py"

ELSEWHERE: dict[str, list[str]] = {
    "a value that cannot be read is counted": [
        "tests/engine/test_unreadable.py::test_what_cannot_be_read_is_counted_where_it_came"
    ],
    "After the first answer, changing": [
        f"{VERSIONS}::test_an_answered_survey_with_another_scale_starts_a_new_version",
        f"{VERSIONS}::test_before_the_first_answer_nothing_starts",
    ],
    "so does changing its type or its choices": [
        f"{VERSIONS}::test_what_makes_answers_before_and_after_two_things",
        f"{VERSIONS}::test_another_wording_starts_nothing",
    ],
    "an answer belongs to the version that its user saw": [
        f"{VERSIONS}::test_who_saw_the_survey_before_the_change_answers_the_version_that_they_saw",
        f"{VERSIONS}::test_states_agree_with_the_log_and_versions_survive_a_restart",
    ],
    "a condition reads the latest answer": [
        f"{VERSIONS}::test_a_condition_reads_the_latest_answer_of_whichever_version"
    ],
    "otherwise it is unknown": [f"{STATE}::test_traits_that_cannot_be_read_are_told"],
    "Everything is measured at the instant of the decision": [
        "tests/engine/test_intake.py::test_times_are_corrected_by_the_clock_of_the_sender",
        "tests/engine/test_intake.py::test_a_time_in_the_future_is_set_to_the_receipt_and_flagged",
    ],
    "Late events take their true place": [f"{INGEST}::test_events_in_any_order_of_arrival_give_the_state_of_a_replay"],
    "A step passed over is *skipped*": [f"{RECORDS}::test_what_became_of_a_person_at_each_step"],
    "Step record: *entered*": [f"{RECORDS}::test_what_became_of_a_person_at_each_step"],
    "Step record: *completed*": [f"{RECORDS}::test_what_became_of_a_person_at_each_step"],
    "Step record: *skipped*": [f"{RECORDS}::test_what_became_of_a_person_at_each_step"],
    "Step record: *dropped*": [f"{RECORDS}::test_what_became_of_a_person_at_each_step"],
    "Step record: else *in progress*": [f"{RECORDS}::test_what_became_of_a_person_at_each_step"],
    "one that comes from a server waits that long": [
        f"{SERVICE}::test_an_event_of_a_server_waits_five_minutes_for_the_users_next_request",
        f"{SERVICE}::test_a_waiting_event_survives_a_restart_and_wakes_once",
    ],
    "replays, imports and duplicates never trigger": [
        f"{SERVICE}::test_a_repeated_message_wakes_nothing",
        "tests/engine/test_intake.py::test_an_import_wakes_nothing",
    ],
    "A browser event has a context": [
        f"{STATE}::test_a_browser_event_has_a_page_or_a_user_agent_and_no_server_library"
    ],
    "when an anonymous id is linked to a user": [
        f"{INGEST}::test_a_visitor_and_the_user_they_turn_out_to_be_have_one_history",
        f"{INGEST}::test_answers_caps_and_guides_of_a_visitor_are_the_users",
    ],
    "the user's attributes win": [f"{STATE}::test_the_user_s_attributes_win_over_those_of_the_anonymous_history"],
    "rollout, variant and holdout stay those of": [f"{IDENTITY}::test_arms_stay_those_of_whoever_was_exposed_first"],
    "the winner's holdout comes last": [f"{SERVICE}::test_who_is_held_out_is_told_nothing_and_counts_as_shown"],
    "Frequency counts *shown*": [
        f"{TOOLTIP}::test_it_is_told_as_shown_after_a_second_in_view_with_its_variant",
        f"{SERVICE}::test_a_show_counts_for_the_frequency",
    ],
    "The confirmation before showing": [
        "tests/engine/test_confirming.py::test_two_tabs_that_confirm_get_one_show",
        "tests/engine/test_confirming.py::test_a_place_that_is_not_used_is_free_again_after_thirty_seconds",
    ],
    "`until dismissed` ends with the close control": [
        f"{TOOLTIP}::test_each_way_out_is_told_in_its_own_words",
        f"{MODAL}::test_each_way_out_is_told",
    ],
    "`goal … within D` is": ["tests/engine/test_decisions_example.py::test_what_the_effect_is_measured_on"],
    "`if COND` decides whether a question is asked": [
        f"{SURVEYS}::test_what_an_if_says_of_earlier_answers",
        f"{SURVEYS}::test_which_questions_are_met",
        "tests/dsl/test_error_corpus.py::test_a_broken_input_gives_exactly_these_messages",
    ],
    "`then end` / `then ask ID` on a question": [f"{SURVEYS}::test_which_questions_are_met"],
    "`stop after N` counts accepted submissions": [
        f"{SERVICE}::test_a_survey_stops_after_enough_responses",
        f"{STATE}::test_answers_of_one_submission_count_as_one",
    ],
    "From `feels …` on a choice, from scores": [
        f"{EMOTION}::test_an_answer_says_a_feeling",
        f"{EMOTION}::test_a_score_has_a_valence",
        f"{EMOTION}::test_words_are_read_only_in_english",
        f"{EMOTION}::test_what_was_only_read_out_of_words_is_marked_as_inferred",
    ],
    "What a user says overrules what was inferred": [
        f"{RECORDS}::test_what_was_said_overrules_what_was_inferred_from_the_same_submission",
        f"{EMOTION}::test_a_choice_that_says_a_feeling_overrules_the_words_beside_it",
    ],
    "beyond, the log answers": [
        f"{HISTORIES}::test_beyond_a_thousand_events_the_log_answers",
        f"{HISTORIES}::test_beyond_a_thousand_different_values_the_log_answers",
        f"{HISTORIES}::test_a_count_above_a_thousand_in_a_window_is_answered_from_the_log",
    ],
    "A new rule is answered from history at once": [f"{INGEST}::test_new_rules_are_answered_from_history"],
    "The same `messageId` with other content": [f"{INGEST}::test_of_two_messages_with_one_id_the_first_received_wins"],
    "The step's score is the mean over its entrants": [
        f"{RECORDS}::test_friction_is_the_mean_over_entrants_with_its_weights"
    ],
    "`eval` has one person and no trigger": [
        f"{EVAL}::test_a_condition_has_a_value",
        f"{EVAL}::test_a_question_that_cannot_be_answered_has_an_error_with_a_code",
    ],
    "names seen only in the object's own events": [
        f"{EVAL}::test_a_question_that_cannot_be_answered_has_an_error_with_a_code"
    ],
}
"""Statements that storage, the web or a browser shows, with the tests of those layers."""


def said_in(path: Path) -> set[str]:
    """The statements that the tests of a module name with `@says(…)`."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "says"]
    return {statement(ast.literal_eval(argument)) for call in named for argument in call.args}


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


TABLED = [
    *test_what_conditions_mean.STATED,
    *test_what_histories_mean.STATED,
    *test_what_guides_mean.STATED,
]


def test_every_statement_has_a_test():
    modules = sorted(Path(__file__).parent.glob("test_what_*.py"))
    tested = {statement(beginning) for beginning in (*TABLED, *ELSEWHERE)}
    tested |= {each for module in modules for each in said_in(module)}
    assert [each for each in STATEMENTS if each not in tested] == []


def test_no_statement_is_there_twice():
    assert len(set(STATEMENTS)) == len(STATEMENTS)


@pytest.mark.parametrize("test", sorted({test for tests in ELSEWHERE.values() for test in tests}))
def test_a_test_of_another_layer_is_there(test):
    path, _, name = test.partition("::")
    assert name in functions(ROOT / path)
