"""Reviewing in a real browser: by keyboard, on a wide screen and a telephone, and two people at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from calls.models import Review
from clinics.tenancy import inside
from tests.browser.conftest import Desk
from tests.browser.test_every_page import SCHEMES, _axe, _outline, _sideways, _small, look
from tests.reviews.conftest import EMERGENCY, QUESTION, REFILL, hold_call, set_policy

SHOTS = os.environ.get("SCREENSHOTS", "")


@pytest.fixture
def calls(desk: Desk) -> Iterator[dict[str, UUID]]:
    """Calls of a clinic that was in its pilot: an alarm, one of another week, one that needs little."""
    now = timezone.now()
    held = {
        "alarm": hold_call(desk.clinic, *EMERGENCY, at=now - timedelta(minutes=9)),
        "refill": hold_call(desk.clinic, *REFILL, at=now - timedelta(minutes=6)),
        "question": hold_call(desk.clinic, *QUESTION, at=now - timedelta(minutes=3)),
        "old": hold_call(desk.clinic, "i need a refill", at=now - timedelta(days=8)),
    }
    set_policy(desk.clinic, phase="pilot")
    yield held
    set_policy(desk.clinic, phase="expansion")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def ready(page: Page) -> Page:
    """The page once its scripts listen to keys."""
    expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting")
    return page


def acknowledged(desk: Desk) -> None:
    from escalations.models import Escalation

    with inside(desk.clinic):
        found = list(Escalation.objects.alarming())
    for one in found:
        desk.acknowledge(one)


def test_the_pages_read_well_on_a_screen_and_a_telephone(desk: Desk, calls: dict[str, UUID]) -> None:
    faults: list[str] = []
    acknowledged(desk)
    with inside(desk.clinic):
        from calls.reviews.actions import Judgement, Share, save_review

        for name in ("alarm", "question"):
            save_review(
                by=desk.person("Bob"), call_id=calls[name], seen=0, judgement=Judgement("correct"), share=Share()
            )
    paths = {
        "list": "/reviews/",
        "reviewed": "/reviews/?show=done",
        "week": f"/reviews/{calls['refill']}/",
        "reviewed-call": f"/reviews/{calls['alarm']}/",
        "figures": "/reviews/figures/",
    }

    page = desk.browser_of("Carol").new_page()
    for width in (1366, 390, 320):
        for name, path in paths.items():
            look(page, desk.url(path), width)
            ready(page)
            if name == "week":
                page.locator("#verdict-missed").check()
                page.locator("#share > summary").click()
            found = [*_axe(page), *_sideways(page), *_small(page, width)]
            found += _outline(page) if width == 1366 else []
            faults += [f"{name} {width}: {fault}" for fault in found]
            shot(page, f"{name}-{width}")

    assert faults == []


@pytest.mark.parametrize("scheme", ["dark", "forced"])
def test_the_figures_read_well_in_other_colours(
    scheme: str,
    desk: Desk,
    calls: dict[str, UUID],
) -> None:
    page = desk.open("Carol", "/reviews/figures/", **SCHEMES[scheme])

    assert _axe(page) == []
    page.goto(desk.url(f"/reviews/{calls['alarm']}/"))
    assert _axe(page) == []


def test_a_call_is_reviewed_by_keyboard_and_the_next_one_opens(desk: Desk, calls: dict[str, UUID]) -> None:
    acknowledged(desk)
    page = ready(desk.open("Bob", "/reviews/"))

    page.keyboard.press("n")
    page.wait_for_url(desk.url(f"/reviews/{calls['alarm']}/"))
    ready(page)
    page.keyboard.press("3")
    expect(page.locator("#verdict-false_alarm")).to_be_checked()
    expect(page.locator("#alarm_finding")).to_be_visible()
    expect(page.locator("#missed_turn")).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#verdict-correct")).to_be_checked()
    page.keyboard.press("Shift+E")

    expect(page).not_to_have_url(desk.url(f"/reviews/{calls['alarm']}/"))
    expect(page.locator("h1")).to_have_text("Review of a call")
    expect(page.locator("#messages")).to_contain_text("Review saved.")
    with inside(desk.clinic):
        assert Review.objects.get().verdict == "correct"


def test_a_refused_review_says_why_where_the_focus_is(desk: Desk, calls: dict[str, UUID]) -> None:
    desk.expect_error("422")
    page = ready(desk.open("Bob", f"/reviews/{calls['question']}/"))
    page.keyboard.press("2")
    page.locator("#note").fill("A note that is kept")
    page.locator("#save").click()

    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("#problem")).to_contain_text("Choose the sentence in which it was missed.")
    expect(page.locator("#note")).to_have_value("A note that is kept")
    expect(page.locator("#say")).to_contain_text("Choose the sentence")
    page.locator("#problem-link").click()
    page.locator("#missed_turn").select_option("1")
    page.locator("#missed_label").select_option("urgent")
    page.locator("#save").click()

    expect(page.locator("#review-title")).to_have_text("Reviewed: Missed")
    expect(page.locator("#review-title")).to_be_focused()


def test_the_second_of_two_reviewers_sees_the_firsts_and_may_replace_it(
    desk: Desk,
    calls: dict[str, UUID],
) -> None:
    desk.expect_error("409")
    path = f"/reviews/{calls['alarm']}/"
    acknowledged(desk)
    bob, carol = desk.open("Bob", path), desk.open("Carol", path)
    bob.locator("#verdict-correct").check()
    bob.locator("#save").click()
    expect(bob.locator("#review-title")).to_have_text("Reviewed: Correct")

    carol.locator("#verdict-false_alarm").check()
    carol.locator("#alarm_finding").select_option("1:0")
    carol.locator("#alarm_label").select_option("other")
    carol.locator("#save").click()

    expect(carol.locator("#problem")).to_contain_text("Bob Lee was quicker.")
    expect(carol.locator("#review-title")).to_have_text("Reviewed: Correct")
    expect(carol.locator("#alarm_label")).to_have_value("other")
    carol.locator("#save").click()
    expect(carol.locator("#review-title")).to_have_text("Reviewed: False alarm")
    expect(carol.locator("#history")).to_contain_text("Bob Lee")
    shot(carol, "replaced-1366")


def test_a_review_is_taken_back_by_key(desk: Desk, calls: dict[str, UUID]) -> None:
    acknowledged(desk)
    page = ready(desk.open("Bob", f"/reviews/{calls['question']}/"))
    page.keyboard.press("1")
    page.keyboard.press("e")
    expect(page.locator("#review-title")).to_have_text("Reviewed: Correct")

    page.keyboard.press("u")

    expect(page.locator("#review-title")).to_have_text("Your review")
    with inside(desk.clinic):
        assert not Review.objects.standing().exists()


def test_everything_works_without_scripts(desk: Desk, calls: dict[str, UUID]) -> None:
    page = desk.open("Carol", f"/reviews/{calls['question']}/", java_script_enabled=False)
    page.locator("#verdict-missed").check()
    page.locator("#missed_turn").select_option("1")
    page.locator("#missed_label").select_option("other")
    page.locator("#share > summary").click()
    page.locator("#keep-1").check()
    page.locator("#save").click()

    assert "Reviewed: Missed" in page.locator("#review-title").inner_text()
    page.goto(desk.url("/reviews/figures/"))
    with page.expect_download() as download:
        page.locator("#export").click()
    assert "where can i park" in Path(download.value.path()).read_text()
