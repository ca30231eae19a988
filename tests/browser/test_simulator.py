"""The test phone against the real webhooks of the running server: nothing is played but the caller (PORTAL 6, G)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from calls.models import Call
from calls.simulator import far_end
from clinics.tenancy import inside
from escalations.models import Escalation
from tasks.models import Task
from tests.browser.conftest import Desk
from tests.browser.test_alarm import alarm_of, live
from tests.browser.test_ladder import Night, night  # noqa: F401  (a fixture)

PATIENCE = 30_000
"""Milliseconds that a turn may take on a machine that is busy with other tests."""


def ring(page: Page) -> None:
    page.locator("#ring").click()
    expect(page.locator("#phone-state")).to_contain_text("In a call", timeout=PATIENCE)


def play(page: Page, scenario: str) -> None:
    """The scenario's lines, one after the other, until the call is over."""
    page.locator("#scenario").select_option(label=scenario)
    ring(page)
    said = page.locator("#bubbles [data-who=assistant]")
    while (
        page.locator("#next-line").is_visible() and page.locator("#next-line").get_attribute("aria-disabled") == "false"
    ):
        before = said.count()
        page.locator("#next-line").click()
        page.wait_for_function(
            "before => document.querySelectorAll('#bubbles [data-who=assistant]').length > before"
            " && !document.getElementById('phone').hasAttribute('aria-busy')",
            arg=before,
            timeout=PATIENCE,
        )


def test_a_refill_that_is_played_to_its_end_makes_one_task_marked_test(desk: Desk) -> None:  # G1
    page = live(desk.open("Alice", "/phone/"))

    play(page, "Insulin refill")

    expect(page.locator("#created li")).to_have_count(1)
    expect(page.locator("#created li")).to_contain_text("TEST")
    for exchange in page.locator("#exchanges > details > summary").all():
        assert "signed ✓" in exchange.inner_text()
    with inside(desk.clinic):
        task = Task.objects.get()
        assert (task.kind, task.test, task.patient_name) == ("refill", True, "Maria Alvarez")
    page.locator("#created a").click()
    expect(page.locator("main .tag-test").first).to_be_visible()


def test_a_signature_of_another_token_is_refused_and_shown_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:  # G2
    """The browser cannot sign, so the far end does it wrongly here; what the real server answers is what is shown."""
    monkeypatch.setattr(far_end.telephone, "public_url", _as_the_server_is_known(desk))
    sign = far_end.telephone.signature
    monkeypatch.setattr(far_end.telephone, "signature", lambda url, params, token: sign(url, params, token="another"))
    line, heard = far_end.FarEnd(desk.clinic, f"http://127.0.0.1:{desk.server.port}").ring(
        caller="+12025550142", dialled="+12025550101"
    )
    assert line.over
    page = live(desk.open("Alice", "/phone/"))
    answer = {"call": "", "exchanges": [one.to_json() for one in heard.exchanges], "heard": [], "over": True}
    page.route("**/phone/calls/", lambda route: route.fulfill(json=answer | {"status": "completed"}))

    page.locator("#ring").click()

    expect(page.locator("#exchanges")).to_contain_text("403")
    expect(page.locator("#exchanges")).to_contain_text("The webhook answered 403.")
    expect(page.locator("#bubbles")).to_contain_text("The call is over.")
    with inside(desk.clinic):
        assert not Call.objects.exists()


def _as_the_server_is_known(desk: Desk):
    return lambda clinic, path: f"http://{clinic.slug}.localhost:{desk.server.port}{path}"


def test_when_our_server_is_down_the_caller_hears_the_fallback(desk: Desk) -> None:  # G4
    page = live(desk.open("Alice", "/phone/"))
    page.locator("#down").select_option("server")

    page.locator("#ring").click()

    expect(page.locator("#exchanges summary").filter(has_text="/calls/voice/fallback/")).to_have_count(
        1, timeout=PATIENCE
    )
    expect(page.locator("#exchanges summary").filter(has_text="no answer")).to_have_count(1)
    expect(page.locator("#bubbles [data-who=assistant]").first).not_to_be_empty()


def test_a_played_call_is_in_no_figure(desk: Desk) -> None:  # G5
    page = live(desk.open("Alice", "/phone/"))
    ring(page)
    page.locator("#hang-up").click()
    expect(page.locator("#bubbles")).to_contain_text("(hangs up)")
    expect(page.locator("#phone-state")).to_have_text("No call.", timeout=PATIENCE)
    with inside(desk.clinic):
        assert Call.objects.get().test

    numbers = desk.open("Carol", "/analytics/")
    expect(numbers.locator("#chart-hourly")).to_contain_text("none yet")


def test_an_emergency_that_is_played_alarms_as_a_test_and_rings_no_telephone(
    desk: Desk,
    night: Night,  # noqa: F811
) -> None:  # G6
    watching = live(desk.open("Bob", "/tasks/"))
    page = live(desk.open("Alice", "/phone/"))

    page.locator("#scenario").select_option(label="Chest pain")
    ring(page)
    page.locator("#next-line").click()

    expect(alarm_of(watching)).to_contain_text("TEST", timeout=PATIENCE)
    expect(watching).to_have_title(re.compile(r"TEST EMERGENCY \(1\)"))
    with inside(desk.clinic):
        escalation = Escalation.objects.get()
    assert escalation.test
    for _ in range(2):
        night.passes(70, escalation)
    assert (night.texts(), night.calls()) == ([], [])
