"""An emergency that nobody in the room can miss (PORTAL 3.2, B1 to B20)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from clinics.tenancy import inside
from tests.browser.conftest import Desk


def alarm_of(page: Page):
    return page.locator("#alarm-list .alarm")


def live(page: Page) -> Page:
    """Wait until the page hears the stream."""
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    return page


def bursts(page: Page) -> int:
    return int(page.locator("#alarms").get_attribute("data-bursts") or 0)


def test_the_sound_bar_shows_until_the_first_gesture(desk: Desk) -> None:  # B1
    page = desk.open("Alice")
    expect(page.locator("#sound-bar")).to_be_visible()

    page.locator("#sound-bar").click()

    expect(page.locator("#sound-bar")).to_be_hidden()


def test_the_first_click_reaches_what_it_was_aimed_at(desk: Desk) -> None:
    """Seen: the bar stood above the page, hid on the press, and the release landed on something else."""
    page = desk.open("Alice")
    expect(page.locator("#sound-bar")).to_be_visible()
    page.locator("#sg-pop").hover()

    page.mouse.down()
    expect(page.locator("#sound-bar")).to_be_hidden()
    page.mouse.up()

    expect(page.locator("#sg-popover")).to_be_visible()


def test_an_emergency_during_a_press_waits_for_its_release(desk: Desk) -> None:
    page = live(desk.open("Alice"))
    page.locator("#sg-claim-1").hover()
    page.evaluate("document.getElementById('sg-claim-1').onclick = () => { window.reached = true }")

    page.mouse.down()
    desk.emergency()
    page.mouse.up()

    expect(alarm_of(page)).to_be_visible()
    assert page.evaluate("window.reached")


def test_an_emergency_waits_for_no_timer_and_is_announced(desk: Desk) -> None:  # B2, B6
    """How long it takes is measured by `make bench`; here the page's clock stands, so that nothing can wait for it."""
    page = desk.browser_of("Alice").new_page()
    page.clock.install()
    page.goto(desk.url("/styleguide/"))
    expect(live(page).locator("#alarm-list")).to_have_attribute("role", "alert")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)

    desk.emergency()

    expect(alarm_of(page)).to_have_count(1)
    expect(alarm_of(page)).to_contain_text("EMERGENCY")
    expect(alarm_of(page)).to_contain_text("Possible heart attack")


def test_the_focus_and_what_is_being_typed_stay(desk: Desk) -> None:  # B3
    page = live(desk.open("Alice"))
    page.locator("#sg-q").click()
    page.keyboard.type("Alva")

    desk.emergency()
    expect(alarm_of(page)).to_be_visible()
    page.keyboard.type("rez")

    assert page.evaluate("document.activeElement.id") == "sg-q"
    assert page.locator("#sg-q").input_value() == "Alvarez"


def test_the_title_says_it_and_goes_back_when_it_is_over(desk: Desk) -> None:  # B4
    page = live(desk.open("Alice"))
    plain = page.title()

    escalation = desk.emergency()
    expect(page).to_have_title(re.compile(r"^EMERGENCY \(1\)"))
    expect(page).to_have_title(plain)  # it alternates
    expect(page).to_have_title(re.compile(r"^EMERGENCY \(1\)"))

    desk.acknowledge(escalation)
    expect(alarm_of(page)).to_have_count(0)
    expect(page).to_have_title(plain)


def test_two_emergencies_make_one_sound_that_repeats_until_they_are_acknowledged(desk: Desk) -> None:  # B5, B17
    page = desk.browser_of("Alice").new_page()
    page.clock.install()
    page.goto(desk.url("/styleguide/"))
    live(page).locator("#sound-bar").click()
    first, second = desk.emergency(), desk.emergency("Cannot breathe")
    expect(alarm_of(page)).to_have_count(2)
    page.wait_for_timeout(500)
    assert bursts(page) == 1

    page.clock.fast_forward(8000)
    assert bursts(page) == 2

    desk.acknowledge(first)
    desk.acknowledge(second)
    expect(alarm_of(page)).to_have_count(0)
    page.clock.fast_forward(9000)
    assert bursts(page) == 2


def test_many_armed_tabs_make_one_sound(desk: Desk) -> None:
    browser = desk.browser_of("Alice")
    pages = [browser.new_page() for _ in range(3)]
    for page in pages:
        page.goto(desk.url("/styleguide/"))
        page.locator("#sound-bar").click()

    desk.emergency()
    for page in pages:
        expect(alarm_of(page)).to_be_visible()
    pages[0].wait_for_timeout(500)

    assert sorted(bursts(page) for page in pages) == [0, 0, 1]


def test_nothing_sounds_before_a_gesture_and_the_first_gesture_starts_it(desk: Desk) -> None:
    desk.emergency()
    page = live(desk.open("Alice"))
    expect(alarm_of(page)).to_be_visible()
    page.wait_for_timeout(500)
    assert bursts(page) == 0

    page.keyboard.press("Tab")

    expect(page.locator("#alarms")).to_have_attribute("data-bursts", "1")


def test_it_shows_in_a_hidden_tab(desk: Desk) -> None:  # B7
    browser = desk.browser_of("Alice")
    hidden = browser.new_page()
    hidden.add_init_script("""Object.defineProperty(document, 'hidden', {get: () => true});
        Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});""")
    hidden.goto(desk.url("/styleguide/"))
    live(hidden)
    browser.new_page().bring_to_front()

    desk.emergency()

    expect(alarm_of(hidden)).to_have_count(1)
    expect(hidden).to_have_title(re.compile(r"^EMERGENCY"))


def test_a_new_tab_shows_what_is_open(desk: Desk) -> None:  # B8
    desk.emergency()

    page = desk.open("Alice")

    expect(alarm_of(page)).to_be_visible()
    expect(page.locator("#nav-alarms")).to_contain_text("1")


def test_acknowledging_clears_every_tab_of_every_person(desk: Desk) -> None:  # B9
    browser = desk.browser_of("Alice")
    here, there = browser.new_page(), browser.new_page()
    for page in (here, there):
        page.goto(desk.url("/styleguide/"))
        live(page)
    elsewhere = live(desk.open("Bob"))
    escalation = desk.emergency()
    for page in (here, there, elsewhere):
        expect(alarm_of(page)).to_be_visible()

    alarm_of(here).get_by_role("button").click()

    for page in (here, there, elsewhere):
        expect(alarm_of(page)).to_have_count(0)
    assert here.evaluate("document.activeElement.id") == "main"
    with inside(desk.clinic):
        escalation.refresh_from_db()
    assert escalation.acknowledged_by_id == desk.person("Alice").id


def test_a_failed_acknowledgement_keeps_the_alarm_and_says_so(desk: Desk) -> None:  # B10
    desk.expect_error("status of 500")
    desk.emergency()
    page = live(desk.open("Alice"))
    page.route("**/acknowledge/", lambda route: route.fulfill(status=500, body="no"))

    page.locator("#alarm-list button").click()

    expect(alarm_of(page).locator(".alarm-problem")).to_contain_text("Not acknowledged. The server could not do it.")
    expect(alarm_of(page).get_by_role("button", name="Acknowledge")).to_be_visible()

    page.unroute("**/acknowledge/")
    page.locator("#alarm-list button").click()
    expect(alarm_of(page)).to_have_count(0)


def test_an_acknowledgement_that_gets_no_answer_keeps_the_alarm(desk: Desk) -> None:  # B10
    desk.expect_error("net::ERR")
    desk.emergency()
    page = live(desk.open("Alice"))
    page.route("**/acknowledge/", lambda route: route.abort())

    page.locator("#alarm-list button").click()

    expect(alarm_of(page).locator(".alarm-problem")).to_contain_text("Not acknowledged. You are offline")


def test_a_lost_message_is_made_good_from_the_list(desk: Desk) -> None:  # B11
    page = live(desk.open("Alice"))
    page.evaluate("document.body.addEventListener('stream:escalation', e => e.stopImmediatePropagation(), true)")
    desk.emergency()

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # or the next look, 30 s later

    expect(alarm_of(page)).to_be_visible()


def test_being_offline_is_said_in_words(desk: Desk) -> None:  # B12
    desk.expect_error("net::ERR_INTERNET_DISCONNECTED")
    desk.expect_error("htmx:")
    page = live(desk.open("Alice"))

    page.context.set_offline(True)
    expect(page.locator("#link-state")).to_have_text("Alerts offline")
    expect(page.locator("#link-bar")).to_contain_text(re.compile(r"Last updated .* Alerts offline\."))
    page.mouse.wheel(0, 3000)
    expect(page.locator("#link-bar")).to_be_in_viewport()

    page.context.set_offline(False)
    expect(page.locator("#link-state")).to_contain_text("Live")
    expect(page.locator("#link-bar")).to_be_hidden()


def test_it_can_be_used_over_a_modal_dialog(desk: Desk) -> None:  # B13
    page = live(desk.open("Alice"))
    page.evaluate("""() => { const d = document.createElement('dialog'); d.id = 'd'; d.append('A dialog');
        document.body.append(d); d.showModal(); }""")

    desk.emergency()
    expect(alarm_of(page)).to_be_visible()
    alarm_of(page).get_by_role("button").click()
    expect(alarm_of(page)).to_have_count(0)

    page.evaluate("document.getElementById('d').close()")
    assert page.evaluate("document.getElementById('alarms').parentElement.tagName") == "BODY"


def test_ten_tabs_hold_one_stream_and_closing_its_tab_hands_it_over(desk: Desk) -> None:  # B14, B15
    browser = desk.browser_of("Alice")
    streams = []
    browser.on("request", lambda request: streams.append(request) if "/events/" in request.url else None)
    pages = [browser.new_page() for _ in range(10)]
    for page in pages:
        page.goto(desk.url("/styleguide/"), wait_until="domcontentloaded")
    for page in pages:
        live(page)
    assert len(streams) == 1

    leader = next(page for page in pages if page.locator("body[data-stream-leader]").count())
    leader.close()
    pages.remove(leader)
    pages[0].wait_for_timeout(700)

    assert [page.locator("body[data-stream-leader]").count() for page in pages].count(1) == 1
    assert len(streams) == 2
    desk.emergency()
    for page in pages:
        expect(alarm_of(page)).to_be_visible()


def test_after_a_restart_of_the_server_the_page_comes_back_by_itself(desk: Desk) -> None:  # B16
    desk.expect_error("net::ERR")
    desk.expect_error("htmx:")
    page = live(desk.open("Alice"))

    desk.server.stop()
    try:
        expect(page.locator("#link-state")).to_have_text("Alerts offline", timeout=15000)
        desk.emergency()
    finally:
        desk.server.start()

    expect(alarm_of(page)).to_be_visible(timeout=20000)
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live", timeout=20000)


def test_alt_a_then_enter_acknowledges_from_inside_a_field(desk: Desk) -> None:  # B18
    page = live(desk.open("Alice"))
    page.evaluate("localStorage.setItem('keys-off', '1')")
    page.locator("#sg-q").click()
    desk.emergency()
    expect(alarm_of(page)).to_be_visible()

    page.keyboard.press("Alt+a")
    assert page.evaluate("document.activeElement.textContent") == "Acknowledge"
    page.keyboard.press("Enter")

    expect(alarm_of(page)).to_have_count(0)


def test_the_desktop_notice_names_no_patient(desk: Desk) -> None:  # B19
    browser = desk.browser_of("Alice")
    browser.add_init_script("""window.notices = []; window.Notification = class { static permission = 'granted';
        static requestPermission() { return Promise.resolve('granted') }
        constructor(title, options) { window.notices.push(title + ' ' + JSON.stringify(options)) } close() {} };""")
    page = browser.new_page()
    page.goto(desk.url("/styleguide/"))

    desk.emergency()
    expect(alarm_of(page)).to_be_visible()

    notices = page.evaluate("window.notices")
    assert len(notices) == 1
    assert "EMERGENCY" in notices[0]
    for word in ("Maria", "Alvarez", "0142", "heart", "chest"):
        assert word not in notices[0]


def test_a_test_emergency_says_so_everywhere(desk: Desk) -> None:  # B20
    page = live(desk.open("Alice"))

    desk.emergency(test=True)

    expect(alarm_of(page).locator(".tag-test")).to_have_text("TEST")
    expect(page).to_have_title(re.compile(r"^TEST EMERGENCY \(1\)"))


def test_a_signed_out_tab_says_that_its_alerts_are_off(desk: Desk) -> None:  # B22
    desk.expect_error("status of 40")
    page = live(desk.open("Alice"))
    page.context.clear_cookies()

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("#link-bar")).to_contain_text("You are signed out. Alerts are off on this screen.")
    expect(page.locator("#link-state")).to_have_text("Signed out")


def test_without_a_stream_alarms_still_arrive(desk: Desk) -> None:
    desk.expect_error("net::ERR")
    browser = desk.browser_of("Alice")

    def refuse(route: Route) -> None:
        route.abort()

    browser.route("**/events/", refuse)
    page = browser.new_page()
    page.clock.install()
    page.goto(desk.url("/styleguide/"))
    expect(page.locator("#link-state")).to_have_attribute("data-state", "polling")

    desk.emergency()
    page.clock.fast_forward(15000)

    expect(alarm_of(page)).to_be_visible()
    expect(page.locator("#link-bar")).to_contain_text("Live alerts are interrupted.")


def test_what_the_caller_said_is_text_and_never_markup(desk: Desk) -> None:
    page = live(desk.open("Alice"))

    desk.emergency("<img src=x onerror=alert(1)> <b>bold</b>")

    expect(alarm_of(page)).to_contain_text("<b>bold</b>")
    assert alarm_of(page).locator("img, b").count() == 0
