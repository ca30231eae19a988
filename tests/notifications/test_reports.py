"""Status callbacks: signed, at each try's own address, repeated, in any order, and stronger than what we believed."""

from __future__ import annotations

import itertools
import threading
import uuid

import pytest
from django.db import connections

from notifications import claims
from notifications.models import Attempt, OptOut
from notifications.statuses import RANKS
from tests.far_ends.twilio_rest import DROPPED, FAILED_AFTER, Mood
from tests.notifications.conftest import post_to

pytestmark = pytest.mark.usefixtures("no_nudge", "phones", "hasty")


@pytest.fixture
def opened(outbox, far):
    outbox.chooses("alice")
    return outbox.announce("task.opened")


@pytest.fixture
def sent(outbox, far, opened):
    """A text that was accepted, and the announcement it is about."""
    outbox.deliver()
    return opened, far.sent()[0]


def test_how_far_it_came_is_kept(outbox, sent, report):
    about, item = sent
    assert report(item, "delivered").status_code == 204
    row = outbox.delivery(about)
    assert (row.state, row.provider_status, row.provider_error) == ("sent", "delivered", "")


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sending", "sent", "delivered"])))
def test_in_every_order_and_repeated_the_end_is_the_same(outbox, sent, report, order):
    about, item = sent
    for status in (*order, *order, order[0]):
        assert report(item, status).status_code == 204
    assert outbox.delivery(about).provider_status == "delivered"
    assert outbox.tries(about) == ["sent"]


@pytest.mark.parametrize("code", ["30003", "30005", "30007", "30008"])
def test_a_carriers_refusal_is_recorded_and_nothing_is_sent_again(outbox, far, sent, report, code):
    about, item = sent
    report(item, "undelivered", ErrorCode=code)
    report(item, "sent")
    outbox.due()
    outbox.deliver()
    row = outbox.delivery(about)
    assert (row.state, row.provider_status, row.provider_error) == ("sent", "undelivered", code)
    assert len(far.posts) == 1


def test_a_refusal_as_opted_out_that_comes_later_is_remembered(outbox, sent, report):
    _, item = sent
    report(item, "failed", ErrorCode="21610")
    assert OptOut.objects.get().source == "network"


def test_every_stage_has_a_rank_of_its_own():
    assert len(set(RANKS.values())) == len(RANKS)
    assert RANKS["undelivered"] < RANKS["delivered"]


# --- What a report settles -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mood", [DROPPED, FAILED_AFTER], ids=["dropped", "500"])
def test_a_report_settles_what_was_unknown_and_nobody_asks_or_sends(outbox, far, opened, report, mood):
    far.moods.append(mood)
    outbox.deliver()
    report(far.sent()[0], "sent")
    row = outbox.delivery(opened)
    assert (row.state, row.provider_id, row.provider_status) == ("sent", far.sent()[0].sid, "sent")
    assert outbox.ask() == 0
    outbox.deliver()
    assert (len(far.posts), far.lists) == (1, [])
    assert outbox.tries(opened) == ["reported"]


def test_a_report_that_overtakes_the_answer_settles_it_and_the_answer_changes_nothing(outbox, far, opened, report):
    def early(form):
        item = far.accept("Messages", form)
        report(item, "sent")
        connections.close_all()
        return Mood(accepts=False, status=500)

    far.mood = early
    outbox.deliver()
    row = outbox.delivery(opened)
    assert (row.state, row.provider_id) == ("sent", far.sent()[0].sid)
    outbox.ask()
    outbox.due()
    outbox.deliver()
    assert len(far.posts) == 1


def test_a_report_stops_an_urgent_repeat_that_has_not_left_yet(outbox, far, report):
    bob = outbox.person("bob")
    about = outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"])
    far.moods.append(DROPPED)
    outbox.deliver()
    assert outbox.delivery(about).state == "pending"
    outbox.due()
    (claim,) = claims.claim_one(me="worker:test:1", grace=claims.LEASE * 0, outside=True)

    report(far.sent()[0], "sent")

    assert claims.start([claim]) == []
    outbox.deliver()
    assert len(far.posts) == 1
    assert outbox.delivery(about).state == "sent"


def test_what_was_given_up_as_dead_is_sent_after_all_when_the_network_says_so(outbox, far, opened, report):
    far.moods.append(DROPPED)
    outbox.deliver()
    outbox.sql("UPDATE notifications_delivery SET state = 'dead' WHERE channel = 'sms'")
    report(far.sent()[0], "delivered")
    assert outbox.delivery(opened).state == "sent"


def test_after_a_repeat_each_try_keeps_its_own_message(outbox, far, report):
    bob = outbox.person("bob")
    about = outbox.announce("escalation.step", audience=[bob.pk], channels=["sms"])
    far.moods.append(DROPPED)
    outbox.deliver()
    outbox.due()
    outbox.deliver()
    first, second = far.sent()
    report(first, "delivered")
    report(second, "undelivered", ErrorCode="30003")
    tries = Attempt.objects.filter(delivery__event__about=about).order_by("number")
    assert list(tries.values_list("provider_id", "provider_status")) == [
        (first.sid, "delivered"),
        (second.sid, "undelivered"),
    ]
    assert outbox.delivery(about).provider_id == second.sid


def test_fifty_reports_at_once_leave_one_state(outbox, sent, report):
    about, item = sent
    statuses = ["queued", "sending", "sent", "delivered", "sent"] * 10
    answers = []

    def tell(status: str) -> None:
        try:
            answers.append(report(item, status).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tell, args=(status,)) for status in statuses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {204}
    assert outbox.delivery(about).provider_status == "delivered"


# --- Who is not believed ---------------------------------------------------------------------------------------------
def test_an_unsigned_or_wrongly_signed_report_is_refused(outbox, sent, report):
    about, item = sent
    assert report(item, "delivered", signed="").status_code == 403
    assert report(item, "delivered", signed="bm90IGEgc2lnbmF0dXJl").status_code == 403
    assert outbox.delivery(about).provider_status == ""


def test_a_guessed_token_another_message_and_another_clinic_are_not_found(outbox, far, sent):
    about, item = sent

    def tell(url: str, sid: str, sender: str = "+12025550101") -> int:
        form = {**item.form, "StatusCallback": url, "From": sender}
        return post_to(*far.reports(type(item)(sid, form, item.created, "Messages"), "delivered")).status_code

    ours = item.form["StatusCallback"]
    token = ours.rstrip("/").rsplit("/", 1)[-1]
    assert tell(ours.replace(token, str(uuid.uuid4())), item.sid) == 404
    assert tell(ours, "SM" + "f" * 32) == 404
    assert tell(ours.replace("north.", "south."), item.sid, "+12025550102") == 404
    assert outbox.delivery(about).provider_status == ""
    assert tell(ours, item.sid) == 204
