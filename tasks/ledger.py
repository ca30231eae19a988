"""The promise ledger: what the telephone told callers that somebody will do, and by when."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q

from clinics.practice import promises
from clinics.practice.sensitive import OnCallQuerySet

_INSERT_PROMISE = """
INSERT INTO tasks_promise (id, task_id, name, turn, due_at, made_at, test)
SELECT %(id)s, id, %(name)s, %(turn)s, %(due_at)s, clock_timestamp(), %(test)s
FROM tasks_task WHERE call_id = %(call_id)s AND request_number = %(request_number)s
ON CONFLICT (task_id, name) DO NOTHING"""


UNNOTICED = "kept_at IS NULL AND withdrawn_at IS NULL AND noticed_at IS NULL AND due_at <= now()"
"""Broken, and nobody was told yet: the same in SQL, for `clinics.waiting`."""


class PromiseQuerySet(OnCallQuerySet["Promise"]):
    """Reads of the promise ledger."""

    call_column = "task__call_id"

    def standing(self) -> PromiseQuerySet:
        """Neither kept nor withdrawn."""
        return self.filter(kept_at=None, withdrawn_at=None)

    def in_state(self, state: str, now: datetime) -> PromiseQuerySet:
        """Those that stand so at a moment; `state` is one of `promises.STATES`."""
        match state:
            case promises.OPEN:
                return self.standing().filter(due_at__gt=now)
            case promises.BROKEN:
                return self.standing().filter(due_at__lte=now)
            case promises.KEPT:
                return self.filter(kept_at__lte=F("due_at"))
            case promises.LATE:
                return self.filter(kept_at__gt=F("due_at"))
            case promises.WITHDRAWN:
                return self.filter(kept_at=None).exclude(withdrawn_at=None)
        raise ValueError(f"{state!r} is no state of a promise.")

    def insert_once(self, *, call_id: uuid.UUID, request_number: int, **row: object) -> None:
        """Write the row beside its task in one statement, unless the task has such a promise; a turn waits for it."""
        given = {"id": uuid.uuid4(), "call_id": call_id, "request_number": request_number, **row}
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_PROMISE, given)

    def counted(self) -> PromiseQuerySet:
        """Without those of test calls, which are in no figure."""
        return self.filter(test=False)


class Promise(models.Model):
    """What the telephone told a caller that somebody will do, and by when.

    `turn` is the number of the turn that spoke it. It is kept by the deed its rule names, withdrawn when the task is
    closed as not needed, and broken from `due_at` on; `noticed_at` says when that was announced.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="promises")
    name = models.CharField(max_length=32, help_text="One of clinics/practice/promises.py")
    turn = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(auto_now_add=True)
    kept_at = models.DateTimeField(null=True)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)
    test = models.BooleanField(default=False)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "name"], name="promise_once"),
            models.CheckConstraint(
                condition=Q(kept_at=None, kept_by=None) | Q(kept_at__isnull=False, kept_by__isnull=False),
                name="promise_kept_paired",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="promise_standing", condition=Q(kept_at=None, withdrawn_at=None)),
            models.Index(fields=["-due_at", "-id"], name="promise_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"

    @property
    def owner(self) -> str:
        """Who owes it: a role's name."""
        return promises.TABLE[self.name].owner

    def state(self, now: datetime) -> str:
        """One of `promises.STATES`."""
        return promises.state_of(due_at=self.due_at, kept_at=self.kept_at, withdrawn_at=self.withdrawn_at, now=now)
