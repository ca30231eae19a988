"""Every page at every width and in every colour scheme (PORTAL 6, A1 to A8)."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpRequest
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from clinics.people.forms import SignInForm
from tests.browser.conftest import ROOT, Desk

PAGES = {
    "style guide": "/styleguide/",
    "queue": "/tasks/",
    "task": "{task}",
    "escalations": "/escalations/",
    "escalation": "{escalation}",
    "on call": "/escalations/on-call/",
    "calls": "/calls/",
    "notifications": "/notifications/",
    "what reaches you": "/notifications/settings/",
    "test phone": "/phone/",
    "promises": "/tasks/promises/",
    "drills": "/drills/",
    "failed messages": "/deliveries/",
    "shipped sentences": "/safety/corpus/",
    "profile": "/profile/",
    "new address": "/profile/address/",
    "people": "/settings/people/",
    "numbers": "/analytics/",
    "behind the numbers": "/analytics/calls/",
    "settings": "/settings/",
    "hours": "/settings/hours/?at=2026-03-02T09:00",
    "policy": "/settings/policy/",
    "policy version": "/settings/policy/versions/1/",
    "facts": "/settings/facts/",
    "retention": "/settings/retention/",
    "phase": "/settings/phase/",
    "platform": "/settings/platform/",
    "wording": "/settings/wording/",
    "a sentence": "/settings/wording/ask.how/",
    "voice": "/settings/voice/",
    "webhooks": "/settings/webhooks/",
}
SETTINGS = {
    "settings",
    "hours",
    "policy",
    "policy version",
    "facts",
    "retention",
    "phase",
    "platform",
    "wording",
    "a sentence",
    "voice",
    "webhooks",
}
# Looked at with all that an admin may change.
ADMINS = {
    "on call",
    "what reaches you",
    "drills",
    "failed messages",
    "shipped sentences",
    "numbers",
    "behind the numbers",
    "people",
    *SETTINGS,
}
PATIENCE = 120_000
"""Milliseconds for a server's first answer on the shipped sentences: it judges all of them for it."""
WIDTHS = {1366: 768, 390: 844, 320: 640}
SCHEMES: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}
# Each page at each width in light; dark and forced colours at one width each, on the page that is there already.
LOOKS = [("light", 1366), ("dark", 1366), ("light", 390), ("forced", 390), ("light", 320)]

CONTROLS = (
    "main button, main select, main input:not([type=hidden]), header button, #alarms button, #alarms a, main a.button"
)
TOO_SMALL = """([least, controls]) => [...document.querySelectorAll(controls)]
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
    path = PAGES[name].format(**furnished)
    page = desk.browser_of("Carol" if name in ADMINS else "Alice").new_page()
    page.set_default_navigation_timeout(PATIENCE)
    faults: list[str] = []

    for scheme, width in LOOKS:
        if scheme == "light":
            look(page, desk.url(path), width)
            expect(page.locator("#measuring")).to_have_count(0, timeout=PATIENCE)
            expect(page.locator("#alarm-list .alarm")).to_be_visible()
            expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting")
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        colour(page, scheme)
        found = [*_axe(page), *_sideways(page), *_small(page, width)]
        if (scheme, width) == LOOKS[0]:
            found += _outline(page)
        faults += [f"{scheme} {width}: {fault}" for fault in found]

    assert faults == []


def look(page: Page, url: str, width: int, scheme: str = "light") -> None:
    """Load the page anew in this look. The tab stays: a new browser for each would cost more than the page."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    colour(page, scheme)
    page.goto(url)


def colour(page: Page, scheme: str) -> None:
    """Show the page in other colours, which only its styles ask for: it would be no other if it were loaded anew."""
    page.emulate_media(**SCHEMES[scheme])  # type: ignore[arg-type]


def test_no_script_and_no_template_asks_for_the_colours() -> None:
    sources = [*(ROOT / "static").glob("*.js"), *(ROOT / "templates").rglob("*.html")]

    assert len(sources) > 50
    assert [one.name for one in sources if re.search(r"prefers-color-scheme|forced-colors", one.read_text())] == []


ERRORS = ["404.html", "403.html", "500.html", "people/sign_in.html"]


@pytest.mark.parametrize("template", ERRORS)
def test_what_strangers_and_errors_see_reads_well_too(template: str, desk: Desk) -> None:
    """The server under test shows Django's own error pages, so these are rendered here."""
    shown = render_to_string(template, {"reason": "It needs: Clinic admin.", "form": SignInForm()}, HttpRequest())
    faults: list[str] = []

    page = desk.browser_of("").new_page()
    page.route("**/shown/", lambda route: route.fulfill(status=200, body=shown, content_type="text/html"))
    for scheme, width in LOOKS:
        if scheme == "light":
            look(page, desk.url("/shown/"), width)
        colour(page, scheme)
        faults += [f"{scheme} {width}: {fault}" for fault in [*_axe(page), *_sideways(page), *_small(page, width)]]
        assert page.locator("h1:visible").count() == 1

    assert faults == []


def test_the_rules_would_find_a_fault(desk: Desk) -> None:
    page = desk.open("Alice")
    assert _axe(page) == []

    page.evaluate("""() => { const main = document.getElementById('main'), wide = document.createElement('p');
        main.append(document.createElement('button'), wide);
        wide.textContent = 'x'.repeat(400); wide.className = 'nowrap';
        }""")

    assert _axe(page)
    assert _sideways(page)
    assert _small(page, 1366)


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
    small = [
        f"below 24px: {one}" for one in page.evaluate(TOO_SMALL, [22, CONTROLS])
    ]  # a tick box is 22px in a larger label
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


AT_FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  window.met = window.met || new Map();
  if (!window.met.has(e)) window.met.set(e, window.met.size);
  const box = e.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 12));
  const covered = Boolean(top && top.closest('#alarms')) && !e.closest('#alarms');
  return [window.met.get(e), e.id || e.className || e.textContent.trim(), covered];
}"""


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
        state = page.evaluate(AT_FOCUS)
        if state:
            seen.add(state[0])
            covered += [state[1]] if state[2] else []

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
