"""Signing in and out (PORTAL 6, H1 to H6)."""

from __future__ import annotations

import re
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from django.db.models import F
from playwright.sync_api import Page, expect

from clinics.people.models import Session
from clinics.people.sessions import SECOND, SessionStore
from clinics.people.tries import MOST_OF_PAIR
from clinics.tenancy import inside
from tests.browser.conftest import Desk
from tests.conftest import PASSWORD
from tests.people.keys import give_app

ALICE = "alice@north.test"


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


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
    page = desk.browser_of("Alice").new_page()
    with page.expect_response(re.compile("/session/$")):  # the page's own look, which would leave by itself
        page.goto(desk.url("/tasks/?q=Alvarez"))
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


# --- The second step -------------------------------------------------------------------------------------------------
def test_a_pasted_code_signs_in(desk: Desk) -> None:  # H1
    app = give_app(desk.clinic, desk.person("Alice"))
    page = desk.open("", "/sign-in/?next=/calls/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, ALICE)
    field = page.get_by_label("Six digits")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("autocomplete", "one-time-code")  # H5

    page.evaluate("code => navigator.clipboard.writeText(code)", app.code())
    page.keyboard.press("Control+V")
    page.keyboard.press("Enter")

    expect(page).to_have_url(desk.url("/calls/"))


def test_a_wrong_code_says_how_many_tries_are_left(desk: Desk) -> None:
    desk.expect_error("status of 422")
    give_app(desk.clinic, desk.person("Alice"))
    page = desk.open("", "/sign-in/")
    sign_in(page, ALICE)

    page.get_by_label("Six digits").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("5 tries left")
    assert Axe().run(page).violations_count == 0


def with_fingerprint(page: Page) -> None:
    """Give a browser a reader that recognises its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    reader = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = reader | {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_and_then_signs_in_alone(desk: Desk) -> None:  # H2
    page = desk.open("Alice", "/profile/passkey/")
    with_fingerprint(page)
    page.get_by_label("What do you call it?").fill("Front desk computer")
    page.locator("#passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert page.locator(".codes li").count() == 10
    page.locator("#onward").click()
    expect(page.locator("main")).to_contain_text("Passkey: Front desk computer")
    page.locator("#me").click()
    page.locator("#sign-out").click()
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.goto(desk.url("/sign-in/"))  # the page's last look for news may have asked to come back to it

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page).to_have_url(desk.url("/tasks/"))
    with inside(desk.clinic):
        assert SessionStore(Session.objects.get(user=desk.person("Alice")).session_key)[SECOND] == "passkey"


def test_a_passkey_is_the_second_step_after_a_password_too(desk: Desk) -> None:
    page = desk.open("Alice", "/profile/passkey/")
    with_fingerprint(page)
    page.locator("#passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.goto("about:blank")  # a page that is left open would ask for its stream as a stranger
    page.context.clear_cookies()
    page.goto(desk.url("/sign-in/?next=/calls/"))
    sign_in(page, ALICE)

    page.get_by_role("button", name="Use a passkey").click()

    expect(page).to_have_url(desk.url("/calls/"))


def test_a_browser_without_the_passkey_says_what_to_do(desk: Desk) -> None:
    page = desk.open("", "/sign-in/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")  # and no reader: nobody can answer
    page.evaluate(
        """() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"""
    )

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.locator("[data-problem]")).to_contain_text("use another way")


def test_who_guesses_too_often_reads_whom_to_telephone(desk: Desk) -> None:  # H3
    desk.expect_error("status of 4")
    page = desk.open("", "/sign-in/")
    for number in range(MOST_OF_PAIR + 1):
        sign_in(page, ALICE, f"guess {number}")
        page.wait_for_load_state()

    expect(page.locator(".error-summary")).to_contain_text("Too many tries")
    expect(page.locator(".error-summary")).to_contain_text("telephone your clinic admin")


def test_a_sensitive_deed_asks_who_one_is_and_loses_nothing(desk: Desk) -> None:
    desk.expect_error("status of 403")
    page = desk.open("Carol", "/settings/people/")
    with inside(desk.clinic):
        store = SessionStore(Session.objects.get(user=desk.person("Carol")).session_key)
        store["_proved"] = 0
        store.save()
    page.get_by_label("E-mail of the new person").fill("nina@north.test")
    page.locator("#invite").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()

    page.get_by_label("Your password").fill(PASSWORD)
    page.locator("#go-on").click()

    expect(page.locator("#link")).to_contain_text("/sign-in/link/")
    expect(page.locator("main")).to_contain_text("nina@north.test")


# --- Nobody there ----------------------------------------------------------------------------------------------------
def nobody_for(desk: Desk, page: Page, seconds: int) -> None:
    """As if so much time had gone by, at the server and in the page."""
    back = timedelta(seconds=seconds)
    with inside(desk.clinic):
        Session.objects.update(active_at=F("active_at") - back, expire_date=F("expire_date") - back)
    page.clock.fast_forward(seconds * 1000)


def a_page_with_a_clock(desk: Desk, path: str) -> Page:
    page = desk.browser_of("Alice").new_page()
    page.clock.install()
    page.goto(desk.url(path))
    expect(page.locator("#link-state")).to_contain_text("Live")
    return page


def test_two_minutes_before_the_end_the_page_warns_and_one_key_stays(desk: Desk) -> None:
    page = a_page_with_a_clock(desk, "/calls/")

    nobody_for(desk, page, 790)

    warning = page.locator("#leaving .leaving")
    expect(warning).to_contain_text("signed out in 2 minutes")
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Shift")
    expect(warning).to_have_count(0)
    nobody_for(desk, page, 600)
    page.reload()
    expect(page).to_have_url(desk.url("/calls/"))


def test_when_time_is_up_the_page_is_cleared_and_leads_back_to_the_task(desk: Desk) -> None:  # H4, B22
    desk.expect_error("status of 40")
    task = desk.task("Maria Alvarez")
    page = a_page_with_a_clock(desk, f"/tasks/{task.id}/")
    expect(page.locator("main")).to_contain_text("Maria Alvarez")

    nobody_for(desk, page, 905)

    expect(page).to_have_url(re.compile(r"/sign-in/\?why=idle"))
    expect(page.locator("#why")).to_contain_text("nobody used this screen for 15 minutes")
    expect(page.locator("#why")).to_contain_text("Alerts are off on this screen")
    assert "Alvarez" not in page.content()
    page.go_back()
    assert "Alvarez" not in page.content()
    page.goto(desk.url(f"/sign-in/?why=idle&next=/tasks/{task.id}/"))
    sign_in(page, ALICE)
    expect(page).to_have_url(desk.url(f"/tasks/{task.id}/"))


def test_signing_out_elsewhere_ends_this_screen_at_once(desk: Desk) -> None:
    desk.expect_error("status of 40")
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#link-state")).to_contain_text("Live")
    other = desk.open("Alice", "/profile/")

    other.locator("#end-others").click()

    expect(other.locator("#messages")).to_contain_text("Signed out in 1 other place")
    expect(page).to_have_url(re.compile("/sign-in/"))  # led there by its bell or by its own look, whichever was first
    expect(page.locator("#why")).to_contain_text("Alerts are off on this screen")
