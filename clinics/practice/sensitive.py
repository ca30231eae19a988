"""Sensitive calls: who may open one, for how long a broken glass stays open, and which calls are marked by themselves.

A mark names a call by its UUID and outlives its words, so one table answers for everything that hangs on a call: every
QuerySet of such rows is narrowed by `visible_to(person)`. Who is named holds a django-guardian permission on the mark.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.http import Http404
from django.utils.translation import gettext, gettext_lazy
from guardian.models import UserObjectPermissionBase

from clinics.people.models import User
from clinics.sealing.fields import SealedText

OPEN_CALL = "open_sensitivecall"
GLASS_STAYS_BROKEN = timedelta(minutes=60)
M = TypeVar("M", bound=models.Model)


class BreakReason(models.TextChoices):
    EMERGENCY = "emergency", gettext_lazy("An emergency")
    CARE = "care", gettext_lazy("I care for this patient now")
    PATIENT_ASKED = "patient_asked", gettext_lazy("The patient is on the line or asked me")
    COVER = "cover", gettext_lazy("Nobody who is named can be reached")


class Closed(PermissionDenied):
    """It hangs on a sensitive call that is not open to this person. `call_id` is the call; no words are told."""

    def __init__(self, call_id: UUID) -> None:
        super().__init__(gettext("This belongs to a sensitive call. It opens only to the people named for it."))
        self.call_id = call_id
        self.reasons = BreakReason.choices  # what the page offers to who may open it with one


class Why(models.TextChoices):
    STAFF = "staff", gettext_lazy("The patient works here")
    VIP = "vip", gettext_lazy("Known to the public")
    ASKED = "asked", gettext_lazy("The patient asked for discretion")
    OTHER = "other", gettext_lazy("Another reason")


class SensitiveCallQuerySet(models.QuerySet["SensitiveCall"]):
    def standing(self) -> SensitiveCallQuerySet:
        """Those that nobody has lifted."""
        return self.filter(lifted_at=None)

    def closed_to(self, person: User | UUID | None) -> SensitiveCallQuerySet:
        """Those that a person may not open now; for nobody in particular: all that stand."""
        if person is None:
            return self.standing()
        named = NamedForCall.objects.filter(content_object=OuterRef("pk"), user=person, permission__codename=OPEN_CALL)
        broken = BrokenGlass.objects.open_now().filter(call=OuterRef("pk"), person=person)
        return self.standing().filter(~Exists(named), ~Exists(broken))


class SensitiveCall(models.Model):
    """A call that opens only to named people, with everything that hangs on it."""

    call_id = models.UUIDField(primary_key=True)
    why = models.CharField(max_length=8, choices=Why)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(db_default=Now())
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = SensitiveCallQuerySet.as_manager()

    class Meta:
        ordering = ["-marked_at"]
        permissions = [(OPEN_CALL, "May open this sensitive call")]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="sensitive_lifted_paired",
            )
        ]

    def __str__(self) -> str:
        return f"sensitive call {self.call_id}"


class NamedForCall(UserObjectPermissionBase):
    """Somebody who may open a sensitive call: django-guardian's table for these objects alone."""

    content_object = models.ForeignKey(SensitiveCall, on_delete=models.CASCADE, related_name="named")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class Verdict(models.TextChoices):
    JUSTIFIED = "justified", gettext_lazy("Justified")
    NOT_JUSTIFIED = "not_justified", gettext_lazy("Not justified")


class BrokenGlassQuerySet(models.QuerySet["BrokenGlass"]):
    def open_now(self) -> BrokenGlassQuerySet:
        """Those that still open their call, by the database's clock."""
        return self.filter(ended_at=None, expires_at__gt=Now())

    def unreviewed(self) -> BrokenGlassQuerySet:
        return self.filter(reviewed_at=None)

    def with_people(self) -> BrokenGlassQuerySet:
        return self.select_related("person", "reviewed_by", "call")


class BrokenGlass(models.Model):
    """Somebody who was not named opened a sensitive call, for a while and with a reason. Kept for review."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(SensitiveCall, on_delete=models.PROTECT, related_name="openings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=16, choices=BreakReason)
    words = SealedText(max_length=300, help_text="Why, in the person's own words")
    broken_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Given back before its time")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    review_words = SealedText(default="", max_length=300)

    objects = BrokenGlassQuerySet.as_manager()

    class Meta:
        ordering = ["-broken_at"]
        constraints = [
            models.CheckConstraint(condition=Q(words__blank=False), name="broken_glass_reasoned"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, verdict="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(verdict="")),
                name="broken_glass_review_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=models.F("person")), name="broken_glass_four_eyes"
            ),
        ]
        indexes = [models.Index(fields=["person", "expires_at"], name="broken_glass_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"broken glass {self.id}"


class SensitiveNumber(models.Model):
    """A telephone number whose calls are marked by themselves. Only a keyed digest and the last digits are kept.

    The row with an empty digest stands for the numbers of everybody who works here.
    """

    digest = models.CharField(max_length=64, unique=True, blank=True)
    ending = models.CharField(max_length=4, blank=True)
    why = models.CharField(max_length=8, choices=Why)
    named = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", help_text="Who opens its calls")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["added_at"]

    def __str__(self) -> str:
        return f"sensitive number {self.pk}"


# --- What hangs on a call --------------------------------------------------------------------------------------------
def closed(person: User | None, *, call: str = "call_id") -> Exists:
    """SQL for "its call is sensitive and closed to this person"; `call` names the column with the call's id."""
    return _closed(person.pk if person else None, call)


@lru_cache(maxsize=1024)
def _closed(person: UUID | None, call: str) -> Exists:
    """Made once a person: a page of the queue asks with it many times, and to make it costs more than to ask."""
    return Exists(SensitiveCall.objects.closed_to(person).filter(pk=OuterRef(call)))


class OnCallQuerySet(models.QuerySet[M]):
    """Rows that hang on a call, by the column `call_column`."""

    call_column = "call_id"

    def visible_to(self, person: User) -> Any:
        """Without what hangs on a sensitive call that is closed to this person."""
        return self.filter(~closed(person, call=self.call_column))

    def open_to_all(self) -> Any:
        """Without what hangs on any sensitive call, whoever may open it: for what leaves the clinic."""
        return self.filter(~closed(None, call=self.call_column))

    def seen_by(self, person: User, **which: object) -> M:
        """The one row. Raises `DoesNotExist` when there is none, `Closed` when it may not be opened."""
        try:
            return self.visible_to(person).get(**which)
        except self.model.DoesNotExist:
            call_id = self.filter(**which).values_list(self.call_column, flat=True).first()
            if call_id is None:
                raise
            raise Closed(call_id) from None


def seen_or_404(rows: Any, person: User, **which: object) -> Any:
    """`seen_by` for views: what does not exist is a 404."""
    try:
        return rows.seen_by(person, **which)
    except rows.model.DoesNotExist as missing:
        raise Http404 from missing


def people_named(call_id: UUID) -> frozenset[UUID] | None:
    """Who may open a sensitive call because they are named for it; None when the call is open to all."""
    if not SensitiveCall.objects.standing().filter(pk=call_id).exists():
        return None
    return frozenset(NamedForCall.objects.filter(content_object=call_id).values_list("user_id", flat=True))
