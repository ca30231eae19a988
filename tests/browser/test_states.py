"""What each page shows when there is nothing, when it waits, fails, is cut off, or is not open to the person.

PORTAL 5: the old content stays, the words say what happened and what to do, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from tests import baseline
from tests.browser.conftest import Desk
from tests.browser.test_alarm import live
from tests.browser.test_decisions import ASKED
from tests.browser.test_every_page import WIDTHS, _axe, _sideways, _small, look

REFUSED = ("status of", "Response Status Error", "net::ERR", "htmx:")
"""What the browser and htmx log of a request that fails on purpose."""

# --- Nothing there ---------------------------------------------------------------------------------------------------
EMPTY = {
    "queue": ("Alice", "/tasks/", "No pending tasks."),
    "queue, one state": ("Alice", "/tasks/?status=completed", "No tasks here."),
    "queue, filtered": ("Alice", "/tasks/?kind=refill", "Nothing here matches"),
    "promises": ("Alice", "/tasks/promises/", "Nothing is promised to anybody right now."),
    "escalations": ("Alice", "/escalations/", "No open escalations."),
    "resolved": ("Alice", "/escalations/?status=resolved", "Nothing resolved yet."),
    "on call": ("Carol", "/escalations/on-call/", "No shifts yet."),
    "calls": ("Alice", "/calls/", "No calls yet."),
    "calls, filtered": ("Alice", "/calls/?outcome=failed", "No call fits these filters."),
    "notifications": ("Alice", "/notifications/", "Nothing new"),
    "cleared": ("Alice", "/notifications/?show=archived", "Nothing was cleared"),
    "decisions": ("Bob", "/decisions/", "Nothing waits for you."),
    "decided": ("Bob", "/decisions/today/", "Nothing decided yet today."),
    "reviews": ("Bob", "/reviews/", "Nothing waits for a review."),
    "test phone": ("Alice", "/phone/", "No call yet"),
    "numbers": ("Carol", "/analytics/", "No data yet."),
    "failed messages": ("Carol", "/deliveries/", "Every message has arrived"),
    "cover": ("Carol", "/settings/cover/", "Nobody covers."),
    "sensitive calls": ("Carol", "/settings/sensitive/", "No call is sensitive."),
    "webhooks": ("Carol", "/settings/webhooks/", "No system of yours is told anything."),
    "safety rules": ("Carol", "/safety/", "No rules of its own yet."),
    "audit trail": ("Carol", "/audit/?about=00000000-0000-0000-0000-000000000000", "Nothing fits these filters."),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_page_with_nothing_on_it_says_so_and_reads_well(name: str, desk: Desk) -> None:
    who, path, words = EMPTY[name]
    faults: list[str] = []

    page = desk.browser_of(who).new_page()
    for width in WIDTHS:
        look(page, desk.url(path), width)
        live(page)
        expect(page.locator("main")).to_contain_text(words)
        faults += [f"{width}: {fault}" for fault in [*_axe(page), *_sideways(page), *_small(page, width)]]

    assert faults == []


# --- A page asks for something: what it needs, what it presses, what must still be there -----------------------------
Press = Callable[[Page], None]
ASKING: dict[str, tuple[str, str, str, Press, str]] = {
    "a state of the queue": (
        "Alice", "/tasks/", "**/tasks/?*", lambda page: page.locator("#tab-in_progress").click(), "#queue [data-row]",
    ),
    "a filter of the queue": (
        "Alice", "/tasks/", "**/tasks/?*", lambda page: page.locator("#late").check(), "#queue [data-row]",
    ),
    "a search": (
        "Alice", "/tasks/", "**/tasks/search/", lambda page: page.locator("#q").fill("maria"), "#queue [data-row]",
    ),
    "a task beside the list": (
        "Alice", "/tasks/", "**/tasks/*-*/", lambda page: page.locator(".row-title").first.click(), "#queue [data-row]",
    ),
    "a state of escalations": (
        "Alice", "/escalations/", "**/escalations/?*", lambda page: page.locator("#tab-resolved").click(),
        "#escalation-rows [data-row]",
    ),
    "a line of the inbox": (
        "Alice", "/notifications/", "**/read/", lambda page: page.locator("#inbox button").first.click(),
        "#inbox [data-row]",
    ),
    "a type of notifications": (
        "Alice", "/notifications/", "**/notifications/?*",
        lambda page: page.locator("#family").select_option(index=1), "#inbox [data-row]",
    ),
    "a decision": (
        "Bob", "/decisions/", "**/decide/", lambda page: page.locator("#approve").click(), "#decision-title",
    ),
}  # fmt: skip


@pytest.fixture
def furnished(desk: Desk) -> Desk:
    """A desk where every page has something that may be lost."""
    for words in REFUSED:
        desk.expect_error(words)
    desk.task(**ASKED)
    desk.emergency()
    return desk


@pytest.mark.parametrize("name", ASKING)
def test_what_fails_at_the_server_is_told_and_what_was_there_stays(name: str, furnished: Desk) -> None:
    who, path, asked, press, stays = ASKING[name]
    page = live(furnished.open(who, path))
    expect(page.locator(stays).first).to_be_visible()
    page.route(asked, lambda route: route.fulfill(status=500, body="<p>broken</p>", headers={"X-Request-ID": "7f3a91"}))

    press(page)

    toast = page.locator("#toasts [role=alert]")
    expect(toast).to_contain_text("did not work. The server could not do it.")
    expect(toast).to_contain_text("Reference 7f3a91")
    expect(page.locator(stays).first).to_be_visible()
    assert page.get_by_text("broken").count() == 0
    assert page.locator("main [aria-busy=true]").count() == 0
    page.unroute(asked)
    toast.get_by_role("button", name="Try again").click()
    expect(toast).to_have_count(0)


@pytest.mark.parametrize("name", ASKING)
def test_a_page_that_is_cut_off_says_so_and_keeps_what_it_shows(name: str, furnished: Desk) -> None:
    who, path, _, press, stays = ASKING[name]
    page = live(furnished.open(who, path))
    expect(page.locator(stays).first).to_be_visible()

    page.context.set_offline(True)
    expect(page.locator("#link-bar")).to_contain_text("Alerts offline")
    press(page)

    expect(page.locator("#toasts [role=alert]")).to_contain_text("You are offline, or the server cannot be reached.")
    expect(page.locator(stays).first).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#link-bar")).to_be_hidden()


WAITS = ("a state of the queue", "a task beside the list", "a state of escalations", "a decision")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", WAITS)
def test_what_takes_long_is_updating_in_words(name: str, language: str, furnished: Desk) -> None:
    who, path, asked, press, stays = ASKING[name]
    page = furnished.open(who, path, locale={"en": "en-US", "es": "es-US"}[language])
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")
    held: list[Route] = []
    page.route(asked, lambda route: held.append(route))  # noqa: PLW0108  (playwright marks it)

    press(page)

    word = {"en": '"Updating…"', "es": '"Actualizando…"'}[language]
    page.wait_for_function(
        """word => [...document.querySelectorAll('main [aria-busy=true], main [aria-busy=true] > .c-act')]
        .map(one => getComputedStyle(one, '::before'))
        .some(one => one.content === word && one.visibility === 'visible')""",
        arg=word,
    )
    expect(page.locator(stays).first).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


# --- Not open to this person -----------------------------------------------------------------------------------------
@pytest.fixture
def erin(desk: Desk) -> Iterator[User]:
    """The clinic's auditor."""
    with inside(desk.clinic):
        erin = User.objects.create_user("erin@north.test", None, name="Erin Wolf", role=Role.AUDITOR)
    yield erin
    with inside(desk.clinic):
        baseline.empty_trail()
        erin.delete()


CLOSED = {
    "Alice": {"/decisions/": "Doctor", "/analytics/": "Clinic admin", "/settings/": "Clinic admin",
              "/settings/people/": "Clinic admin", "/audit/": "Auditor or Clinic admin", "/deliveries/": "Clinic admin",
              "/safety/": "Clinic admin", "/reviews/": "Clinic admin or Doctor"},
    "Bob": {"/settings/hours/": "Clinic admin", "/settings/retention/": "Clinic admin", "/drills/": "Clinic admin",
            "/settings/sensitive/": "Clinic admin"},
    "Carol": {"/decisions/": "Doctor"},
    "Erin": {"/phone/": "Clinic admin or Doctor or Front desk", "/notifications/": "Front desk",
             "/settings/": "Clinic admin"},
}  # fmt: skip


@pytest.mark.parametrize("who", CLOSED)
def test_a_page_that_is_not_open_names_the_role_that_it_needs(who: str, desk: Desk, erin: User) -> None:
    desk.expect_error("status of 403")
    faults: list[str] = []

    for width in (1366, 390):
        page = desk.browser_of(who, viewport={"width": width, "height": WIDTHS[width]}).new_page()
        for path, role in CLOSED[who].items():
            page.goto(desk.url(path))
            expect(page.locator("h1")).to_have_text("This is not open to you")
            expect(page.locator("main")).to_contain_text("It needs:")
            expect(page.locator("main")).to_contain_text(role)
            faults += [f"{path} {width}: {fault}" for fault in [*_axe(page), *_sideways(page), *_small(page, width)]]
        page.locator("#go-home").click()
        expect(page.locator("h1")).not_to_have_text("This is not open to you")

    assert faults == []


def test_an_auditor_finds_nothing_to_press_that_would_be_refused(desk: Desk, erin: User) -> None:
    desk.task()
    desk.emergency()
    page = desk.browser_of("Erin").new_page()

    for path in ("/tasks/", "/escalations/", "/calls/"):
        page.goto(desk.url(path))
        deeds = page.locator("main form[method=post] button:not([aria-disabled=true]):visible")
        pressed = [deeds.nth(place).get_attribute("id") for place in range(deeds.count())]
        assert pressed in ([], ["search"]), path
