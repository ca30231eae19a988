"""The clinic admin's pages in a real browser, and the operators' admin (PORTAL 6, E)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from playwright.sync_api import Page, expect

from calls.models import Call, Status
from clinics.people.models import User
from clinics.tenancy import inside
from notifications.models import Delivery, DeliveryState, Event, EventState, Incident, Lane
from tests.browser.conftest import Desk
from tests.browser.test_every_page import _axe


@pytest.fixture
def calls(desk: Desk) -> None:
    """Three calls of today: an hour with two bars' worth and one with one."""
    today = timezone.now().replace(minute=5)
    for hours in (0, 0, 1):
        with inside(desk.clinic):
            call = Call.objects.create(
                sid=f"CA{uuid4().hex}", to_number="+12025550101", duration_sec=60, intent="refill",
                status=Status.COMPLETED, ended_at=timezone.now(),
            )  # fmt: skip
            Call.objects.filter(pk=call.pk).update(started_at=today - timedelta(hours=hours))


def named_by(page: Page, chart: str) -> str:
    """What a screen reader says of a chart: the words that its picture points at."""
    return page.evaluate(
        """chart => document.querySelector(`#chart-${chart} svg[aria-labelledby]`).getAttribute('aria-labelledby')
        .split(' ').map(id => document.getElementById(id).textContent.trim()).join(' | ')""",
        chart,
    )


def test_a_chart_says_the_same_in_its_name_its_bars_and_its_table(desk: Desk, calls: None) -> None:  # E1
    page = desk.open("Carol", "/analytics/?days=7")

    assert re.match(r"Calls.* \| 3 calls in 7 days", named_by(page, "hourly"))
    bars = page.evaluate("[...document.querySelectorAll('#chart-hourly rect.bar-1 title')].map(t => t.textContent)")
    page.locator("#numbers-hourly summary").click()
    told = page.evaluate(
        "[...document.querySelectorAll('#numbers-hourly tbody tr')].map(row => row.cells[1].textContent)"
    )

    assert [one.rpartition(": ")[2] for one in bars] == [one.strip() for one in told]
    assert sum(int(one) for one in told) == 3
    heights = page.evaluate(
        "[...document.querySelectorAll('#chart-hourly rect.bar-1')].map(r => r.height.baseVal.value)"
    )
    assert sorted({round(height) for height in heights})[-1] == 2 * sorted({round(height) for height in heights})[-2]


def test_the_days_of_the_numbers_are_in_the_address(desk: Desk, calls: None) -> None:  # E2
    page = desk.open("Carol", "/analytics/")
    page.locator("#days-30").click()
    expect(page).to_have_url(re.compile(r"\?days=30$"))
    expect(page.locator("#days-30")).to_have_attribute("aria-current", "page")

    page.reload()
    expect(page.locator("#days-30")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator("#days-30")).not_to_have_attribute("aria-current", "page")


def test_numbers_of_nothing_say_what_will_show_and_where_to_try(desk: Desk) -> None:  # E3
    page = desk.open("Carol", "/analytics/")

    expect(page.locator("#chart-hourly")).to_contain_text("none yet")
    empty = page.locator("figure").filter(has_text="No data yet. The first call will appear here")
    empty.first.get_by_role("link", name="test phone").click()
    expect(page).to_have_url(re.compile(r"/phone/$"))


def test_a_way_that_nobody_has_gone_is_not_called_well(desk: Desk) -> None:  # E4
    page = desk.open("Carol", "/analytics/")

    states = page.locator("#channels tbody .tag")
    assert states.count() > 0
    assert {states.nth(place).get_attribute("data-tone") for place in range(states.count())} == {"info"}


# --- Messages that did not arrive ------------------------------------------------------------------------------------
@pytest.fixture
def dead(desk: Desk) -> Callable[[], Delivery]:
    def make() -> Delivery:
        now, about = timezone.now(), uuid.uuid4()
        event = Event.objects.create(
            clinic=desk.clinic, kind="task.opened", about=about, path=f"/tasks/{about}/", key=f"task.opened:{about}",
            lane=Lane.NORMAL, state=EventState.PLANNED, available_at=now, expires_at=now + timedelta(days=1),
        )  # fmt: skip
        return Delivery.objects.create(
            event=event, clinic=desk.clinic, person=desk.person("Alice").pk, channel="sms", policy="reconcile",
            lane=Lane.NORMAL, state=DeliveryState.DEAD, last_error_code="twilio_30005", attempts=3, done_at=now,
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip

    return make


def test_a_double_click_tries_a_message_again_once(desk: Desk, dead: Callable[[], Delivery]) -> None:  # E5
    letter, other = dead(), dead()
    page = desk.open("Carol", "/deliveries/")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)

    page.locator(f"#retry-{letter.pk}").dblclick()
    expect(page.locator("#messages")).to_contain_text("It is tried again.")

    assert len([url for url in posts if url.endswith("/retry/")]) == 1
    other.refresh_from_db()
    assert other.state == DeliveryState.DEAD
    expect(page.locator(f"#letter-{other.pk}")).to_be_visible()


def test_a_message_that_did_not_arrive_shows_no_word_and_no_number_of_it(
    desk: Desk, dead: Callable[[], Delivery]
) -> None:  # E7
    dead()
    page = desk.open("Carol", "/deliveries/")

    main = page.locator("main").inner_text()

    assert "The number does not exist." in main
    assert "3 tries." in main
    assert not re.search(r"\+?\d[\d -]{6,}\d", main.replace("\n", " | "))


# --- Settings --------------------------------------------------------------------------------------------------------
WRONG = {
    "a holiday": ("/settings/hours/", "#id_day", "#save-holiday"),
    "a fact": ("/settings/facts/", "#id_text", "#save-fact"),
    "a sensitive number": ("/settings/sensitive/", "#id_number", "#protect-number"),
    "a cover": ("/settings/cover/", "#id_absent", "#add-cover"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_summary_of_a_refused_form_has_the_focus_and_leads_to_the_field(name: str, desk: Desk) -> None:  # E6
    desk.expect_error("status of 422")
    path, field, button = WRONG[name]
    page = desk.open("Carol", path)
    page.evaluate("document.querySelectorAll('form').forEach(form => { form.noValidate = true; })")
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")

    page.locator(button).click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused(timeout=30_000)  # a page of its own, on a machine that may be busy
    summary.locator(f"a[href='{field}']").click()

    expect(page.locator(field)).to_be_focused()


# --- The operators' admin --------------------------------------------------------------------------------------------
@pytest.fixture
def operator(desk: Desk) -> Iterator[Page]:
    """An operator's browser on the platform's own host, where something is wrong."""
    person = User.objects.create_superuser("op@cliniqai.test", "a long password 1", name="Op")
    incident = Incident.objects.create(name="lag.urgent", clinic=desk.clinic, worst=90)
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    browser = desk.browser_of("")
    home = f"http://localhost:{desk.server.port}"
    browser.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": request.session.session_key, "url": home}])
    page = browser.new_page()
    page.goto(f"{home}/admin/")
    yield page
    page.close()
    request.session.delete()
    incident.delete()
    User.objects.filter(pk=person.pk)._raw_delete("default")  # an operator has no rows of a clinic


def test_the_operators_admin_breaks_no_policy_and_says_what_is_wrong(operator: Page) -> None:  # E8
    """The frame of these tests fails on any message of the content security policy."""
    home = operator.url
    for path in ("", "clinics/clinic/", "notifications/delivery/", "notifications/incident/", "people/user/"):
        operator.goto(home + path)
        expect(operator.locator("#incidents")).to_contain_text("Northside Clinic, since")

    operator.goto(home + "clinics/clinic/")
    operator.locator("#result_list tbody th a").first.click()
    expect(operator.locator("#content h1, #content h2").first).to_be_visible()
    expect(operator.locator("#incidents")).to_be_visible()


def test_the_frame_of_these_tests_hears_a_message_of_the_policy(desk: Desk) -> None:  # A6
    page = desk.open("Carol", "/analytics/")
    assert _axe(page) == []

    page.evaluate("""() => { const script = document.createElement('script');
        script.textContent = 'window.ran = 1'; document.body.append(script); }""")
    page.wait_for_timeout(100)

    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in one or "CSP" in one for one in desk.complaints)
    desk.complaints.clear()
