"""The road under trouble: repeats, races, lost caches, faults and late news change nothing the caller hears."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from calls import actions, context
from calls.dialogue import safety
from calls.models import Call, Status, Turn
from calls.simulator.far_end import Line
from calls.simulator.rules import faults
from clinics.models import Clinic
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import Event
from tasks.models import Task
from tests.calls.network import Network

PARALLEL = 100


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Clinic]:
    """The clinic outside any test transaction, for threads that must see each other's commits."""
    with django_db_blocker.unblock():
        clinic = Clinic.objects.get(slug="north")
        yield clinic
        with inside(clinic):
            for model in (Turn, Call, Task):
                model.objects.all().delete()
            Escalation.objects.all().delete()
        Event.objects.all().delete()
        connections.close_all()


def at_once(count: int, deed: Any) -> list[Any]:
    """Run a deed in so many threads that start together; their results in no order."""
    gate, results = threading.Barrier(count), []

    def run() -> None:
        try:
            gate.wait()
            results.append(deed())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def copy_of(line: Line) -> Line:
    return Line(**line.to_json())


def test_the_same_turn_a_hundred_times_at_once_has_one_effect_and_one_reply(committed: Clinic) -> None:
    network = Network(committed)
    line, _ = network.call()

    def say() -> tuple[str, ...]:
        again = copy_of(line)
        heard = Network(committed, dial_outcome="no-answer")._act_once(again, "there is blood in my urine")
        return tuple(heard.sentences)

    replies = at_once(PARALLEL, say)

    assert len(replies) == PARALLEL
    assert len(set(replies)) == 1
    with inside(committed):
        call = Call.objects.get(sid=line.sid)
        assert call.turns.count() == 2
        assert Escalation.objects.filter(call_id=call.id).count() == 1
        assert Escalation.objects.get(call_id=call.id).heard == 1
        assert Task.objects.filter(call_id=call.id).count() == 1
        about = [call.id, *Task.objects.filter(call_id=call.id).values_list("id", flat=True)]
    assert Event.objects.filter(about__in=about).count() == 2


def test_the_same_ringing_a_hundred_times_at_once_is_one_call(committed: Clinic) -> None:
    network = Network(committed)
    line = Line(sid="CA" + "7" * 32, caller="+12025550142", dialled=network.number, test=False)

    replies = at_once(PARALLEL, lambda: network_ring(committed, line))

    assert len(set(replies)) == 1
    with inside(committed):
        assert Call.objects.filter(sid=line.sid).count() == 1


def network_ring(clinic: Clinic, line: Line) -> tuple[str, ...]:
    network = Network(clinic)
    return tuple(network.ring_again(copy_of(line)).sentences)


def test_a_late_repeat_of_an_old_turn_gets_its_old_answer(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    old = copy_of(line)
    first = network.say(line, "i need a refill")
    network.say(line, "metformin")

    again = network.say(old, "i need a refill")

    assert again.sentences == first.sentences
    with inside(north):
        assert Turn.objects.filter(call__sid=line.sid).count() == 3


@pytest.mark.parametrize("lost", ["redis", "process", "both"])
def test_what_is_lost_between_any_two_turns_changes_nothing_that_is_heard(north: Clinic, lost: str) -> None:
    said = [
        "i need a refill of metformin",
        "cvs",
        "maria alvarez",
        "yes",
        "march fourth nineteen eighty two",
        "yes",
        "yes",
    ]
    with_all, without = [], []

    network = Network(north)
    line, _greeting = network.call()
    for words in said:
        with_all.append(network.say(line, words).sentences)
    line, _ = network.call()
    for words in said:
        if lost != "process":
            redis.from_url(settings.REDIS_URL).flushall()
        if lost != "redis":
            forget_everything()  # as another process, or this one after a restart
        without.append(network.say(line, words).sentences)

    assert with_all == without


def test_another_process_finds_the_state_in_redis(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    network.say(line, "i need a refill of metformin")
    forget_everything()

    with inside(north), CaptureQueriesContext(connection) as queries:
        found = context.load(Call.objects.only("id").get(sid=line.sid).id)

    assert found is not None
    assert found.state.n == 1
    assert [query["sql"] for query in queries if "calls_turn" in query["sql"]] == []


def test_a_near_state_of_one_clinic_is_not_found_by_the_next(north: Clinic, south: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    with inside(north):
        call_id = Call.objects.get(sid=line.sid).id
        assert context.load(call_id) is not None

    with inside(south):
        assert context.load(call_id) is None


def test_a_cache_that_fell_behind_is_not_believed(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    network.say(line, "i need a refill of metformin")
    with inside(north):
        behind = context.load(Call.objects.get(sid=line.sid).id)
    network.say(line, "cvs")
    with inside(north):
        context.keep(behind)

    heard = network.say(line, "maria alvarez")

    assert "Maria Alvarez" in heard.sentences[0]


ONE_STATEMENT_WRITES_ALL = {
    "i need a refill of metformin", "cvs", "maria alvarez", "march fourth nineteen eighty two", "no",
}  # fmt: skip


@pytest.mark.usefixtures("timeless")
def test_a_turn_costs_at_most_eight_queries(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    network.say(line, "hello there")  # what is read once and kept is read

    costs = {}
    for words in (
        "i need a refill of metformin", "cvs", "maria alvarez", "yes", "march fourth nineteen eighty two", "yes", "yes",
        "there is blood in my urine", "no", "i can't breathe",
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            network.say_once(line, words)
        costs[words] = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]

    assert {words: sql for words, sql in costs.items() if len(sql) > 8} == {}
    assert [sum("calls_turn" in one for one in sql) for sql in costs.values()] == [1] * len(costs)
    writes = {words: [one for one in sql if not one.startswith(("SELECT", "SET"))] for words, sql in costs.items()}
    assert {words for words, sql in writes.items() if len(sql) == 1} == ONE_STATEMENT_WRITES_ALL


def test_a_fault_inside_a_turn_speaks_and_connects_the_clinic(north: Clinic, monkeypatch, caplog) -> None:
    network = Network(north)
    line, _ = network.call()

    def broken(**_: Any) -> None:
        raise DatabaseError("the row (Maria Alvarez, +12025550142) is not to be quoted")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "record_turn", broken)
        heard = network.say_once(line, "i need a refill for maria alvarez")

    assert heard.exchanges[0].status == 200
    assert heard.faults == []
    assert "connecting you to the clinic" in heard.sentences[0]
    assert "<Dial" in heard.exchanges[0].twiml
    assert "+12025550199" in heard.exchanges[0].twiml
    assert "DatabaseError" in caplog.text
    assert "Alvarez" not in caplog.text
    assert "2025550142" not in caplog.text


def test_an_emergency_in_a_turn_that_fails_is_raised_all_the_same(north: Clinic, monkeypatch) -> None:
    network = Network(north)
    line, _ = network.call()
    monkeypatch.setattr("calls.conversation.decide", lambda **_: 1 / 0)

    heard = network.say_once(line, "my father has chest pain and can't breathe")

    assert "9 1 1" in heard.sentences[0]
    with inside(north):
        assert Escalation.objects.get(call_id=Call.objects.get(sid=line.sid).id).reason == "emergency"


def test_a_call_whose_turn_failed_goes_on_when_nobody_answers(north: Clinic, monkeypatch) -> None:
    network = Network(north, dial_outcome="no-answer")
    line, _ = network.call()
    with monkeypatch.context() as patch:
        patch.setattr(actions, "record_turn", lambda **_: 1 / 0)
        network.say_once(line, "i need a refill")

    heard = network.after_dial(line, "no-answer")

    assert any("nobody could take the call" in sentence for sentence in heard.sentences)


def test_twilios_fallback_connects_the_clinic(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()

    exchange = network._post(line, "/calls/voice/fallback/", {"CallStatus": "in-progress", "ErrorCode": "11200"})

    assert exchange.status == 200
    assert faults(exchange.twiml) == []
    assert "+12025550199" in exchange.twiml


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_every_way_a_call_ends_closes_it_once(north: Clinic, status: str) -> None:
    network = Network(north)
    line, _ = network.call()

    for _ in range(3):
        network._post(line, "/calls/voice/status/", {"CallStatus": status, "CallDuration": "42"})
    network._post(line, "/calls/voice/status/", {"CallStatus": "in-progress"})

    with inside(north):
        call = Call.objects.get(sid=line.sid)
        assert (call.status, call.duration_sec) == (Status.COMPLETED, 42)
        assert Task.objects.filter(call_id=call.id).count() == 1


def test_news_of_a_call_nobody_answered_here_is_accepted_and_writes_nothing(north: Clinic) -> None:
    network = Network(north)
    line = Line(sid="CA" + "5" * 32, caller="+12025550142", dialled=network.number)

    assert network._post(line, "/calls/voice/status/", {"CallStatus": "completed"}).status == 204
    with inside(north):
        assert not Call.objects.exists()


def test_words_that_arrive_after_the_hang_up_still_sound_the_alarm(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()
    network._post(line, "/calls/voice/status/", {"CallStatus": "completed", "CallDuration": "9"})

    network.say_once(line, "i can't breathe")

    with inside(north):
        assert Escalation.objects.filter(reason="emergency").exists()


def test_a_turn_of_another_clinics_call_is_not_found(north: Clinic, south: Clinic) -> None:
    ours, theirs = Network(north), Network(south)
    line, _ = ours.call()
    foreign, _ = theirs.call()
    foreign.action = line.action

    heard = theirs.say_once(foreign, "hello")

    assert heard.exchanges[0].status == 404
    with inside(north):
        assert Call.objects.get(sid=line.sid).turns.count() == 1


@pytest.mark.parametrize(
    "words",
    ["x" * 20_000, "\x00\x01", "\ud800 hi", "😀" * 500, "</Say><Dial>+19005550100</Dial>", "' OR 1=1 --", "\u202egnol"],
)
def test_hostile_words_are_heard_without_harm(north: Clinic, words: str) -> None:
    network = Network(north)
    line, _ = network.call()

    heard = network.say_once(line, words.encode("utf-8", "ignore").decode())

    assert heard.exchanges[0].status in (200, 400)
    assert "<Dial>+1900" not in heard.exchanges[0].twiml


def test_a_test_call_is_marked_on_everything_it_makes(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call(test=True)

    network.say(line, "i can't breathe")

    with inside(north):
        call = Call.objects.get(sid=line.sid)
        assert call.test
        assert Escalation.objects.get(call_id=call.id).test
    assert not Event.objects.filter(test=False).exists()


def test_the_rules_version_is_kept_with_the_call(north: Clinic) -> None:
    network = Network(north)
    line, _ = network.call()

    with inside(north):
        assert Call.objects.get(sid=line.sid).rules_version == safety.rules_version()
