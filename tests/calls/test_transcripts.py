"""The words of a call as people read them: what was heard and made of it, corrections beside it, live while it runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis
from auditlog.models import LogEntry
from django.test import Client

from calls.models import Call, Correction, Turn
from calls.transcripts import actions
from calls.transcripts.lines import line_of
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.calls.network import Network

HEARD = "i need a refill of met forming for Zebulon Quist"
SAID = "I need a refill of metformin for Zebulon Quist"


@pytest.fixture
def network(north: Clinic) -> Network:
    return Network(north)


@pytest.fixture
def a_call(network: Network, north: Clinic) -> Call:
    line, _ = network.call()
    network.say(line, HEARD)
    network.hang_up(line)
    with inside(north):
        return Call.objects.get(sid=line.sid)


@pytest.fixture
def running(network: Network, north: Clinic) -> Call:
    line, _ = network.call()
    network.say(line, HEARD)
    with inside(north):
        return Call.objects.get(sid=line.sid)


def _correct(browser: Client, call: Call, words: str, *, seen: int = 0, n: int = 1, **headers: str) -> object:
    return browser.post(f"/calls/{call.id}/turns/{n}/correct/", {"words": words, "seen": seen}, headers=headers)


def test_a_line_tells_when_how_well_and_what_for(a_call: Call, alice: User, client_of: Callable) -> None:
    page = client_of(alice).get(f"/calls/{a_call.id}/").content.decode()

    assert "heard 93%" in page
    assert "Understood:" in page
    assert "Medication “metformin”" in page.replace("Metformin", "metformin")
    assert "The caller hung up" in page


def test_words_that_were_heard_badly_say_so(a_call: Call, north: Clinic, alice: User, client_of: Callable) -> None:
    with inside(north):
        Turn.objects.filter(call=a_call, n=1).update(confidence=0.31)

    assert "heard badly, 31%" in client_of(alice).get(f"/calls/{a_call.id}/").content.decode()


def test_a_finding_leads_to_its_rule(network: Network, north: Clinic, alice: User, client_of: Callable) -> None:
    line, _ = network.call()
    network.say(line, "my husband can't breathe")
    with inside(north):
        call = Call.objects.get(sid=line.sid)
        rule = call.turns.get(n=1).findings[0]["rule"]

    page = client_of(alice).get(f"/calls/{call.id}/").content.decode()

    assert f"Rule {rule}" in page
    assert "emergency: " in page


# --- Corrections -----------------------------------------------------------------------------------------------------
def test_a_correction_stands_beside_what_was_heard(
    a_call: Call, north: Clinic, alice: User, client_of: Callable
) -> None:
    browser = client_of(alice)

    assert _correct(browser, a_call, SAID).status_code == 302

    page = browser.get(f"/calls/{a_call.id}/").content.decode()
    assert SAID in page
    assert "Corrected by Alice Moreno" in page
    assert HEARD in page
    with inside(north):
        assert Turn.objects.get(call=a_call, n=1).words == HEARD


def test_a_correction_is_in_the_trail_without_its_words(
    a_call: Call, north: Clinic, alice: User, client_of: Callable
) -> None:
    _correct(client_of(alice), a_call, SAID)

    with inside(north):
        row = LogEntry.objects.filter(action=LogEntry.Action.UPDATE).order_by("id").last()
        assert row.changes == {"corrections": ["0", "1"]}
        assert "metformin" not in str(vars(row))


def test_of_two_who_correct_the_same_words_one_reads_what_the_other_wrote(
    a_call: Call, north: Clinic, alice: User, bob: User, client_of: Callable
) -> None:
    _correct(client_of(alice), a_call, SAID)

    second = _correct(client_of(bob), a_call, "something else", **{"HX-Request": "true"})

    assert second.status_code == 409
    assert SAID in second.content.decode()
    with inside(north):
        assert [one.words for one in Correction.objects.of_call(a_call)] == [SAID]


def test_a_later_correction_replaces_the_earlier_and_both_are_kept(
    a_call: Call, north: Clinic, alice: User, bob: User, client_of: Callable
) -> None:
    _correct(client_of(alice), a_call, "one")
    _correct(client_of(bob), a_call, "two", seen=1)

    page = client_of(alice).get(f"/calls/{a_call.id}/").content.decode()

    assert "Corrected by Bob Lee" in page
    with inside(north):
        assert [one.words for one in Correction.objects.of_call(a_call)] == ["one", "two"]


@pytest.mark.parametrize(
    ("words", "why"),
    [("", "Write what the caller said"), ("x" * 2001, "at most 2000"), (HEARD, "These are the words that stand there")],
)
def test_a_correction_that_says_nothing_new_is_refused(
    words: str, why: str, a_call: Call, north: Clinic, alice: User, client_of: Callable
) -> None:
    answer = _correct(client_of(alice), a_call, words, **{"HX-Request": "true"})

    assert answer.status_code == 422
    assert why in answer.content.decode()
    with inside(north):
        assert not Correction.objects.exists()


def test_silence_cannot_be_corrected(a_call: Call, north: Clinic, alice: User) -> None:
    with inside(north), pytest.raises(actions.NotCorrected, match="No words were heard"):
        actions.correct_turn(by=alice, call_id=a_call.id, n=0, seen=0, words="hello")


def test_another_clinics_words_cannot_be_corrected(
    a_call: Call, north: Clinic, dave: User, client_of: Callable
) -> None:
    assert _correct(client_of(dave), a_call, SAID).status_code == 404
    with inside(north):
        assert not Correction.objects.exists()


# --- While it runs ---------------------------------------------------------------------------------------------------
def test_a_page_that_shows_all_is_told_so_and_no_more(running: Call, alice: User, client_of: Callable) -> None:
    browser = client_of(alice)

    assert browser.get(f"/calls/{running.id}/transcript/live/?shown=1").status_code == 204
    assert b"Zebulon" in browser.get(f"/calls/{running.id}/transcript/live/?shown=0").content


def test_refreshing_is_not_a_further_look(running: Call, north: Clinic, alice: User, client_of: Callable) -> None:
    browser = client_of(alice)
    with inside(north):
        before = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count()

    browser.get(f"/calls/{running.id}/")
    browser.get(f"/calls/{running.id}/transcript/live/?shown=0")

    with inside(north):
        assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count() == before + 1


def test_a_call_that_has_ended_is_asked_for_no_longer(a_call: Call, alice: User, client_of: Callable) -> None:
    answer = client_of(alice).get(f"/calls/{a_call.id}/transcript/live/?shown=1")

    assert answer.status_code == 200
    assert "hx-trigger" not in answer.content.decode()


def test_each_turn_tells_the_open_pages_its_kind_only(network: Network, settings: Any) -> None:
    line, _ = network.call()
    with redis.Redis.from_url(settings.REDIS_URL).pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe("stream:north")
        ear.get_message(timeout=5)

        network.say(line, HEARD)

        heard = ear.get_message(timeout=5)
    assert json.loads(heard["data"]) == {"kind": "call.turn"}


# --- The list --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("outcome=abandoned", True),
        ("outcome=failed", False),
        ("intent=refill", True),
        ("intent=billing", False),
        ("language=es", False),
        ("type=live", True),
        ("type=test", False),
        ("day=2001-01-01", False),
        ("outcome=nonsense&day=yesterday&before=x", True),
    ],
)
def test_the_list_shows_what_its_address_asks_for(
    query: str, found: bool, a_call: Call, alice: User, client_of: Callable
) -> None:
    page = client_of(alice).get(f"/calls/?{query}")

    assert page.status_code == 200
    assert (str(a_call.id) in page.content.decode()) is found


def test_what_runs_now_stands_on_top(running: Call, alice: User, client_of: Callable) -> None:
    assert "Calls now: 1" in client_of(alice).get("/calls/").content.decode()


def test_a_day_and_a_number_that_were_filled_in_are_read_as_people_write_them(a_call: Call, north: Clinic) -> None:
    filled = {"date_of_birth": "1982-03-04", "callback_number": "+12025550142", "pharmacy": "CVS on Main Street"}
    with inside(north):
        turn = a_call.turns.get(n=1)
        turn.filled = filled

        told = [value for _, value in line_of(turn).filled]
        turn.filled = {"date_of_birth": "the fourth"}
        unclear = [value for _, value in line_of(turn).filled]

    assert told == ["4 March 1982", "+1 202-555-0142", "CVS on Main Street"]
    assert unclear == ["the fourth"]
