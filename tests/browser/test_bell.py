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
    expect(page.locator("main [data-unread]")).to_have_count(0)
    page.get_by_role("button", name="Clear read").click()
    expect(page.locator("main [data-row]")).to_have_count(0)


def test_on_a_phone_it_is_a_link_to_the_page(desk: Desk) -> None:
    page = desk.open("Alice", viewport={"width": 390, "height": 844})

    expect(bell(page)).to_be_hidden()
    page.get_by_role("link", name="Inbox").click()

    expect(page).to_have_url(re.compile("/notifications/$"))


def test_clearing_is_undone_from_the_message_and_leaves_escalations(desk: Desk) -> None:  # F4
    desk.task()
    desk.emergency()
    page = desk.open("Alice", "/notifications/")
    expect(page.locator("main [data-row]")).to_have_count(2)

    page.get_by_role("button", name="Mark all 2 read").click()
    expect(page.get_by_role("button", name=re.compile("^Mark all"))).to_have_count(0)
    page.get_by_role("button", name="Clear read").click()
    expect(page.locator("main [data-row]")).to_have_count(1)
    expect(page.locator("main [data-row]")).to_contain_text("Emergency on a call")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("main [data-row]")).to_have_count(2)

    page.locator("#family").select_option("task")
    expect(page.locator("main [data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile("kind=task"))


def test_marking_all_on_the_page_reaches_the_bell_of_the_second_tab(desk: Desk) -> None:  # F2
    desk.task()
    desk.task("Josef Novak")
    browser = desk.browser_of("Alice")
    here, there = browser.new_page(), browser.new_page()
    there.goto(desk.url("/styleguide/"))
    expect(bell(there)).to_have_accessible_name(re.compile("2 unread"))
    here.goto(desk.url("/notifications/"))

    here.get_by_role("button", name="Mark all 2 read").click()

    expect(bell(there)).to_have_accessible_name("Notifications")


def test_an_inbox_that_does_not_come_says_so_and_is_asked_for_again(desk: Desk) -> None:
    for logged in ("status of 500", "Response Status Error"):
        desk.expect_error(logged)
    desk.task()
    page = desk.open("Alice")
    page.route("**/notifications/bell/", lambda route: route.fulfill(status=500))

    bell(page).click()
    expect(page.locator("#bell-panel [role=alert]")).to_contain_text("Not loaded.")
    page.unroute("**/notifications/bell/")
    page.locator("#bell-again").click()

    expect(page.locator("#bell-panel")).to_contain_text("New task")
