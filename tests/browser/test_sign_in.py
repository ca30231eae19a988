"""Signing in and out (PORTAL 6, H1 to H6 without a second factor yet)."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.conftest import PASSWORD

ALICE = "alice@north.test"


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_stranger_signs_in_and_returns_to_the_page_they_wanted(desk: Desk) -> None:  # H4
    page = desk.open("", "/notifications/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))

    sign_in(page, ALICE)

    expect(page).to_have_url(desk.url("/notifications/"))


def test_a_wrong_password_moves_the_focus_to_the_problem_and_keeps_the_address(desk: Desk) -> None:
    desk.expect_error("status of 422")
    page = desk.open("", "/sign-in/")

    sign_in(page, ALICE, "something else entirely")

    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("not right")
    assert page.get_by_label("E-mail").input_value() == ALICE
    assert page.get_by_label("Password", exact=True).input_value() == ""
    assert Axe().run(page).violations_count == 0


def test_password_managers_and_pasting_work_and_the_password_can_be_shown(desk: Desk) -> None:  # H1, H5
    page = desk.open("", "/sign-in/")
    password = page.get_by_label("Password", exact=True)
    expect(page.get_by_label("E-mail")).to_have_attribute("autocomplete", "username")
    expect(password).to_have_attribute("autocomplete", "current-password")

    page.get_by_label("Show password").check()

    expect(password).to_have_attribute("type", "text")


def test_the_sign_in_page_works_without_scripts(desk: Desk) -> None:
    page = desk.open("", "/sign-in/", java_script_enabled=False)

    sign_in(page, ALICE)

    expect(page).to_have_url(desk.url("/tasks/"))


def test_an_expired_session_leads_a_fragment_s_request_to_sign_in_and_swaps_nothing(desk: Desk) -> None:  # C8
    desk.expect_error("status of 40")
    desk.task()
    page = desk.open("Alice", "/tasks/?q=Alvarez")
    page.context.clear_cookies()

    page.locator("#bell").click()

    expect(page).to_have_url(desk.url("/sign-in/?next=/tasks/"))


def test_after_signing_out_going_back_shows_nothing(desk: Desk) -> None:  # H6
    desk.expect_error("status of 40")
    desk.task("Maria Alvarez")
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("main")).to_contain_text("Maria Alvarez")
    page.locator("#me").click()
    page.locator("#sign-out").click()
    expect(page).to_have_url(re.compile("/sign-in/"))

    page.go_back()

    expect(page).to_have_url(re.compile("/sign-in/"))
    assert "Alvarez" not in page.content()


def test_a_cached_fragment_is_never_shown_as_a_page(desk: Desk) -> None:  # C7
    desk.task()
    page = desk.open("Alice", "/tasks/")
    page.evaluate("fetch('/tasks/?status=completed', {headers: {'HX-Request': 'true'}}).then(r => r.text())")

    page.goto(desk.url("/tasks/?status=completed"))
    page.goto(desk.url("/phone/"))
    page.go_back()

    expect(page.locator("header.top")).to_be_visible()
