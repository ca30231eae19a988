"""Sweepers that are killed, race and come back: every step of every ladder is done once, and none is lost."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from escalations import actions, climbing
from escalations.models import Escalation, Rung
from tests.escalations.conftest import heard
from tests.escalations.ladder import announced, let_pass, on_call
from tests.threads import together

LADDERS = 40
KILLS = 12


@pytest.fixture
def clinic(transactional_db: None) -> Iterator[Clinic]:
    """The clinic `north` with its commits seen by everyone; its rows are put back afterwards."""
    north = Clinic.objects.get(slug="north")
    with inside(north):
        yield north


@pytest.fixture
def ladders(clinic: Clinic) -> list[Escalation]:
    """Emergencies that have been open for five minutes while nobody looked."""
    on_call(User.objects.get(name="Bob Lee"), phone="+12025550171")
    raised = [actions.raise_escalation(**heard()) for _ in range(LADDERS)]
    for escalation in raised:
        let_pass(300, escalation)
    # However long a busy machine takes for a test, what comes after five minutes is not due in it.
    Rung.objects.filter(n__gt=3).update(due_at=F("due_at") + timedelta(hours=1))
    return raised


class Sweeper:
    """A process that only climbs: it says when it is in a step, its transaction open, and waits until it may go on."""

    def __init__(self) -> None:
        connections.close_all()  # no two processes share one
        fork = multiprocessing.get_context("fork")
        self._pipe, its_end = fork.Pipe()
        self._process = fork.Process(target=_sweep, args=(its_end,))
        self._process.start()
        its_end.close()

    def wait_for_a_step(self) -> None:
        self._pipe.recv()

    def go_on(self) -> None:
        self._pipe.send("go on")

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _sweep(pipe: Connection) -> None:
    settle = climbing._settle

    def say_and_wait(*given: Any) -> None:
        settle(*given)
        pipe.send("in a step")
        pipe.recv()

    climbing._settle = say_and_wait
    while True:
        climbing.climb_everywhere()


def told_once(raised: list[Escalation]) -> None:
    """Each step that was due is done, has one announcement, and names the person who was on call."""
    for escalation in raised:
        states = dict(Rung.objects.filter(escalation=escalation).values_list("stage", "state"))
        assert [states[stage] for stage in ("doctors", "text", "ring")] == ["told"] * 3
        assert states["managers"] == "waiting"
        keys = [event.key for event in announced(escalation)]
        assert keys == [f"escalation.step:{escalation.id}:1:{n}" for n in (1, 2, 3)]


@pytest.mark.slow
def test_sweepers_killed_in_the_middle_of_a_step_lose_and_double_nothing(ladders: list[Escalation]) -> None:
    kills = 0
    while Rung.objects.due().exists() and kills < KILLS:
        sweeper = Sweeper()
        sweeper.wait_for_a_step()
        for _ in range(kills % 4):
            sweeper.go_on()
            sweeper.wait_for_a_step()
        sweeper.kill()
        kills += 1
    assert kills == KILLS

    deadline = time.monotonic() + 60
    while Rung.objects.due().exists() and time.monotonic() < deadline:
        climbing.climb_everywhere()

    told_once(ladders)


def test_many_sweepers_at_once_do_each_step_once(clinic: Clinic, ladders: list[Escalation]) -> None:
    def act(_: int) -> int:
        return sum(climbing.climb() for _ in range(6))

    done = together(4, clinic, act)

    assert [one for one in done if isinstance(one, Exception)] == []
    assert sum(done) >= 3 * LADDERS
    told_once(ladders)


def test_nothing_is_told_after_an_acknowledgement_that_races_the_ladder(
    clinic: Clinic, ladders: list[Escalation]
) -> None:
    alice = User.objects.get(name="Alice Moreno")

    def act(number: int) -> object:
        if number:
            return [actions.acknowledge(by=alice, escalation_id=one.id).seconds_to_acknowledge for one in ladders]
        return sum(climbing.climb() for _ in range(4))

    ends = together(2, clinic, act)

    assert [one for one in ends if isinstance(one, Exception)] == []
    for escalation in ladders:
        escalation.refresh_from_db()
        late = Rung.objects.filter(escalation=escalation, state="told", at__gt=escalation.acknowledged_at)
        assert not late.exists()
        assert not Rung.objects.filter(escalation=escalation, state="waiting").exists()
        told = Rung.objects.filter(escalation=escalation, state="told", n__gt=0).count()
        assert len(announced(escalation)) == told
    assert climbing.climb() == 0


def test_the_ladders_of_a_clinic_whose_schema_is_broken_stop_no_other(
    clinic: Clinic, ladders: list[Escalation]
) -> None:
    south = Clinic.objects.get(slug="south")
    with inside(south):
        broken = actions.raise_escalation(**heard())
        let_pass(61, broken)
    rename("escalations_escalation", "escalations_away")
    try:
        done = sum(climbing.climb_everywhere() for _ in range(3))
    finally:
        rename("escalations_away", "escalations_escalation")

    assert done == 3 * LADDERS
    told_once(ladders)
    with inside(south):
        climbing.climb()
        assert Rung.objects.get(escalation=broken, stage="doctors").state == "skipped"  # it has no doctor


def rename(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "south".{old} RENAME TO {new}')
