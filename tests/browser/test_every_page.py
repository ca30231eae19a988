"""Every page at every width and in every colour scheme (PORTAL 6, A1 to A8)."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk

PAGES = {
    "style guide": "/styleguide/",
    "queue": "/tasks/",
    "task": "{task}",
    "escalations": "/escalations/",
    "escalation": "{escalation}",
    "calls": "/calls/",
    "notifications": "/notifications/",
    "test phone": "/phone/",
    "not found": "/nothing/here/",
}
WIDTHS = {1366: 768, 390: 844, 320: 640}
SCHEMES: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
# Each page at each width in light; dark and forced colours at one width each.
LOOKS = [("light", width) for width in WIDTHS] + [("dark", 1366), ("forced", 390)]

TOO_SMALL = """least => [...document.querySelectorAll('main button, main select, main input:not([type=hidden]), header button, #alarms button, #alarms a, main a.button')]
  .filter(e => e.getClientRects().length && !e.closest('.visually-hidden'))
  .map(e => [e.getBoundingClientRect(), e]).filter(([box]) => box.height < least || box.width < least)
  .map(([box, e]) => `${e.id || e.className} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def furnished(desk: Desk) -> dict[str, str]:
    """A desk with work on it, and the paths that need an id."""
    task = desk.task()
    desk.task("Josef Novak", kind="appointment", summary="Knee pain when walking, wants to come in", priority=1)
    desk.task("", kind="general", summary="Asked about parking", priority=3, test=True)
    escalation = desk.emergency()
    return {"task": f"/tasks/{task.id}/", "escalation": f"/escalations/{escalation.id}/"}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_reads_well_in_every_look(name: str, desk: Desk, furnished: dict[str, str]) -> None:
    desk.expect_error("status of 404") if name == "not found" else None
    path = PAGES[name].format(**furnished)
    faults: list[str] = []

    for scheme, width in LOOKS:
        page = desk.open("Alice", path, viewport={"width": width, "height": WIDTHS[width]}, **SCHEMES[scheme])
        expect(page.locator("#alarm-list .alarm")).to_be_visible()
        expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting")
        found = [*_axe(page), *_sideways(page), *_small(page, width)]
        if (scheme, width) == LOOKS[0]:
            found += _outline(page)
        faults += [f"{scheme} {width}: {fault}" for fault in found]
        page.context.close()

    assert faults == []


def _axe(page: Page) -> list[str]:  # A1
    violations = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in violations for node in v["nodes"]]


def _sideways(page: Page) -> list[str]:  # A2
    more = page.evaluate(SIDEWAYS)
    return [f"scrolls {more}px sideways"] if more > 0 else []


def _small(page: Page, width: int) -> list[str]:  # A3
    phones_primaries = page.evaluate(
        """() => [...document.querySelectorAll('main .button, #alarms button')].filter(e => e.getClientRects().length)
        .filter(e => e.getBoundingClientRect().height < 44).map(e => e.id + ' ' + e.getBoundingClientRect().height)"""
    )
    small = [f"below 24px: {one}" for one in page.evaluate(TOO_SMALL, 22)]  # a tick box is 22px in a larger label
    return small + ([f"below 44px: {one}" for one in phones_primaries] if width < 768 else [])


def _outline(page: Page) -> list[str]:  # A5
    faults = []
    if page.locator("h1:visible").count() != 1:
        faults.append(f"has {page.locator('h1:visible').count()} h1")
    words = page.evaluate("document.title").removeprefix("EMERGENCY (1) – ")
    if not re.fullmatch(r"(\(\d+\+?\) )?[^–]+ – North[^–]* – CliniqAI", words):
        faults.append(f"is titled {words}")
    return faults


def test_the_skip_link_is_first_and_leads_to_the_page(desk: Desk) -> None:
    page = desk.open("Alice")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [1366, 390])
def test_tab_reaches_every_control_and_none_is_covered_by_the_alarm(width: int, desk: Desk) -> None:  # A4
    desk.emergency()
    page = desk.open("Alice", viewport={"width": width, "height": 700})
    expect(page.locator("#alarm-list .alarm")).to_be_visible()
    reachable = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0).length"""
    )
    seen, covered = set(), []

    for _ in range(reachable + 3):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => { const e = document.activeElement; if (!e || e === document.body) return null;
            window.ids = window.ids || new Map(); if (!window.ids.has(e)) window.ids.set(e, window.ids.size);
            if (e.closest('#alarms')) return [window.ids.get(e), '', false];
            const box = e.getBoundingClientRect(), alarm = document.getElementById('alarms').getBoundingClientRect();
            const sticks = alarm.top <= 0;
            return [window.ids.get(e), e.id || e.className || e.textContent.trim(), sticks && box.bottom <= alarm.bottom] }"""
        )
        if state:
            seen.add(state[0])
            if state[2]:
                covered.append(state[1])

    assert covered == []
    assert len(seen) >= reachable - 1  # radio groups and the like are one stop


@pytest.mark.parametrize("path", ["/tasks/", "/escalations/", "/notifications/", "/calls/"])
def test_the_page_can_be_read_without_scripts(path: str, desk: Desk) -> None:  # A7
    desk.task()
    page = desk.open("Alice", path, java_script_enabled=False)

    assert page.locator("h1").count() == 1
    assert page.locator("main").inner_text().strip()
    assert "Scripts are off" in page.locator("#bars").inner_text()


def test_nothing_moves_for_people_who_asked_for_that(desk: Desk) -> None:  # A8
    desk.emergency()
    page = desk.open("Alice", reduced_motion="reduce")
    expect(page.locator("#alarm-list .alarm")).to_be_visible()

    running = page.evaluate("document.getAnimations().filter(a => a.effect.getTiming().iterations > 1).length")

    assert running == 0


def test_the_lamp_is_all_that_moves_for_others(desk: Desk) -> None:
    desk.emergency()
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#alarm-list .alarm")).to_be_visible()

    moving = page.evaluate(
        "document.getAnimations().filter(a => a.playState == 'running').map(a => a.effect.target.className)"
    )

    assert set(moving) == {"lamp"}


def test_text_at_twice_the_size_does_not_scroll_sideways(desk: Desk) -> None:  # A9
    desk.task()
    page = desk.open("Alice", "/tasks/", viewport={"width": 683, "height": 768})
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate(SIDEWAYS) <= 0
