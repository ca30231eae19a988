"""A person's to-do: what a caller asked for, complete in itself even after the call's words have expired."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from guardian.models import UserObjectPermissionBase

from clinics.people.models import User
from clinics.practice.duty import doctors_now
from clinics.practice.sensitive import OnCallQuerySet
from clinics.sealing.fields import SealedDate, SealedJSON, SealedText
from clinics.sealing.indexes import BlindIndex, WordIndex, has_words, is_value
from tasks.decisions.models import Decision, Verdict
from tasks.history import Deed
from tasks.ledger import Promise
from tasks.saved import SavedView
from tasks.search import typed_words, words_to_find
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


class Kind(models.TextChoices):
    APPOINTMENT = "appointment", gettext_lazy("Appointment")
    CANCEL_APPOINTMENT = "cancel_appointment", gettext_lazy("Cancel appointment")
    CALLBACK = "callback", gettext_lazy("Callback")
    REFILL = "refill", gettext_lazy("Refill")
    TEST_RESULT = "test_result", gettext_lazy("Test result")
    MEDICAL_ADVICE = "medical_advice", gettext_lazy("Medical question")
    GENERAL = "general", gettext_lazy("Question")
    BILLING = "billing", gettext_lazy("Billing")
    HANDOVER = "handover", gettext_lazy("Asked for a person")


class Status(models.TextChoices):
    PENDING = "pending", gettext_lazy("Pending")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    COMPLETED = "completed", gettext_lazy("Completed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


class Priority(models.IntegerChoices):
    """Sorted ascending: the most pressing first."""

    EMERGENCY = 0, gettext_lazy("Emergency")
    HIGH = 1, gettext_lazy("High")
    NORMAL = 2, gettext_lazy("Normal")
    LOW = 3, gettext_lazy("Low")


DECIDE = "decide_task"
NOT_EMERGENCY = models.ExpressionWrapper(Q(priority__gt=Priority.EMERGENCY), output_field=models.BooleanField())


def _away(now: datetime) -> Q:
    return Q(snoozed_until__isnull=False, snoozed_until__gt=now, due_at__gt=now, priority__gt=Priority.EMERGENCY)


class TaskQuerySet(OnCallQuerySet["Task"]):
    def open(self) -> TaskQuerySet:
        return self.filter(status__in=[Status.PENDING, Status.IN_PROGRESS])

    def with_status(self, status: str) -> TaskQuerySet:
        return self.filter(status=status)

    def waiting_for_decision(self) -> TaskQuerySet:
        """Those a doctor can decide now; one that was given to staff to ask the patient waits for them first."""
        return self.open().filter(needs_decision=True, decision=None, asked_back_at=None)

    def decided_by(self, person: object, *, since: datetime) -> TaskQuerySet:
        """What a person has decided from a moment on, the newest first."""
        decided = self.filter(decision__decided_by=person, decision__decided_at__gte=since)
        return decided.order_by("-decision__decided_at", "id")

    def earlier_of(self, task: Task) -> TaskQuerySet:
        """What was asked from the same number before, the newest first."""
        if not task.callback_number:
            return self.none()
        before = self.of_number(task.callback_number).filter(created_at__lte=task.created_at)
        return before.exclude(pk=task.pk).order_by("-created_at", "-id")

    def put_to_doctor(self, person: User) -> TaskQuerySet:
        """What this doctor may decide: put to them, to whom they cover for, or, being on duty, to nobody by name."""
        doctors = doctors_now()
        known = doctors.everyone | doctors.covers.keys()
        asked = AskedDoctor.objects.filter(content_object=OuterRef("pk"), user__in=known)
        mine = {person.id, *(absent for absent, cover in doctors.covers.items() if person.id in cover)}
        theirs = Q(Exists(asked.filter(user__in=mine)))
        return self.filter(theirs | ~Exists(asked) if person.id in doctors.asked(frozenset()) else theirs)

    def awake(self, now: datetime) -> TaskQuerySet:
        """Without those that are put off. What is late or an emergency is never away, whatever was chosen before."""
        return self.exclude(_away(now))

    def snoozed(self, now: datetime) -> TaskQuerySet:
        """Those that are put off and come back by themselves."""
        return self.open().filter(_away(now))

    def late(self, now: datetime) -> TaskQuerySet:
        return self.filter(due_at__lte=now)

    def found_by(self, typed: str) -> TaskQuerySet:
        """Those whose name, number or words begin with each word typed; all of them when too little was typed."""
        words = typed_words(typed)
        return self.filter(has_words("search_index", words)) if words else self

    def of_number(self, number: str) -> TaskQuerySet:
        """Those whose patient is called back at this E.164 number; none when it is blank."""
        return self.filter(is_value("number_index", number)) if number else self.none()

    def with_people(self) -> TaskQuerySet:
        """With all that a row shows."""
        return self.select_related("assignee", "completed_by", "snoozed_by", "decision__decided_by").prefetch_related(
            "promises", "asked__user"
        )

    def by_urgency(self) -> TaskQuerySet:
        """Emergencies first, then by due time: what is late comes first by itself."""
        return self.order_by(NOT_EMERGENCY, "due_at", "created_at", "id")

    def insert_once(self, task: Task) -> bool:
        """Write the row in one statement unless its request has one already; say whether it was written."""
        fields = task._meta.concrete_fields
        values = [field.get_db_prep_save(field.pre_save(task, add=True), connection) for field in fields]
        columns, marks = ", ".join(field.column for field in fields), ", ".join(["%s"] * len(fields))
        statement = "INSERT INTO tasks_task ({}) VALUES ({}) ON CONFLICT DO NOTHING RETURNING 1"
        with connection.cursor() as cursor:
            cursor.execute(statement.format(columns, marks), values)
            written = cursor.fetchone() is not None
        task._state.adding, task._state.db = not written, self.db
        return written


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


class AskedDoctor(UserObjectPermissionBase):
    """A doctor a request was put to: django-guardian's table for decisions alone."""

    content_object = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="asked")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


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
