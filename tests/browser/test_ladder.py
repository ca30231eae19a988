"""An emergency that nobody in the room takes goes to the phones, and every screen says so (B9, B14, B20, B21).

The telephone network is a far end on loopback; time passes by moving the due times.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, Route, expect

from clinics.people.models import User
from clinics.telephone import signature
from clinics.tenancy import inside
from escalations.actions import raise_escalation
from escalations.climbing import climb_everywhere
from escalations.models import Escalation, Rung
from notifications.claims import whoami
from notifications.delivery import drain
from notifications.models import Delivery
from tests.browser.conftest import Desk
from tests.browser.test_alarm import alarm_of, live
from tests.escalations.ladder import let_pass, on_call
from tests.far_ends.twilio_rest import Item, TwilioRest, twilio_rest
from tests.notifications.machines import wait_for

BOBS = "+12025550171"


@dataclass
class Night:
    """A clinic at night: Bob is on call, the portal is open somewhere, and a sweeper looks after the ladder."""

    desk: Desk
    far: TwilioRest

    def passes(self, seconds: int, escalation: Escalation) -> None:
        """So much time passes, and the sweeper looks three times."""
        with inside(self.desk.clinic):
            let_pass(seconds, escalation)
        for _ in range(3):
            climb_everywhere()
            drain(me=whoami("sweeper"), budget_seconds=10.0)
        # A thread of this process may have taken a message before the sweeper, and still be sending it.
        under_way = Delivery.objects.filter(event__about=escalation.id, state__in=["leased", "sending"])
        wait_for(lambda: not under_way.exists(), "nothing is under way any more")

    def texts(self) -> list[Item]:
        return self.far.to(BOBS)

    def calls(self) -> list[Item]:
        return self.far.sent("Calls")

    def presses(self, key: str, call: Item) -> tuple[str, str]:
        """The person who was rung listens and presses a key; returns what they hear before and after."""
        asked = self._post(call.form["Url"], call, {"CallStatus": "in-progress"})
        action = re.search(r'action="([^"]+)"', asked)
        assert action is not None
        said = self._post(call.form["Url"] + action[1], call, {"CallStatus": "in-progress", "Digits": key})
        return asked, said

    def _post(self, url: str, call: Item, more: dict[str, str]) -> str:
        """As the network posts it to the running server, signed."""
        params = {"CallSid": call.sid, "AccountSid": self.far.account, "From": call.form["From"], "To": BOBS}
        params |= {"Direction": "outbound-api", "ApiVersion": "2010-04-01", **more}
        parts = urlsplit(url)
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.desk.server.port}{parts.path}",
            urlencode(params).encode(),
            {"Host": parts.netloc, "X-Twilio-Signature": signature(url, params, token=self.far.token)},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()


@pytest.fixture
def night(desk: Desk, settings: object) -> Iterator[Night]:
    settings.PUBLIC_PORT, settings.PUBLIC_SCHEME, settings.SMS_MODE = str(desk.server.port), "http", "on"
    with twilio_rest(account=settings.TWILIO_ACCOUNT_SID, token=settings.TWILIO_AUTH_TOKEN) as far:
        settings.TWILIO_API_BASE_URL = far.url
        with inside(desk.clinic):
            on_call(desk.person("Bob"), phone=BOBS)
        yield Night(desk, far)
    with inside(desk.clinic), connection.cursor() as cursor:
        cursor.execute("TRUNCATE practice_shift")
        User.objects.update(phone="")


def told(page: Page):
    return alarm_of(page).locator(".alarm-told")


def look_again(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def tabs(browser: BrowserContext, desk: Desk, count: int) -> list[Page]:
    pages = [browser.new_page() for _ in range(count)]
    for page in pages:
        page.goto(desk.url("/styleguide/"), wait_until="domcontentloaded")
    return [live(page) for page in pages]


def test_an_emergency_that_nobody_takes_texts_once_then_rings_once_and_pressing_one_ends_it(
    desk: Desk, night: Night
) -> None:  # B21
    here, there = live(desk.open("Alice")), live(desk.open("Carol"))
    escalation = desk.emergency()
    expect(told(here)).to_contain_text("Told: everyone in the portal. Next: the doctors again")

    night.passes(115, escalation)
    assert (night.texts(), night.calls()) == ([], [])
    night.passes(10, escalation)
    [text] = night.texts()
    assert text.form["Body"].endswith(desk.url(f"/escalations/{escalation.id}/text/"))
    for words in ("Maria", "Alvarez", "0142", "heart", "chest"):
        assert words not in str(text.form)
    assert night.calls() == []

    night.passes(120, escalation)
    [call] = night.calls()
    night.passes(60, escalation)
    assert (len(night.texts()), len(night.calls())) == (1, 1)
    for page in (here, there):
        expect(told(page)).to_contain_text("everyone in the portal, Bob Lee")

    asked, said = night.presses("1", call)
    assert "Press 1" in asked
    assert "You have taken it" in said
    for page in (here, there):
        expect(alarm_of(page)).to_have_count(0)
    night.passes(3600, escalation)
    assert (len(night.texts()), len(night.calls())) == (1, 1)
    here.goto(desk.url(f"/escalations/{escalation.id}/"))
    expect(here.locator("main")).to_contain_text("Acknowledged by pressing 1 on the phone after 5 min")
    expect(here.locator("main")).to_contain_text("Bob Lee: call taken by pressing 1")


def test_any_other_key_leaves_the_alarm_on(desk: Desk, night: Night) -> None:
    page = live(desk.open("Alice"))
    escalation = desk.emergency()
    night.passes(245, escalation)
    [call] = night.calls()

    night.presses("5", call)

    with inside(desk.clinic):
        escalation.refresh_from_db()
    assert escalation.status == "open"
    look_again(page)
    expect(alarm_of(page)).to_be_visible()


def test_an_acknowledgement_in_the_portal_keeps_the_phones_silent(desk: Desk, night: Night) -> None:
    page = live(desk.open("Alice"))
    escalation = desk.emergency()
    alarm_of(page).get_by_role("button").click()
    expect(alarm_of(page)).to_have_count(0)

    night.passes(1200, escalation)

    assert (night.texts(), night.calls()) == ([], [])


def test_a_test_rings_no_phones_and_a_drill_does_and_says_so(desk: Desk, night: Night) -> None:  # B20
    page = live(desk.open("Alice"))
    only_a_test = desk.emergency(test=True)
    night.passes(300, only_a_test)
    assert (night.texts(), night.calls()) == ([], [])
    desk.acknowledge(only_a_test)
    expect(alarm_of(page)).to_have_count(0)

    with inside(desk.clinic):
        drill = raise_escalation(
            reason="emergency", level="emergency", summary="A drill", call_id=None, test=True, drill=True
        )
    expect(alarm_of(page).locator(".tag-test")).to_have_text("DRILL")
    expect(page).to_have_title(re.compile(r"^DRILL EMERGENCY \(1\)"))
    night.passes(300, drill)
    assert [len(night.texts()), len(night.calls())] == [1, 1]
    assert night.texts()[0].form["Body"].startswith("DRILL")


def test_a_ladder_that_ran_out_says_so_on_every_screen_until_somebody_has_it(desk: Desk, night: Night) -> None:
    page = live(desk.open("Alice"))
    escalation = desk.emergency()
    night.passes(700, escalation)

    expect(told(page)).to_contain_text("Nobody has answered.")
    expect(alarm_of(page)).to_have_attribute("data-unanswered", "")
    listed = desk.open("Carol", "/escalations/")
    expect(listed.locator(f"#escalation-{escalation.id}")).to_contain_text("Unanswered")

    listed.locator(f"#take-{escalation.id}").click()
    expect(alarm_of(page)).to_have_count(0)


def test_the_page_of_an_escalation_follows_its_ladder_and_keeps_what_is_opened(desk: Desk, night: Night) -> None:
    escalation = desk.emergency()
    page = live(desk.open("Alice", "/escalations/"))
    steps = page.locator(f"#ladder-{escalation.id}")
    steps.locator("summary").click()
    expect(steps).to_contain_text("Waiting")

    night.passes(125, escalation)

    expect(page.locator(f"#ladder-now-{escalation.id}")).to_contain_text("Bob Lee")
    expect(steps).to_contain_text("text message sent")
    expect(steps).to_have_attribute("open", "")


def test_two_people_with_ten_tabs_see_one_alarm_go(desk: Desk) -> None:  # B9, B14
    desk.expect_error("status of 409")
    alices, bobs = desk.browser_of("Alice"), desk.browser_of("Bob")
    streams: list[str] = []
    for browser in (alices, bobs):
        browser.on("request", lambda request: streams.append(request.url) if "/events/" in request.url else None)
    pages = [*tabs(alices, desk, 5), *tabs(bobs, desk, 5)]
    assert len(streams) == 2

    escalation = desk.emergency()
    for page in pages:
        expect(alarm_of(page)).to_have_count(1)
    for page in (pages[0], pages[5]):
        page.evaluate("setTimeout(() => document.querySelector('#alarm-list button').click(), 300)")

    for page in pages:
        expect(alarm_of(page)).to_have_count(0)
    with inside(desk.clinic):
        escalation.refresh_from_db()
        assert escalation.handler_id in {desk.person("Alice").id, desk.person("Bob").id}
        assert escalation.steps.filter(what="acknowledged").count() == 1
        assert not Rung.objects.filter(escalation=escalation, state="waiting").exists()


def test_who_acknowledges_a_moment_too_late_is_told_who_has_it(desk: Desk) -> None:
    desk.expect_error("status of 409")
    page = live(desk.open("Bob"))
    escalation = desk.emergency()

    def somebody_is_faster(route: Route) -> None:
        desk.acknowledge(escalation, "Alice")
        route.continue_()

    page.route("**/acknowledge/", somebody_is_faster)
    alarm_of(page).get_by_role("button").click()

    expect(page.locator("#toasts")).to_contain_text("Alice Moreno has it already.")
    expect(alarm_of(page)).to_have_count(0)


def test_an_admin_puts_somebody_on_call_with_the_keyboard_alone(desk: Desk, night: Night) -> None:
    page = desk.open("Carol", "/escalations/on-call/")
    page.locator("#add > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#id_person")).to_be_focused()
    page.keyboard.type("Alice")
    page.keyboard.press("Tab")
    page.keyboard.type("As backup 1")
    page.locator("#id_day").select_option("once")
    page.locator("#id_begins").fill("18:00")
    page.locator("#id_ends").fill("08:00")
    page.locator("#id_since").fill("2030-03-01")
    page.locator("#id_since").press("Enter")

    expect(page.locator("#messages")).to_contain_text("Added.")
    expect(page.locator("#shifts")).to_contain_text("Fri 1 Mar 2030, once")
    expect(page.locator("#shifts")).to_contain_text("Backup 1")
    page.locator("#asked > summary").click()
    page.locator("#id_at").fill("2030-03-02T07:59")
    page.locator("#ask").click()
    expect(page.locator("main")).to_contain_text("Alice Moreno")
