"""The pages on htmx 4.0.1: the same tests, the shipped pages and scripts, another htmx (PORTAL 2.1 and I2).

What runs here each time is the working day's deeds; `HTMX=4` in the environment runs every browser test so.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser import test_bell, test_decisions, test_desk, test_frame, test_queue, test_refresh
from tests.browser.conftest import HTMX_4, Desk

LEG: tuple[Callable[[Desk], None], ...] = (
    test_frame.test_four_fast_enters_are_one_request_and_the_focus_stays,
    test_frame.test_an_unsent_deed_can_be_tried_again,
    test_frame.test_what_the_server_says_is_said,
    test_frame.test_a_task_that_somebody_else_claims_says_so_where_it_stands,
    test_queue.test_claiming_by_keyboard_leaves_the_focus_on_the_row,
    test_queue.test_the_second_person_reads_who_was_faster,
    test_queue.test_completing_moves_to_the_next_row_and_undo_brings_it_back,
    test_queue.test_completing_and_opening_the_next,
    test_queue.test_searching_keeps_the_caret_and_no_word_of_it_reaches_the_url,
    test_queue.test_tabs_change_the_list_and_back_restores_it,
    test_queue.test_a_new_task_waits_behind_a_button_and_moves_nothing,
    test_queue.test_the_panel_opens_beside_the_list_and_closes_to_its_row,
    test_queue.test_more_rows_come_behind_the_last_and_the_focus_goes_to_the_first_of_them,
    test_queue.test_an_escalation_is_acknowledged_and_resolved_in_its_card,
    test_refresh.test_a_list_that_is_older_than_a_deed_is_dropped,
    test_refresh.test_a_row_whose_deed_is_on_its_way_is_left_alone,
    test_refresh.test_the_news_of_another_card_take_the_focus_from_no_field,
    test_desk.test_a_kept_filter_page_never_opens_as_a_fragment,
    test_desk.test_an_ended_session_leads_to_sign_in_and_back_to_the_page,
    test_desk.test_many_are_completed_by_a_second_press_and_what_failed_stays_ticked,
    test_decisions.test_a_rejection_without_a_reason_goes_to_what_is_missing,
    test_decisions.test_what_another_doctor_has_decided_is_told,
    test_decisions.test_a_decision_can_be_taken_back_for_ten_seconds,
    test_bell.test_marking_one_read_reaches_the_second_tab,
    test_bell.test_clearing_is_undone_from_the_message_and_leaves_escalations,
    test_bell.test_an_inbox_that_does_not_come_says_so_and_is_asked_for_again,
)


@pytest.fixture
def on_four(desk: Desk) -> Desk:
    desk.htmx = "4"
    return desk


@pytest.mark.parametrize("played", LEG, ids=lambda one: one.__name__.removeprefix("test_"))
def test_the_page_runs_htmx_4(played: Callable[[Desk], None], on_four: Desk) -> None:
    played(on_four)


def test_the_second_leg_is_the_release_that_was_asked_for(on_four: Desk) -> None:
    page = on_four.open("Alice", "/tasks/")

    assert page.evaluate("htmx.version") == "4.0.1"
    assert 'version="4.0.1"' in HTMX_4[0].read_text()
