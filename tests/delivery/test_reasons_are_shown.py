"""Every reason is one that the product gives: for each, the test that shows it given."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from headwater.delivery.reasons import Reason

_TESTS = Path(__file__).resolve().parents[1]

SHOWN = {
    Reason.PERSON_DELETED: "delivery/test_reasons::test_what_the_claim_finds_says_why_not",
    Reason.MERGED_AWAY: "delivery/test_profiles::test_what_both_would_get_goes_once",
    Reason.MISSING_EMAIL: "delivery/test_reasons::test_what_the_claim_finds_says_why_not",
    Reason.INVALID_ADDRESS: "delivery/test_reasons::test_what_the_claim_finds_says_why_not",
    Reason.SUPPRESSED: "delivery/test_claiming::test_a_suppressed_address_gets_nothing",
    Reason.UNSUBSCRIBED: "delivery/test_claiming::test_an_unsubscribe_between_plan_and_claim_stops_it",
    Reason.NOT_CONSENTED: "delivery/test_reasons::test_what_the_claim_finds_says_why_not",
    Reason.ERASED_ADDRESS: "delivery/test_profiles::test_an_erased_address_that_is_imported_again_is_not_mailed",
    Reason.FAILED_FLOW_FILTERS: "flows/test_the_gate::test_the_flows_filters_are_asked_again",
    Reason.FAILED_ADDITIONAL_FILTERS: (
        "flows/test_the_gate::test_the_messages_own_filter_asks_for_a_code_worth_reminding_of"
    ),
    Reason.FAILED_EXIT_CONDITION: "flows/test_the_gate::test_an_order_a_second_before_the_email_is_due_stops_it",
    Reason.NOT_IN_AUDIENCE: "flows/test_the_gate::test_who_has_left_the_list_that_started_it_gets_no_more",
    Reason.FLOW_ARCHIVED: "flows/test_pausing::test_archiving_ends_it_for_everybody",
    Reason.GOAL_REACHED: "flows/test_acting::test_a_goal_reached_takes_back_what_was_planned_before_it",
    Reason.NOT_REVIEWED: "flows/test_reviewing::test_cancelled_for_all_they_go_on_without_it",
    Reason.MESSAGE_DRAFT: "flows/test_reviewing::test_a_draft_is_skipped_by_those_who_come_to_it",
    Reason.CANCELLED: "flows/test_the_gate::test_a_message_without_its_step_or_its_enrolment_is_cancelled",
    Reason.SMART_SENDING: "delivery/test_claiming_turns::test_the_more_important_goes_whatever_was_due_first",
    Reason.OUTRANKED: "flows/test_the_gate::test_a_more_important_flow_that_is_about_to_write_goes_first",
    Reason.FREQUENCY_CAPPED: "delivery/test_frequency::test_a_person_over_the_cap_gets_nothing_and_is_told_which",
    Reason.QUIET_HOURS_EXPIRED: (
        "delivery/test_claiming_hours::test_a_message_whose_time_is_over_before_quiet_hours_are_is_skipped"
    ),
    Reason.STALE_EVENT: "delivery/test_reasons::test_a_message_that_waited_too_long_is_stale",
    Reason.OVERDUE: "flows/test_pausing::test_skip_passes_over_what_came_due_and_goes_on",
    Reason.TEMPLATE_ERROR: "delivery/test_sender::test_everyone_gets_one_and_one_who_cannot_stops_nobody",
    Reason.CATALOG_ITEM_UNAVAILABLE: "delivery/test_claiming::test_a_product_that_went_away_cancels_its_email",
    Reason.COUPON_UNAVAILABLE: "delivery/test_claiming::test_a_shortage_of_codes_skips_who_gets_none",
    Reason.RENDERED_TOO_LARGE: (
        "delivery/test_sender::test_who_would_get_too_large_an_email_or_one_without_a_way_out_gets_none"
    ),
    Reason.UNSUBSCRIBE_LINK_MISSING: (
        "delivery/test_sender::test_who_would_get_too_large_an_email_or_one_without_a_way_out_gets_none"
    ),
    Reason.INVALID_FROM_ADDRESS: "delivery/test_reasons::test_what_the_claim_finds_says_why_not",
    Reason.REFUSED_BY_SERVER: "delivery/test_sender::test_everyone_gets_one_and_one_who_cannot_stops_nobody",
    Reason.GAVE_UP: "delivery/test_reasons::test_a_message_that_was_tried_enough_is_given_up",
    Reason.UNEXPECTED: "delivery/test_claiming::test_a_message_that_nobody_vouches_for_is_skipped",
}


@pytest.mark.parametrize("reason", Reason)
def test_a_test_shows_it(reason: Reason) -> None:
    assert reason in SHOWN, "name the test that shows it"
    module, name = SHOWN[reason].split("::")
    source = (_TESTS / f"{module}.py").read_text()
    named = [one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef) and one.name == name]
    assert named, f"there is no test {name} in {module}"
    parts = [named[0], *named[0].decorator_list]
    said = " ".join(ast.get_source_segment(source, part) or "" for part in parts)
    said += " ".join(ast.get_source_segment(source, one) or "" for one in _constants(source) if _name_of(one) in said)
    assert f"Reason.{reason.name}" in said or f'"{reason.value}"' in said, f"{name} does not speak of it"


def _constants(source: str) -> list[ast.Assign]:
    return [one for one in ast.parse(source).body if isinstance(one, ast.Assign)]


def _name_of(assigned: ast.Assign) -> str:
    return ast.unparse(assigned.targets[0])
