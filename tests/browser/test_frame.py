"""Keys, messages and lists that learn of news: what portal.js does on every page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinics.people.pages import NAVIGATION
from clinics.people.roles import GRANTS, Role
from tests.browser.conftest import Desk

QUICK = {"offline": "You are offline", 403: "may not do this", 429: "Too many requests", 500: "could not do it"}


def with_button(page: Page) -> None:
    """A button that posts, as every deed on a page does."""
    page.evaluate("""() => {
        const b = document.createElement('button'); b.id = 'deed'; b.type = 'button'; b.textContent = 'Claim';
        b.setAttribute('hx-post', '/deed/'); b.setAttribute('hx-target', '#deed');
        b.setAttribute('hx-swap', 'outerHTML'); b.setAttribute('hx-sync', 'this:drop'); b.dataset.busy = 'Claiming…';
        document.getElementById('main').prepend(b); htmx.process(b); }""")


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_refused_deed_says_what_failed_and_why_and_changes_nothing(status: int, desk: Desk) -> None:
    desk.expect_error(f"status of {status}")
    desk.expect_error("Response Status Error Code")
    page = desk.open("Alice")
    with_button(page)
    page.route(
        "**/deed/",
        lambda route: route.fulfill(status=status, body="<p>error page</p>", headers={"X-Request-ID": "7f3a91"}),
    )

    page.locator("#deed").click()

    toast = page.get_by_role("alert").filter(has_text="Claim did not work.")
    expect(toast).to_contain_text(QUICK[status])
    expect(toast).to_contain_text("7f3a91")
    expect(page.locator("#deed")).to_have_text("Claim")
    assert page.get_by_text("error page").count() == 0


def test_an_unsent_deed_can_be_tried_again(desk: Desk) -> None:
    desk.expect_error("net::ERR")
    desk.expect_error("htmx:")
    page = desk.open("Alice")
    with_button(page)
    page.route("**/deed/", lambda route: route.abort("internetdisconnected"))
    page.locator("#deed").click()
    toast = page.get_by_role("alert").filter(has_text="Claim did not work. You are offline")
    expect(toast).to_be_visible()

    page.unroute("**/deed/")
    page.route("**/deed/", lambda route: route.fulfill(status=200, body='<button id="deed">Claimed</button>'))
    toast.get_by_role("button", name="Try again").click()

    expect(page.locator("#deed")).to_have_text("Claimed")
    expect(toast).to_have_count(0)


def test_four_fast_enters_are_one_request_and_the_focus_stays(desk: Desk) -> None:  # C2
    page = desk.open("Alice")
    with_button(page)
    asked = []

    def slow(route: object) -> None:
        asked.append(1)
        page.wait_for_timeout(200)
        route.fulfill(status=200, body='<button id="deed">Claimed</button>')  # type: ignore[attr-defined]

    page.route("**/deed/", slow)
    page.locator("#deed").focus()
    for _ in range(4):
        page.keyboard.press("Enter")

    expect(page.locator("#deed")).to_have_text("Claimed")
    assert len(asked) == 1
    assert page.evaluate("document.activeElement.id") == "deed"


def test_what_the_server_says_is_said(desk: Desk) -> None:
    page = desk.open("Alice")
    with_button(page)
    page.route(
        "**/deed/",
        lambda route: route.fulfill(status=200, body="<b>x</b>", headers={"HX-Trigger": '{"say": "Claimed."}'}),
    )

    page.locator("#deed").click()

    expect(page.locator("#say")).to_have_text("Claimed.")
    expect(page.locator("#say")).to_have_attribute("role", "status")


# --- keys --------------------------------------------------------------------------------------------------------
def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def test_j_and_k_walk_the_rows_and_x_ticks(desk: Desk) -> None:
    page = desk.open("Alice")
    page.keyboard.press("j")
    assert focused(page) == "sg-open-1"
    page.keyboard.press("j")
    assert focused(page) == "sg-open-2"
    page.keyboard.press("k")
    assert focused(page) == "sg-open-1"

    page.keyboard.press("x")

    expect(page.locator("#sg-tick-1")).to_be_checked()


def test_a_letter_never_does_a_deed_on_a_row_that_nobody_chose(desk: Desk) -> None:
    desk.task()
    page = desk.open("Alice", "/tasks/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))

    for key in ("c", "e"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)

    assert "POST" not in asked


def test_g_then_a_letter_goes_to_a_page(desk: Desk) -> None:
    page = desk.open("Alice")

    page.keyboard.press("g")
    page.keyboard.press("t")

    expect(page).to_have_url(re.compile(r"/phone/$"))


def test_the_question_mark_shows_the_keys_and_escape_gives_the_focus_back(desk: Desk) -> None:
    page = desk.open("Alice")
    page.keyboard.press("j")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#keys")).to_be_hidden()


def test_keys_are_left_alone_in_fields_and_with_modifiers(desk: Desk) -> None:
    page = desk.open("Alice")
    page.locator("#sg-q").click()

    page.keyboard.type("jxg?")

    assert page.locator("#sg-q").input_value() == "jxg?"
    assert focused(page) == "sg-q"
    expect(page.locator("#keys")).to_be_hidden()


def test_single_letters_can_be_turned_off(desk: Desk) -> None:  # C17
    desk.task()
    page = desk.open("Alice", "/profile/")
    page.locator("#single-keys").click()
    expect(page.locator("#single-keys")).to_have_text("Turn them on")
    page.goto(desk.url("/tasks/"))
    expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting")

    page.keyboard.press("j")

    assert focused(page) == ""
    page.goto(desk.url("/profile/"))
    page.locator("#single-keys").click()
    expect(page.locator("#single-keys")).to_have_text("Turn them off")


def test_the_browser_keeps_no_patient(desk: Desk) -> None:  # C18
    desk.task("Maria Alvarez")
    desk.emergency()
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#alarm-list .alarm")).to_be_visible()

    kept = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")

    assert "Alvarez" not in kept
    assert "0142" not in kept


# --- the queue hears of news -----------------------------------------------------------------------------------------
def test_a_new_task_waits_behind_a_button_and_nothing_moves(desk: Desk) -> None:  # C10
    desk.task("Maria Alvarez")
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    before = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.id)")

    desk.task("Josef Novak", due_at=timezone.now() + timedelta(minutes=20))
    expect(page.locator("#news-show")).to_have_text("1 new task – show")
    assert page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.id)") == before

    page.locator("#news-show").click()
    expect(page.locator("[data-row]").first).to_contain_text("Josef Novak")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("#news-show")).to_have_count(0)


def test_a_task_that_somebody_else_claims_says_so_where_it_stands(desk: Desk) -> None:
    desk.task("Maria Alvarez")
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    other = desk.open("Bob", "/tasks/")

    other.get_by_role("button", name=re.compile("^Claim")).first.click()

    expect(page.locator("[data-row].gone")).to_contain_text("Maria Alvarez")
    expect(page.locator("#news-show")).to_have_text("The list has changed – show")
    expect(page.locator("#tab-in_progress")).to_contain_text("1")
    expect(page).to_have_title(re.compile("^Task queue"))


def test_on_a_phone_a_row_opens_as_a_page_and_back_returns_to_it(desk: Desk) -> None:
    for name in ("Maria Alvarez", "Josef Novak", "Tess Becker"):
        desk.task(name)
    page = desk.open("Alice", "/tasks/", viewport={"width": 390, "height": 844})
    link = page.locator("#queue-rows .row-title").nth(2)
    opened = link.get_attribute("id")

    link.click()
    expect(page).to_have_url(re.compile("/tasks/[0-9a-f-]{36}/$"))
    page.go_back()

    expect(page.locator("h1")).to_have_text("Task queue")
    page.wait_for_function("id => document.activeElement.id === id", arg=opened)


def test_on_a_middle_width_the_panel_comes_into_view_below_the_list(desk: Desk) -> None:
    for number in range(20):
        desk.task(f"Person {number}")
    page = desk.open("Alice", "/tasks/", viewport={"width": 900, "height": 700})

    page.locator("#queue-rows .row-title").first.click()

    expect(page.locator("#panel")).to_contain_text("Person 0")
    expect(page.locator("#panel")).to_be_in_viewport()


def test_what_an_admin_needs_seldom_is_behind_one_button_and_the_bar_stays_one_line(desk: Desk) -> None:
    page = desk.open("Carol", "/drills/")
    hidden = page.locator("#manage-panel a")
    expect(hidden.first).to_be_hidden()
    assert page.locator("header").bounding_box()["height"] < 60

    page.locator("#manage").click()

    expect(page.locator("#nav-drills")).to_be_visible()
    expect(page.locator("#nav-drills")).to_have_attribute("aria-current", "page")
    rights = GRANTS[Role.ADMIN]
    assert hidden.all_inner_texts() == [one.label for one in NAVIGATION if one.seldom and one.permission in rights]


def test_a_single_seldom_entry_stands_in_the_bar(desk: Desk) -> None:
    page = desk.open("Bob", "/tasks/")

    expect(page.locator("nav #nav-reviews")).to_be_visible()
    assert page.locator("#manage").count() == 0
