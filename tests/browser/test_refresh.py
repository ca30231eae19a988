"""What comes by itself takes nothing away: no press, no focus, nothing opened or typed, and no newer state."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from clinics.tenancy import inside
from escalations.actions import take_over
from escalations.models import Escalation
from tests.browser.conftest import Desk

OPEN, TAKEN = "/escalations/", "/escalations/?status=acknowledged"
ANY_LIST = "**/escalations/?status=*"
SILENT = "window.EventSource = class { addEventListener() {} close() {} }"
"""No stream, so that each refresh is the test's own."""
LONG_PRESS = "const real = setTimeout; window.setTimeout = (act, ms) => real(act, ms === 400 ? 60000 : ms)"
"""A press that lasts is waited for, however slow the machine is."""


class Held:
    """The next answer of an address: the server has given it, and the page gets it with `let_go`."""

    def __init__(self, page: Page, address: str) -> None:
        self._page, self._address, self._asked = page, address, False
        self._answers: list[tuple[Route, APIResponse]] = []
        page.route(address, self._ask)

    def _ask(self, route: Route) -> None:
        if self._asked:
            return route.fallback()
        self._asked = True
        asked = route.request
        url = urlsplit(asked.url)
        here = urlunsplit(url._replace(netloc=f"127.0.0.1:{url.port}"))  # Playwright itself resolves no *.localhost
        answer = route.fetch(url=here, headers={**asked.all_headers(), "host": url.netloc})
        return self._answers.append((route, answer))

    def wait(self) -> None:
        while not self._answers:
            self._page.wait_for_timeout(20)

    def let_go(self) -> None:
        [(route, answer)] = self._answers
        with self._page.expect_response(self._address) as given:
            route.fulfill(response=answer)
        given.value.finished()
        self._page.evaluate("new Promise(done => setTimeout(done, 50))")  # read, and put in


def alert_centre(desk: Desk, path: str, *, script: str = "") -> Page:
    context = desk.browser_of("Alice")
    context.add_init_script(SILENT + ";" + script)
    page = context.new_page()
    page.goto(desk.url(path))
    return page


def hint(page: Page) -> None:
    page.evaluate("tell('stream:escalation')")


def refresh(page: Page) -> None:
    held = Held(page, ANY_LIST)
    hint(page)
    held.wait()
    held.let_go()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def goes_to_bob(desk: Desk, escalation: Escalation) -> None:
    with inside(desk.clinic):
        take_over(by=desk.person("Bob"), escalation_id=escalation.id, held_by=desk.person("Alice").pk)


@pytest.fixture
def taken(desk: Desk) -> Escalation:
    """An emergency that Alice has."""
    escalation = desk.emergency()
    desk.acknowledge(escalation, "Alice")
    return escalation


# --- a press ends on what it began on --------------------------------------------------------------------------------
def test_a_press_that_takes_the_focus_from_the_hidden_heading_lands(desk: Desk, taken: Escalation) -> None:
    """Seen: the heading stood in the page while it had the focus; the press hid it, and the page came up."""
    page = alert_centre(desk, TAKEN)
    box = page.locator(f"#resolve-box-{taken.id}")
    page.locator("#escalation-heading").focus()

    box.locator("summary").hover()
    page.mouse.down()
    page.mouse.up()

    assert box.evaluate("box => box.open")


def test_news_wait_for_a_press_to_end(desk: Desk, taken: Escalation) -> None:
    page = alert_centre(desk, TAKEN, script=LONG_PRESS)
    box = page.locator(f"#resolve-box-{taken.id}")
    held = Held(page, ANY_LIST)
    desk.acknowledge(desk.emergency(), "Alice")
    hint(page)
    held.wait()

    box.locator("summary").hover()
    page.mouse.down()
    held.let_go()
    expect(page.locator("#news-show")).to_have_count(0)
    page.mouse.up()

    expect(page.locator("#news-show")).to_be_visible()
    assert box.evaluate("box => box.open")


# --- a newer state stays ---------------------------------------------------------------------------------------------
def test_a_list_that_is_older_than_a_deed_is_dropped(desk: Desk) -> None:
    escalation = desk.emergency()
    page = alert_centre(desk, OPEN)
    old = Held(page, ANY_LIST)
    hint(page)
    old.wait()

    page.locator(f"#take-{escalation.id}").click()
    expect(page.locator(f"#resolve-box-{escalation.id}")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    old.let_go()

    expect(page.locator(f"#resolve-box-{escalation.id}")).to_be_visible()
    expect(page.locator(f"#escalation-{escalation.id}.gone")).to_be_visible()  # it was asked again


def test_a_list_that_is_older_than_another_is_dropped(desk: Desk, taken: Escalation) -> None:
    page = alert_centre(desk, TAKEN)
    old = Held(page, ANY_LIST)
    hint(page)
    old.wait()
    goes_to_bob(desk, taken)
    refresh(page)
    expect(page.locator(f"#escalation-{taken.id}")).to_contain_text("Bob Lee has it now")

    old.let_go()

    expect(page.locator(f"#escalation-{taken.id}")).to_contain_text("Bob Lee has it now")


def test_a_row_whose_deed_is_on_its_way_is_left_alone(desk: Desk) -> None:
    """Seen: the list, then the ladder, came before the deed's answer: the row was gone, the focus at the heading."""
    escalation = desk.emergency()
    page = alert_centre(desk, OPEN)
    deed = Held(page, "**/acknowledge/")
    page.locator(f"#take-{escalation.id}").click()
    deed.wait()

    refresh(page)
    expect(page.locator(f"#escalation-{escalation.id}")).not_to_have_class("gone")
    page.evaluate("htmx.trigger(find('[id^=ladder-now]'), 'htmx:afterSettle')")
    assert focused(page) == f"take-{escalation.id}"
    deed.let_go()

    expect(page.locator(f"#resolve-box-{escalation.id}")).to_be_visible()
    page.wait_for_function("id => document.activeElement.id === id", arg=f"escalation-link-{escalation.id}")


def test_show_asks_again_when_the_list_at_hand_is_older_than_a_deed(desk: Desk) -> None:
    first = desk.emergency()
    page = alert_centre(desk, OPEN)
    second = desk.emergency("Cannot breathe")
    refresh(page)
    later = Held(page, ANY_LIST)

    page.locator(f"#take-{first.id}").click()
    expect(page.locator(f"#resolve-box-{first.id}")).to_be_visible()
    later.wait()
    page.locator("#news-show").click()

    expect(page.locator(f"#take-{second.id}")).to_be_visible()
    expect(page.locator(f"#escalation-{first.id}")).to_have_count(0)
    later.let_go()
    expect(page.locator("#escalation-rows > li")).to_have_count(1)


# --- what a person has opened, typed or reached ----------------------------------------------------------------------
def test_what_is_opened_stays_open_when_its_card_is_renewed(desk: Desk, taken: Escalation) -> None:
    page = alert_centre(desk, TAKEN)
    page.locator(f"#timeline-{taken.id} summary").click()
    page.evaluate("document.activeElement.blur()")
    goes_to_bob(desk, taken)

    refresh(page)

    expect(page.locator(f"#timeline-{taken.id} .timeline")).to_be_visible()
    expect(page.locator(f"#timeline-{taken.id} .timeline")).to_contain_text("by Bob Lee")


def test_what_is_typed_stays(desk: Desk, taken: Escalation) -> None:
    page = alert_centre(desk, TAKEN)
    page.locator(f"#resolve-box-{taken.id} summary").click()
    page.locator(f"#reason-{taken.id}").fill("Sings in a choir")
    page.evaluate("document.activeElement.blur()")
    goes_to_bob(desk, taken)

    refresh(page)

    expect(page.locator(f"#reason-{taken.id}")).to_have_value("Sings in a choir")
    expect(page.locator(f"#reason-{taken.id}")).to_be_visible()


def test_the_news_of_another_card_take_the_focus_from_no_field(desk: Desk) -> None:
    """Seen: a ladder asked for again took the focus from a reason half typed, and the next letter was a key."""
    escalation, other = desk.emergency(), desk.emergency("Cannot breathe")
    page = alert_centre(desk, OPEN)
    page.locator(f"#take-{escalation.id}").click()
    page.locator(f"#resolve-box-{escalation.id} summary").click()
    refresh(page)
    expect(page.locator(f"#escalation-{escalation.id}.gone")).to_be_visible()
    page.locator(f"#reason-{escalation.id}").press_sequentially("Sings")

    with page.expect_response(f"**/escalations/{other.id}/ladder/") as asked:
        hint(page)
    asked.value.finished()
    page.evaluate("new Promise(done => setTimeout(done, 50))")

    assert focused(page) == f"reason-{escalation.id}"
