"""A call is handed to a person the whole way: the conference, the telephones that ring, the proof that it held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.db import connection, connections
from django.utils import timezone

from calls.handover import policy
from calls.handover.models import Handover
from calls.models import Call, Turn
from calls.simulator.far_end import Line
from calls.simulator.rules import faults
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice import actions as practice
from clinics.practice.models import CallPolicy, HandoverMode, Shift
from clinics.remembered import forget_everything
from clinics.telephone import signature
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Event
from notifications.watching.measuring import measure
from notifications.watching.policy import CUT_OFF, troubles
from tasks.models import Promise, Task
from tests.calls.network import Network
from tests.far_ends.twilio_rest import GOOD, Item, TwilioRest, refused, twilio_rest
from tests.notifications.conftest import post_to

ALICE, BOB, LINE = "+12025550161", "+12025550162", "+12025550199"
ROOM = "CF" + "5" * 32


@dataclass
class House:
    """The clinic, its telephone network at both ends, and what one caller and the people rung do."""

    clinic: Clinic
    far: TwilioRest
    network: Network
    line: Line = field(init=False)
    twiml: str = ""

    def call(self, *, says: str = "i want to speak to a person", spanish: bool = False) -> House:
        """A caller asks for a person, and is put into the conference."""
        self.line, _ = self.network.call()
        if spanish:
            self.network.press(self.line, "2")
        self.far.inbound[self.line.sid] = "in-progress"
        self.twiml = self.network.say_once(self.line, says).exchanges[0].twiml
        return self

    @property
    def conference(self) -> ElementTree.Element:
        found = ElementTree.fromstring(self.twiml).find("Dial/Conference")
        assert found is not None
        return found

    def wait(self) -> str:
        """The caller's hold music is asked for."""
        return self._tell(self.conference.get("waitUrl", ""), CallSid=self.line.sid).content.decode()

    def event(self, name: str, sid: str = "", **more: str) -> None:
        """The conference reports."""
        told = {"StatusCallbackEvent": name, "ConferenceSid": ROOM, "FriendlyName": self.conference.text or "", **more}
        response = self._tell(self.conference.get("statusCallback", ""), **told, **({"CallSid": sid} if sid else {}))
        assert response.status_code == 204

    def _tell(self, url: str, **fields: str) -> Any:
        params = {"AccountSid": self.far.account, **fields}
        return post_to(url, params, signature(url, params, token=self.far.token))

    def back(self, *, status: str = "in-progress") -> str:
        """The caller is out of the conference: the network asks how to go on."""
        dial = ElementTree.fromstring(self.twiml).find("Dial")
        assert dial is not None
        path = urlsplit(dial.get("action", "")).path
        exchange = self.network._post(self.line, path, {"CallStatus": status, "DialCallStatus": "completed"})
        self.line.action = ""
        for gather in ElementTree.fromstring(exchange.twiml).iter("Gather"):
            self.line.action = gather.get("action", "")
        return exchange.twiml

    @property
    def rung(self) -> list[Item]:
        return self.far.sent("Calls")

    def numbers(self) -> list[str]:
        return [item.form["To"] for item in self.rung]

    def person(self, item: Item, *, key: str = "", url: str = "") -> str:
        """Who is rung picks up, or presses a key; returns what they hear."""
        url = url or item.form["Url"]
        params = {
            "CallSid": item.sid, "AccountSid": self.far.account, "From": item.form["From"], "To": item.form["To"],
            "CallStatus": "in-progress", "Direction": "outbound-api", **({"Digits": key} if key else {}),
        }  # fmt: skip
        response = post_to(url, params, signature(url, params, token=self.far.token))
        assert response.status_code == 200
        document = response.content.decode()
        assert faults(document) == []
        return document

    def press(self, item: Item, key: str) -> str:
        return self.person(item, key=key, url=item.form["Url"].replace("/brief/", "/key/"))

    def over(self, item: Item, status: str) -> None:
        item.statuses.append(status)
        assert post_to(*self.far.reports(item, status)).status_code == 204

    def take(self) -> Item:
        """The telephone that rings now is picked up, 1 is pressed, and caller and person speak."""
        item = self.rung[-1]
        self.person(item)
        self.press(item, "1")
        self.event("participant-join", self.line.sid)
        self.event("participant-join", item.sid)
        return item

    @property
    def row(self) -> Handover:
        with inside(self.clinic):
            return Handover.objects.with_rang_again().select_related("person").get(call__sid=self.line.sid)

    def steps(self) -> list[str]:
        with inside(self.clinic):
            return list(self.row.steps.values_list("state", flat=True))


@pytest.fixture
def house(django_db_setup: None, django_db_blocker: Any, settings: Any) -> Iterator[House]:
    """Really committed: the network is asked outside transactions. Alice is on shift, and Bob behind her."""
    with (
        django_db_blocker.unblock(),
        twilio_rest(account=settings.TWILIO_ACCOUNT_SID, token=settings.TWILIO_AUTH_TOKEN) as far,
    ):
        settings.SMS_MODE, settings.TWILIO_API_BASE_URL = "on", far.url
        clinic = Clinic.objects.get(slug="north")
        with inside(clinic):
            today = timezone.localdate()
            for place, (short, number) in enumerate((("alice", ALICE), ("bob", BOB)), start=1):
                person = User.objects.get(email=f"{short}@north.test")
                User.objects.filter(pk=person.pk).update(phone=number)
                for day in (today - timedelta(days=1), today):
                    Shift.objects.create(person=person, place=place, begins="00:00", ends="00:00", since=day, until=day)
            practice.publish_policy(by=None, changes={"handover": HandoverMode.TEAM})
        forget_everything()
        yield House(clinic, far, Network(clinic))
        connection.set_schema_to_public()
        with inside(clinic):
            for model in (Handover, Turn, Call, Promise, Task, Escalation, Shift):
                model.objects.all().delete()
            CallPolicy.objects.filter(version__gt=1).delete()
            User.objects.update(phone="", speaks_spanish=False)
        Event.objects.all().delete()
        forget_everything()
        connections.close_all()


# --- The good road ---------------------------------------------------------------------------------------------------
def test_the_first_on_shift_takes_the_call_and_it_is_proved(house: House) -> None:
    house.call()
    assert house.conference.get("startConferenceOnEnter") == "false"
    assert faults(house.twiml) == []

    music = house.wait()
    assert "/static/hold" in music
    assert "/wait/</Redirect>" in music  # it asks for itself again
    assert house.numbers() == [ALICE]

    heard = house.person(house.rung[0])
    assert "Northside Clinic" in heard
    assert "0142" not in heard
    joined = house.press(house.rung[0], "1")
    assert house.conference.text in joined
    assert 'startConferenceOnEnter="true"' in joined
    house.event("participant-join", house.line.sid)
    house.event("participant-join", house.rung[0].sid)

    with inside(house.clinic):
        Handover.objects.update(bridged_at=timezone.now() - timedelta(seconds=95))
    house.event("participant-leave", house.line.sid)
    house.event("conference-end", CallSidEndingConference=house.line.sid)

    assert house.steps() == ["requested", "ringing", "briefing", "accepted", "bridged", "ended"]
    assert (house.row.person.email, house.row.ended_by, house.row.talk_seconds) == ("alice@north.test", "caller", 95)
    assert not house.row.rang_again
    assert house.far.updates == []  # nobody had to be hung up on


def test_when_the_person_hangs_up_first_the_caller_hears_goodbye(house: House) -> None:
    house.call().wait()
    item = house.take()

    house.event("participant-leave", item.sid)
    words = house.back()

    assert "<Hangup" in words
    assert house.row.ended_by == "staff"
    with inside(house.clinic):
        assert Turn.objects.filter(call__sid=house.line.sid).last().state["outcome"] == "handed_over"


def test_who_rings_again_within_two_hours_is_seen(house: House) -> None:
    house.call().wait()
    house.event("participant-leave", house.take().sid)
    before = house.row
    first = house.line

    house.network.call()

    house.line = first
    assert (before.rang_again, house.row.rang_again) == (False, True)


# --- The next one, and back ------------------------------------------------------------------------------------------
def test_who_declines_or_does_not_answer_is_followed_by_the_next_then_the_line_then_the_assistant(house: House) -> None:
    house.call().wait()
    house.person(house.rung[0])
    assert "Somebody else is asked" in house.press(house.rung[0], "2")
    assert house.numbers() == [ALICE, BOB]
    house.over(house.rung[1], "no-answer")
    assert house.numbers() == [ALICE, BOB, LINE]
    house.over(house.rung[2], "busy")

    assert house.far.updates == [(house.line.sid, {"Url": house.far.updates[0][1]["Url"], "Method": "POST"})]
    assert house.far.updates[0][1]["Url"].endswith("/after/")
    words = house.back()

    assert house.steps() == [
        "requested", "ringing", "briefing", "declined", "ringing", "no_answer", "ringing", "no_answer", "returned",
    ]  # fmt: skip
    assert "nobody could take the call" in words
    assert "They will call" in words or "A person will call you" in words
    with inside(house.clinic):
        promise = Promise.objects.get()
        assert (promise.name, promise.task.callback_number) == ("person_calls", "+12025550142")


def test_a_caller_in_spanish_is_handed_to_who_speaks_it(house: House) -> None:
    with inside(house.clinic):
        User.objects.filter(email="bob@north.test").update(speaks_spanish=True)
        Shift.objects.update(place=1)
    house.call(says="quiero hablar con una persona", spanish=True)

    house.wait()

    assert house.numbers() == [BOB]
    assert "They speak Spanish" in house.person(house.rung[0])


def test_a_key_that_comes_after_the_caller_has_left_joins_nobody(house: House) -> None:
    house.call().wait()
    item = house.rung[0]
    house.person(item)

    house.event("participant-leave", house.line.sid)

    assert [(sid, form) for sid, form in house.far.updates] == [(item.sid, {"Status": "completed"})]
    heard = house.press(item, "1")
    assert "not waiting any more" in heard
    assert "<Conference" not in heard
    assert house.steps()[-1] == "ended"


def test_the_key_told_twice_lets_the_person_in_twice_and_counts_once(house: House) -> None:
    house.call().wait()
    house.person(house.rung[0])

    once, twice = house.press(house.rung[0], "1"), house.press(house.rung[0], "1")

    assert once == twice
    assert house.steps() == ["requested", "ringing", "briefing", "accepted"]


# --- Trouble ---------------------------------------------------------------------------------------------------------
def test_where_the_network_refuses_every_call_the_caller_is_brought_back(house: House) -> None:
    house.far.mood = lambda form: refused(21211) if "To" in form else GOOD
    house.call()

    house.wait()

    assert house.rung == []
    assert len(house.far.updates) == 1
    assert house.steps()[-1] == "no_answer"
    assert "nobody could take the call" in house.back()


def test_a_caller_who_cannot_be_brought_back_hears_the_truth_and_is_called_back(house: House) -> None:
    house.far.mood = lambda form: refused(20003, 403)
    house.call().wait()
    with inside(house.clinic):
        Handover.objects.update(gave_up_at=timezone.now() - timedelta(seconds=policy.LAST_WORDS_SECONDS + 1))

    words = house.wait()

    assert "nobody could take the call" in words
    assert "dial 9 1 1" in words
    assert "<Hangup" in words
    house.network.hang_up(house.line)
    with inside(house.clinic):
        assert Task.objects.get().callback_number == "+12025550142"


def test_lost_news_of_a_telephone_does_not_keep_the_caller_waiting(house: House) -> None:
    house.call().wait()
    with inside(house.clinic):
        house.row.steps.filter(state="ringing").update(at=timezone.now() - timedelta(seconds=policy.LOST_SECONDS + 1))

    house.wait()

    assert house.numbers() == [ALICE, BOB]


def test_news_that_comes_twice_and_late_changes_nothing(house: House) -> None:
    house.call().wait()
    item = house.take()
    house.event("participant-leave", item.sid)
    steps = house.steps()

    for name, sid in (("participant-join", item.sid), ("participant-leave", house.line.sid), ("conference-end", "")):
        house.event(name, sid)
    house.over(item, "completed")

    assert house.steps() == steps
    assert house.row.ended_by == "staff"


def test_an_emergency_goes_straight_to_the_line(house: House) -> None:
    house.call(says="my chest hurts and i can not breathe")

    assert f"<Number>{LINE}</Number>" in house.twiml
    with inside(house.clinic):
        assert not Handover.objects.exists()
        assert Escalation.objects.filter(level="emergency").exists()


def test_a_test_call_rings_nobody(house: House) -> None:
    house.line, _ = house.network.call(test=True)

    house.network.dial_outcome = "no-answer"
    heard = house.network.say(house.line, "i want to speak to a person")

    assert house.rung == []
    assert any("nobody could take the call" in sentence for sentence in heard.sentences)


def test_a_forged_key_is_refused(house: House) -> None:
    house.call().wait()
    url = house.rung[0].form["Url"].replace("/brief/", "/key/")

    response = post_to(url, {"Digits": "1"}, "forged")

    assert response.status_code == 403
    assert house.steps() == ["requested", "ringing"]


# --- Cut off ---------------------------------------------------------------------------------------------------------
def test_conversations_that_end_alike_raise_an_incident_within_ten_calls(house: House) -> None:
    with inside(house.clinic):
        call = Call.objects.create(sid="CA" + "a" * 32, to_number="+12025550101")
        now = timezone.now()
        for n, seconds in enumerate([30, 200, 31, 75, 30]):
            Handover.objects.create(
                call=call, turn=n, state="ended", language="en", about="unclear", talk_seconds=seconds,
                bridged_at=now, ended_at=now - timedelta(minutes=n + 1), ended_by="staff",
            )  # fmt: skip
    house.call().wait()
    item = house.take()
    with inside(house.clinic):
        Handover.objects.filter(call__sid=house.line.sid).update(bridged_at=timezone.now() - timedelta(seconds=31))

    house.event("participant-leave", item.sid)

    assert Event.objects.filter(kind="handover.cut_off", clinic=house.clinic).count() == 1
    assert [one.name for one in troubles(measure()) if one.clinic == house.clinic.pk] == [CUT_OFF]


# --- The page --------------------------------------------------------------------------------------------------------
def test_the_calls_page_shows_each_step_and_the_proof(north: Clinic, alice: User, client_of: Callable) -> None:
    now = timezone.now()
    with inside(north):
        call = Call.objects.create(sid="CA" + "a" * 32, to_number="+12025550101", from_number="+12025550142")
        handover = Handover.objects.create(
            call=call, turn=3, state="ended", language="en", about="unclear", person=alice, accepted_at=now,
            bridged_at=now, ended_at=now, ended_by="caller", talk_seconds=62,
        )  # fmt: skip
        leg = handover.legs.create(n=1, person=alice, over_at=now)
        handover.steps.create(n=1, state="requested")
        handover.steps.create(n=2, state="briefing", leg=leg)

    page = client_of(alice).get(call.path).content.decode()

    for words in ("It held", "Picked up, told what it is about: Alice Moreno", "Answered by", "1:02", "The caller"):
        assert words in page
