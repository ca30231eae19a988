"""A sensitive call in a real browser: refused, opened with a reason, reviewed, and read back in the trail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from calls.models import Call
from calls.sensitive import actions
from clinics.tenancy import inside
from escalations.models import Escalation
from tests import baseline
from tests.browser.conftest import Desk
from tests.browser.test_every_page import WIDTHS, _axe, _outline, _sideways, _small, look
from tests.calls.network import Network

SHOTS = os.environ.get("SCREENSHOTS", "")


@pytest.fixture
def call_id(desk: Desk) -> Iterator[UUID]:
    """A call in which danger was heard, acknowledged by Bob, that Carol alone may open."""
    network = Network(desk.clinic)
    network.say_once(network.call()[0], "my chest hurts")
    with inside(desk.clinic):
        for one in Escalation.objects.alarming():
            desk.acknowledge(one)
        found = Call.objects.latest("started_at").id
        actions.mark(by=desk.person("Carol"), call_id=found, why="vip", people=[desk.person("Carol")])
    yield found
    with inside(desk.clinic):
        baseline.empty_trail()


def faults_of(page: Page, name: str, width: int) -> list[str]:
    expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    return [f"{name} {width}: {one}" for one in [*_axe(page), *_sideways(page), *_small(page, width), *_outline(page)]]


def test_a_glass_is_broken_reviewed_and_found_in_the_trail(desk: Desk, call_id: UUID) -> None:
    desk.expect_error("403")
    desk.expect_error("422")
    page = desk.open("Alice", "/calls/")
    page.locator("#call-rows").get_by_role("link", name="Sensitive call").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This call is sensitive")

    page.get_by_role("button", name="Open the call").click()
    expect(page.locator(".error-summary")).to_contain_text("Choose the reason")
    page.get_by_label("I care for this patient now").check()
    page.get_by_label("Why you need it now").fill("He is on the line again")
    page.get_by_role("button", name="Open the call").click()
    expect(page.locator("main")).to_contain_text("my chest hurts")
    expect(page.locator("#glass")).to_contain_text("You opened this sensitive call with a reason")

    admin = desk.open("Carol", "/settings/sensitive/")
    expect(admin.locator("#unreviewed")).to_contain_text("He is on the line again")
    admin.get_by_role("button", name="Justified: Alice Moreno", exact=True).click()
    expect(admin.locator("#messages")).to_contain_text("Reviewed.")

    admin.goto(desk.url(f"/calls/{call_id}/"))
    expect(admin.locator("#look-rows")).to_contain_text("Alice Moreno")
    admin.goto(desk.url("/audit/?denied=1"))
    expect(admin.locator("#audit-rows")).to_contain_text("Refused (403)")


def test_the_pages_read_well_at_every_width(desk: Desk, call_id: UUID) -> None:
    desk.expect_error("403")
    with inside(desk.clinic):
        actions.break_glass(by=desk.person("Bob"), call_id=call_id, reason="emergency", words="Took the alarm")
        people = [desk.person("Carol")]
        actions.protect_number(by=desk.person("Carol"), text="+12025550148", why="vip", people=people)
    pages = {
        "sensitive": ("Carol", "/settings/sensitive/"),
        "sensitive-call": ("Carol", f"/settings/sensitive/{call_id}/"),
        "refused": ("Alice", f"/calls/{call_id}/"),
        "opened": ("Bob", f"/calls/{call_id}/"),
        "looks": ("Carol", f"/calls/{call_id}/"),
        "trail": ("Carol", "/audit/"),
        "cover": ("Carol", "/settings/cover/"),
    }
    faults = []

    tabs = {who: desk.browser_of(who).new_page() for who in ("Alice", "Bob", "Carol")}
    for name, (who, path) in pages.items():
        for width in WIDTHS:
            look(tabs[who], desk.url(path), width)
            faults += faults_of(tabs[who], name, width)

    assert faults == []
