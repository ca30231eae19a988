"""The doctor's page in a real browser, on a telephone first (PORTAL 6, D1 to D7)."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clinics.tenancy import inside
from tasks import actions
from tasks.models import Task
from tasks.policy import UNDO_SECONDS
from tests.browser.conftest import Desk
from tests.browser.test_every_page import SCHEMES, WIDTHS, _axe, _outline, _sideways, _small, look

SHOTS = os.environ.get("SCREENSHOTS", "")
BORN = date(1961, 4, 3)
ASKED = {"needs_decision": True, "date_of_birth": BORN}


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def ready(page: Page) -> Page:
    """The page once its scripts listen to keys."""
    expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting")
    return page


def decided(desk: Desk, task: Task) -> str:
    with inside(desk.clinic):
        return Task.objects.with_people().get(pk=task.id).verdict


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_reads_well_at_every_width(desk: Desk, scheme: str) -> None:
    desk.task(**ASKED)
    desk.task("Josef Novak", kind="test_result", details={"test_name": "blood test"}, needs_decision=True)
    faults: list[str] = []

    page = desk.browser_of("Bob").new_page()
    for width in WIDTHS:
        look(page, desk.url("/decisions/"), width, scheme)
        ready(page)
        found = [*_axe(page), *_sideways(page), *_small(page, width)]
        found += _outline(page) if width == 1366 else []
        faults += [f"{width}: {fault}" for fault in found]
        shot(page, f"decisions-{scheme}-{width}")

    assert faults == []


def test_the_approval_says_what_and_for_whom(desk: Desk) -> None:  # D1
    task = desk.task(**ASKED)
    page = ready(desk.open("Bob", "/decisions/"))

    page.get_by_role("button", name="Approve Lantus for Maria Alvarez").click()

    expect(page.locator("#decision-said")).to_contain_text("Approved: Lantus for Maria Alvarez.")
    assert decided(desk, task) == "approved"


def test_a_rejection_without_a_reason_goes_to_what_is_missing(desk: Desk) -> None:  # D2
    task = desk.task(**ASKED)
    desk.expect_error("422")
    page = ready(desk.open("Bob", "/decisions/"))

    page.locator("#reject").click()
    expect(page.locator("#decision-problem")).to_contain_text("Write why you reject it")
    page.locator("#decision-problem a").click()
    expect(page.locator("#reject-code")).to_be_focused()
    page.locator("#reject-code").select_option("too_early")
    page.locator("#reject").click()

    expect(page.locator("#decision-said")).to_contain_text("Rejected")
    assert decided(desk, task) == "rejected"


def test_what_another_doctor_has_decided_is_told(desk: Desk) -> None:  # D3
    task = desk.task(**ASKED)
    desk.expect_error("409")
    page = ready(desk.open("Bob", "/decisions/"))
    with inside(desk.clinic):
        actions.decide(by=desk.person("Bob"), task_id=task.id, version=1, verdict="rejected", reason="Needs a visit")

    page.locator("#approve").click()

    expect(page.locator("#board [role=alert]")).to_contain_text("Bob Lee has rejected Lantus for Maria Alvarez.")
    assert decided(desk, task) == "rejected"


def test_a_decision_can_be_taken_back_for_ten_seconds(desk: Desk) -> None:  # D4
    task = desk.task(**ASKED)
    desk.task("Josef Novak", **ASKED, callback_number="+12025550177")
    page = desk.open("Bob", f"/decisions/?task={task.id}")

    page.locator("#approve").click()
    expect(page.locator("#decision-title")).to_contain_text("Josef Novak")
    expect(page.locator("#decision-title")).to_be_focused()
    page.locator("#undo").click()
    expect(page.locator("#decision-title")).to_contain_text("Maria Alvarez")
    assert decided(desk, task) == ""

    page.locator("#approve").click()
    expect(page.locator("#undo")).to_be_visible()
    ends = page.evaluate("""() => document.getElementById('undo-form').getAnimations().map(one => {
        one.finish(); return one.effect.getComputedTiming().endTime; })""")
    assert ends == [UNDO_SECONDS * 1000]
    expect(page.locator("#undo")).to_be_hidden()


def test_the_bar_of_a_telephone_covers_no_focus(desk: Desk) -> None:  # D5
    desk.task(**ASKED)
    page = ready(desk.open("Bob", "/decisions/", viewport={"width": 390, "height": 700}))
    bar = "document.querySelector('.decide-bar').getBoundingClientRect()"

    covered = []
    for _ in range(40):
        page.keyboard.press("Tab")
        covered += page.evaluate(f"""() => {{ const e = document.activeElement, b = {bar};
            if (!e.closest('main') || e.closest('.decide-bar')) return [];
            const r = e.getBoundingClientRect();
            return r.top < b.bottom && r.bottom > b.top && r.left < b.right && r.right > b.left ? [e.id] : []; }}""")

    assert covered == []


def test_an_uncertain_patient_blocks_the_approval_until_confirmed(desk: Desk) -> None:  # D6
    task = desk.task(needs_decision=True)
    page = ready(desk.open("Bob", "/decisions/"))

    expect(page.locator("#approve")).to_have_attribute("aria-disabled", "true")
    page.locator("#confirm-identity").click()
    expect(page.locator("#approve")).not_to_have_attribute("aria-disabled", "true")
    page.locator("#approve").click()

    expect(page.locator("#decision-said")).to_contain_text("Approved")
    assert decided(desk, task) == "approved"


def test_keys_move_the_focus_and_decide_nothing(desk: Desk) -> None:  # D7
    task = desk.task(**ASKED)
    page = ready(desk.open("Bob", "/decisions/"))

    page.keyboard.press("a")
    expect(page.locator("#approve")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#reject-code")).to_be_focused()

    assert decided(desk, task) == ""
