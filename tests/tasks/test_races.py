"""Two people, twenty threads, one row."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry

from notifications.models import Event
from tasks import actions
from tasks.models import Decision, Task
from tasks.policy import Refused
from tests.tasks.conftest import asked
from tests.threads import together


def test_of_two_people_who_claim_at_once_one_wins(committed: dict[str, Any]) -> None:
    people = [committed["alice"], committed["carol"]] * 4
    for _ in range(5):
        task = actions.open_task(**asked())

        results = together(
            8, committed["clinic"], lambda n, task=task: actions.claim(by=people[n], task_id=task.id, version=1)
        )

        winner = Task.objects.get(pk=task.id).assignee
        for person, result in zip(people, results, strict=True):
            if person == winner:
                assert isinstance(result, Task | actions.Taken), result
            else:
                assert isinstance(result, actions.Taken)
                assert result.task.assignee == winner
        assert any(isinstance(result, Task) for result in results)
        assert LogEntry.objects.filter(object_pk=str(task.id)).count() == 1


def test_twenty_threads_open_one_request_once(committed: dict[str, Any]) -> None:
    request = asked()

    results = together(20, committed["clinic"], lambda _: actions.open_task(**request))

    assert {result.id for result in results} == {Task.objects.get().id}
    assert Event.objects.filter(about=results[0].id).count() == 1


def test_two_doctors_who_decide_at_once_leave_one_decision(committed: dict[str, Any]) -> None:
    task = actions.open_task(**asked(kind="refill", needs_decision=True))
    bob = committed["bob"]

    def decide(number: int) -> Task:
        verdict = ["approved", "rejected"][number % 2]
        return actions.decide(by=bob, task_id=task.id, version=1, verdict=verdict, reason="because")

    results = together(6, committed["clinic"], decide)

    assert sum(isinstance(result, Task) for result in results) == 1, results
    assert all(isinstance(result, Task | actions.Taken | Refused) for result in results)
    assert Decision.objects.count() == 1
