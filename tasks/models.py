"""A person's to-do: what a caller asked for, complete in itself even after the call's words have expired."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from clinics.practice.duty import doctors_now
from clinics.sealing.fields import SealedDate, SealedJSON, SealedText
from clinics.sealing.indexes import BlindIndex, WordIndex
from tasks.asked import AskedDoctor
from tasks.choices import NOT_EMERGENCY, Kind, Priority, Status
from tasks.decisions.models import Decision, Verdict
from tasks.history import Deed
from tasks.ledger import Promise
from tasks.querysets import TaskQuerySet
from tasks.saved import SavedView
from tasks.search import words_to_find
from tasks.unread import UnreadFields

__all__ = [
    "DECIDE",
    "AskedDoctor",
    "Decision",
    "Deed",
    "Kind",
    "Note",
    "Priority",
    "Promise",
    "SavedView",
    "Status",
    "Task",
    "TaskQuerySet",
    "Verdict",
]

DECIDE = "decide_task"


class Task(models.Model):
    """One piece of work for the clinic's people.

    `call_id` is not a foreign key: transcripts expire, the work stays on record. `details` maps the phone's field
    names to what was understood. `version` grows with each change, so that two people cannot overwrite each other.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    patient_name = SealedText(max_length=120, default="")
    date_of_birth = SealedDate(default=None)
    callback_number = SealedText(max_length=16, default="")
    number_index = BlindIndex(made_of=["callback_number"])
    summary = SealedText(max_length=300, default="", help_text="One line for the queue")
    details = SealedJSON(default=dict)
    unread = UnreadFields()
    complete_intake = models.BooleanField(default=True, help_text="False: the caller left before all was collected")
    call_id = models.UUIDField(null=True, blank=True)
    request_number = models.PositiveSmallIntegerField(default=1, help_text="Which request of the call")
    needs_decision = models.BooleanField(default=False)
    identity_confirmed_at = models.DateTimeField(null=True, blank=True)
    identity_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_back_at = models.DateTimeField(null=True, blank=True, help_text="A doctor wants the patient asked first")
    asked_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    search_index = WordIndex(made_of=["patient_name", "summary", "details", "callback_number"], words="words_to_find")
    test = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "created_at", "id"]
        permissions = [(DECIDE, "May decide this request")]
        constraints = [
            models.CheckConstraint(
                condition=Q(snoozed_until=None, snoozed_by=None)
                | Q(snoozed_until__isnull=False, snoozed_by__isnull=False),
                name="task_snoozed_paired",
            ),
            models.UniqueConstraint(
                fields=["call_id", "request_number"], name="task_once_per_request", condition=Q(call_id__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None, completed_by=None)
                | Q(completed_at__isnull=False, completed_by__isnull=False),
                name="task_completed_paired",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(completed_at__isnull=False), name="task_completed_stamped"
            ),
            models.CheckConstraint(
                condition=Q(identity_confirmed_at=None, identity_confirmed_by=None)
                | Q(identity_confirmed_at__isnull=False, identity_confirmed_by__isnull=False),
                name="task_identity_paired",
            ),
            models.CheckConstraint(
                condition=Q(asked_back_at=None, asked_back_by=None)
                | Q(asked_back_at__isnull=False, asked_back_by__isnull=False),
                name="task_asked_back_paired",
            ),
            models.CheckConstraint(
                condition=~Q(status="in_progress") | Q(assignee__isnull=False), name="task_in_progress_assigned"
            ),
        ]
        indexes = [
            models.Index("status", NOT_EMERGENCY, "due_at", "created_at", "id", name="task_queue"),
            models.Index(fields=["status", "-completed_at", "-id"], name="task_by_completion"),
            models.Index(fields=["-created_at", "-id"], name="task_by_creation"),
            GinIndex(fields=["search_index"], name="task_words"),
            models.Index(fields=["number_index", "-created_at"], name="task_by_number"),
            models.Index(fields=["snoozed_until"], name="task_snoozed", condition=Q(snoozed_until__isnull=False)),
            models.Index(
                NOT_EMERGENCY,
                "due_at",
                "created_at",
                "id",
                name="task_to_decide",
                condition=Q(needs_decision=True, status__in=["pending", "in_progress"]),
            ),
            models.Index(fields=["call_id"], name="task_of_call"),
            models.Index(
                fields=["priority"], name="task_open_by_priority", condition=Q(status__in=["pending", "in_progress"])
            ),
            models.Index(fields=["due_at"], name="task_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    @property
    def path(self) -> str:
        """The page about it on the clinic's host."""
        return f"/tasks/{self.id}/"

    @cached_property
    def put_to(self) -> frozenset[uuid.UUID]:
        """The doctors it was put to by name; empty: whoever is on duty."""
        return frozenset(row.user_id for row in self.asked.all())

    @property
    def deciders(self) -> frozenset[uuid.UUID]:
        """Who may approve or reject it now."""
        return doctors_now().asked(self.put_to)

    def is_away(self, now: datetime) -> bool:
        """Whether it is put off and not back yet; the same as `snoozed` asks of the database."""
        later = self.snoozed_until is not None and self.snoozed_until > now
        return later and self.due_at > now and self.priority > Priority.EMERGENCY and not self.completed_at

    @property
    def verdict(self) -> str:
        """What a doctor decided: "approved", "rejected", or "" while nobody has."""
        decision = getattr(self, "decision", None)
        return decision.verdict if decision else ""

    def words_to_find(self) -> list[str]:
        """The folded words by which it is found."""
        told = [str(value) for value in self.details.values()]
        return words_to_find(texts=[self.patient_name, self.summary, *told], number=self.callback_number)


class Note(models.Model):
    """What a member of staff wrote about a task. Append-only."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="notes")
    sealed_as = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    words = SealedText(max_length=2000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["written_at"]

    def __str__(self) -> str:
        return f"note on {self.task_id}"
