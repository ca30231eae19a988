"""The page of numbers lives: what happens shows within five seconds, and what is open or focused stays so."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from clinics.tenancy import inside
from tests.analytics.making import a_call
from tests.browser.conftest import Desk


def test_a_call_shows_within_five_seconds_and_open_numbers_stay_open(desk: Desk) -> None:
    with inside(desk.clinic):
        a_call(at=timezone.now() - timedelta(minutes=5), intent="refill", outcome="task")
    page = desk.open("Carol", "/analytics/?days=1")
    expect(page.locator("#tiles")).to_contain_text("Calls1")
    page.locator("#show-intents").click()
    page.locator("#row-intents-1").focus()

    with inside(desk.clinic):
        a_call(at=timezone.now() - timedelta(minutes=4), intent="billing", outcome="answered")

    expect(page.locator("#tiles")).to_contain_text("Calls2", timeout=10_000)
    expect(page.locator("#table-intents")).to_contain_text("Billing")
    expect(page.locator("#numbers-intents")).to_have_attribute("open", "")
    expect(page.locator("#row-intents-1")).to_be_focused()


def test_a_bar_opens_its_calls_by_mouse_and_by_keyboard(desk: Desk) -> None:
    with inside(desk.clinic):
        for intent in ("refill", "refill", "billing"):
            a_call(at=timezone.now() - timedelta(minutes=5), intent=intent, outcome="task")
    page = desk.open("Carol", "/analytics/?days=1")

    page.locator("#bar-intents-1").click()
    expect(page.locator("#how-many")).to_have_text("2 calls.")
    expect(page.locator("#call-rows tbody tr")).to_have_count(2)
    page.locator("#back").click()
    page.locator("#show-intents").press("Enter")
    page.locator("#row-intents-2").press("Enter")

    expect(page.locator("#how-many")).to_have_text("1 call.")
