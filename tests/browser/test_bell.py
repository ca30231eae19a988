"""The notification bell (PORTAL 5.6, F1 to F5)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def bell(page: Page):
    return page.get_by_role("button", name=re.compile("^Notifications"))


def test_the_count_is_part_of_the_button_s_name_and_grows_by_itself(desk: Desk) -> None:  # F5
    page = desk.open("Alice")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    expect(bell(page)).to_have_accessible_name("Notifications")

    desk.task()

    expect(bell(page)).to_have_accessible_name(re.compile(r"^Notifications\s*, 1 unread$"))


def test_it_opens_by_key_and_escape_gives_the_focus_back(desk: Desk) -> None:  # F1
    desk.task()
    page = desk.open("Alice")
    bell(page).focus()

    page.keyboard.press("Enter")
    expect(page.locator("#bell-panel")).to_contain_text("New task")
    page.keyboard.press("Escape")

    expect(page.locator("#bell-panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "bell"


def test_marking_one_read_reaches_the_second_tab(desk: Desk) -> None:  # F2
    desk.task()
    browser = desk.browser_of("Alice")
    here, there = browser.new_page(), browser.new_page()
    for page in (here, there):
        page.goto(desk.url("/styleguide/"))
        expect(bell(page)).to_have_accessible_name(re.compile("1 unread"))

    bell(here).click()
    here.locator("#bell-panel").get_by_role("button", name=re.compile("^Mark read")).click()

    expect(bell(here)).to_have_accessible_name("Notifications")
    expect(bell(there)).to_have_accessible_name("Notifications")


def test_mark_all_says_how_many_and_clear_keeps_what_is_unread(desk: Desk) -> None:  # F3, F4
    for name in ("Maria Alvarez", "Josef Novak", "Tess Becker"):
        desk.task(name)
    page = desk.open("Alice", "/notifications/")
    expect(page.get_by_role("button", name="Mark all 3 read")).to_be_visible()

    page.get_by_role("button", name="Clear read").click()
    expect(page.locator("main [data-row]")).to_have_count(3)

    page.get_by_role("button", name="Mark all 3 read").click()
    page.get_by_role("button", name="Clear read").click()
    expect(page.locator("main [data-row]")).to_have_count(0)


def test_on_a_phone_it_is_a_link_to_the_page(desk: Desk) -> None:
    page = desk.open("Alice", viewport={"width": 390, "height": 844})

    expect(bell(page)).to_be_hidden()
    page.get_by_role("link", name="Inbox").click()

    expect(page).to_have_url(re.compile("/notifications/$"))
