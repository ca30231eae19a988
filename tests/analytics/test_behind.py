"""Every bar of every chart opens the calls that it counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.test import Client

from analytics import board
from analytics.behind import BEHIND, Asked, calls
from analytics.spans import span
from calls.sensitive.actions import mark
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.analytics.making import a_call, a_handover, a_task, a_turn, an_escalation, asked, done

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/New_York")
SignIn = Callable[[User], Client]
BAR = re.compile(r'<a id="(?:bar|cell)-(\w+)-[\d-]+" href="([^"]+)" tabindex="-1" aria-label="[^"]*: ([\d.]+)">')
ROW = re.compile(r'<tr><th scope="row"><a id="row-(\w+)-\d+" href="([^"]+)">[^<]*</a></th>(.*?)</tr>', re.DOTALL)


@pytest.fixture
def a_day(north: Clinic, alice: User, bob: User) -> Iterator[datetime]:
    """Calls of today and yesterday with something of everything, none with two of the same."""
    now = datetime.now(ZONE)
    with inside(north):
        for number in range(12):
            ended = ("task", "answered", "handed_over", "abandoned")[number % 4]
            call = a_call(
                at=now - timedelta(days=number % 2, minutes=number + 1), outcome=ended, reprompts=number % 3,
                intent=("refill", "billing")[number % 2], from_number=f"+1212555{1000 + number}",
                level=("rules", "keypad")[number % 2], language=("en", "es")[number % 2],
            )  # fmt: skip
            a_turn(call, 1, 100, stages={"webhook": 10 * number + 1, "model": 0, "speech": 0})
            if ended == "task":
                task = a_task(call, due=call.started_at + timedelta(seconds=30), unread=True)
                if number > 4:
                    done(task, by=alice, at=call.started_at + timedelta(seconds=10))
            if number % 5 == 0:
                an_escalation(call, "urgent", by=bob, after=9)
                asked(call, "speech", trouble="timeout")
            if ended == "handed_over":
                a_handover(call, talk_seconds=(None, 60)[number % 2])
        yield now


def opened(browser: Client, href: str) -> int:
    page = browser.get(unescape(href)).text
    return len(re.findall(r'<a id="open-', page))


def test_a_bar_opens_as_many_calls_as_it_says(a_day: datetime, carol: User, client_of: SignIn) -> None:
    browser = client_of(carol)
    bars = BAR.findall(browser.get("/analytics/?days=7").text)

    wrong = [
        (chart, href, said, found)
        for chart, href, said in bars
        if chart != "stages" and float(said) and (found := opened(browser, href)) != float(said)
    ]

    assert {chart for chart, *_ in bars} == {
        "hourly", "week", "intents", "outcomes", "languages", "levels", "escalations", "handovers", "reprompts",
        "unread", "stages", "errors",
    }  # fmt: skip
    assert wrong == []


def test_a_bar_of_a_stage_opens_the_calls_that_waited_as_long(a_day: datetime, carol: User, client_of: SignIn) -> None:
    browser = client_of(carol)
    ((_, href, said),) = [bar for bar in BAR.findall(browser.get("/analytics/?days=7").text) if bar[0] == "stages"]

    assert float(said) > 95
    assert opened(browser, href) == 1


def test_a_row_of_stacked_bars_and_of_days_opens_as_many(a_day: datetime, carol: User, client_of: SignIn) -> None:
    browser = client_of(carol)
    page = browser.get("/analytics/?days=7").text
    numbers = {chart: [] for chart in ("completion", "resolution", "duration", "week")}
    for chart, href, cells in ROW.findall(page):
        if chart in numbers:
            values = [int(one) for one in re.findall(r"<td>(\d+)</td>", cells)]
            numbers[chart].append((values, opened(browser, href)))

    assert [(sum(values[:3]), found) for values, found in numbers["completion"]] == [(3, 3)]
    assert [values[0] for values, _ in numbers["resolution"]] == [found for _, found in numbers["resolution"]]
    assert [values[0] for values, _ in numbers["duration"]] == [found for _, found in numbers["duration"]] == [6, 6]
    assert [sum(values[2:]) for values, _ in numbers["week"]] == [found for _, found in numbers["week"]]
    assert [values[0] for values, _ in numbers["week"]] == [found for _, found in numbers["week"]]


def test_the_page_turns_by_key(a_day: datetime, north: Clinic, carol: User, client_of: SignIn) -> None:
    with inside(north):
        for number in range(45):
            a_call(at=a_day - timedelta(seconds=number))
    browser = client_of(carol)

    first = browser.get("/analytics/calls/?days=7").text
    older = re.search(r'id="older" href="([^"]+)"', first)
    assert older is not None
    second = browser.get("/analytics/calls/" + unescape(older[1])).text

    ids = [set(re.findall(r'id="open-([\w-]+)"', page)) for page in (first, second)]
    assert [len(some) for some in ids] == [50, 7]
    assert not ids[0] & ids[1]
    assert "57 calls." in first


def test_a_closed_call_is_counted_and_told_only_where_that_says_nothing(
    a_day: datetime, north: Clinic, alice: User, carol: User, client_of: SignIn
) -> None:
    with inside(north):
        call = a_call(at=a_day - timedelta(seconds=1), intent="test_result")
        mark(call_id=call.id, why="vip", by=carol, people=[alice])
    browser = client_of(carol)

    by_wish = browser.get("/analytics/calls/?days=7&of=intents&is=test_result").text
    everything = browser.get("/analytics/calls/?days=7").text

    assert str(call.id) not in by_wish
    assert "1 of them is a sensitive call that is closed to you." in by_wish
    row = everything[everything.index(f'id="open-{call.id}"') :]
    assert "closed to you" in row[: row.index("</tr>")]
    assert "Test result" not in everything


def test_a_call_in_which_nothing_was_wanted_is_behind_no_fate(north: Clinic) -> None:
    now = datetime.now(ZONE)
    with inside(north):
        a_call(at=now - timedelta(minutes=1), outcome="nothing")
        asked_for = Asked("resolution", "not_contained", span("7", now=now, zone=ZONE), now)

        assert calls(asked_for).count() == 0


@pytest.mark.parametrize(
    "query", ["of=hourly&is=x", "of=week&is=1", "of=day&is=nonsense", "of=handovers&is=no", "of=reprompts&is="]
)
def test_a_bar_that_does_not_exist_is_a_404(query: str, carol: User, client_of: SignIn) -> None:
    assert client_of(carol).get(f"/analytics/calls/?{query}").status_code == 404


def test_who_looked_is_written_down(a_day: datetime, north: Clinic, carol: User, client_of: SignIn) -> None:
    client_of(carol).get("/analytics/calls/?days=7")
    client_of(carol).get("/analytics/calls.csv?days=7")

    with inside(north):
        assert LogEntry.objects.filter(actor=carol, action=LogEntry.Action.ACCESS).count() >= 2


def test_every_chart_that_counts_calls_has_calls_behind_it() -> None:
    assert set(board.CHARTS) - set(BEHIND) == {"duration", "answers", "reviews", "forecast", "messages"}
    assert board.titles().keys() == BEHIND.keys() - {"all", "weekday", "day"}
