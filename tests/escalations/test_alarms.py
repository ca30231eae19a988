"""The list behind the alarm box: quick, sealed, and never hiding an alarm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from redis import Redis

from clinics import sealed
from clinics.tenancy import inside
from escalations import actions, alarms
from escalations.models import Escalation
from tests.escalations.conftest import heard
from tests.threads import together


def shown() -> set[str]:
    return {alarm["id"] for alarm in alarms.open_alarms()}


@pytest.fixture
def redis() -> Iterator[Redis]:
    client = Redis.from_url(settings.CACHE_URL)
    yield client
    client.close()


def test_an_emergency_is_shown_until_somebody_has_it(committed: dict[str, Any]) -> None:
    escalation = actions.raise_escalation(**heard())
    actions.raise_escalation(**heard(reason="human_request", level="attention"))

    [alarm] = alarms.open_alarms()
    assert re.fullmatch(
        r"Told: everyone in the portal\. Next: the doctors again, by e-mail too at \d\d:\d\d:\d\d\.", alarm.pop("told")
    )
    assert alarm == {
        "id": str(escalation.id),
        "level": "emergency",
        "tag": "",
        "reason": "Possible emergency",
        "caller": "+1 202-555-0142",
        "summary": "Possible emergency: chest pain. Told to dial 911.",
        "since": escalation.raised_at.isoformat(),
        "test": False,
        "drill": False,
        "unanswered": False,
        "url": f"/escalations/{escalation.id}/",
        "acknowledge_url": f"/escalations/{escalation.id}/acknowledge/",
    }
    assert alarms.board()["open"] == 2

    actions.acknowledge(by=committed["alice"], escalation_id=escalation.id)
    assert alarms.open_alarms() == []


def test_the_second_reading_asks_no_database(committed: dict[str, Any]) -> None:
    actions.raise_escalation(**heard())
    first = alarms.open_alarms()
    with CaptureQueriesContext(connection) as queries:
        assert alarms.open_alarms() == first
    assert len(queries) == 0


def test_a_flushed_redis_hides_nothing(committed: dict[str, Any], redis: Redis) -> None:
    escalation = actions.raise_escalation(**heard())
    for _ in range(3):
        redis.flushall()
        assert shown() == {str(escalation.id)}
    assert shown() == {str(escalation.id)}


def test_without_redis_the_database_answers(committed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    monkeypatch.setattr(sealed, "_redis", lambda: nobody)

    escalation = actions.raise_escalation(**heard())

    assert shown() == {str(escalation.id)}
    actions.acknowledge(by=committed["alice"], escalation_id=escalation.id)
    assert shown() == set()


def test_a_list_read_before_a_commit_and_written_after_it_is_not_believed(
    committed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow reader holds the old list while the alarm is raised, and puts it into Redis last."""
    has_read, may_write = Signal(), Signal()
    read = alarms.read_open_alarms

    def slow() -> dict:
        known = read()
        has_read.set()
        assert may_write.wait(10)
        return known

    def reader() -> None:
        with inside(committed["clinic"]):
            alarms.open_alarms()
        connection.close()

    monkeypatch.setattr(alarms, "read_open_alarms", slow)
    late = Thread(target=reader)
    late.start()
    assert has_read.wait(10)
    monkeypatch.setattr(alarms, "read_open_alarms", read)

    escalation = actions.raise_escalation(**heard())
    may_write.set()
    late.join(10)

    assert shown() == {str(escalation.id)}


def test_a_list_read_inside_an_open_transaction_is_corrected_at_its_commit(committed: dict[str, Any]) -> None:
    with transaction.atomic():
        escalation = actions.raise_escalation(**heard())
        elsewhere = together(1, committed["clinic"], lambda _: shown())
        assert elsewhere == [set()]
    assert together(1, committed["clinic"], lambda _: shown()) == [{str(escalation.id)}]


def test_what_lies_in_redis_is_sealed_and_short_lived(committed: dict[str, Any], redis: Redis) -> None:
    redis.flushall()
    actions.raise_escalation(**heard())
    alarms.open_alarms()

    [name] = [key for key in redis.keys("sealed:*") if key.endswith(b":alarms")]
    value = redis.get(name)
    assert value
    assert b"chest" not in value
    assert b"0142" not in value
    assert 0 < redis.ttl(name) <= alarms.LIST_TTL


def test_under_fire_no_raised_alarm_is_ever_missing_afterwards(committed: dict[str, Any], redis: Redis) -> None:
    """Eight threads raise, read and flush; whoever has committed finds their own alarm at the next reading."""

    def act(number: int) -> list[str]:
        missing = []
        for round_number in range(6):
            escalation = actions.raise_escalation(**heard())
            if (number + round_number) % 5 == 0:
                redis.flushall()
            if str(escalation.id) not in shown():
                missing.append(str(escalation.id))
        return missing

    results = together(8, committed["clinic"], act)

    assert results == [[]] * 8
    assert len(shown()) == min(48, alarms.MOST)


# --- Races of the actions ------------------------------------------------------------------------------------------
def test_twenty_threads_raise_one_danger_once(committed: dict[str, Any]) -> None:
    from notifications.models import Event

    finding = heard(call_id=uuid4())

    results = together(20, committed["clinic"], lambda _: actions.raise_escalation(**finding))

    [stored] = Escalation.objects.all()
    assert {result.id for result in results} == {stored.id}
    assert (stored.heard, stored.opened) == (20, 1)
    assert Event.objects.filter(about=stored.id).count() == 1


def test_of_many_who_acknowledge_at_once_one_is_on_record(committed: dict[str, Any]) -> None:
    people = [committed["alice"], committed["carol"]] * 4
    escalation = actions.raise_escalation(**heard())

    results = together(8, committed["clinic"], lambda n: actions.acknowledge(by=people[n], escalation_id=escalation.id))

    winner = Escalation.objects.get().acknowledged_by
    for person, result in zip(people, results, strict=True):
        assert isinstance(result, Escalation if person == winner else actions.AlreadyHandled), result
    assert escalation.steps.filter(what="acknowledged").count() == 1


def test_acknowledging_against_a_worse_finding_never_leaves_the_worse_one_unseen(committed: dict[str, Any]) -> None:
    """Either the acknowledgement came first and the alarm rings again, or it came second and covers the worse level."""
    for _ in range(8):
        call = uuid4()
        mild = actions.raise_escalation(**heard(call_id=call, reason="clinic_rule", level="attention"))
        worse = heard(call_id=call, reason="clinic_rule", level="emergency")

        def act(number: int, mild: Escalation = mild, worse: dict[str, Any] = worse) -> Any:
            if number:
                return actions.raise_escalation(**worse)
            return actions.acknowledge(by=committed["alice"], escalation_id=mild.id)

        together(2, committed["clinic"], act)

        after = Escalation.objects.get(pk=mild.id)
        steps = list(after.steps.values_list("what", flat=True))
        assert after.level == "emergency"
        assert set(steps) == {"raised", "acknowledged", "reopened"}
        assert (str(after.id) in shown()) == (after.status == "open")
