"""The outbox's figures of a clinic: by channel and day, kept like all others, the same on page, in file and API."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from analytics import messages
from analytics.models import Daily
from analytics.rolling import Numbers, numbers, roll_up
from analytics.spans import span
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from notifications.models import Delivery
from notifications.routing import CHANNELS
from tests.analytics.making import a_message

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")
NOW, THEN = datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 18, 15, tzinfo=UTC)
SignIn = Callable[[User], Client]


@pytest.fixture
def at_north(north: Clinic) -> Iterator[Clinic]:
    with inside(north):
        yield north


@pytest.fixture
def some(at_north: Clinic, south: Clinic) -> None:
    for late in range(100, 2100, 100):
        a_message(at_north, "inbox", at=THEN, late_ms=late)
    a_message(at_north, "sms", at=THEN, late_ms=40_000, tries=("retry", "sent"), took_ms=300)
    a_message(at_north, "sms", at=THEN, state="dead", tries=("retry", "refused"))
    a_message(at_north, "sms", at=NOW - timedelta(hours=1), late_ms=700, tries=("sent",), took_ms=500)
    a_message(at_north, "patient", at=THEN, state="expired")
    a_message(at_north, "email", at=THEN, test=True, tries=("sent",))
    a_message(south, "voice", at=THEN, tries=("sent",))


def week() -> Numbers:
    return numbers(span("7", now=NOW, zone=ZONE), NOW)


def of(channel: str) -> messages.Channel:
    return next(one for one in messages.by_channel(week()) if one.name == channel)


@pytest.mark.parametrize("kept", [False, True])
def test_each_channel_says_what_arrived_how_late_and_what_did_not(kept: bool, some: None) -> None:
    if kept:
        roll_up(NOW)

    inbox, sms = of("inbox").messages, of("sms").messages
    assert (inbox.delivered, inbox.lag_p50) == (20, 1050)
    assert (inbox.lag_p95, inbox.lag_p99) == (pytest.approx(1905), pytest.approx(1981))
    assert (sms.delivered, sms.given_up, sms.expired, sms.lag_p50) == (2, 1, 0, 20_350)
    assert sms.tries == pytest.approx(5 / 3)
    assert (of("sms").failed, of("sms").sent_p50, of("sms").state) == (3, 400, "failing")
    assert (of("patient").messages.expired, of("patient").messages.share.words) == (1, "0 % (0 of 1)")
    assert {one.name for one in messages.by_channel(week()) if one.state == "unknown"} >= {"voice", "email"}
    whole = messages.together(week())
    assert (whole.delivered, whole.given_up, whole.expired) == (22, 1, 1)


def test_each_day_has_its_own(some: None) -> None:
    roll_up(NOW)

    days = {(day.day, one.name): one.messages for day, one in messages.by_day_and_channel(week())}

    assert days.keys() == {(18, "inbox"), (18, "sms"), (18, "patient"), (20, "sms")}
    assert (days[18, "sms"].given_up, days[20, "sms"].given_up, days[20, "sms"].lag_p95) == (1, 0, 700)
    assert [(day.day, one.delivered) for day, one in messages.by_day(week()) if one.delivered] == [(18, 21), (20, 1)]
    assert Daily.objects.get(day=date(2026, 11, 18)).parts["channels"]["unsent sms"] == {"twilio_30003": 3}


def test_what_is_tried_again_later_changes_its_day(some: None) -> None:
    roll_up(NOW)
    Delivery.objects.filter(state="dead").update(state="sent", done_at=THEN + timedelta(hours=5))

    assert roll_up(NOW) == 1

    assert (of("sms").messages.delivered, of("sms").messages.given_up) == (3, 0)


def test_every_channel_of_a_clinic_has_words() -> None:
    assert set(messages.CHANNELS) == CHANNELS.keys() - {"pulse"}


def test_page_file_and_api_say_the_same(at_north: Clinic, carol: User, client_of: SignIn) -> None:
    for minutes, late in ((1, 300), (2, 500), (3, 9000)):
        a_message(at_north, "sms", at=timezone.now() - timedelta(minutes=minutes), late_ms=late, tries=("sent",))
    dead = a_message(at_north, "email", at=timezone.now() - timedelta(days=40), state="dead")
    browser = client_of(carol)

    page = browser.get("/analytics/?days=1").text
    (told,) = browser.get("/api/analytics/summary/?days=1").json()["messages"]
    (_, *rows) = csv.reader(StringIO(browser.get("/analytics/messages.csv?days=1").text))

    assert (told["channel"], told["delivered"], told["lag_p50_ms"], told["tries_per_message"]) == ("sms", 3, 500, 1)
    assert [row[1:6] for row in rows] == [["Text messages", "3", "0", "0", "1.00"]]
    assert rows[0][6] == "500"
    line = page[page.index("Text messages</th>") :]
    assert "<td>3</td><td>500 ms</td>" in line[: line.index("</tr>")]
    assert "Arrived: 100 % (3 of 3)" in page
    assert f'id="dead-{dead.channel}"' in page
