"""A person's to-do: what a caller asked for, complete in itself even after the call's words have expired."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Kind(models.TextChoices):
    APPOINTMENT = "appointment", "Appointment"
    CANCEL_APPOINTMENT = "cancel_appointment", "Cancel appointment"
    CALLBACK = "callback", "Callback"
    REFILL = "refill", "Refill"
    TEST_RESULT = "test_result", "Test result"
    MEDICAL_ADVICE = "medical_advice", "Medical question"
    GENERAL = "general", "Question"
    BILLING = "billing", "Billing"
    HANDOVER = "handover", "Asked for a person"


class Status(models.TextChoices):
    PENDING = "pending", "Pending"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class Priority(models.IntegerChoices):
    """Sorted ascending: the most pressing first."""

    EMERGENCY = 0, "Emergency"
    HIGH = 1, "High"
    NORMAL = 2, "Normal"
    LOW = 3, "Low"


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> TaskQuerySet:
        return self.filter(status__in=[Status.PENDING, Status.IN_PROGRESS])

    def with_status(self, status: str) -> TaskQuerySet:
        return self.filter(status=status)

    def by_urgency(self) -> TaskQuerySet:
        return self.order_by("priority", "due_at", "created_at", "id")


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
    patient_name = models.CharField(max_length=120, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    callback_number = models.CharField(max_length=16, blank=True)
    summary = models.CharField(max_length=300, help_text="One line for the queue")
    details = models.JSONField(default=dict)
    complete_intake = models.BooleanField(default=True, help_text="False: the caller left before all was collected")
    call_id = models.UUIDField(null=True, blank=True)
    request_number = models.PositiveSmallIntegerField(default=1, help_text="Which request of the call")
    needs_decision = models.BooleanField(default=False)
    test = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "due_at", "created_at", "id"]
        constraints = [
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
        ]
        indexes = [
            models.Index(fields=["status", "priority", "due_at", "created_at", "id"], name="task_queue"),
            models.Index(fields=["call_id"], name="task_of_call"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"


class Verdict(models.TextChoices):
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class Decision(models.Model):
    """A doctor's answer to a request that needs one. There is never a second."""

    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(verdict="rejected") | ~Q(reason=""), name="decision_rejection_reasoned")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.task_id}"


class Note(models.Model):
    """What a member of staff wrote about a task. Append-only."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="notes")
    words = models.TextField(max_length=2000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["written_at"]

    def __str__(self) -> str:
        return f"note on {self.task_id}"
