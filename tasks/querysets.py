"""The tasks that a list, a doctor or a search asks for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from clinics.people.models import User
from clinics.practice.duty import doctors_now
from clinics.practice.sensitive import OnCallQuerySet
from clinics.sealing.indexes import has_words, is_value
from tasks.asked import AskedDoctor
from tasks.choices import NOT_EMERGENCY, Priority, Status
from tasks.search import typed_words

if TYPE_CHECKING:
    from tasks.models import Task


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

    def for_rows(self) -> TaskQuerySet:
        """With all that a row of the queue shows."""
        people = self.select_related("assignee", "completed_by", "snoozed_by", "decision__decided_by")
        return people.prefetch_related("promises")

    def with_people(self) -> TaskQuerySet:
        """With all that a card shows: a row, and whom a question is put to."""
        return self.for_rows().prefetch_related("asked__user")

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
