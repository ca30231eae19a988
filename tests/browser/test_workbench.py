"""A clinic admin writes, tries and publishes a safety rule in a real browser, and a second one takes it back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from calls.workbench import actions
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice import policies
from clinics.practice.models import CallPolicy, OwnRule, RuleChange
from clinics.practice.policies import forget
from clinics.tenancy import inside
from escalations.models import Escalation
from tests import baseline
from tests.browser.conftest import Desk
from tests.browser.test_every_page import WIDTHS, _axe, _outline, _sideways, _small
from tests.calls.network import Network
from tests.workbench.rules import ABSCESS, CAUGHT, RAISED

SHOTS = os.environ.get("SCREENSHOTS", "")
PATIENCE = 120_000
"""Milliseconds that a look at the calls may take on a machine that is busy with other tests."""
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")
"""What htmx logs of a look that a newer one overtakes, or that is left for another page."""


@pytest.fixture
def clinic(desk: Desk) -> Iterator[Desk]:
    """A clinic with two admins and a few calls; its rules and its policy are put back."""
    for words in GIVEN_UP:
        desk.expect_error(words)
    with inside(desk.clinic):
        before = CallPolicy.objects.order_by("-version")[0].version
        erin = User.objects.create_user("erin@north.test", None, name="Erin Wolf", role=Role.ADMIN)
    for words in ("my chest hurts", f"good morning, {CAUGHT} since yesterday", "I need a refill of my lisinopril"):
        network = Network(desk.clinic)
        network.say_once(network.call()[0], words)
    with inside(desk.clinic):
        for one in Escalation.objects.alarming():
            desk.acknowledge(one)
    yield desk
    with inside(desk.clinic):
        RuleChange.objects.all().delete()
        OwnRule.objects.all().delete()
        CallPolicy.objects.filter(version__gt=before).delete()

        baseline.empty_trail()
        erin.delete()
    forget()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def faults_of(page: Page, name: str, width: int) -> list[str]:
    expect(page.locator("#link-state")).not_to_have_attribute("data-state", "connecting", timeout=PATIENCE)
    shot(page, f"safety-{name}-{width}")
    found = [*_axe(page), *_sideways(page), *_small(page, width), *_outline(page)]
    return [f"{name} {width}: {fault}" for fault in found]


def published(desk: Desk) -> OwnRule:
    with inside(desk.clinic):
        carol = desk.person("Carol")
        draft = actions.draft_rule(by=carol, draft=ABSCESS)
        return actions.publish_draft(by=carol, draft_id=draft.id)


@pytest.mark.parametrize("width", [1366, 390])
def test_a_rule_is_written_tried_and_published(width: int, clinic: Desk) -> None:
    time.sleep(policies.SECONDS)  # so long the server believes the policy that the test before published
    page = clinic.open("Carol", "/safety/", viewport={"width": width, "height": WIDTHS[width]})
    page.set_default_timeout(PATIENCE)
    expect(page.locator("#corpus dl")).to_have_count(2, timeout=PATIENCE)
    page.locator("#add-rule").click()
    faults = faults_of(page, "empty-form", width)

    page.locator("#id_title").fill("Tooth abscess")
    page.locator("#id_first").fill("tooth, jaw")
    page.locator("#id_second").fill("abscess, swollen")
    page.locator("#id_second").blur()
    expect(page.locator("#newly-here")).to_have_text(
        "1", timeout=PATIENCE
    )  # without a button: leaving a field is enough
    page.locator("#id_kind").select_option("emergency")
    page.locator("#id_reason").fill("tooth abscess")
    page.locator("#id_source").fill("Agreed with the oral surgeon")
    page.locator("#id_fires").fill(CAUGHT)
    page.locator("#id_quiet").fill("my tooth is fine")
    page.locator("#id_quiet").blur()
    expect(page.locator("#lines-here")).to_contain_text(CAUGHT, timeout=PATIENCE)
    expect(page.locator("#newly-alarming")).to_be_visible()
    faults += faults_of(page, "tried", width)

    page.locator("#save").click()
    expect(page.locator("#messages, #publish").first).to_be_visible()
    faults += faults_of(page, "draft", width)
    page.locator("#publish").click()
    expect(page.locator("#in-force")).to_contain_text("Tooth abscess")
    expect(page.locator("#corpus dl")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator("#messages")).to_contain_text("Calls that run now keep the version before.")
    faults += faults_of(page, "workbench", width)

    with inside(clinic.clinic):
        rule = OwnRule.objects.get()
        assert rule.status == "published"
    page.goto(clinic.url(f"/safety/rules/{rule.rule}/"))
    expect(page.locator("h1")).to_contain_text("tooth abscess")
    faults += faults_of(page, "own-rule", width)
    page.goto(clinic.url("/safety/rules/en.breathing.cannot/"))
    faults += faults_of(page, "rule", width)
    assert faults == []


@pytest.mark.parametrize("width", [1366, 390])
def test_a_second_admin_takes_a_rule_back(width: int, clinic: Desk) -> None:
    rule = published(clinic)
    size = {"viewport": {"width": width, "height": WIDTHS[width]}}
    carol, erin = clinic.open("Carol", f"/safety/own/{rule.id}/", **size), clinic.open("Erin", "/safety/", **size)
    faults = faults_of(carol, "taking-back", width)

    carol.locator("#reason").fill("Too many false alarms")
    carol.locator("#ask").click()
    expect(carol.locator("#messages")).to_contain_text("until another clinic admin approves")
    expect(carol.locator("#approve")).to_have_count(0)
    faults += faults_of(carol, "asked", width)

    erin.goto(clinic.url(f"/safety/own/{rule.id}/"))
    expect(erin.locator("main")).to_contain_text("Carol Diaz asks: Too many false alarms")
    faults += faults_of(erin, "to-approve", width)
    erin.locator("#approve").click()
    expect(erin.locator("#messages")).to_contain_text("The next calls go by the new version.")
    faults += faults_of(erin, "taken-back", width)
    assert faults == []


def test_a_mistake_in_the_form_is_named_and_nothing_is_lost(clinic: Desk) -> None:
    clinic.expect_error("status of 422")
    page = clinic.open("Carol", "/safety/drafts/new/")
    page.locator("#id_title").fill("Jaw")
    page.locator("#id_first").fill("jaw & tooth")
    page.locator("#id_first").blur()
    expect(page.locator("#preview")).to_contain_text("holds a sign that nobody speaks", timeout=PATIENCE)
    page.evaluate("document.getElementById('draft-form').noValidate = true")
    page.locator("#save").click()

    expect(page.locator("#problem")).to_contain_text("holds a sign that nobody speaks")
    expect(page.locator("#id_first")).to_have_value("jaw & tooth")
    assert _axe(page) == []
    shot(page, "safety-mistake-1366")


def test_a_level_is_raised_by_keyboard_from_the_rules_page(clinic: Desk) -> None:
    page = clinic.open("Carol", f"/safety/rules/{RAISED.rule}/")
    page.locator("#raise").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_rule")).to_have_value(RAISED.rule)
    page.locator("#id_source").focus()
    page.keyboard.type("A clinic for the old")
    page.keyboard.press("Enter")
    expect(page.locator("#publish")).to_be_visible()
    expect(page.locator("#newly-caught")).to_be_visible()
    assert _axe(page) == []
    shot(page, "safety-raised-1366")
    page.locator("#publish").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#in-force")).to_contain_text("raised level")


def test_the_form_works_without_scripts(clinic: Desk) -> None:
    page = clinic.open("Carol", "/safety/drafts/new/", java_script_enabled=False)
    for name, text in (
        ("title", "Jaw"), ("first", "jaw"), ("second", "swollen"), ("reason", "swollen jaw"), ("source", "Ours"),
    ):  # fmt: skip
        page.locator(f"#id_{name}").fill(text)
    page.locator("#look").click()

    assert page.locator("#newly-here").inner_text() == "1"
    assert page.locator("#id_first").input_value() == "jaw"
